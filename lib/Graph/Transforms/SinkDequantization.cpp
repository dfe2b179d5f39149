//===- SinkDequantization.cpp - Moves bytes instead of floats -------------===//
//
// What only moves elements may do so before they are widened: a product behind
// it then meets the dequantization, and fewer bytes are moved.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "NarrowProducts.h"

using namespace mlir;

namespace lambent::graph {

/// The tensor of bytes that `value` makes wider numbers of, each by itself and
/// with numbers only.
static Value getWidened(Value value) {
  auto op = value.getDefiningOp<ElementwiseOp>();
  if (!op || op.getInputs().size() != 1 ||
      getTensorType(op.getInputs().front()).getShape() !=
          getTensorType(value).getShape())
    return nullptr;
  Type from = getTensorType(op.getInputs().front()).getElementType(),
       to = getTensorType(value).getElementType();
  return from.isInteger(8) && to.getIntOrFloatBitWidth() > 8
             ? op.getInputs().front()
             : Value();
}

namespace {

struct SinkDequantization : RewritePattern {
  SinkDequantization(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isReshape(op) && !isa<TransposeOp>(op))
      return failure();
    Value narrow = getWidened(op->getOperand(0));
    if (!narrow || isConstantExpression(narrow))
      return rewriter.notifyMatchFailure(op, "does not move what was widened");
    auto widening = op->getOperand(0).getDefiningOp<ElementwiseOp>();
    auto retype = [](Value value, Type element) {
      RankedTensorType type = getTensorType(value);
      return RankedTensorType::get(type.getShape(), element,
                                   type.getEncoding());
    };
    Operation *moved = rewriter.clone(*op);
    moved->setOperand(0, narrow);
    Value result = moved->getResult(0);
    result.setType(retype(result, getTensorType(narrow).getElementType()));
    rewriter.setInsertionPointAfter(moved);
    auto wide = cast<ElementwiseOp>(rewriter.clone(*widening));
    wide->setOperands(result);
    wide.getResult().setType(
        cast<RankedTensorType>(op->getResult(0).getType()));
    rewriter.replaceOp(op, wide.getResult());
    return success();
  }
};

} // namespace

void populateSinkDequantizationPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDequantization>(patterns.getContext());
}

} // namespace lambent::graph
