//===- QuantizeRequest.h - The options that say how to quantize -----------===//

#ifndef LAMBENT_TOOLS_QUANTIZEREQUEST_H
#define LAMBENT_TOOLS_QUANTIZEREQUEST_H

#include "Arguments.h"
#include "lambent-c/quantize.h"
#include <memory>

namespace lambent::driver {

struct ModelOptions;

/// A quantization in the C API's structure. Must outlive the call it is for.
class QuantizeRequest {
public:
  /// Reads the options below. Prints what is wrong and returns null on failure.
  static std::unique_ptr<QuantizeRequest> parse(const Arguments &arguments);

  const LambentQuantizeOptions *options() const { return &theOptions; }
  /// How to round weights, and the samples for that, or null.
  void setRounding(const std::string &how, const LambentSampleSet *samples) {
    rounding = how;
    theOptions.rounding = rounding.c_str();
    theOptions.samples = samples;
  }
  /// The file of the profile, or "".
  const std::string &getProfile() const { return profile; }

private:
  std::string numbers, profile, calibration, schema, rounding, migration;
  std::vector<std::string> keep, bf16;
  std::vector<const char *> keepNames, bf16Names;
  LambentQuantizeOptions theOptions = {};
};

/// Reads --quantize of a command that compiles, and what belongs to it. Prints
/// what is wrong and returns false on failure.
bool parseQuantization(const Arguments &arguments, ModelOptions &options);

/// `options`, and then those that say how to quantize, without --quantize.
std::vector<Option> withQuantizeOptions(std::vector<Option> options);

/// What becomes integers.
Option quantizeOption();

} // namespace lambent::driver

#endif
