//===- RecognizeLayerNorm.cpp - Finds layer_norm in its pieces ------------===//
//
// The core is a product of factors, of which one is x - mean and one 1 /
// sqrt(variance + epsilon); a third one is the scale. A scale or bias that
// follows is absorbed afterwards.

#include "Rewriting.h"
#include "ScalarPattern.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHRECOGNIZELAYERNORM
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// The factors of an expression of products and quotients.
struct Factors {
  SmallVector<Scalar> factors, divisors;
  SmallVector<Scalar> inverseRoots; ///< 1 / sqrt of these
  void collect(Scalar scalar, bool inverted);
};

void Factors::collect(Scalar scalar, bool inverted) {
  if (auto product = matchBinary<arith::MulFOp>(scalar)) {
    collect(product->first, inverted);
    return collect(product->second, inverted);
  }
  if (auto quotient = matchBinary<arith::DivFOp>(scalar)) {
    collect(quotient->first, inverted);
    return collect(quotient->second, !inverted);
  }
  if (auto root = matchUnary<math::SqrtOp>(scalar); root && inverted) {
    inverseRoots.push_back(*root);
    return;
  }
  if (auto root = matchUnary<math::RsqrtOp>(scalar); root && !inverted) {
    inverseRoots.push_back(*root);
    return;
  }
  if (auto power = matchBinary<math::PowFOp>(scalar)) {
    auto exponent = getConstant(power->second);
    if (exponent == (inverted ? 0.5 : -0.5)) {
      inverseRoots.push_back(power->first);
      return;
    }
  }
  if (getConstant(scalar) == 1.0)
    return;
  (inverted ? divisors : factors).push_back(scalar);
}

/// The pieces of a layer norm of `input` over the dims from `axis` on.
struct Pieces {
  Value input, scale;
  int64_t axis = 0;
  double epsilon = 0;
};

/// Matches expressions that are one number for all of `input`'s dims from
/// `axis` on.
class RowStatistics {
public:
  explicit RowStatistics(Value input) : input(input) {}
  int64_t axis = -1; ///< known once a mean was matched

  /// The mean of a row of `input`, or of f(input) where `element` recognizes f.
  bool isMean(Scalar scalar, llvm::function_ref<bool(Scalar)> element);
  bool isMean(Scalar scalar) {
    return isMean(scalar,
                  [&](Scalar element) { return getTensor(element) == input; });
  }
  /// mean((input - mean)^2) or max(0, mean(input^2) - mean^2)
  bool isVariance(Scalar scalar);
  bool isCentered(Scalar scalar);
  /// Whether the tensors in an expression of row statistics line up with
  /// `input`'s rows.
  bool isAligned(Scalar scalar);

private:
  Value input;
};

bool RowStatistics::isMean(Scalar scalar,
                           llvm::function_ref<bool(Scalar)> element) {
  scalar = resolve(scalar, /*throughReshape=*/true);
  StringRef kind = "mean";
  double factor = 1;
  if (auto product = matchBinary<arith::MulFOp>(scalar, true)) {
    auto [a, b] = *product;
    if (getConstant(a))
      std::swap(a, b);
    kind = "sum";
    factor = getConstant(b).value_or(0);
    scalar = resolve(a, true);
  } else if (auto quotient = matchBinary<arith::DivFOp>(scalar, true)) {
    kind = "sum";
    factor = 1 / getConstant(quotient->second).value_or(0);
    scalar = resolve(quotient->first, true);
  }
  auto reduce = scalar.scope ? nullptr : scalar.value.getDefiningOp<ReduceOp>();
  auto type = getTensorType(input);
  if (!reduce || reduce.getKind() != kind || reduce.getAxes().empty())
    return false;
  int64_t first = reduce.getAxes().front(), count = 1;
  for (auto [i, dim] : llvm::enumerate(reduce.getAxes())) {
    if (dim != first + static_cast<int64_t>(i))
      return false;
    count *= getTensorType(reduce.getInput()).getDimSize(dim);
  }
  if (reduce.getAxes().back() != type.getRank() - 1 ||
      (axis != -1 && axis != first) ||
      getTensorType(reduce.getInput()).getShape() != type.getShape())
    return false;
  if (kind == "sum" && std::abs(factor * count - 1) > 1e-6)
    return false;
  axis = first;
  return element({reduce.getInput(), nullptr});
}

