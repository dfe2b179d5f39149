//===- QuantizedProduct.h - Products of integers ----------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_QUANTIZEDPRODUCT_H
#define LAMBENT_LIB_GRAPH_IMPORT_QUANTIZEDPRODUCT_H

#include "Quantize.h"

namespace lambent::graph {

/// The left and right operand of a product less their zero points, as i32. A
/// vector of zero points has one per row of the left, one per column of the
/// right.
mlir::Value centerRows(Node &node, mlir::Value a, mlir::Value zeroPoint);
mlir::Value centerColumns(Node &node, mlir::Value b, mlir::Value zeroPoint);

/// sums * (factor * scales... / to.scale), rounded, plus the zero point.
mlir::Value requantize(Node &node, mlir::Value sums,
                       llvm::ArrayRef<mlir::Value> scales, Quantization to,
                       mlir::Type elementType, double factor = 1);

} // namespace lambent::graph

#endif
