//===- SampleFolders.cpp - Where samples of a model's inputs lie ----------===//

#include "SampleFolders.h"
#include "InputFolder.h"
#include "Report.h"
#include "TensorText.h"
#include <algorithm>
#include <filesystem>

namespace lambent::driver {

namespace fs = std::filesystem;

/// What lies in a folder, hidden files aside, in the order of names.
static std::vector<fs::path> list(const fs::path &folder,
                                  std::error_code &error) {
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().filename().string().front() != '.')
      paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Whether inputs lie in a folder, whether or not all of them.
static bool holdsInputs(const fs::path &folder,
                        const LambentModelSummary &model) {
  std::error_code error;
  for (const fs::path &path : list(folder, error))
    if ((path.extension() == ".npy" || path.extension() == ".pb") &&
        !fs::is_directory(path, error))
      return true;
  for (uint64_t i = 0; i < model.num_inputs; ++i)
    if (findListCode(model.inputs[i].type) &&
        fs::is_directory(folder / getFileName(model.inputs[i].name), error))
      return true;
  return false;
}

int findSamples(const std::string &folder, const LambentModelSummary &model,
                std::vector<std::string> &samples) {
  std::error_code error;
  std::vector<fs::path> paths = list(folder, error);
  if (error)
    return reportError(driver::quoted(folder) + ": " + error.message());
  if (holdsInputs(folder, model)) {
    samples.push_back(folder);
    return Done;
  }
  for (const fs::path &path : paths) {
    if (!fs::is_directory(path, error))
      continue;
    fs::path inner = path / "inputs";
    if (!holdsInputs(path, model) && !holdsInputs(inner, model))
      return reportError(driver::quoted(path.string()) +
                         " holds no inputs: a sample is NAME.npy or "
                         "input_0.pb and so on, in it or in its folder "
                         "'inputs'");
    samples.push_back((holdsInputs(path, model) ? path : inner).string());
  }
  if (samples.empty())
    return reportError(driver::quoted(folder) +
                       " holds no samples: expected NAME.npy or input_0.pb and "
                       "so on, or a folder with such for each sample");
  return Done;
}

} // namespace lambent::driver
