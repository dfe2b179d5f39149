//===- TrialFile.cpp - The model that a search measures -------------------===//

#include "TrialFile.h"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace lambent::driver {

TrialFile::~TrialFile() {
  std::error_code error;
  for (const std::string &file : {path, path + ".data"})
    std::filesystem::remove(file, error);
}

std::vector<std::string> TrialFile::list(const std::string &output) {
  std::string path = output + ".trial.onnx";
  return {path, path + ".data"};
}

void hideProgress() {
  if (isatty(STDERR_FILENO))
    std::fputs("\r\033[K", stderr);
}

void showMeasured(size_t done, size_t total) {
  if (!isatty(STDERR_FILENO))
    return;
  hideProgress();
  constexpr size_t width = 30;
  size_t filled = total ? std::min(width, width * done / total) : width;
  std::fprintf(stderr, "[%s%s] %zu of about %zu models measured",
               std::string(filled, '#').c_str(),
               std::string(width - filled, ' ').c_str(), done, total);
  std::fflush(stderr);
}

} // namespace lambent::driver
