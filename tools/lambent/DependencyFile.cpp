//===- DependencyFile.cpp - What an output was made from ------------------===//

#include "DependencyFile.h"
#include "Report.h"
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace lambent::driver {

/// The path of a file as make and ninja read it in a rule.
static std::string escapePath(const std::string &path) {
  std::string text;
  for (char c : path) {
    if (c == '$')
      text += '$';
    if (c == ' ' || c == '#' || c == '\\')
      text += '\\';
    text += c;
  }
  return text;
}

// Written before the output is there: should that not come to be, its rule is
// run again anyway. What is wrong with a model that cannot be read is said when
// it is compiled.
int writeDependencyFile(const std::string &path, const std::string &output,
                        const std::string &model, const CompileRequest &request,
                        ReadFiles files) {
  files.addModel(model, request.source());
  ReadFiles written;
  written.add(output);
  for (const ReadFiles *used : {&files, &written})
    if (int status = used->checkOutput(path))
      return status;
  std::string text = escapePath(output) + ":";
  std::error_code error; // what has no absolute path stays as it is
  for (const char *file : files.getPaths()) {
    std::string absolute = std::filesystem::absolute(file, error).string();
    text += " \\\n  " + escapePath(error ? file : absolute);
  }
  std::ofstream stream(path, std::ios::binary);
  stream << text << "\n";
  stream.close();
  return stream ? Done
                : reportError("cannot write " + driver::quoted(path) + ": " +
                              std::strerror(errno));
}

} // namespace lambent::driver
