//===- EmptyTensors.cpp - Tensors of no elements --------------------------===//

#include "EmptyTensors.h"
#include "Elements.h"

using namespace mlir;

namespace lambent::graph {

bool isEmpty(Value tensor) {
  auto type = dyn_cast_or_null<RankedTensorType>(tensor.getType());
  return type && llvm::is_contained(type.getShape(), 0);
}

SmallVector<Attribute> foldEmptyResults(Operation *op) {
  SmallVector<Attribute> constants;
  for (Value result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || !isEmpty(result) || !type.hasStaticShape())
      return {};
    constants.push_back(DenseElementsAttr::get(type, ArrayRef<Attribute>()));
  }
  return constants;
}

static Attribute getFloat(FloatType type, StringRef kind) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  if (kind == "max" || kind == "min")
    return FloatAttr::get(type, APFloat::getInf(semantics, kind == "max"));
  if (kind == "mean")
    return FloatAttr::get(type, APFloat::getNaN(semantics));
  return FloatAttr::get(type, kind == "prod" ? 1.0 : 0.0);
}

static Attribute getInteger(IntegerType type, StringRef kind) {
  unsigned width = type.getWidth();
  bool isSigned = !type.isUnsigned() && width > 1;
  if (kind == "max")
    return IntegerAttr::get(type, isSigned ? APInt::getSignedMinValue(width)
                                           : APInt::getMinValue(width));
  if (kind == "min")
    return IntegerAttr::get(type, isSigned ? APInt::getSignedMaxValue(width)
                                           : APInt::getMaxValue(width));
  return IntegerAttr::get(type, APInt(width, kind == "prod"));
}

Attribute getCombinationOfNothing(RankedTensorType type, StringRef kind) {
  if (!type.hasStaticShape())
    return {};
  if (llvm::is_contained(type.getShape(), 0))
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  Type element = type.getElementType();
  auto floating = dyn_cast<FloatType>(element);
  return DenseElementsAttr::get(
      type, floating ? getFloat(floating, kind)
                     : getInteger(cast<IntegerType>(element), kind));
}

LogicalResult becomeCombinationOfNothing(Operation *op, StringRef kind,
                                         PatternRewriter &rewriter) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  Sizes sizes = getSizes(type);
  if (type.hasStaticShape() || isEmpty(result) || !areKnown(sizes))
    return rewriter.notifyMatchFailure(op, "folds, is empty or of any size");
  auto number = cast<ElementsAttr>(getCombinationOfNothing(
      RankedTensorType::get({}, type.getElementType()), kind));
  Value scalar = ConstantOp::create(rewriter, op->getLoc(), number);
  rewriter.replaceOpWithNewOp<ExpandOp>(
      op, type, scalar, createSizeList(rewriter, op->getLoc(), sizes));
  return success();
}

} // namespace lambent::graph
