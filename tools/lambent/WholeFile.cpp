//===- WholeFile.cpp - Files that are complete or not there ---------------===//

#include "WholeFile.h"
#include "Report.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace lambent::driver {

int checkPlace(const std::string &output) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::path(output).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, error))
    return reportError("cannot write " + driver::quoted(output) +
                       ": there is no folder " +
                       driver::quoted(folder.string()));
  if (std::filesystem::exists(output, error) &&
      !std::filesystem::is_regular_file(output, error))
    return reportError("cannot write " + driver::quoted(output) +
                       ": it is no regular file");
  return Done;
}

int reportTwice(const std::string &path) {
  return reportError(
      "expected another name for --report than for -o, but got " +
      driver::quoted(path) + " for both");
}

int writeWholeFile(const std::string &output, const std::string &text) {
  // A link stays, and leads to the new file.
  std::error_code unknown;
  std::string place =
      std::filesystem::weakly_canonical(output, unknown).string();
  std::string temporary = place + ".tmp-" + std::to_string(getpid());
  std::ofstream stream(temporary, std::ios::binary);
  stream << text;
  stream.close();
  if (stream && std::rename(temporary.c_str(), place.c_str()) == 0)
    return Done;
  int error = errno;
  unlink(temporary.c_str());
  return reportError("cannot write " + driver::quoted(output) + ": " +
                     std::strerror(error));
}

} // namespace lambent::driver
