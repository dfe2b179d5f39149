//===- InputMoments.h - What a product reads, around its mean ---*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_PRUNE_INPUTMOMENTS_H
#define LAMBENT_LIB_QUANTIZATION_PRUNE_INPUTMOMENTS_H

#include "../Quantize/Products.h"
#include "lambent/Quantization/PatchMoments.h"

namespace lambent::quantization {

/// The moments of the vectors that a product multiplies its weights with, and
/// of those that it was to read.
class InputMoments {
public:
  explicit InputMoments(const Product &product);

  /// Takes in the product's input on a sample, and what it was to hold, or
  /// nothing where that is the same.
  llvm::Error see(const TensorView &tensor, llvm::ArrayRef<float> wanted);

  /// Sums of `size` indices, for one group of channels.
  struct Group {
    MomentMatrix moments;           ///< around the mean, if it was taken off
    std::vector<double> mean, gaps; ///< of what is read; of what is missing
    bool varies = false;            ///< whether any moment is not 0
  };
  /// Nothing where no vector was seen.
  std::optional<Group> take(int64_t group, int64_t size,
                            bool takesMeanOff) const;

private:
  std::optional<PatchMoments> patches; ///< of a Conv
  SecondMoments rows;
  std::string name;
};

} // namespace lambent::quantization

#endif
