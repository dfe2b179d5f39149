//===- Conv.h - Convolutions ------------------------------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_CONV_H
#define LAMBENT_LIB_GRAPH_IMPORT_CONV_H

#include "Node.h"

namespace lambent::graph {

/// Whether the filter has the image's rank and, where it is given, the node's
/// kernel_shape; an error is reported otherwise.
bool checkFilter(Node &node, mlir::Value x, mlir::Value filter);

/// A convolution with the attributes that a node's has. `bias` may be null.
mlir::Value createConv(Node &node, mlir::Value x, mlir::Value filter,
                       mlir::Value bias);

} // namespace lambent::graph

#endif
