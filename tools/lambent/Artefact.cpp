//===- Artefact.cpp - What 'lambent compile' wrote ------------------------===//

#include "Artefact.h"
#include "Report.h"
#include <cerrno>
#include <cstring>
#include <fstream>
#include <unistd.h>

namespace lambent::driver {

bool isArtefact(const std::string &path) {
  static constexpr char elf[4] = {'\x7f', 'E', 'L', 'F'};
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::memcmp(magic, elf, sizeof elf) == 0;
}

bool isExecutable(const std::string &path) {
  LambentArtefactKind kind = {};
  LambentStatus *status = lambent_artefact_kind(path.c_str(), &kind);
  bool isProgram = !status && kind == LAMBENT_ARTEFACT_EXECUTABLE;
  lambent_status_destroy(status);
  return isProgram;
}

int loadArtefact(const std::string &path, Module &module) {
  LambentArtefactKind kind = {};
  if (int status = reportStatus(lambent_artefact_kind(path.c_str(), &kind)))
    return status;
  LambentModule *loaded = nullptr;
  if (int status = reportStatus(
          kind == LAMBENT_ARTEFACT_OBJECT
              ? lambent_module_link(path.c_str(), nullptr, &loaded)
              : lambent_module_load(path.c_str(), nullptr, &loaded)))
    return status;
  module.reset(loaded);
  return Done;
}

int becomeExecutable(const std::string &path,
                     const std::vector<std::string> &arguments) {
  // Without a slash it is a file here, not one on the search path.
  std::string program =
      path.find('/') == std::string::npos ? "./" + path : path;
  std::vector<char *> words = {program.data()};
  std::vector<std::string> copies = arguments;
  for (std::string &argument : copies)
    words.push_back(argument.data());
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
  return reportError("cannot run '" + path + "': " + std::strerror(errno));
}

} // namespace lambent::driver
