//===- Activations.h - The tensors that products read, as integers --------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_ACTIVATIONS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_ACTIVATIONS_H

#include "Quantization.h"

namespace lambent::quantization {

/// A tensor that is stored as integers.
struct Activation {
  std::string tensor;
  /// The tensor that it is moved from, whose integers it has; or itself.
  std::string source;
  Range range;
  QuantizedForm form; ///< of the source
};

/// The tensors that the products that do not stay in float read, those that
/// they are moved from included, in the order of their names.
llvm::Expected<std::map<std::string, Activation>>
findActivations(Quantization &state, const Network &network,
                llvm::ArrayRef<Product> products);

/// The share of a profile's values outside a range.
double getSaturated(const TensorProfile &profile, Range range);

} // namespace lambent::quantization

#endif
