//===- RecognizeSoftmax.cpp - Finds softmax in its pieces -----------------===//

#include "Rewriting.h"
#include "ScalarPattern.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHRECOGNIZESOFTMAX
#include "lambent/Graph/Transforms/Passes.h.inc"

/// Whether `value`, broadcast to `type`, is the same along dim `axis`: its dim
/// there is one, as written or before an expand.
static bool isUniformAlong(Value value, RankedTensorType type, int64_t axis) {
  while (auto expand = value.getDefiningOp<ExpandOp>())
    value = expand.getInput();
  auto shape = getTensorType(value);
  int64_t dim = axis - (type.getRank() - shape.getRank());
  return dim < 0 || shape.getDimSize(dim) == 1;
}

/// The sum of the tensor `terms` along one dim, as `scalar`; returns the dim.
static std::optional<int64_t> matchSum(Scalar scalar, Value terms) {
  Value leaf = getTensor(scalar);
  scalar = resolve(scalar, /*throughReshape=*/true);
  auto reduce = scalar.scope ? nullptr : scalar.value.getDefiningOp<ReduceOp>();
  if (!leaf || !reduce || reduce.getKind() != "sum" ||
      reduce.getAxes().size() != 1 || reduce.getInput() != terms)
    return std::nullopt;
  int64_t axis = reduce.getAxes().front();
  if (!isUniformAlong(leaf, getTensorType(terms), axis))
    return std::nullopt;
  // The dims that were dropped or moved by reshapes must line up with the terms
  // again.
  while (auto expand = leaf.getDefiningOp<ExpandOp>())
    leaf = expand.getInput();
  auto shape = getTensorType(leaf), whole = getTensorType(terms);
  for (int64_t i = 1; i <= whole.getRank(); ++i) {
    int64_t dim = whole.getRank() - i;
    int64_t size =
        i <= shape.getRank() ? shape.getDimSize(shape.getRank() - i) : 1;
    if (size != (dim == axis ? 1 : whole.getDimSize(dim)))
      return std::nullopt;
  }
  return axis;
}

namespace {

/// exp(x) / sum(exp(x)) -> softmax(x)
struct RecognizeQuotient : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    Scalar result{op.getResult(), nullptr};
    auto quotient = matchBinary<arith::DivFOp>(result);
    if (!quotient) {
      // exp(x) * (1 / sum)
      auto product = matchBinary<arith::MulFOp>(result);
      if (!product)
        return rewriter.notifyMatchFailure(op, "is no quotient");
      for (auto [a, b] : {std::pair(product->first, product->second),
                          std::pair(product->second, product->first)})
        if (auto inverse = matchBinary<arith::DivFOp>(b);
            inverse && getConstant(inverse->first) == 1.0)
          quotient = std::pair(a, inverse->second);
      if (!quotient)
        return rewriter.notifyMatchFailure(op, "is no quotient");
    }
    auto exponent = matchUnary<math::ExpOp>(quotient->first);
    Value terms = getTensor(quotient->first);
    if (!exponent || !terms || terms.getType() != op.getResult().getType())
      return rewriter.notifyMatchFailure(op, "its dividend is no exponential");
    auto axis = matchSum(quotient->second, terms);
    if (!axis)
      return rewriter.notifyMatchFailure(
          op, "its divisor is not the sum of its dividends");
    Value input = getTensor(*exponent);
    if (!input)
      input = buildExponent(rewriter, op, *exponent);
    if (!input || input.getType() != terms.getType())
      return rewriter.notifyMatchFailure(op, "the exponent is no tensor");
    rewriter.replaceOpWithNewOp<SoftmaxOp>(op, input, *axis);
    return success();
  }

private:
  /// An exponent that exists only inside a region gets an op of its own.
  static Value buildExponent(PatternRewriter &rewriter, ElementwiseOp op,
                             Scalar exponent) {
    auto copy = cast<ElementwiseOp>(exponent.scope->clone());
    rewriter.setInsertionPoint(op);
    rewriter.insert(copy);
    for (auto [from, to] : llvm::zip_equal(exponent.scope.getBody().front(),
                                           copy.getBody().front()))
      if (&from == exponent.value.getDefiningOp())
        copy.getBody().front().getTerminator()->setOperand(0, to.getResult(0));
    return copy.getResult();
  }
};

/// softmax(x - m) -> softmax(x) for a maximum m that is the same along the dim:
/// softmax subtracts it itself. Other differences may round.
struct DropMaximum : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto difference = matchBinary<arith::SubFOp>({op.getInput(), nullptr});
    if (!difference)
      return rewriter.notifyMatchFailure(op, "its input is no difference");
    Value input = getTensor(difference->first),
          maximum = getTensor(difference->second);
    if (!input || !maximum || input.getType() != op.getInput().getType() ||
        !isUniformAlong(maximum, getTensorType(input), op.getAxis()))
      return rewriter.notifyMatchFailure(
          op, "what is subtracted varies along the dim");
    auto reduce = resolve({maximum, nullptr}, /*throughReshape=*/true)
                      .value.getDefiningOp<ReduceOp>();
    if (!reduce || reduce.getKind() != "max")
      return rewriter.notifyMatchFailure(op,
                                         "what is subtracted is no maximum");
    rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(input); });
    return success();
  }
};

/// log(softmax(x)) is one op that loses nothing to underflow.
struct RecognizeLogarithm : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    auto operand = matchUnary<math::LogOp>({op.getResult(), nullptr});
    Value tensor = operand ? getTensor(*operand) : nullptr;
    auto softmax = tensor ? tensor.getDefiningOp<SoftmaxOp>() : nullptr;
    if (!softmax || softmax.getLog() || !softmax->hasOneUse())
      return rewriter.notifyMatchFailure(op,
                                         "is not the logarithm of a softmax");
    rewriter.replaceOpWithNewOp<SoftmaxOp>(op, softmax.getInput(),
                                           softmax.getAxis(), /*log=*/true);
    return success();
  }
};

} // namespace

void populateRecognizeSoftmaxPatterns(RewritePatternSet &patterns) {
  patterns.add<RecognizeQuotient, DropMaximum, RecognizeLogarithm>(
      patterns.getContext());
}

namespace {
struct RecognizeSoftmax : impl::GraphRecognizeSoftmaxBase<RecognizeSoftmax> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateRecognizeSoftmaxPatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
    getOperation().walk([&](SoftmaxOp) { ++numSoftmaxes; });
  }
};
} // namespace

} // namespace lambent::graph
