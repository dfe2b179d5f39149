//===- Options.h - The options that say how to compile ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_OPTIONS_H
#define LAMBENT_TOOLS_OPTIONS_H

#include "Arguments.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lambent::driver {

struct ModelOptions {
  std::string cpu = "native";
  std::string target = "cpu";
  std::string name = "model";
  bool strict = false;
  std::vector<std::pair<std::string, int64_t>> dims;
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
};

/// Reads --cpu, --target, --name, --accuracy, --dim and --shape. Prints what
/// is wrong and returns nothing on failure.
std::optional<ModelOptions> parseModelOptions(const Arguments &arguments);

/// The options above, as `run` and `bench` take them, and then `more`.
std::vector<Option> withModelOptions(std::vector<Option> more);

} // namespace lambent::driver

#endif
