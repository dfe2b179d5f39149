//===- SearchGoal.cpp - What a search is to reach, on what ----------------===//

#include "SearchGoal.h"
#include "../ReadFiles.h"
#include "../Report.h"
#include <algorithm>
#include <filesystem>

namespace lambent::driver {

/// "30" or "30dB"; nothing if it is neither.
static std::optional<double> readNumber(std::string text,
                                        const std::string &unit) {
  if (!unit.empty() && text.ends_with(unit))
    text.erase(text.size() - unit.size());
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  bool isNumber = !text.empty() && *end == '\0' && number - number == 0;
  return isNumber ? std::optional(number) : std::nullopt;
}

std::optional<double> parseGoal(const Arguments &arguments) {
  bool hasCommand = arguments.has("--score-command");
  if (hasCommand && arguments.has("--max-error")) {
    reportError("--max-error and --score-command exclude each other");
    return std::nullopt;
  }
  if (hasCommand != arguments.has("--min-score")) {
    reportError("--score-command and --min-score belong together");
    return std::nullopt;
  }
  std::string option = hasCommand ? "--min-score" : "--max-error";
  std::optional<double> goal =
      readNumber(arguments.get(option), hasCommand ? "" : "dB");
  if (!goal)
    reportError("expected " + option + " to be a number" +
                (hasCommand ? "" : " of dB, as 30") + ", but got " +
                driver::quoted(arguments.get(option)));
  return goal;
}

std::string describeSearch(const Arguments &arguments,
                           const std::vector<std::string> &files,
                           const SampleInputs &samples,
                           std::span<const std::string_view> options) {
  std::error_code error; // what cannot be looked at has no size
  ReadFiles read;
  samples.addFiles(read);
  read.add(files);
  std::vector<std::string> paths;
  for (const char *path : read.getPaths())
    paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  std::string text = lambent_version();
  for (const std::string &path : paths) {
    auto time = std::filesystem::last_write_time(path, error);
    text += "\n" + path + " " +
            std::to_string(std::filesystem::file_size(path, error)) + " " +
            std::to_string(time.time_since_epoch().count());
  }
  auto add = [&](std::string_view option) {
    text += "\n" + std::string(option) + (arguments.has(option) ? "+" : "");
    for (const std::string &value : arguments.all(option))
      text += " " + value;
  };
  for (std::string_view option : options)
    add(option);
  add("--score-command");
  add("--input-dir");
  return text;
}

} // namespace lambent::driver
