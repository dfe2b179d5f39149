//===- Recurrent.h - What sequences of several lengths ask for --*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_RECURRENT_H
#define LAMBENT_LIB_GRAPH_IMPORT_RECURRENT_H

#include "Node.h"

namespace lambent::graph {

/// That lengths, which may be absent, are from 0 to the number of steps. Others
/// are the nearest of these where values are not checked.
mlir::LogicalResult requireLengths(Node &node, mlir::Value lengths,
                                   const Size &steps);

} // namespace lambent::graph

#endif
