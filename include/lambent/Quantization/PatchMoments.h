//===- PatchMoments.h - How what filters lie on varies together -*- C++ -*-===//
//
// A convolution multiplies each filter with patches of its input: the numbers
// under the filter, at every place of the output. Moments are as in
// SecondMoments.h, with patches as vectors.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_PATCHMOMENTS_H
#define LAMBENT_QUANTIZATION_PATCHMOMENTS_H

#include "lambent/Quantization/SecondMoments.h"

namespace lambent::quantization {

/// How filters move over an input of [N, C, spatial dims...]. All vectors have
/// a number for each spatial dim.
struct FilterWindow {
  std::vector<int64_t> kernel, strides, dilations, padsBefore, padsAfter;
  /// Pads follow from the input's size, so that the output's is the input's
  /// over the stride, rounded up; an odd one more goes to the end, or begin.
  enum class AutoPad { None, SameUpper, SameLower } autoPad = AutoPad::None;
  int64_t groups = 1; ///< of channels
};

class PatchMoments {
public:
  /// With `addsOne` each patch ends in a 1, so that moments have sums, too.
  explicit PatchMoments(FilterWindow window, bool addsOne = false)
      : window(std::move(window)), addsOne(addsOne) {}

  /// Takes in one input of a sample. Fails where it does not fit the window, or
  /// where an element is no finite number. Of many places some are looked at.
  llvm::Error see(const TensorView &tensor) { return see(tensor, {}); }
  /// The same with what it was to hold, in as many elements.
  llvm::Error see(const TensorView &tensor, llvm::ArrayRef<float> wanted);

  /// The moments of a group's patches, [C / groups, kernel] numbers each; null
  /// where none was seen.
  const MomentMatrix *find(int64_t group) const;

private:
  FilterWindow window;
  bool addsOne;
  std::string name;                   ///< of the tensor
  std::vector<SecondMoments> moments; ///< of each group
};

} // namespace lambent::quantization

#endif
