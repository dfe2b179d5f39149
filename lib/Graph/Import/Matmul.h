//===- Matmul.h - Matrix products -------------------------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_MATMUL_H
#define LAMBENT_LIB_GRAPH_IMPORT_MATMUL_H

#include "Node.h"

namespace lambent::graph {

/// numpy's product: a vector on the left is a row, on the right a column; the
/// result loses that dim again.
mlir::Value createMatmul(Node &node, mlir::Value lhs, mlir::Value rhs);

} // namespace lambent::graph

#endif
