//===- FoldBatchNorm.cpp - Moves scales and shifts into weights -----------===//
//
// (W x + b) s + t = (s W) x + (b s + t), and W (s x + t) + b = (W s) x + (W t +
// b) as long as no padding, which would have to be shifted as well, is read,
// and Reassociation.h allows what happens to the constants.

#include "ChannelAffine.h"
#include "Rewriting.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHFOLDBATCHNORM
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

bool isCandidate(Operation *op) { return isa<BatchNormOp, ElementwiseOp>(op); }

/// The shape [groups, dim 0 / groups or dim 0, dim 1 ..., taps...] of a filter
/// whose dim `split` holds the groups.
SmallVector<int64_t> groupedShape(Value filter, int64_t groups, int64_t inner) {
  SmallVector<int64_t> shape = {groups, inner};
  llvm::append_range(shape, getTensorType(filter).getShape().drop_front());
  return shape;
}

/// filter * vector, whose elements belong to dim `dim` of `grouped` and, when
/// there is one per channel, to groups.
Value scaleGrouped(TensorBuilder &tensors, Value filter, Value vector,
                   ArrayRef<int64_t> grouped, int64_t dim) {
  SmallVector<int64_t> vectorShape(grouped.size(), 1);
  if (getTensorType(vector).getDimSize(0) != 1) {
    vectorShape[0] = grouped[0];
    vectorShape[dim] = grouped[dim];
  }
  return tensors.mul(tensors.reshape(filter, grouped),
                     tensors.reshape(vector, vectorShape));
}

/// bias * scale + shift, where null stands for nothing.
template <typename Arithmetic, typename Vector>
Vector scaleAndShift(Arithmetic &arithmetic, Vector bias, Vector scale,
                     Vector shift) {
  if (bias && scale)
    bias = arithmetic.mul(bias, scale);
  if (!shift)
    return bias;
  return bias ? arithmetic.add(bias, shift) : shift;
}

/// bias * scale + shift as one number per output channel, or null if there is
/// none.
Value affineBias(TensorBuilder &tensors, Value bias,
                 const ChannelAffine &affine, int64_t channels) {
  Value result = scaleAndShift(tensors, bias, affine.scale, affine.shift);
  return result ? tensors.expand(result, channels) : result;
}

Value getBias(ConvOp op) { return op.getBias(); }
Value getBias(ConvTransposeOp op) { return op.getBias(); }
Value getBias(MatmulOp) { return nullptr; }
Value getWeights(ConvOp op) { return op.getFilter(); }
Value getWeights(ConvTransposeOp op) { return op.getFilter(); }
Value getWeights(MatmulOp op) { return op.getRhs(); }

/// Whether the weights and bias of `product` may take in `affine`.
template <typename Product>
bool mayFold(Operation *affine, Product product, int64_t channel) {
  CheckedArithmetic numbers(
      getTensorType(product.getResult()).getElementType());
  auto [scale, shift] = checkChannelAffine(numbers, affine, channel);
  if (scale && reachesStep(affine->getResult(0)))
    return false;
  numbers.scaleWeights(getWeights(product), scale);
  if (Value bias = getBias(product); bias && numbers.isAllowed())
    scaleAndShift(numbers, numbers.toVector(bias), scale, shift);
  return numbers.isAllowed();
}

/// second(first(x))
template <typename Arithmetic, typename Affine,
          typename Vector = typename Arithmetic::Vector>
std::pair<Vector, Vector> compose(Arithmetic &arithmetic, const Affine &first,
                                  const Affine &second) {
  Vector scale = first.scale && second.scale
                     ? arithmetic.mul(first.scale, second.scale)
                 : first.scale ? first.scale
                               : second.scale;
  return {scale,
          scaleAndShift(arithmetic, first.shift, second.scale, second.shift)};
}

bool hasConstantWeights(ConvOp op) {
  return isConstantExpression(op.getFilter()) &&
         getTensorType(op.getFilter()).hasStaticShape();
}
bool hasConstantWeights(ConvTransposeOp op) {
  return isConstantExpression(op.getFilter()) &&
         getTensorType(op.getFilter()).hasStaticShape();
}
bool hasConstantWeights(MatmulOp op) {
  auto type = getTensorType(op.getRhs());
  return isConstantExpression(op.getRhs()) && type.hasStaticShape() &&
         type.getRank() == 2;
}

template <typename ConvLike> int64_t getImageChannel(ConvLike op) {
  return op.getChannelsLast() ? getTensorType(op.getResult()).getRank() - 1 : 1;
}
int64_t getChannel(ConvOp op) { return getImageChannel(op); }
int64_t getChannel(ConvTransposeOp op) { return getImageChannel(op); }
int64_t getChannel(MatmulOp op) {
  return getTensorType(op.getResult()).getRank() - 1;
}

