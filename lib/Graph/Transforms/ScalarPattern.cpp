//===- ScalarPattern.cpp - Matches expressions across element-wise ops ----===//

#include "ScalarPattern.h"

using namespace mlir;

namespace lambent::graph {

static Value getYielded(ElementwiseOp op) {
  return op.getBody().front().getTerminator()->getOperand(0);
}

static SmallVector<int64_t> getNonUnitDims(Value value) {
  SmallVector<int64_t> dims(getTensorType(value).getShape());
  llvm::erase(dims, 1);
  return dims;
}

Scalar resolve(Scalar scalar, bool throughReshape) {
  for (;;) {
    if (scalar.scope) {
      auto argument = dyn_cast<BlockArgument>(scalar.value);
      if (!argument)
        return scalar;
      scalar = {scalar.scope.getInputs()[argument.getArgNumber()], nullptr};
      continue;
    }
    Operation *op = scalar.value.getDefiningOp();
    if (auto elementwise = dyn_cast_if_present<ElementwiseOp>(op)) {
      scalar = {getYielded(elementwise), elementwise};
    } else if (auto expand = dyn_cast_if_present<ExpandOp>(op)) {
      scalar.value = expand.getInput();
    } else if (throughReshape &&
               isa_and_present<ReshapeOp, SqueezeOp, UnsqueezeOp>(op)) {
      auto from = getTensorType(op->getOperand(0)),
           to = getTensorType(scalar.value);
      if (!from.hasStaticShape() || !to.hasStaticShape() ||
          getNonUnitDims(op->getOperand(0)) != getNonUnitDims(scalar.value))
        return scalar;
      scalar.value = op->getOperand(0);
    } else {
      return scalar;
    }
  }
}

Value getTensor(Scalar scalar) {
  if (!scalar.scope)
    return scalar.value;
  if (auto argument = dyn_cast<BlockArgument>(scalar.value))
    return scalar.scope.getInputs()[argument.getArgNumber()];
  if (getYielded(scalar.scope) == scalar.value)
    return scalar.scope.getResult();
  return nullptr;
}

std::optional<double> getConstant(Scalar scalar) {
  scalar = resolve(scalar, /*throughReshape=*/true);
  if (!scalar.scope)
    return getConstantSplat(scalar.value);
  auto constant = scalar.value.getDefiningOp<arith::ConstantOp>();
  auto value = constant ? dyn_cast<FloatAttr>(constant.getValue()) : nullptr;
  if (!value)
    return std::nullopt;
  return value.getValueAsDouble();
}

bool isSame(Scalar a, Scalar b) { return resolve(a) == resolve(b); }

std::optional<Scalar> matchSquare(Scalar scalar, bool throughReshape) {
  if (auto product = matchBinary<arith::MulFOp>(scalar, throughReshape);
      product && isSame(product->first, product->second))
    return product->first;
  if (auto power = matchBinary<math::PowFOp>(scalar, throughReshape);
      power && getConstant(power->second) == 2.0)
    return power->first;
  return std::nullopt;
}

} // namespace lambent::graph
