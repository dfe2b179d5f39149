//===- ReadFiles.cpp - What no output may replace -------------------------===//

#include "ReadFiles.h"
#include "Handles.h"
#include "Report.h"
#include <filesystem>
#include <sys/stat.h>

namespace lambent::driver {

void ReadFiles::addExternal(const std::string &path,
                            const LambentModelSummary &summary) {
  for (uint64_t i = 0; i < summary.num_external_files; ++i)
    add(path.substr(0, path.rfind('/') + 1) + summary.external_files[i]);
}

void ReadFiles::addModel(const std::string &path,
                         const LambentModelSource *source) {
  add(path);
  const LambentModelSummary *summary = nullptr;
  LambentStatus *status = lambent_summarize(source, &summary);
  ModelSummary owned(summary);
  if (!status)
    addExternal(path, *summary);
  lambent_status_destroy(status);
}

void ReadFiles::addFolder(const std::string &folder) {
  std::error_code error;
  for (const auto &entry : std::filesystem::directory_iterator(folder, error))
    files.push_back(entry.path().string());
}

int ReadFiles::checkOutput(const std::string &output) const {
  struct stat written, read;
  if (stat(output.c_str(), &written) != 0 || !S_ISREG(written.st_mode))
    return Done;
  for (const std::string &file : files)
    if (stat(file.c_str(), &read) == 0 && read.st_dev == written.st_dev &&
        read.st_ino == written.st_ino)
      return reportError("cannot write " + driver::quoted(output) +
                         ": it is the same file as " + driver::quoted(file) +
                         ", which is in use");
  return Done;
}

std::vector<const char *> ReadFiles::getPaths() const {
  std::vector<const char *> paths;
  for (const std::string &file : files)
    paths.push_back(file.c_str());
  return paths;
}

} // namespace lambent::driver
