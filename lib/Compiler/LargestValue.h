//===- LargestValue.h - The node whose result takes most memory -*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_LARGESTVALUE_H
#define LAMBENT_LIB_COMPILER_LARGESTVALUE_H

#include "mlir/IR/Operation.h"

namespace lambent {

/// The place of the largest tensor or buffer that is computed in `root`: what
/// to name where memory ran out and nothing else is known.
mlir::Location findLargestValue(mlir::Operation *root);

} // namespace lambent

#endif
