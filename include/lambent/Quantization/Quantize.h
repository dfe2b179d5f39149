//===- Quantize.h - Turn a float model into a quantized one -----*- C++ -*-===//
//
// Quantization rewrites an ONNX model to one with QuantizeLinear and
// DequantizeLinear around its products, which every engine runs. The compiler
// makes integer products of it, as of any model in this form.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_QUANTIZE_H
#define LAMBENT_QUANTIZATION_QUANTIZE_H

#include "lambent/Graph/Import/EditedModel.h"
#include "lambent/Quantization/Profile.h"
#include "lambent/Quantization/Range.h"
#include "lambent/Quantization/SampleRunner.h"
#include <memory>

namespace lambent::quantization {

/// What becomes integers.
enum class QuantizedNumbers {
  Int8,        ///< weights and what products read, 8 bits
  Int16,       ///< what products read has 16 bits, weights 8
  Int8Weights, ///< weights of matrix products alone, in blocks
  Int4Weights,
  BF16 ///< nothing: both operands of products by a constant become bf16
};

/// `a` in Migrate.cpp, above 0 to 1, or the one for each tensor that leaves
/// least noise.
struct MigrationStrength {
  std::optional<double> number;
};

/// How weights are rounded by samples.
enum class SampleRounding {
  Successive, ///< one after the other (GPTQ)
  Together    ///< all at once, from there on (AdaRound)
};

struct QuantizeOptions {
  QuantizedNumbers numbers = QuantizedNumbers::Int8;
  /// How ranges are chosen; of weights-only, the schema alone counts.
  RangeOptions range;
  /// Nodes that stay in float, by name.
  std::vector<std::string> keep;
  /// Nodes whose operands become bf16 instead of integers, by name, which must
  /// have such a form.
  std::vector<std::string> bf16;
  /// How many of the first and last products stay in float.
  unsigned keepFirst = 0, keepLast = 0;
  /// One scale for a weight, not one for each of its channels.
  bool isPerTensor = false;
  /// How much of the range of activations goes over to weights; nothing: none.
  std::optional<MigrationStrength> migration;
  /// How many weights of a column share a scale, with weights alone.
  int64_t group = 32;
  /// Samples that weights are rounded by; null: to the nearest.
  std::shared_ptr<SampleRunner> samples;
  SampleRounding rounding = SampleRounding::Successive;
  /// The steps to take, by their names in Quantize.cpp; none: all. For reading
  /// what one does.
  std::vector<std::string> steps;
};

/// The choices by their names: "int8", "int16", "int8-weights", "int4-weights",
/// "bf16".
std::optional<QuantizedNumbers> findNumbers(llvm::StringRef name);
/// "asymmetric", "symmetric", "symmetric-uint8", "power-of-two".
std::optional<Schema> findSchema(llvm::StringRef name);
/// "minmax", "percentile", "entropy", "mse".
std::optional<RangeMethod> findMethod(llvm::StringRef name);
/// "gptq", "adaround".
std::optional<SampleRounding> findRounding(llvm::StringRef name);

/// "auto", or a number above 0 to 1.
std::optional<MigrationStrength> findMigration(llvm::StringRef name);

/// What became of one product.
struct QuantizedLayer {
  std::string node, op;
  /// "int8", "int4 weights", "bf16", or "float".
  std::string numbers;
  /// Why it stayed in float, or "".
  std::string reason;
  /// A tensor that it reads, the range that its integers cover, and the share
  /// of the profile's values that lies outside.
  struct Input {
    std::string tensor;
    Range range;
    double saturated = 0;
    bool isZero = false; ///< it held nothing else on the samples
  };
  std::vector<Input> inputs;
  /// Signal to quantization noise of its weight in dB; 0 where it has none.
  double weightSqnr = 0;
  /// How many of its weight's scales are for zeros alone.
  int64_t zeroScales = 0;
  /// Why its weight was rounded to the nearest although there were samples.
  std::string whyNearest;
};

struct QuantizeReport {
  std::vector<QuantizedLayer> layers;
  uint64_t floatBytes = 0, quantizedBytes = 0; ///< of the model's weights
};

/// As one JSON object: "layers", "types" (the layers of each op), bytes.
std::string formatReport(const QuantizeReport &report);

/// A product that a quantization may change, and why it has no form in the
/// integers asked for, or in bf16; "" where it has one.
struct ProductForms {
  std::string node, op;
  std::string whyNoIntegers, whyNoBF16;
};

/// The products of a model in their order, but for those that the options keep
/// in float or make bf16. The model is changed on the way.
llvm::Expected<std::vector<ProductForms>>
listForms(graph::EditedModel &model, const QuantizeOptions &options,
          const Profile *profile);

/// Rewrites the model. The profile is of this model, by the names of its
/// tensors; null with weights alone and with bf16. Errors name the model's node
/// or tensor at fault, but not its file.
llvm::Error quantizeModel(graph::EditedModel &model,
                          const QuantizeOptions &options,
                          const Profile *profile, QuantizeReport &report);

} // namespace lambent::quantization

#endif
