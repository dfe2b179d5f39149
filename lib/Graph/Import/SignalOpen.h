//===- SignalOpen.h - Fourier transforms whose sizes a run decides *- C++ -*-=//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_SIGNALOPEN_H
#define LAMBENT_LIB_GRAPH_IMPORT_SIGNALOPEN_H

#include "Node.h"

namespace lambent::graph {

/// Larger matrices would outweigh any model.
inline constexpr int64_t mostMatrixElements = 1 << 24;

struct OpenTransform {
  /// The number of samples of the signal, a list of one known size.
  mlir::Value length;
  bool isInverse = false, isOneSided = false;
  /// Whether half of a symmetric spectrum is given, or asked for.
  bool isFromHalf() const { return isInverse && isOneSided; }
  bool isToHalf() const { return !isInverse && isOneSided; }
};

/// Sets the transform's length for x [..., samples, parts]: what `given` says, or
/// where that is null, x itself. A run that would need too large a matrix ends
/// with an error.
void setLength(Node &node, OpenTransform &transform, mlir::Value x,
               mlir::Value given);

/// Transforms x [..., samples, parts], cut off or filled up with zeros to what
/// the transform takes, to [..., bins, 2], or [..., length, 1] from half a
/// spectrum.
mlir::Value applyOpen(Node &node, mlir::Value x, const OpenTransform &transform);

/// The same along dim `axis`, a list of one number that a run decides. The
/// length follows from `given` as above.
mlir::Value applyAlong(Node &node, mlir::Value x, mlir::Value axis,
                       mlir::Value given, OpenTransform transform);

} // namespace lambent::graph

#endif