bool RowStatistics::isAligned(Scalar scalar) {
  Value tensor = getTensor(scalar);
  while (tensor && tensor.getDefiningOp<ExpandOp>())
    tensor = tensor.getDefiningOp<ExpandOp>().getInput();
  auto type = getTensorType(input);
  if (tensor && tensor.getType() == type)
    scalar = resolve({tensor, nullptr});
  if (tensor && (tensor.getType() != type || !scalar.scope)) {
    // Dims from `axis` on are one, those before are the input's.
    auto shape = getTensorType(tensor);
    for (int64_t i = 0; i < type.getRank(); ++i) {
      int64_t dim = i - (type.getRank() - shape.getRank());
      int64_t size = dim < 0 ? 1 : shape.getDimSize(dim);
      if (size != (i < axis ? type.getDimSize(i) : 1))
        return getConstant({tensor, nullptr}).has_value();
    }
    return shape.getRank() <= type.getRank();
  }
  Operation *op = scalar.value.getDefiningOp();
  return op && llvm::all_of(op->getOperands(), [&](Value operand) {
           return isAligned({operand, scalar.scope});
         });
}

bool RowStatistics::isCentered(Scalar scalar) {
  auto difference = matchBinary<arith::SubFOp>(scalar);
  return difference && getTensor(difference->first) == input &&
         isMean(difference->second) && isAligned(difference->second);
}

bool RowStatistics::isVariance(Scalar scalar) {
  if (isMean(scalar, [&](Scalar element) {
        auto square = matchSquare(element);
        return square && isCentered(*square);
      }))
    return true;
  // A difference that rounding made negative is clamped.
  if (auto clamped = matchBinary<arith::MaximumFOp>(scalar, true)) {
    auto [a, b] = *clamped;
    if (getConstant(a))
      std::swap(a, b);
    if (getConstant(b) != 0.0)
      return false;
    scalar = a;
  }
  auto difference = matchBinary<arith::SubFOp>(scalar, true);
  if (!difference)
    return false;
  auto square = matchSquare(difference->second, true);
  return square && isMean(*square) &&
         isMean(difference->first, [&](Scalar element) {
           auto square = matchSquare(element);
           return square && getTensor(*square) == input;
         });
}

} // namespace

/// Whether `value` varies along the dims from `axis` on only, when broadcast to
/// a tensor of this type.
static bool variesWithinRows(Value value, RankedTensorType type, int64_t axis) {
  auto shape = getTensorType(value);
  if (!shape.hasStaticShape() ||
      shape.getElementType() != type.getElementType())
    return false;
  for (int64_t i = 0; i < shape.getRank(); ++i) {
    int64_t dim = i + type.getRank() - shape.getRank();
    if (shape.getDimSize(i) != 1 &&
        (dim < axis || shape.getDimSize(i) != type.getDimSize(dim)))
      return false;
  }
  return true;
}

/// `value` as a tensor of the dims from `axis` on.
static Value alignToRow(TensorBuilder &tensors, Value value,
                        RankedTensorType type, int64_t axis) {
  SmallVector<int64_t> shape(type.getRank() - axis, 1);
  ArrayRef<int64_t> from = getTensorType(value).getShape();
  for (size_t i = 0; i < std::min(shape.size(), from.size()); ++i)
    shape[shape.size() - 1 - i] = from[from.size() - 1 - i];
  return tensors.reshape(value, shape);
}

