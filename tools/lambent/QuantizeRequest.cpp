//===- QuantizeRequest.cpp - The options that say how to quantize ---------===//

#include "QuantizeRequest.h"
#include "Options.h"
#include "Report.h"

namespace lambent::driver {

/// Fails for options that say nothing of the numbers asked for. The library
/// says so of those whose absence it sees, too, and knows which numbers there
/// are.
static bool refuseIdleOptions(const Arguments &arguments,
                              const std::string &numbers) {
  bool needsNoRanges = numbers == "int8-weights" || numbers == "int4-weights" ||
                       numbers == "bf16";
  for (const char *option : {"--profile", "--calibration", "--per-tensor"})
    if (needsNoRanges && arguments.has(option)) {
      reportError(std::string(option) +
                  " is for --quantize=int8 and int16, but got " + numbers);
      return false;
    }
  if (numbers == "bf16" && arguments.has("--schema")) {
    reportError("--schema is for integers, but got bf16");
    return false;
  }
  return true;
}

std::unique_ptr<QuantizeRequest>
QuantizeRequest::parse(const Arguments &arguments) {
  auto request = std::make_unique<QuantizeRequest>();
  constexpr uint32_t mostProducts = 1000000, mostGroup = 1 << 20;
  std::optional<uint32_t> first = arguments.wholeNumber("--keep-first", 0,
                                                        mostProducts),
                          last = arguments.wholeNumber("--keep-last", 0,
                                                       mostProducts),
                          group =
                              arguments.wholeNumber("--group", 0, mostGroup);
  if (!first || !last || !group)
    return nullptr;
  if (arguments.has("--group") && *group == 0) {
    reportError("expected a power of two from 16 on for --group, but got '0'");
    return nullptr;
  }
  request->numbers = arguments.get("--quantize", "int8");
  if (!refuseIdleOptions(arguments, request->numbers))
    return nullptr;
  request->profile = arguments.get("--profile");
  request->calibration = arguments.get("--calibration", "minmax");
  request->schema = arguments.get("--schema");
  request->keep = arguments.all("--keep");
  for (const std::string &name : request->keep)
    request->keepNames.push_back(name.c_str());
  request->bf16 = arguments.all("--bf16");
  for (const std::string &name : request->bf16)
    request->bf16Names.push_back(name.c_str());
  bool needsProfile = request->numbers == "int8" || request->numbers == "int16";
  if (needsProfile && request->profile.empty()) {
    reportError("--quantize=" + request->numbers +
                " needs --profile: what the model's tensors hold, as 'lambent "
                "profile' writes it");
    return nullptr;
  }
  LambentQuantizeOptions &options = request->theOptions;
  options.size = sizeof options;
  options.numbers = request->numbers.c_str();
  options.profile =
      request->profile.empty() ? nullptr : request->profile.c_str();
  options.calibration = request->calibration.c_str();
  options.schema =
      arguments.has("--schema") ? request->schema.c_str() : nullptr;
  options.keep = request->keepNames.data();
  options.num_keep = static_cast<uint32_t>(request->keepNames.size());
  options.bf16 = request->bf16Names.data();
  options.num_bf16 = static_cast<uint32_t>(request->bf16Names.size());
  options.keep_first = *first;
  options.keep_last = *last;
  options.per_tensor = arguments.has("--per-tensor");
  options.group = *group;
  request->migration = arguments.get("--migrate");
  options.migration =
      request->migration.empty() ? nullptr : request->migration.c_str();
  options.watch_signals = 1;
  return request;
}

std::vector<Option> withQuantizeOptions(std::vector<Option> options) {
  std::vector<Option> more = {
      {"--profile", "P.json",
       "What the model's tensors hold on samples of its inputs, as 'lambent "
       "profile' writes it. int8 and int16 need it."},
      {"--calibration", "METHOD",
       "How ranges follow from the profile. minmax (the default): all that was "
       "seen. percentile: 99.99 % of it. entropy: what changes the histogram "
       "least. mse: the least squared error, of weights, too."},
      {"--schema", "SCHEMA",
       "What integers stand for: asymmetric, with any zero point; symmetric, "
       "with the zero point 0; symmetric-uint8, the same but unsigned where no "
       "value is negative; power-of-two, symmetric with such scales. int16 is "
       "symmetric by default and never unsigned, others are asymmetric."},
      {"--keep", "NODE",
       "Leave a node in float, by its name. May be given several times.", true},
      {"--bf16", "NODE",
       "Round a node's operands to bf16, by its name, in place of integers of "
       "int8 or int16; it has to have such a form. May be given several times.",
       true},
      {"--keep-first", "N", "Leave the first N products in float."},
      {"--keep-last", "N", "Leave the last N products in float."},
      {"--per-tensor", "",
       "One scale for a weight, instead of one for each of its channels."},
      {"--migrate", "STRENGTH",
       "Let weights take a part of how the channels that they are multiplied "
       "with differ, so that one scale fits all of these: they are divided by "
       "max|x|^STRENGTH / max|w|^(1 - STRENGTH) where a normalization or a "
       "product before allows it. Above 0 to 1, as 0.5, or auto: the one that "
       "leaves least noise, of each tensor by itself."},
      {"--group", "N",
       "How many weights of a column share a scale, of weights alone: a power "
       "of two from 16 on, 32 by default."},
  };
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

Option quantizeOption() {
  return {"--quantize", "NUMBERS",
          "What becomes narrow. bf16: operands of products and convolutions, "
          "with sums of f32. Integers: int8: weights, and what Conv, "
          "ConvTranspose, "
          "Gemm and MatMul read. int16: what they read has 16 bits, weights 8. "
          "int8-weights, int4-weights: weights of Gemm and MatMul alone, in "
          "blocks."};
}

bool parseQuantization(const Arguments &arguments, ModelOptions &options) {
  std::string numbers = arguments.get("--quantize");
  bool isBlocks = numbers.starts_with("mx");
  bool isIntegers =
      numbers.starts_with("int8") || numbers.starts_with("int4") ||
      numbers == "int16";
  bool isType = numbers == "bf16";
  if (arguments.has("--quantize") && !isBlocks && !isIntegers && !isType) {
    reportError("expected int8, int16, int8-weights, int4-weights, bf16 or a "
                "format of blocks, as mxfp8, for --quantize, but got " +
                driver::quoted(numbers));
    return false;
  }
  if (isIntegers) {
    options.quantize = QuantizeRequest::parse(arguments);
    if (!options.quantize)
      return false;
    if (!options.quantize->getProfile().empty())
      options.constantPaths.push_back(options.quantize->getProfile());
    return true;
  }
  for (const Option &option : withQuantizeOptions({}))
    if (arguments.has(option.name)) {
      reportError(
          std::string(option.name) +
          " says how to quantize to integers, and needs --quantize=int8 "
          "or the like");
      return false;
    }
  (isType ? options.productType : options.blockFormat) = numbers;
  return true;
}

} // namespace lambent::driver
