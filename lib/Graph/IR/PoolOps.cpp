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

/// What windows that hold nothing but padding combine to.
static StringRef getKindOfNothing(PoolOp op) {
  StringRef kind = op.getKind();
  if (kind == "average")
    return op.getCountIncludePad() ? "sum" : "mean";
  return kind == "lp" ? "sum" : kind;
}

/// Of an empty image, windows hold nothing but padding.
OpFoldResult PoolOp::fold(FoldAdaptor adaptor) {
  if (!isEmpty(getInput()))
    return {};
  return getCombinationOfNothing(getResult().getType(),
                                 getKindOfNothing(*this));
}

static LogicalResult poolNothing(PoolOp op, PatternRewriter &rewriter) {
  if (!isEmpty(op.getInput()))
    return rewriter.notifyMatchFailure(op, "has elements");
  return becomeCombinationOfNothing(op, getKindOfNothing(op), rewriter);
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
  patterns.add(poolNothing);
}

//===-- pool_regions ------------------------------------------------------===//

FailureOr<RankedTensorType> PoolRegionsOp::inferType(Adaptor op,
                                                     EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput()),
                   corners = typeOf(op.getCorners()),
                   batches = typeOf(op.getBatches());
  if (failed(checkChoice("kind", op.getKind(),
                         {"average", "max", "max_pixels"}, emitError)))
    return failure();
  // C1
  if (input.getRank() != 4)
    return emitError() << "expected an input of two spatial dims, but got "
                       << input;
  // C2
  if (corners.getRank() != 2 || batches.getRank() != 1 ||
      !dimsAgree(corners.getDimSize(1), 4) ||
      !dimsAgree(corners.getDimSize(0), batches.getDimSize(0)))
    return emitError() << "expected corners [R, 4] and batches [R], but got "
                       << corners << " and " << batches;
  // C3
  Type element = input.getElementType();
  if ((!element.isF32() && !element.isF64()) ||
      corners.getElementType() != element ||
      !batches.getElementType().isInteger(64))
    return emitError() << "expected f32 or f64, corners of the same type and "
                          "batches of i64, but got "
                       << input << ", " << corners << " and " << batches;
  // C4
  if (failed(checkEntries("size", op.getSize(), 2, 1, emitError)))
    return failure();
  int64_t samples = op.getSamples();
  if (samples < 0 || samples > maxElements)
    return emitError() << "expected samples between 0 and 2^40, but got "
                       << samples;
  return makeImageType(
      mergeDims(getSizes(corners)[0], getSizes(batches)[0]),
      getSizes(input)[getChannelAxis(input, op.getChannelsLast())],
      toSizes(op.getSize()), element, op.getChannelsLast());
}

Value PoolRegionsOp::buildChannelsLast(OpBuilder &builder, ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

OpFoldResult PoolRegionsOp::fold(FoldAdaptor adaptor) {
  if (!isEmpty(getInput()) && !isEmpty(getCorners()))
    return {};
  return getCombinationOfNothing(getResult().getType(), "sum");
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/PoolOps.cpp.inc"
