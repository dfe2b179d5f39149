//===- NormContrib.cpp - com.microsoft's normalisations -------------------===//

#include "Elementwise.h"
#include "Lists.h"
#include "Norm.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

Value add(Node &node, Value a, Value b) {
  return node.map(
      {a, b}, a ? getType(a).getElementType() : Type(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// Normalizes the last dim.
Value normalizeLast(Node &node, Value x, Value scale, Value bias, float epsilon,
                    bool rms) {
  if (node.hasFailed())
    return {};
  return node.create<LayerNormOp>(x, scale, bias, getType(x).getRank() - 1,
                                  APFloat(epsilon), rms);
}

/// ONNX Runtime's form in the default domain.
LogicalResult importSimplified(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        scale = node.input(1, "scale", FloatKind);
  int64_t axis = node.getInt("axis", -1);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignoreAttributes({"stash_type"});
  node.allowOutputs(2);
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  return node.result(
      node.create<LayerNormOp>(x, node.cast(scale, getType(x).getElementType()),
                               Value(), axis, APFloat(epsilon), /*rms=*/true));
}

/// Demands that the skip broadcast to the input: their sum has the same sizes.
LogicalResult checkSkip(Node &node, Value x, Value sum) {
  if (node.hasFailed())
    return failure();
  Value growth = mapInts(node, {getDims(node, sum), getDims(node, x)},
                         [](Scalar &s, ArrayRef<Value> args) {
                           return s.sub(args[0], args[1]);
                         });
  return demand(node, {growth, 0, 0, /*isExcluded=*/false,
                       "a skip that broadcasts to the input, a difference of 0"});
}

/// The normalization of a sum, which is a result too.
Handler skipNorm(bool rms) {
  return [=](Node &node) {
    Value x = node.input(0, "input", FloatKind),
          skip = node.input(1, "skip", FloatKind),
          scale = node.input(2, "gamma", FloatKind);
    Value shift = rms ? Value() : node.optionalInput(3, "beta", FloatKind);
    Value bias = node.optionalInput(rms ? 3 : 4, "bias", FloatKind);
    float epsilon = node.getFloat("epsilon", 1e-12f);
    if (!checkSameType(node, {x, skip, scale}))
      return failure();
    if (getType(x).getRank() < 1 ||
        getType(skip).getRank() > getType(x).getRank())
      return node.error("expected a skip that broadcasts to the input");
    Value sum = add(node, x, skip);
    if (failed(checkSkip(node, x, sum)))
      return failure();
    if (bias)
      sum = add(node, sum, bias);
    if (!rms && (node.isOutputUsed(1) || node.isOutputUsed(2)) &&
        !node.hasFailed() &&
        failed(addStatistics(node, sum, getType(sum).getRank() - 1, epsilon)))
      return failure();
    (void)node.result(3, sum);
    return node.result(normalizeLast(node, sum, scale, shift, epsilon, rms));
  };
}

/// The sum of the embeddings of words, places and segments, normalized.
LogicalResult importEmbedding(Node &node) {
  Value ids = node.input(0, "input_ids", SignedKind),
        segments = node.optionalInput(1, "segment_ids", SignedKind),
        words = node.input(2, "word_embedding", FloatKind),
        places = node.input(3, "position_embedding", FloatKind),
        segmentTable = node.optionalInput(4, "segment_embedding", FloatKind),
        scale = node.input(5, "gamma", FloatKind),
        shift = node.input(6, "beta", FloatKind),
        mask = node.optionalInput(7, "mask", SignedKind),
        placeIds = node.optionalInput(8, "position_ids", SignedKind);
  float epsilon = node.getFloat("epsilon", 1e-12f);
  node.ignoreAttributes({"mask_index_type"});
  if (!checkSameType(node, {words, places, scale, shift}))
    return failure();
  if (getType(ids).getRank() != 2)
    return node.error("expected input_ids of rank 2, but got rank " +
                      Twine(getType(ids).getRank()));
  if (bool(segments) != bool(segmentTable))
    return node.error("expected both segment_ids and segment_embedding or "
                      "neither");
  Value sum = node.create<GatherOp>(words, ids, int64_t(0)), place;
  if (placeIds) {
    place = node.create<GatherOp>(places, placeIds, int64_t(0));
  } else {
    // The first places, as many as there are words.
    Value end = node.create<ShapeOp>(ids, int64_t(1), int64_t(2));
    place = node.create<SliceOp>(places, node.indices(0), end, node.indices(1),
                                 ArrayRef<int64_t>(0));
  }
  sum = add(node, sum, place);
  if (segments)
    sum = add(node, sum,
              node.create<GatherOp>(segmentTable, segments, int64_t(0)));
  if (node.isOutputUsed(1)) {
    Type i32 = IntegerType::get(node.getContext(), 32);
    Value batch = node.create<ShapeOp>(ids, int64_t(0), int64_t(1));
    (void)node.result(1,
                      mask ? node.reduce(node.cast(mask, i32), "sum",
                                         int64_t(1), /*keepDims=*/false)
                           : node.create<ExpandOp>(node.scalar(i32, 0), batch));
  }
  (void)node.result(2, sum);
  return node.result(
      normalizeLast(node, sum, scale, shift, epsilon, /*rms=*/false));
}

} // namespace

void addContribNormRows(OpTable &table) {
  table.add("SimplifiedLayerNormalization", 1, importSimplified);
  table.add("com.microsoft.SkipLayerNormalization", 1, skipNorm(/*rms=*/false));
  table.add("com.microsoft.SkipSimplifiedLayerNormalization", 1,
            skipNorm(/*rms=*/true));
  table.add("com.microsoft.EmbedLayerNormalization", 1, importEmbedding);
}

} // namespace lambent::graph
