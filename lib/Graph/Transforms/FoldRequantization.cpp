//===- FoldRequantization.cpp - Divides integer sums by the next scale once
//===//
//
// (sum * a + b) / c, clamped on the way or not, is sum * (a / c) + b / c
// clamped by bounds / c. It rounds once more or less before it becomes an
// integer, so that one in thousands of results is another step.
//
//===----------------------------------------------------------------------===//

#include "NarrowProducts.h"
#include "QuantizedTensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace lambent::graph {

namespace {

/// What makes the number that is quantized.
struct Chain {
  Value sums;                        ///< of i32
  Value scale, bias;                 ///< of f32; the bias may be null
  SmallVector<ElementwiseOp> clamps; ///< the first one last
};

bool isClamp(Operation &op) {
  return isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
             arith::MinNumFOp>(op);
}

bool isClampOrNumber(Operation &op) {
  auto constant = dyn_cast<arith::ConstantOp>(op);
  return constant ? isa<FloatAttr>(constant.getValue()) : isClamp(op);
}

/// Whether `op` only clamps its input by numbers.
bool onlyClamps(ElementwiseOp op) {
  return op.getInputs().size() == 1 &&
         llvm::all_of(op.getBody().front().without_terminator(),
                      isClampOrNumber);
}

/// Whether `sums` are those of a product of bytes, with terms of zero points
/// added or not.
bool areSumsOfBytes(Value sums) {
  Operation *op = sums.getDefiningOp();
  if (isa_and_present<MatmulOp, ConvOp>(op))
    return getTensorType(op->getOperand(0)).getElementType().isInteger(8);
  return isa_and_present<ElementwiseOp>(op) &&
         getTensorType(sums).getElementType().isInteger(32) &&
         areSumsOfBytes(op->getOperand(0));
}

/// Matches sum * scale + bias, as narrow products leave it.
bool matchScaled(ElementwiseOp op, Chain &chain) {
  Scalar yielded{op.getBody().front().getTerminator()->getOperand(0), op};
  auto sum = matchBinary<arith::AddFOp>(yielded);
  auto product = matchBinary<arith::MulFOp>(sum ? sum->first : yielded);
  auto number =
      product ? matchUnary<arith::SIToFPOp>(product->first) : std::nullopt;
  // All within this op.
  if (!number || number->scope != op || product->second.scope != op ||
      (sum && sum->second.scope != op))
    return false;
  chain.sums = getTensor(*number);
  chain.scale = getTensor(product->second);
  chain.bias = sum ? getTensor(sum->second) : Value();
  if (!chain.sums || !chain.scale || (sum && !chain.bias))
    return false;
  return areSumsOfBytes(chain.sums) &&
         getTensorType(chain.sums).getShape() ==
             getTensorType(op.getResult()).getShape();
}

std::optional<Chain> matchChain(Value number) {
  Chain chain;
  for (;;) {
    auto op = number.getDefiningOp<ElementwiseOp>();
    if (!op || !op->hasOneUse())
      return std::nullopt;
    if (matchScaled(op, chain))
      return chain;
    if (!onlyClamps(op))
      return std::nullopt;
    chain.clamps.push_back(op);
    number = op.getInputs().front();
  }
}

/// The division that a quantizing region begins with: of an argument, by a
/// number, before it is rounded.
arith::DivFOp findDivision(ElementwiseOp op) {
  auto divisions = op.getBody().front().getOps<arith::DivFOp>();
  if (!llvm::hasSingleElement(divisions))
    return nullptr;
  arith::DivFOp division = *divisions.begin();
  auto argument = dyn_cast<BlockArgument>(division.getLhs());
  if (!division.getType().isF32())
    return nullptr;
  bool isRounded =
      division->hasOneUse() && isa<math::RoundEvenOp>(*division->user_begin());
  return argument && argument.hasOneUse() && isRounded ? division : nullptr;
}

/// Clones a clamp for a number that was divided by `divisor`.
Value cloneClamp(OpBuilder &b, Location loc, ElementwiseOp op, Value number,
                 double divisor) {
  IRMapping mapping;
  Block &block = op.getBody().front();
  mapping.map(block.getArgument(0), number);
  for (Operation &inner : block.without_terminator()) {
    auto constant = dyn_cast<arith::ConstantOp>(inner);
    if (!constant) {
      b.clone(inner, mapping);
      continue;
    }
    double value = cast<FloatAttr>(constant.getValue()).getValueAsDouble();
    mapping.map(constant.getResult(),
                arith::ConstantOp::create(
                    b, loc, b.getF32FloatAttr(float(value / divisor))));
  }
  return mapping.lookup(block.getTerminator()->getOperand(0));
}

struct FoldRequantization : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    arith::DivFOp division = findDivision(op);
    if (!division ||
        !getTensorType(op.getResult()).getElementType().isInteger(8))
      return rewriter.notifyMatchFailure(op, "does not quantize");
    auto divisor = getConstant({division.getRhs(), op});
    if (!divisor || !(*divisor > 0) || std::isinf(*divisor))
      return rewriter.notifyMatchFailure(op,
                                         "expected a scale that is a number");
    unsigned argument = cast<BlockArgument>(division.getLhs()).getArgNumber();
    auto chain = matchChain(op.getInputs()[argument]);
    if (!chain || !isConstantExpression(chain->scale) ||
        (chain->bias && !isConstantExpression(chain->bias)))
      return rewriter.notifyMatchFailure(op, "does not follow integer sums");