/// A product has no bias, so that a shift alone has nowhere to go.
bool takes(ConvOp, Operation *) { return true; }
bool takes(ConvTransposeOp, Operation *) { return true; }
bool takes(MatmulOp, Operation *op) {
  auto elementwise = dyn_cast<ElementwiseOp>(op);
  return !elementwise ||
         llvm::any_of(elementwise.getBody().front(), [](Operation &op) {
           return isa<arith::MulFOp, arith::DivFOp>(op);
         });
}

template <typename ConvLike>
Value rebuild(PatternRewriter &rewriter, ConvLike op, Value filter,
              Value bias) {
  IRMapping mapping;
  auto copy = cast<ConvLike>(rewriter.clone(*op, mapping));
  copy.getFilterMutable().assign(filter);
  if (bias)
    copy.getBiasMutable().assign(bias);
  return copy.getResult();
}

Value scaleResult(PatternRewriter &rewriter, ConvOp op,
                  const ChannelAffine &affine) {
  TensorBuilder tensors(rewriter, op.getLoc());
  auto type = getTensorType(op.getFilter());
  Value filter = op.getFilter();
  if (affine.scale)
    filter = tensors.mul(
        filter, alignToChannel(tensors, affine.scale, type.getRank(), 0));
  return rebuild(rewriter, op, filter,
                 affineBias(tensors, op.getBias(), affine, type.getDimSize(0)));
}

Value scaleResult(PatternRewriter &rewriter, ConvTransposeOp op,
                  const ChannelAffine &affine) {
  TensorBuilder tensors(rewriter, op.getLoc());
  auto type = getTensorType(op.getFilter());
  int64_t groups = op.getGroup();
  Value filter = op.getFilter();
  if (affine.scale) {
    auto grouped = groupedShape(filter, groups, type.getDimSize(0) / groups);
    filter =
        tensors.reshape(scaleGrouped(tensors, filter, affine.scale, grouped, 2),
                        type.getShape());
  }
  return rebuild(
      rewriter, op, filter,
      affineBias(tensors, op.getBias(), affine, groups * type.getDimSize(1)));
}

Value scaleResult(PatternRewriter &rewriter, MatmulOp op,
                  const ChannelAffine &affine) {
  TensorBuilder tensors(rewriter, op.getLoc());
  Value scale =
      alignToChannel(tensors, affine.scale, 2, op.getTransposeRhs() ? 0 : 1);
  Value product = MatmulOp::create(rewriter, op.getLoc(), op.getLhs(),
                                   tensors.mul(op.getRhs(), scale),
                                   op.getTransposeLhs(), op.getTransposeRhs());
  return affine.shift ? tensors.add(product, affine.shift) : product;
}

/// affine(product(x, weights)) -> product(x, weights')
template <typename Product> struct FoldIntoProducer : RewritePattern {
  FoldIntoProducer(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/4, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isCandidate(op))
      return failure();
    for (Value operand : op->getOperands()) {
      auto product = operand.getDefiningOp<Product>();
      if (!product || !product->hasOneUse() || !hasConstantWeights(product) ||
          !takes(product, op))
        continue;
      if (matchChannelAffine(op, getChannel(product)) != product.getResult())
        return rewriter.notifyMatchFailure(
            op, "is not a scale and shift per channel");
      if (!mayFold(op, product, getChannel(product)))
        return rewriter.notifyMatchFailure(
            op, "its constants must not be merged with the product's");
      Value result =
          scaleResult(rewriter, product,
                      buildChannelAffine(rewriter, op, getChannel(product)));
      rewriter.replaceOp(op, result);
      return success();
    }
    return rewriter.notifyMatchFailure(
        op, "does not follow a product of constant weights");
  }
};

/// Whether one of the patterns above will take what makes the input of `op`.
bool canFoldBackward(Value input) {
  Operation *op = input.getDefiningOp();
  return isa_and_present<ConvOp, ConvTransposeOp, MatmulOp>(op) &&
         op->hasOneUse();
}

