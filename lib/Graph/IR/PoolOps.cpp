//===- PoolOps.cpp - Pooling over windows ---------------------------------===//

#include "EmptyTensors.h"
#include "Window.h"

using namespace mlir;

namespace lambent::graph {

template <typename OpTy> static Window getPoolWindow(OpTy op) {
  Window window;
  window.kernel = op.getKernel();
  window.strides = op.getStrides();
  window.dilations = op.getDilations();
  window.pads = op.getPads();
  window.autoPad = op.getAutoPad();
  window.ceilMode = op.getCeilMode();
  return window;
}

FailureOr<RankedTensorType> PoolOp::inferType(Adaptor op, EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput());
  Window window = getPoolWindow(op);
  if (failed(checkWindow(window, input, emitError)) ||
      failed(
          checkEntries("kernel", window.kernel, window.rank(), 1, emitError)) ||
      failed(checkChoice("kind", op.getKind(), {"max", "average", "lp"},
                         emitError)))
    return failure();
  auto spatial = slideWindow(
      window, getSpatialSizes(input, op.getChannelsLast()), emitError);
  if (failed(spatial))
    return failure();
  Sizes sizes = getSizes(input);
  return makeImageType(sizes[0],
                       sizes[getChannelAxis(input, op.getChannelsLast())],
                       *spatial, input.getElementType(), op.getChannelsLast());
}

Value PoolOp::buildChannelsLast(OpBuilder &builder, ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

/// Of an empty image, windows hold nothing but padding.
OpFoldResult PoolOp::fold(FoldAdaptor adaptor) {
  if (!isEmpty(getInput()))
    return {};
  StringRef kind = getKind();
  if (kind == "average")
    kind = getCountIncludePad() ? "sum" : "mean";
  return getCombinationOfNothing(getResult().getType(),
                                 kind == "lp" ? "sum" : kind);
}

/// auto_pad becomes pads once the input's size is known.
static LogicalResult resolvePoolPads(PoolOp op, PatternRewriter &rewriter) {
  if (op.getAutoPad() == "NOTSET")
    return rewriter.notifyMatchFailure(op, "has pads");
  auto pads =
      resolvePads(getPoolWindow(op), getSpatialDims(op.getInput().getType(),
                                                    op.getChannelsLast()));
  if (failed(pads))
    return rewriter.notifyMatchFailure(op, "open dims");
  bool same = op.getAutoPad() != "VALID";
  rewriter.modifyOpInPlace(op, [&] {
    op.setPads(*pads);
    op.setAutoPad("NOTSET");
    // SAME rounds up by itself.
    if (same)
      op.setCeilMode(false);
  });
  return success();
}

void PoolOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add(resolvePoolPads);
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/PoolOps.cpp.inc"
