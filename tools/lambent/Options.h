//===- Options.h - The options that say how to compile ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_OPTIONS_H
#define LAMBENT_TOOLS_OPTIONS_H

#include "Arguments.h"
#include "QuantizeRequest.h"
#include "lambent-c/compiler.h"
#include "lambent-c/tensor_file.h"
#include <cstdint>
#include <memory>
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
  /// Dims that stay open, with a range or a divisor.
  std::vector<std::pair<std::string, LambentDimRange>> ranges;
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  /// Values offered for inputs, and who owns those that options name.
  std::vector<std::pair<std::string, const LambentTensor *>> constants;
  std::vector<std::shared_ptr<LambentTensorSet>> constantFiles;
  std::vector<std::string> constantPaths; ///< and other files that are read
  std::vector<std::pair<std::string, std::string>> donations;
  bool followLinks = false;
  /// Values of the graph to write beside the outputs.
  std::vector<std::string> dumps;
  /// Ends what takes longer than --time-limit; null without one.
  std::shared_ptr<LambentCancellation> cancellation;
  uint64_t maxMemory = 0;
  std::string cacheFolder;
  bool keepFloatWeights = false;
  std::string blockFormat; ///< that operands of products are rounded to
  std::string productType; ///< the same of a type, "bf16"
  double winogradZeros = 0; ///< percent of Winograd filters that is left out
  std::vector<std::pair<std::string, double>> winogradLayers;
  /// Files of what was measured, "" for none; nothing: those that are kept.
  std::optional<std::string> cpuDescription, tunedChoices;
  std::shared_ptr<QuantizeRequest> quantize; ///< null: the model stays as it is
  /// Whether the command has --shape, which overrides what a model declares.
  bool hasShapeOption = false;
  uint32_t candidate = 0; ///< that every kernel takes, for a search
  /// The first option that says how to compile, and the first of those that
  /// say anything but sizes; empty if there is none.
  std::string given, givenFixed;
};

/// Reads all options that say how to compile, and the limits. Prints what is
/// wrong and returns nothing on failure.
std::optional<ModelOptions> parseModelOptions(const Arguments &arguments);

/// Fails where such options are given for an artefact: it was compiled before.
/// Prints what is wrong; returns an exit status.
int refuseModelOptions(const ModelOptions &options,
                       const std::string &artefact);

/// The same for options that say more than how large open dims are.
int refuseFixedOptions(const ModelOptions &options,
                       const std::string &artefact);

/// Where compiled models are kept.
Option cacheOption();

/// The options above, as `run` and `bench` take them, and then `more`.
std::vector<Option> withModelOptions(std::vector<Option> more);

} // namespace lambent::driver

#endif