static std::optional<Pieces> match(ElementwiseOp op) {
  Factors product;
  product.collect({op.getResult(), nullptr}, false);
  if (product.inverseRoots.size() != 1 || !product.divisors.empty() ||
      product.factors.size() > 2)
    return std::nullopt;
  auto sum = matchBinary<arith::AddFOp>(product.inverseRoots.front(), true);
  if (!sum)
    return std::nullopt;
  auto [variance, epsilon] = *sum;
  if (getConstant(variance))
    std::swap(variance, epsilon);
  auto epsilonValue = getConstant(epsilon);
  if (!epsilonValue)
    return std::nullopt;
  for (auto [i, factor] : llvm::enumerate(product.factors)) {
    auto difference = matchBinary<arith::SubFOp>(factor);
    Value input = difference ? getTensor(difference->first) : nullptr;
    if (!input || input.getType() != op.getResult().getType())
      continue;
    RowStatistics row(input);
    if (!row.isCentered(factor) || !row.isVariance(variance) ||
        !row.isAligned(variance))
      continue;
    Pieces pieces = {input, nullptr, row.axis, *epsilonValue};
    if (product.factors.size() == 2) {
      pieces.scale = getTensor(product.factors[1 - i]);
      if (!pieces.scale ||
          !variesWithinRows(pieces.scale, getTensorType(input), row.axis))
        return std::nullopt;
    }
    return pieces;
  }
  return std::nullopt;
}

static LayerNormOp buildLayerNorm(PatternRewriter &rewriter, Operation *op,
                                  Value input, Value scale, Value bias,
                                  int64_t axis, const APFloat &epsilon,
                                  bool rms) {
  rewriter.setInsertionPoint(op);
  TensorBuilder tensors(rewriter, op->getLoc());
  auto type = getTensorType(input);
  if (scale)
    scale = alignToRow(tensors, scale, type, axis);
  if (bias)
    bias = alignToRow(tensors, bias, type, axis);
  return rewriter.replaceOpWithNewOp<LayerNormOp>(
      op, op->getResult(0).getType(), input, scale, bias, axis, epsilon, rms);
}

namespace {

struct RecognizeCore : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    if (!isa<FloatType>(getTensorType(op.getResult()).getElementType()))
      return failure();
    auto pieces = match(op);
    if (!pieces)
      return rewriter.notifyMatchFailure(
          op, "is not a centered value over its deviation");
    buildLayerNorm(rewriter, op, pieces->input, pieces->scale, nullptr,
                   pieces->axis, APFloat(static_cast<float>(pieces->epsilon)),
                   /*rms=*/false);
    return success();
  }
};

/// A scale or bias after a layer_norm that has none yet.
template <typename ArithOp>
struct AbsorbParameter : OpRewritePattern<ElementwiseOp> {
  using OpRewritePattern<ElementwiseOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isScale = std::is_same_v<ArithOp, arith::MulFOp>;
    auto operands = matchBinary<ArithOp>({op.getResult(), nullptr});
    if (!operands)
      return rewriter.notifyMatchFailure(
          op, "is not one multiplication or addition");
    auto [a, b] = *operands;
    if (Value tensor = getTensor(b);
        tensor && tensor.getDefiningOp<LayerNormOp>())
      std::swap(a, b);
    Value result = getTensor(a), parameter = getTensor(b);
    auto norm = result ? result.getDefiningOp<LayerNormOp>() : nullptr;
    if (!norm || !norm->hasOneUse() || !parameter || norm.getBias() ||
        (isScale && norm.getScale()) ||
        op.getResult().getType() != norm.getResult().getType() ||
        !variesWithinRows(parameter, getTensorType(norm.getInput()),
                          norm.getAxis()))
      return rewriter.notifyMatchFailure(
          op, "does not take a layer_norm without this parameter");
    // The parameter may be computed after the norm: build at this op.
    buildLayerNorm(rewriter, op, norm.getInput(),
                   isScale ? parameter : norm.getScale(),
                   isScale ? Value() : parameter, norm.getAxis(),
                   norm.getEpsilon(), norm.getRms());
    return success();
  }
};

} // namespace

void populateRecognizeLayerNormPatterns(RewritePatternSet &patterns) {
  patterns.add<RecognizeCore, AbsorbParameter<arith::MulFOp>,
               AbsorbParameter<arith::AddFOp>>(patterns.getContext());
}

namespace {
struct RecognizeLayerNorm
    : impl::GraphRecognizeLayerNormBase<RecognizeLayerNorm> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateRecognizeLayerNormPatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
    getOperation().walk([&](LayerNormOp) { ++numNorms; });
  }
};
} // namespace

} // namespace lambent::graph
