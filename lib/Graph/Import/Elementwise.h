//===- Elementwise.h - Handlers for unary and binary ops --------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ELEMENTWISE_H
#define LAMBENT_LIB_GRAPH_IMPORT_ELEMENTWISE_H

#include "Node.h"
#include "OpTable.h"

namespace lambent::graph {

/// The scalar function of an op, told whether its operands are unsigned.
using UnaryBody = mlir::Value (*)(Scalar &, mlir::Value, bool isUnsigned);
using BinaryBody = mlir::Value (*)(Scalar &, mlir::Value, mlir::Value,
                                   bool isUnsigned);

/// Handles an op on one input of the element types `kinds`, which the result
/// has too.
Handler unary(unsigned kinds, UnaryBody body);

/// Handles an op on two inputs of one type; the result has it too or is bool.
/// `legacy`: the broadcasting of opset 6.
Handler binary(unsigned kinds, BinaryBody body, bool givesBool = false,
               bool legacy = false);

/// Demands that a divisor of integers is not 0.
mlir::LogicalResult requireDivisor(Node &node, mlir::Value divisor);

/// Before opset 7, B was broadcast to A only when asked to, from dim `axis` of
/// A on: B with trailing unit dims.
mlir::Value alignLegacy(Node &node, mlir::Value a, mlir::Value b);

/// Whether all values are there and have the first one's element type; an error
/// is reported otherwise.
bool checkSameType(Node &node, llvm::ArrayRef<mlir::Value> values);

/// x / 2 * (1 + erf(x / sqrt(2)))
mlir::Value gelu(Scalar &s, mlir::Value x);
/// The same with tanh instead of erf, approximately.
mlir::Value geluTanh(Scalar &s, mlir::Value x);

} // namespace lambent::graph

#endif
