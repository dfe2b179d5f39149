//===- RecognizeAttention.cpp - Finds attention between two products ------===//

#include "Reassociation.h"
#include "Rewriting.h"
#include "ScalarPattern.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHRECOGNIZEATTENTION
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// A tensor times a number.
struct Scaled {
  Value tensor;
  double scale = 1;
};

/// query . key^T * scale + mask
struct Scores {
  MatmulOp product;
  Value mask;
  double scale = 1;
};

} // namespace

/// The product of two scales, where they may be merged.
static std::optional<double> mergeScales(Type type, double a, double b) {
  CheckedArithmetic numbers(getElementTypeOrSelf(type));
  Numbers product = numbers.mul({{a}}, {{b}});
  if (!numbers.isAllowed())
    return std::nullopt;
  return product.elements.front();
}

/// Takes factors and divisors that are numbers off an expression, as long as a
/// tensor remains.
static Scaled stripScale(Scalar scalar) {
  Scaled result = {getTensor(scalar), 1};
  double scale = 1;
  for (;;) {
    std::optional<std::pair<Scalar, double>> next;
    if (auto product = matchBinary<arith::MulFOp>(scalar)) {
      if (auto factor = getConstant(product->second))
        next = std::pair(product->first, *factor);
      else if (auto factor = getConstant(product->first))
        next = std::pair(product->second, *factor);
    } else if (auto quotient = matchBinary<arith::DivFOp>(scalar)) {
      if (auto divisor = getConstant(quotient->second);
          divisor && *divisor != 0)
        next = std::pair(quotient->first, 1 / *divisor);
    }
    std::optional<double> merged;
    if (next)
      merged = mergeScales(scalar.value.getType(), scale, next->second);
    if (!merged)
      return result;
    scale = *merged;
    scalar = next->first;
    Value tensor = getTensor(scalar);
    // A number may not have broadcast the tensor.
    if (tensor && result.tensor &&
        getSizes(getTensorType(tensor)) ==
            getSizes(getTensorType(result.tensor)))
      result = {tensor, scale};
    else if (tensor && !result.tensor)
      result = {tensor, scale};
  }
}

static std::optional<Scores> matchScores(Value value) {
  auto scaledProduct = [&](Scalar scalar) -> std::optional<Scores> {
    auto [tensor, scale] = stripScale(scalar);
    auto product = tensor ? tensor.getDefiningOp<MatmulOp>() : nullptr;
    if (!product || tensor.getType() != value.getType())
      return std::nullopt;
    return Scores{product, nullptr, scale};
  };
  Scalar scalar{value, nullptr};
  if (auto scores = scaledProduct(scalar))
    return scores;
  auto sum = matchBinary<arith::AddFOp>(scalar);
  if (!sum)
    return std::nullopt;
  for (auto [a, b] : {std::pair(sum->first, sum->second),
                      std::pair(sum->second, sum->first)}) {
    auto scores = scaledProduct(a);
    if (!scores)
      continue;
    scores->mask = getTensor(b);
    if (scores->mask)
      return scores;
  }
  return std::nullopt;
}

namespace {

struct RecognizeAttentionPattern : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto softmax = op.getLhs().getDefiningOp<SoftmaxOp>();
    auto resultType = getTensorType(op.getResult());
    int64_t rank = resultType.getRank();
    if (!softmax || softmax.getLog() || op.getTransposeLhs() ||
        !softmax->hasOneUse() ||
        softmax.getAxis() != static_cast<uint64_t>(rank - 1))
      return rewriter.notifyMatchFailure(
          op, "its left side is no softmax over rows");
    auto scores = matchScores(softmax.getInput());
    if (!scores || !scores->product->hasOneUse())
      return rewriter.notifyMatchFailure(
          op, "the softmax is not of a scaled product");
    if (rank != 3 && rank != 4)
      return rewriter.notifyMatchFailure(
          op, "expected [batch, heads,] rows, columns");
    MatmulOp product = scores->product;
    Value lhs = product.getLhs(), rhs = product.getRhs(), value = op.getRhs();
    Sizes resultSizes = getSizes(resultType);
    for (Value operand : {lhs, rhs, value}) {
      Sizes sizes = getSizes(getTensorType(operand));
      if (!areKnown(sizes) || getTensorType(operand).getRank() != rank ||
          ArrayRef(sizes).drop_back(2) != ArrayRef(resultSizes).drop_back(2))
        return rewriter.notifyMatchFailure(
            op, "operands broadcast over batches or heads, or are unknown");
      if (llvm::is_contained(sizes, Size(0)))
        return rewriter.notifyMatchFailure(op, "there is nothing to combine");
    }
    if (scores->mask && (!areKnown(getSizes(getTensorType(scores->mask))) ||
                         getTensorType(scores->mask).getElementType() !=
                             resultType.getElementType()))
      return rewriter.notifyMatchFailure(
          op, "the mask is unknown or of another type");

    Scaled query = stripScale({lhs, nullptr}), key = stripScale({rhs, nullptr});
    std::optional<double> scale =
        mergeScales(resultType, query.scale, key.scale);
    if (scale)
      scale = mergeScales(resultType, scores->scale, *scale);
    if (!scale)
      return rewriter.notifyMatchFailure(op, "its scales must not be merged");
    TensorBuilder tensors(rewriter, op.getLoc());
    Value queries = swapLast(tensors, query.tensor, product.getTransposeLhs());
    Value keys = swapLast(tensors, key.tensor, !product.getTransposeRhs());
    Value values = swapLast(tensors, value, op.getTransposeRhs());
    Value mask = scores->mask;
    if (rank == 3) {
      for (Value *operand : {&queries, &keys, &values})
        *operand = addHead(tensors, *operand);
      if (mask && getTensorType(mask).getRank() == 3)
        mask = addHead(tensors, mask);
    }
    Value result =
        AttentionOp::create(rewriter, op.getLoc(), queries, keys, values, mask,
                            APFloat(static_cast<float>(*scale)));
    rewriter.replaceOp(op, tensors.reshapeTo(result, resultSizes));
    return success();
  }

private:
  /// Swaps the last two dims, or undoes a transpose that did.
  static Value swapLast(TensorBuilder &tensors, Value value, bool swap) {
    if (!swap)
      return value;
    SmallVector<int64_t> perm;
    if (auto transpose = value.getDefiningOp<TransposeOp>()) {
      value = transpose.getInput();
      perm.assign(transpose.getPerm().begin(), transpose.getPerm().end());
    } else {
      perm = llvm::to_vector(
          llvm::seq<int64_t>(0, getTensorType(value).getRank()));
    }
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    return tensors.transpose(value, perm);
  }

  static Value addHead(TensorBuilder &tensors, Value value) {
    Sizes sizes = getSizes(getTensorType(value));
    sizes.insert(sizes.begin() + 1, 1);
    return tensors.reshapeTo(value, sizes);
  }
};

} // namespace

void populateRecognizeAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<RecognizeAttentionPattern>(patterns.getContext());
}

namespace {
struct RecognizeAttention
    : impl::GraphRecognizeAttentionBase<RecognizeAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateRecognizeAttentionPatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
    getOperation().walk([&](AttentionOp) { ++numAttentions; });
  }
};
} // namespace

} // namespace lambent::graph
