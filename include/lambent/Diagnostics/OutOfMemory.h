//===- OutOfMemory.h - Which node wanted too much ---------------*- C++ -*-===//
//
// What a node needs is computed before it is allocated where that is known. As
// the last resort, the work on a node runs in `reportOutOfMemory`, so that
// std::bad_alloc, which the standard library may throw at any time, ends as an
// error with the node in it.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_DIAGNOSTICS_OUTOFMEMORY_H
#define LAMBENT_DIAGNOSTICS_OUTOFMEMORY_H

#include "mlir/IR/Diagnostics.h"
#include <new>

namespace lambent {

/// Runs `body`, which works on what is at `location` and returns a
/// LogicalResult.
template <typename Body>
mlir::LogicalResult reportOutOfMemory(mlir::Location location, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return mlir::emitError(location)
           << "compiling it takes more memory than there is";
  }
}

} // namespace lambent

#endif
