//===- NormContrib.cpp - com.microsoft's normalisations -------------------===//

#include "Elementwise.h"
#include "Lists.h"
#include "Norm.h"
#include "Quantize.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

Value addValues(Node &node, Value a, Value b) {
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
    Value sum = addValues(node, x, skip);
    if (failed(checkSkip(node, x, sum)))
      return failure();
    if (bias)
      sum = addValues(node, sum, bias);
    if (!rms && (node.isOutputUsed(1) || node.isOutputUsed(2)) &&
        !node.hasFailed() &&
        failed(addStatistics(node, sum, getType(sum).getRank() - 1, epsilon)))
      return failure();
    (void)node.result(3, sum);
    return node.result(normalizeLast(node, sum, scale, shift, epsilon, rms));
  };
}

/// What the embeddings are made of, as numbers.
struct Embedding {
  Value ids, segments, words, places, segmentTable, scale, shift, mask,
      placeIds;
};

/// The sum of the embeddings of words, places and segments, normalized.
LogicalResult embed(Node &node, const Embedding &from) {
  float epsilon = node.getFloat("epsilon", 1e-12f);
  if (!checkSameType(node, {from.words, from.places, from.scale, from.shift}))
    return failure();
  if (getType(from.ids).getRank() != 2)
    return node.error("expected input_ids of rank 2, but got rank " +
                      Twine(getType(from.ids).getRank()));
  if (bool(from.segments) != bool(from.segmentTable))
    return node.error("expected both segment_ids and segment_embedding or "
                      "neither");
  Value sum = node.create<GatherOp>(from.words, from.ids, int64_t(0)), place;
  if (from.placeIds) {
    place = node.create<GatherOp>(from.places, from.placeIds, int64_t(0));
  } else {
    // The first places, as many as there are words.
    Value end = node.create<ShapeOp>(from.ids, int64_t(1), int64_t(2));
    place = node.create<SliceOp>(from.places, node.indices(0), end,
                                 node.indices(1), ArrayRef<int64_t>(0));
  }
  sum = addValues(node, sum, place);
  if (from.segments)
    sum = addValues(
        node, sum,
        node.create<GatherOp>(from.segmentTable, from.segments, int64_t(0)));
  if (node.isOutputUsed(1)) {
    Type i32 = IntegerType::get(node.getContext(), 32);
    Value batch = node.create<ShapeOp>(from.ids, int64_t(0), int64_t(1));
    (void)node.result(
        1, from.mask ? node.reduce(node.cast(from.mask, i32), "sum", int64_t(1),
                                   /*keepDims=*/false)
                     : node.create<ExpandOp>(node.scalar(i32, 0), batch));
  }
  (void)node.result(2, sum);
  return node.result(normalizeLast(node, sum, from.scale, from.shift, epsilon,
                                   /*rms=*/false));
}

LogicalResult importEmbedding(Node &node) {
  Embedding from;
  from.ids = node.input(0, "input_ids", SignedKind);
  from.segments = node.optionalInput(1, "segment_ids", SignedKind);
  from.words = node.input(2, "word_embedding", FloatKind);
  from.places = node.input(3, "position_embedding", FloatKind);
  from.segmentTable = node.optionalInput(4, "segment_embedding", FloatKind);
  from.scale = node.input(5, "gamma", FloatKind);
  from.shift = node.input(6, "beta", FloatKind);
  from.mask = node.optionalInput(7, "mask", SignedKind);
  from.placeIds = node.optionalInput(8, "position_ids", SignedKind);
  node.ignoreAttributes({"mask_index_type"});
  return embed(node, from);
}

/// The same of quantized tables, one number each for their scales and zero
/// points.
LogicalResult importQuantizedEmbedding(Node &node) {
  Embedding from;
  from.ids = node.input(0, "input_ids", SignedKind);
  from.segments = node.optionalInput(1, "segment_ids", SignedKind);
  from.mask = node.optionalInput(7, "mask", SignedKind);
  node.allowOutputs(2);
  struct Table {
    Value &value;
    unsigned index;
    StringLiteral name;
  } tables[] = {{from.words, 2, "word_embedding"},
                {from.places, 3, "position_embedding"},
                {from.segmentTable, 4, "segment_embedding"},
                {from.scale, 5, "gamma"},
                {from.shift, 6, "beta"}};
  for (auto [number, table] : enumerate(tables)) {
    Value quantized =
        table.index == 4
            ? node.optionalInput(table.index, table.name, IntegerKind)
            : node.input(table.index, table.name, IntegerKind);
    if (!quantized)
      continue;
    std::string name = table.name.str();
    Quantization parameters{
        node.input(8 + unsigned(number), name + "_scale", FloatKind),
        node.optionalInput(13 + unsigned(number), name + "_zero_point",
                           IntegerKind)};
    if (node.hasFailed())
      return failure();
    for (Value *parameter : {&parameters.scale, &parameters.zeroPoint})
      if (*parameter)
        *parameter = node.reshape(*parameter, ArrayRef<int64_t>());
    table.value = dequantize(node, quantized, parameters,
                             getType(parameters.scale).getElementType());
  }
  return embed(node, from);
}

} // namespace

void addContribNormRows(OpTable &table) {
  table.add("SimplifiedLayerNormalization", 1, importSimplified);
  table.add("com.microsoft.SkipLayerNormalization", 1, skipNorm(/*rms=*/false));
  table.add("com.microsoft.SkipSimplifiedLayerNormalization", 1,
            skipNorm(/*rms=*/true));
  table.add("com.microsoft.EmbedLayerNormalization", 1, importEmbedding);
  table.add("com.microsoft.QEmbedLayerNormalization", 1,
            importQuantizedEmbedding);
}

} // namespace lambent::graph
