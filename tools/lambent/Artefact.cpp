//===- Artefact.cpp - What 'lambent compile' wrote ------------------------===//

#include "Artefact.h"
#include "Report.h"
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <unistd.h>

namespace lambent::driver {

/// e_type of an ELF file, ET_NONE of any other.
static int elfType(const std::string &path) {
  Elf64_Ehdr header = {};
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char *>(&header), sizeof header);
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 ? header.e_type
                                                           : ET_NONE;
}

bool isArtefact(const std::string &path) {
  LambentArtefactKind kind = {};
  // Weights alone, which are no ELF file. Reading the end of an ONNX file
  // takes no time.
  LambentStatus *status = elfType(path) == ET_NONE
                              ? lambent_artefact_kind(path.c_str(), &kind)
                              : nullptr;
  bool isNone = status != nullptr;
  lambent_status_destroy(status);
  return !isNone;
}

bool isExecutable(const std::string &path) {
  // Objects, which may hold their weights, are not read for this.
  if (int type = elfType(path); type == ET_NONE || type == ET_REL)
    return false;
  LambentArtefactKind kind = {};
  LambentStatus *status = lambent_artefact_kind(path.c_str(), &kind);
  bool isProgram = !status && kind == LAMBENT_ARTEFACT_EXECUTABLE;
  lambent_status_destroy(status);
  return isProgram;
}

int loadArtefact(const std::string &path, Module &module) {
  LambentModule *loaded = nullptr;
  if (int status = reportStatus(
          elfType(path) == ET_REL
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
