//===- NodeNames.h - The nodes of a model that an op computes ---*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_EMIT_NODENAMES_H
#define LAMBENT_BACKENDS_EMIT_NODENAMES_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/SetVector.h"

namespace lambent::emit {

/// The names of the nodes that a location is made of, in order.
llvm::SetVector<llvm::StringRef> getNodeNames(mlir::Location location);

} // namespace lambent::emit

#endif
