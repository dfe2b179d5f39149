//===- ResizeTables.h - Where each output position of a resize reads ------===//

#ifndef LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZETABLES_H
#define LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZETABLES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace lambent {

/// How one dim is resampled, in the words of ONNX's Resize.
struct ResizeAxis {
  int64_t inputSize = 0, outputSize = 0;
  /// The scale that was given, or what the quotient below rounds to.
  float scale = 1;
  /// The scale as a quotient of sizes, where sizes were given.
  std::optional<std::pair<int64_t, int64_t>> quotient;
  float roiStart = 0, roiEnd = 1;
  llvm::StringRef mode, coordinates, nearest;
  float cubicA = -0.75f;
  bool excludeOutside = false, antialias = false;
};

/// For each output position, `taps` input positions (in range) and their
/// weights.
struct ResizeTable {
  int64_t taps = 1;
  std::vector<int64_t> indices;
  std::vector<float> weights;
  /// Whether the position lies outside of the input (tf_crop_and_resize).
  std::vector<bool> outside;
};

/// Whether there is a table that is small enough to hold.
bool hasResizeTable(const ResizeAxis &axis);

/// The table of `axis`; one tap of weight 1 for nearest.
ResizeTable getResizeTable(const ResizeAxis &axis);

} // namespace lambent

#endif
