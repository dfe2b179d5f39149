//===- ScalarPattern.h - Matches expressions across element-wise ops ------===//
//
// What a chain of element-wise ops computes for one element is one expression,
// however its ops are cut. These matchers see that expression: they pass from a
// region's arguments to the tensors behind them, and from a tensor to the
// region that makes it. Broadcasting aligns shapes at the right, and so
// composes.

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_SCALARPATTERN_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_SCALARPATTERN_H

#include "TensorBuilder.h"

namespace lambent::graph {

/// The element of a tensor (`scope` is null), or a scalar inside the region of
/// `scope`.
struct Scalar {
  mlir::Value value;
  ElementwiseOp scope = nullptr;
  bool operator==(const Scalar &other) const = default;
};

/// The scalar that computes `scalar`: a value that an op inside a region
/// defines, or the element of a tensor that is not made by an element-wise op.
/// Looks through expand, and with `throughReshape` also through ops that only
/// add or drop unit dims.
Scalar resolve(Scalar scalar, bool throughReshape = false);

/// The tensor whose element `scalar` is, or null when it exists only inside a
/// region.
mlir::Value getTensor(Scalar scalar);

/// The number that `scalar` always is.
std::optional<double> getConstant(Scalar scalar);

/// Whether both are the same number for every element.
bool isSame(Scalar a, Scalar b);

/// The operands of the binary op `OpT` that computes `scalar`.
template <typename OpT>
std::optional<std::pair<Scalar, Scalar>>
matchBinary(Scalar scalar, bool throughReshape = false) {
  scalar = resolve(scalar, throughReshape);
  auto op = scalar.value.getDefiningOp<OpT>();
  if (!op)
    return std::nullopt;
  return std::pair(Scalar{op->getOperand(0), scalar.scope},
                   Scalar{op->getOperand(1), scalar.scope});
}

/// The operand of the unary op `OpT` that computes `scalar`.
template <typename OpT>
std::optional<Scalar> matchUnary(Scalar scalar, bool throughReshape = false) {
  scalar = resolve(scalar, throughReshape);
  auto op = scalar.value.getDefiningOp<OpT>();
  if (!op)
    return std::nullopt;
  return Scalar{op->getOperand(0), scalar.scope};
}

/// The operand of x * x or x ^ 2.
std::optional<Scalar> matchSquare(Scalar scalar, bool throughReshape = false);

} // namespace lambent::graph

#endif
