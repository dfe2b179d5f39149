//===- SinkDequantization.cpp - Moves bytes instead of floats -------------===//
//
// What only moves elements, or takes the largest of them, may do so before they
// are widened: a product behind it then meets the dequantization, and fewer
// bytes are moved.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "NarrowProducts.h"
#include "TensorBuilder.h"
#include "WeightCodes.h"

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

/// Whether the largest of some numbers that `value` holds is made of their
/// largest byte.
static bool keepsOrder(Value value) {
  auto from = matchQuantized(value, getTensorType(value).getElementType());
  return from && from->zero.isOneNumber() && from->scale.number &&
         from->scale.number.getValueAsDouble() > 0;
}

/// Whether `op` may take bytes in place of what is made of each of them.
static bool movesElements(Operation *op) {
  auto pool = dyn_cast<PoolOp>(op);
  if (!pool)
    return isReshape(op) || isa<TransposeOp, GatherOp>(op);
  // A window of padding alone holds no element.
  auto isWithin = [](auto padAndTaps) {
    auto [pad, taps] = padAndTaps;
    return pad >= 0 && pad < taps;
  };
  ArrayRef<int64_t> pads = pool.getPads(), taps = pool.getKernel();
  return pool.getKind() == "max" && pool.getAutoPad() == "NOTSET" &&
         !pool.getCeilMode() &&
         llvm::all_of(llvm::zip(pads.take_front(taps.size()), taps),
                      isWithin) &&
         llvm::all_of(llvm::zip(pads.drop_front(taps.size()), taps),
                      isWithin) &&
         keepsOrder(pool.getInput());
}

namespace {

struct SinkDequantization : RewritePattern {
  SinkDequantization(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!movesElements(op))
      return failure();
    Value narrow = getWidened(op->getOperand(0));
    // Constants are moved once, as they are written.
    if (!narrow || llvm::all_of(op->getOperands(), isConstantExpression))
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

/// What multiplies are matrices: those of layers and directions that lie side
/// by side, or transposed, are put together before they are dequantized.
struct MoveCodes : RewritePattern {
  MoveCodes(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    auto transpose = dyn_cast<TransposeOp>(op);
    if (!transpose && !isReshape(op))
      return failure();
    auto weights = op->getOperand(0).getDefiningOp<ElementwiseOp>();
    RankedTensorType to = getTensorType(op->getResult(0)),
                     from = getTensorType(op->getOperand(0));
    // A matrix alone is transposed by what multiplies.
    if (!weights || !from.hasStaticShape() || !to.hasStaticShape() ||
        from.getRank() != 3 || from.getNumElements() == 0 ||
        !isConstantExpression(weights.getResult()))
      return rewriter.notifyMatchFailure(op, "moves no constant matrices");
    ArrayRef<int64_t> shape = from.getShape();
    if (!transpose &&
        to.getShape() != ArrayRef({shape[0] * shape[1], shape[2]}))
      return rewriter.notifyMatchFailure(op, "is no matrix of all rows");
    auto found = matchWeights(weights.getResult());
    if (!found || getTensorType(found->elements).getShape() != shape)
      return rewriter.notifyMatchFailure(op, "is not dequantized");
    TensorBuilder tensors(rewriter, op->getLoc());
    SmallVector<Value> inputs;
    for (Value input : weights.getInputs()) {
      RankedTensorType type = getTensorType(input);
      if (!type.hasStaticShape())
        return rewriter.notifyMatchFailure(op, "a parameter's size is open");
      SmallVector<int64_t> own(3 - type.getRank(), 1);
      llvm::append_range(own, type.getShape());
      input = tensors.reshape(input, own);
      if (transpose) {
        input = tensors.transpose(input, transpose.getPerm());
      } else {
        if (own[0] * own[1] != 1)
          input = tensors.expand(input, {shape[0], shape[1], own[2]});
        own = {own[0] * own[1] == 1 ? 1 : to.getDimSize(0), own[2]};
        input = tensors.reshape(input, own);
      }
      inputs.push_back(input);
    }
    auto moved = cast<ElementwiseOp>(rewriter.clone(*weights));
    moved->setOperands(inputs);
    moved.getResult().setType(to);
    rewriter.replaceOp(op, moved.getResult());
    return success();
  }
};

} // namespace

void populateSinkDequantizationPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkDequantization, MoveCodes>(patterns.getContext());
}

} // namespace lambent::graph
