//===- ResizeTables.h - Where each output position of a resize reads ------===//

#ifndef LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZETABLES_H
#define LAMBENT_LIB_LOWERING_GRAPHTOLIR_RESIZETABLES_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace lambent {

/// How one dim is resampled, in the words of ONNX's Resize.
struct ResizeAxis {
  Size inputSize = 0, outputSize = 0;
  /// The scale that was given, or what the quotient below rounds to where it is
  /// bound.
  float scale = 1;
  /// The scale as a quotient of sizes, where sizes were given.
  std::optional<std::pair<Size, Size>> quotient;
  float roiStart = 0, roiEnd = 1;
  /// An entry of a buffer of f32.
  struct Entry {
    mlir::Value buffer;
    int64_t place = 0;
  };
  /// The scale and the region where a run says them; else null.
  Entry givenScale, givenStart, givenEnd;
  llvm::StringRef mode, coordinates, nearest;
  float cubicA = -0.75f;
  bool excludeOutside = false, antialias = false;

  bool crops() const { return coordinates == "tf_crop_and_resize"; }
  /// Whether a run decides what its table is.
  bool isOpen() const {
    return givenScale.buffer || givenStart.buffer ||
           !areNumbers({inputSize, outputSize}) ||
           (quotient && !areNumbers({quotient->first, quotient->second}));
  }
};

/// The input positions that are combined, counted from where an output position
/// lies.
struct ResizeTaps {
  int64_t first = 0, last = 0;
  float scale = 1; ///< what distances are multiplied with
  int64_t count() const { return last - first + 1; }
};
ResizeTaps getResizeTaps(const ResizeAxis &axis);

/// For each output position, `taps` input positions (in range) and their
/// weights.
struct ResizeTable {
  int64_t taps = 1;
  std::vector<int64_t> indices;
  std::vector<float> weights;
  /// Whether the position lies outside of the input (tf_crop_and_resize).
  std::vector<bool> outside;
};

/// Whether there is a table that is small enough to hold, of sizes that are
/// bound.
bool hasResizeTable(const ResizeAxis &axis);

/// The table of `axis`, which is bound; one tap of weight 1 for nearest.
ResizeTable getResizeTable(const ResizeAxis &axis);

} // namespace lambent

#endif
