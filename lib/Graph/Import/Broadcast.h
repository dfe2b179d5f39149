//===- Broadcast.h - Dims that meet in an op that broadcasts ----*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_BROADCAST_H
#define LAMBENT_LIB_GRAPH_IMPORT_BROADCAST_H

#include "Node.h"

namespace lambent::graph {

/// Repeats operands along their open dims to what these are when they have met
/// those of the others, counted from the last: what ONNX does where one of them
/// is 1. Where they are assumed to be equal, the operands stay, and that is
/// noted. The last `kept` dims do not broadcast.
void repeatOpenDims(Node &node, llvm::MutableArrayRef<mlir::Value> operands,
                    int64_t kept = 0);

/// The same for a tensor and a shape that it broadcasts with.
void repeatOpenDims(Node &node, mlir::Value &x, mlir::Value &shape);

} // namespace lambent::graph

#endif
