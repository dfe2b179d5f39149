//===- FoldTranspose.cpp - Moves transposes into constant weights ---------===//

#include "FoldTranspose.h"
#include "TensorBuilder.h"

using namespace mlir;

namespace lambent::graph {

/// Larger weights are not worth a second copy: reading them takes far longer
/// than transposing one image.
static constexpr int64_t largestWeights = 1 << 22;

namespace {

/// matmul(reshape(transpose(x)), weights) -> matmul(reshape(x), weights'),
/// where rows stay rows.
struct FoldTransposeIntoMatmul : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getLhs().getDefiningOp<ReshapeOp>();
    auto transpose =
        reshape ? reshape.getInput().getDefiningOp<TransposeOp>() : nullptr;
    if (!transpose || op.getTransposeLhs() || !transpose->hasOneUse() ||
        transpose.getPerm()[0] != 0)
      return rewriter.notifyMatchFailure(
          op, "its left side is no reshape of transposed rows");
    auto image = getTensorType(transpose.getResult()),
         flat = getTensorType(op.getLhs());
    auto weights = getTensorType(op.getRhs());
    if (flat.getRank() != 2 || weights.getRank() != 2 ||
        !image.hasStaticShape() || !weights.hasStaticShape() ||
        image.getDimSize(0) != flat.getDimSize(0) ||
        weights.getNumElements() > largestWeights ||
        !isConstantExpression(op.getRhs()))
      return rewriter.notifyMatchFailure(
          op, "no rows of images by small constant weights");

    TensorBuilder tensors(rewriter, op.getLoc());
    // Split the dim that is summed over as the transposed image has it, and put
    // it in the order of the image.
    int64_t before = op.getTransposeRhs() ? 1 : 0, rank = image.getRank() - 1;
    ArrayRef<int64_t> inner = image.getShape().drop_front();
    SmallVector<int64_t> split(inner), perm(rank);
    for (int64_t i = 0; i < rank; ++i)
      perm[transpose.getPerm()[i + 1] - 1] = i + before;
    if (before) {
      split.insert(split.begin(), weights.getDimSize(0));
      perm.insert(perm.begin(), 0);
    } else {
      split.push_back(weights.getDimSize(1));
      perm.push_back(rank);
    }
    Value permuted =
        tensors.transpose(tensors.reshape(op.getRhs(), split), perm);
    Value rhs = tensors.reshape(permuted, weights.getShape());
    Value lhs = tensors.reshape(transpose.getInput(), flat.getShape());
    rewriter.replaceOpWithNewOp<MatmulOp>(op, op.getResult().getType(), lhs,
                                          rhs, /*transpose_lhs=*/false,
                                          op.getTransposeRhs(), op.getWide());
    return success();
  }
};

} // namespace

void populateFoldTransposePatterns(RewritePatternSet &patterns) {
  patterns.add<FoldTransposeIntoMatmul>(patterns.getContext());
}

} // namespace lambent::graph