    Location loc = op.getLoc();
    TensorBuilder tensors(rewriter, loc);
    Value by = tensors.splat(rewriter.getF32Type(), {}, *divisor);
    SmallVector<Value> inputs{chain->sums, tensors.div(chain->scale, by)};
    if (chain->bias)
      inputs.push_back(tensors.div(chain->bias, by));
    unsigned own = inputs.size();
    for (auto [i, input] : llvm::enumerate(op.getInputs()))
      if (i != argument)
        inputs.push_back(input);
    Block &block = op.getBody().front();
    auto body = [&](OpBuilder &b, Location l, ValueRange args) -> Value {
      Value number = arith::SIToFPOp::create(b, l, b.getF32Type(), args[0]);
      number =
          chain->bias
              ? math::FmaOp::create(b, l, number, args[1], args[2]).getResult()
              : arith::MulFOp::create(b, l, number, args[1]).getResult();
      for (ElementwiseOp clamp : llvm::reverse(chain->clamps))
        number = cloneClamp(b, l, clamp, number, *divisor);
      IRMapping mapping;
      mapping.map(division.getResult(), number);
      unsigned next = own;
      for (auto [i, old] : llvm::enumerate(block.getArguments()))
        if (i != argument)
          mapping.map(old, args[next++]);
      for (Operation &inner : block.without_terminator())
        if (&inner != division.getOperation())
          b.clone(inner, mapping);
      return mapping.lookup(block.getTerminator()->getOperand(0));
    };
    rewriter.replaceOpWithNewOp<ElementwiseOp>(
        op, inputs, getTensorType(op.getResult()).getElementType(), body);
    return success();
  }
};

/// What `value` clamps by `limit` from one side, as conversions to integers do;
/// null where it is anything else.
Value matchBound(Value value, arith::CmpFPredicate predicate, double limit,
                 ElementwiseOp scope) {
  auto select = value ? value.getDefiningOp<arith::SelectOp>() : nullptr;
  auto compare =
      select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  if (!compare || compare.getPredicate() != predicate ||
      compare.getLhs() != select.getTrueValue() ||
      compare.getRhs() != select.getFalseValue() ||
      getConstant({compare.getRhs(), scope}) != limit)
    return nullptr;
  return select.getTrueValue();
}

/// Whether a region rounds what `division` makes, adds the zero point and
/// clamps to all that its type holds, and does nothing else.
bool fillsType(ElementwiseOp op, arith::DivFOp division, double zero) {
  Type type = getTensorType(op.getResult()).getElementType();
  double low = type.isUnsignedInteger() ? 0 : -128;
  Operation *conversion =
      op.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  if (type.isUnsignedInteger() ? !isa_and_present<arith::FPToUIOp>(conversion)
                               : !isa_and_present<arith::FPToSIOp>(conversion))
    return false;
  Value number = matchBound(conversion->getOperand(0),
                            arith::CmpFPredicate::OLT, low + 255, op);
  number = matchBound(number, arith::CmpFPredicate::OGT, low, op);
  Value rounded = division->user_begin()->getResult(0);
  if (auto sum = number ? number.getDefiningOp<arith::AddFOp>() : nullptr)
    return sum.getLhs() == rounded && getConstant({sum.getRhs(), op}) == zero;
  return number == rounded && zero == 0;
}

/// What is dequantized and quantized again by the same scale and zero point is
/// what it was.
struct FoldRoundTrip : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    arith::DivFOp division = findDivision(op);
    if (!division || op.getInputs().size() != 1 ||
        !getTensorType(op.getResult()).getElementType().isInteger(8))
      return rewriter.notifyMatchFailure(op, "does not quantize by numbers");
    auto divisor = getConstant({division.getRhs(), op});
    auto from = matchQuantized(op.getInputs().front(), rewriter.getF32Type());
    if (!divisor || !from || !from->scale.number || from->zero.tensor ||
        from->elements.getType() != op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "does not follow its inverse");
    double zero = from->zero.integer.value_or(0);
    if (from->scale.number.getValueAsDouble() != *divisor ||
        !fillsType(op, division, zero))
      return rewriter.notifyMatchFailure(op, "quantizes in another way");
    rewriter.replaceOp(op, from->elements);
    return success();
  }
};

} // namespace

void populateFoldRoundTripPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldRoundTrip>(patterns.getContext());
}

void populateFoldRequantizationPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldRequantization>(patterns.getContext());
}

} // namespace lambent::graph