/// Two in a row become one.
struct MergeChannelAffines : RewritePattern {
  MergeChannelAffines(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/3, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isCandidate(op))
      return failure();
    int64_t rank = getTensorType(op->getResult(0)).getRank();
    for (int64_t channel : {int64_t(1), rank - 1}) {
      if (channel >= rank || channel < 0)
        continue;
      Value input = matchChannelAffine(op, channel);
      Operation *inner = input ? input.getDefiningOp() : nullptr;
      if (!inner || !isCandidate(inner) || !inner->hasOneUse() ||
          !matchChannelAffine(inner, channel))
        continue;
      CheckedArithmetic numbers(
          getTensorType(op->getResult(0)).getElementType());
      compose(numbers, checkChannelAffine(numbers, inner, channel),
              checkChannelAffine(numbers, op, channel));
      if (!numbers.isAllowed() || reachesStep(op->getResult(0)))
        return rewriter.notifyMatchFailure(op,
                                           "its constants must not be merged");
      rewriter.setInsertionPoint(op);
      ChannelAffine first = buildChannelAffine(rewriter, inner, channel);
      ChannelAffine second = buildChannelAffine(rewriter, op, channel);
      TensorBuilder tensors(rewriter, op->getLoc());
      auto [scale, shift] = compose(tensors, first, second);
      ChannelAffine merged = {first.input, scale, shift};
      rewriter.replaceOp(op, applyChannelAffine(tensors, merged, channel));
      return success();
    }
    return rewriter.notifyMatchFailure(
        op, "does not follow another scale and shift");
  }
};

/// conv(affine(x), weights) -> conv(x, weights')
struct FoldIntoConsumer : OpRewritePattern<ConvOp> {
  FoldIntoConsumer(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/1) {}
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    Operation *inner = op.getInput().getDefiningOp();
    int64_t channel = getImageChannel(op);
    if (!inner || !isCandidate(inner) || !inner->hasOneUse() ||
        !hasConstantWeights(op))
      return rewriter.notifyMatchFailure(
          op, "does not follow a scale and shift of its own");
    Value input = matchChannelAffine(inner, channel);
    if (!input || canFoldBackward(input))
      return rewriter.notifyMatchFailure(
          op, "input is no scale and shift, or folds into what makes it");
    bool padded =
        llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; }) ||
        (op.getAutoPad() != "NOTSET" && op.getAutoPad() != "VALID");
    if (padded && hasShift(inner))
      return rewriter.notifyMatchFailure(
          op, "its padding would have to be shifted as well");
    CheckedArithmetic numbers(getTensorType(op.getResult()).getElementType());
    AffineNumbers constants = checkChannelAffine(numbers, inner, channel);
    numbers.scaleWeights(op.getFilter(), constants.scale);
    numbers.shiftInput(constants.shift);
    if (!numbers.isAllowed())
      return rewriter.notifyMatchFailure(
          op, "its constants must not be merged with the input's");

    TensorBuilder tensors(rewriter, op.getLoc());
    ChannelAffine affine = buildChannelAffine(rewriter, inner, channel);
    auto type = getTensorType(op.getFilter());
    int64_t groups = op.getGroup(), outputs = type.getDimSize(0);
    auto grouped = groupedShape(op.getFilter(), groups, outputs / groups);
    Value filter = op.getFilter(), bias = op.getBias();
    if (affine.shift) {
      Value products = tensors.reshape(
          scaleGrouped(tensors, filter, affine.shift, grouped, 2),
          {outputs, type.getNumElements() / outputs});
      Value sum = ReduceOp::create(rewriter, op.getLoc(), products, "sum",
                                   ArrayRef<int64_t>(1), /*keep_dims=*/false);
      bias = bias ? tensors.add(bias, sum) : sum;
    }
    if (affine.scale)
      filter = tensors.reshape(
          scaleGrouped(tensors, filter, affine.scale, grouped, 2),
          type.getShape());
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getFilterMutable().assign(filter);
      if (bias)
        op.getBiasMutable().assign(bias);
    });
    return success();
  }
};

/// A batch_norm that no product takes is a multiply-add.
struct LowerBatchNorm : OpRewritePattern<BatchNormOp> {
  LowerBatchNorm(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasKnownChannels(op))
      return rewriter.notifyMatchFailure(op, "an image of unknown sizes");
    TensorBuilder tensors(rewriter, op.getLoc());
    rewriter.replaceOp(
        op,
        applyChannelAffine(tensors, buildChannelAffine(rewriter, op, 1), 1));
    return success();
  }
};

} // namespace

void populateFoldBatchNormPatterns(RewritePatternSet &patterns, bool strict) {
  patterns.add<LowerBatchNorm>(patterns.getContext());
  if (!strict)
    patterns
        .add<FoldIntoProducer<ConvOp>, FoldIntoProducer<ConvTransposeOp>,
             FoldIntoProducer<MatmulOp>, MergeChannelAffines, FoldIntoConsumer>(
            patterns.getContext());
}

namespace {
struct FoldBatchNorm : impl::GraphFoldBatchNormBase<FoldBatchNorm> {
  using GraphFoldBatchNormBase::GraphFoldBatchNormBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFoldBatchNormPatterns(patterns, strict);
    rewriteGreedily(getOperation(), std::move(patterns));
  }
};
} // namespace

} // namespace lambent::graph
