//===- TrialFile.cpp - The model that a search measures -------------------===//

#include "TrialFile.h"
#include <filesystem>

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

} // namespace lambent::driver
