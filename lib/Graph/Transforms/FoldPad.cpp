//===- FoldPad.cpp - Lets convolutions and pools do their padding ---------===//

#include "TensorBuilder.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

/// Begins and ends that `pad` adds to the spatial dims, or failure when it does
/// anything else. `fill` is what the user fills its own padding with.
static FailureOr<SmallVector<int64_t>>
getSpatialPads(PadOp pad, bool channelsLast, double fill) {
  auto amounts = getConstantInts(pad.getPads());
  if (failed(amounts) || pad.getMode() != "constant")
    return failure();
  std::optional<double> value =
      pad.getValue() ? getConstantSplat(pad.getValue()) : 0.0;
  if (value != fill)
    return failure();
  int64_t rank = getTensorType(pad.getInput()).getRank(), spatial = rank - 2,
          first = channelsLast ? 1 : 2;
  SmallVector<int64_t> result(2 * spatial, 0);
  size_t count = pad.getAxes().size();
  for (auto [i, axis] : llvm::enumerate(pad.getAxes())) {
    int64_t begin = (*amounts)[i], end = (*amounts)[i + count];
    if (begin == 0 && end == 0)
      continue;
    if (axis < first || axis >= first + spatial || begin < 0 || end < 0)
      return failure();
    result[axis - first] = begin;
    result[axis - first + spatial] = end;
  }
  return result;
}

template <typename OpT> static bool hasExplicitPads(OpT op) {
  return op.getAutoPad() == "NOTSET";
}

template <typename OpT>
static void addPads(PatternRewriter &rewriter, OpT op, PadOp pad,
                    ArrayRef<int64_t> amounts) {
  SmallVector<int64_t> pads(op.getPads());
  for (auto [own, more] : llvm::zip_equal(pads, amounts))
    own += more;
  rewriter.modifyOpInPlace(op, [&] {
    op.setPads(pads);
    op.getInputMutable().assign(pad.getInput());
  });
}

namespace {

struct FoldPadIntoConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<PadOp>();
    if (!pad || !hasExplicitPads(op))
      return rewriter.notifyMatchFailure(
          op, "its input is not padded, or its own pads are not known yet");
    auto amounts = getSpatialPads(pad, op.getChannelsLast(), 0.0);
    if (failed(amounts))
      return rewriter.notifyMatchFailure(
          op, "its input is not padded with zeros around images");
    addPads(rewriter, op, pad, *amounts);
    return success();
  }
};

struct FoldPadIntoPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PoolOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<PadOp>();
    if (!pad || !hasExplicitPads(op) || op.getCeilMode())
      return rewriter.notifyMatchFailure(
          op, "its input is not padded, or its own pads are not known yet");
    bool isMax = op.getKind() == "max", isAverage = op.getKind() == "average";
    // An average over what was padded counts those elements, which its own
    // padding may not.
    bool unpadded =
        llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; });
    if (!isMax && !(isAverage && (unpadded || op.getCountIncludePad())))
      return rewriter.notifyMatchFailure(op, "its own padding differs");
    auto amounts =
        getSpatialPads(pad, op.getChannelsLast(),
                       isMax ? -std::numeric_limits<double>::infinity() : 0.0);
    if (failed(amounts))
      return rewriter.notifyMatchFailure(
          op, "its input is padded with something else");
    addPads(rewriter, op, pad, *amounts);
    if (isAverage)
      rewriter.modifyOpInPlace(op, [&] { op.setCountIncludePad(true); });
    return success();
  }
};

} // namespace

void populateFoldPadPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldPadIntoConv, FoldPadIntoPool>(patterns.getContext());
}

} // namespace lambent::graph
