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

/// Where a file lies or will lie, by whatever name.
static std::filesystem::path getPlace(const std::string &path) {
  std::error_code error; // what has no such place is refused when it is written
  auto absolute = std::filesystem::absolute(path, error);
  return std::filesystem::weakly_canonical(absolute, error);
}

int checkApart(const std::string &report, const std::string &output) {
  if (getPlace(report) != getPlace(output))
    return Done;
  return reportError(
      "expected another name for --report than for -o, but got " +
      driver::quoted(report) + " for both");
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
