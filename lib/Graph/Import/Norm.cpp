//===- Norm.cpp - Softmax and normalisations ------------------------------===//

#include "Norm.h"
#include "Elementwise.h"
#include "Offers.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The whole shape of a value, a constant when it is static.
Value getShape(Node &node, Value x) {
  return x ? node.create<ShapeOp>(x, int64_t(0), getType(x).getRank())
           : Value();
}

Value reshapeLike(Node &node, Value x, Value like) {
  return node.create<ReshapeOp>(x, getShape(node, like), /*allow_zero=*/true);
}

SmallVector<int64_t> axesFrom(int64_t first, Value x) {
  return listAxes(first, std::max(first, getType(x).getRank()));
}

/// x * scale + bias with one scale and bias per channel, dim 1.
Value scaleChannels(Node &node, Value x, Value scale, Value bias) {
  if (node.hasFailed())
    return {};
  SmallVector<int64_t> dims(getType(x).getRank() - 1, 1);
  dims[0] = -1;
  return node.map({x, node.reshape(scale, dims), node.reshape(bias, dims)},
                  getType(x).getElementType(),
                  [](Scalar &s, ArrayRef<Value> args) {
                    return s.add(s.mul(args[0], args[1]), args[2]);
                  });
}

Value normalize(Node &node, Value x, int64_t axis, float epsilon) {
  return node.create<LayerNormOp>(x, Value(), Value(), axis, APFloat(epsilon),
                                  /*rms=*/false);
}

Handler softmax(bool log) {
  return [=](Node &node) {
    Value x = node.input(0, "input", FloatKind);
    int64_t axis = node.getInt("axis", -1);
    if (node.hasFailed())
      return failure();
    axis = node.normalizeAxis(axis, getType(x).getRank());
    return node.result(node.create<SoftmaxOp>(x, axis, log));
  };
}

/// Before opset 13: over all dims from `axis` on at once, as if the input were
/// 2-D.
Handler legacySoftmax(bool log) {
  return [=](Node &node) {
    Value x = node.input(0, "input", FloatKind);
    int64_t axis = node.getInt("axis", 1);
    if (node.hasFailed())
      return failure();
    int64_t rank = getType(x).getRank();
    if (axis != rank)
      axis = node.normalizeAxis(axis, rank);
    ArrayRef<int64_t> shape = getType(x).getShape();
    if (axis < rank && llvm::all_of(shape.drop_front(axis + 1),
                                    [](int64_t dim) { return dim == 1; }))
      return node.result(node.create<SoftmaxOp>(x, axis, log));
    Value flat = node.create<SoftmaxOp>(node.create<FlattenOp>(x, axis),
                                        int64_t(1), log);
    return node.result(reshapeLike(node, flat, x));
  };
}

/// In training, the batch's own mean and variance are used, and mixed into
/// those of all batches so far: the other two outputs.
LogicalResult useBatchStatistics(Node &node, Value x, Value &mean,
                                 Value &variance, float momentum) {
  SmallVector<int64_t> axes = listAxes(0, getType(x).getRank());
  if (axes.size() < 2)
    return node.error("expected an input [N, C, ...], but got rank " +
                      Twine(axes.size()));
  axes.erase(axes.begin() + 1);
  Type type = getType(x).getElementType();
  Type wideType = type.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : type;
  Value wide = node.cast(x, wideType);
  Value batchMean = node.reduce(wide, "mean", axes);
  Value squares = node.map({wide, batchMean}, wideType,
                           [](Scalar &s, ArrayRef<Value> args) {
                             Value distance = s.sub(args[0], args[1]);
                             return s.mul(distance, distance);
                           });
  Value batchVariance = node.reduce(squares, "mean", axes, /*keepDims=*/false);
  batchMean = node.reshape(batchMean, -1);
  auto mix = [&](Value running, Value current) {
    Type runningType = getType(running).getElementType();
    Value mixed = node.map(
        {node.cast(running, wideType), current}, wideType,
        [&](Scalar &s, ArrayRef<Value> args) {
          return s.add(s.mul(args[0], s.number(args[0], momentum)),
                       s.mul(args[1], s.number(args[1], 1.0 - momentum)));
        });
    return node.cast(mixed, runningType);
  };
  (void)node.result(1, mix(mean, batchMean));
  (void)node.result(2, mix(variance, batchVariance));
  mean = batchMean;
  variance = batchVariance;
  return success(!node.hasFailed());
}

/// Before opset 9 statistics may be those of each element but of the batch:
/// vectors [C, D1, ...], or these in one row.
LogicalResult normalizeElements(Node &node, Value x, ArrayRef<Value> vectors,
                                float epsilon) {
  if (node.hasFailed())
    return failure();
  Sizes sizes = getSizes(getType(x));
  if (sizes.size() < 2)
    return node.error("expected an input [N, C, ...], but got rank " +
                      Twine(sizes.size()));
  SmallVector<Value> operands = {x};
  for (Value vector : vectors) {
    int64_t rank = getType(vector).getRank();
    if (rank != 1 && rank + 1 != int64_t(sizes.size()))
      return node.error(
          "expected statistics of rank " + Twine(sizes.size() - 1) +
          " with spatial = 0, but got " + describeType(getType(vector)));
    if (rank == 1 && sizes.size() > 2 && !areKnown(sizes))
      return node.undetermined("the input's sizes");
    operands.push_back(
        rank == 1 ? node.reshapeTo(vector, ArrayRef(sizes).drop_front())
                  : vector);
  }
  Value y = node.map(
      operands, getType(x).getElementType(),
      [&](Scalar &s, ArrayRef<Value> args) {
        Value deviation = s.sqrt(s.add(args[4], s.number(args[4], epsilon)));
        Value centered = s.sub(args[0], args[3]);
        return s.add(s.mul(s.div(centered, deviation), args[1]), args[2]);
      });
  if (!node.hasFailed() && getType(y).getRank() == getType(x).getRank() &&
      getSizes(getType(y)) == sizes)
    return node.result(y);
  return node.hasFailed()
             ? failure()
             : node.error("expected statistics of the input's sizes, but got "
                          "those of " +
                          describeType(getType(vectors[0])));
}

LogicalResult importBatchNorm(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  SmallVector<Value> vectors;
  constexpr StringLiteral names[] = {"scale", "B", "input_mean", "input_var"};
  for (auto [index, name] : enumerate(names))
    vectors.push_back(node.input(index + 1, name, FloatKind));
  float epsilon = node.getFloat("epsilon", 1e-5f);
  float momentum = node.getFloat("momentum", 0.9f);
  node.ignoreAttributes({"is_test", "consumed_inputs"});
  // Before opset 14 there were saved statistics too, in training only.
  node.allowOutputs(node.getOpset() < 14 ? 5 : 3);
  if (!node.getBool("spatial", true))
    return normalizeElements(node, x, vectors, epsilon);
  if (node.hasFailed())
    return failure();
  if (node.getBool("training_mode", false) &&
      failed(useBatchStatistics(node, x, vectors[2], vectors[3], momentum)))
    return failure();
  for (Value &vector : vectors)
    vector = node.cast(vector, getType(x).getElementType());
  return node.result(node.create<BatchNormOp>(
      x, vectors[0], vectors[1], vectors[2], vectors[3], APFloat(epsilon)));
}

LogicalResult importLayerNorm(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        scale = node.input(1, "Scale", FloatKind);
  Value bias = node.optionalInput(2, "B", FloatKind);
  int64_t axis = node.getInt("axis", -1);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignoreAttributes({"stash_type"});
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if ((node.isOutputUsed(1) || node.isOutputUsed(2)) &&
      failed(addStatistics(node, x, axis, epsilon)))
    return failure();
  return node.result(node.create<LayerNormOp>(x, scale, bias, axis,
                                              APFloat(epsilon), /*rms=*/false));
}

LogicalResult importRMSNorm(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        scale = node.input(1, "scale", FloatKind);
  int64_t axis = node.getInt("axis", -1);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignoreAttributes({"stash_type"});
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  scale = node.cast(scale, getType(x).getElementType());
  return node.result(node.create<LayerNormOp>(x, scale, Value(), axis,
                                              APFloat(epsilon), /*rms=*/true));
}

LogicalResult importInstanceNorm(Node &node) {
  Value x = node.input(0, "input", FloatKind),
        scale = node.input(1, "scale", FloatKind);
  Value bias = node.input(2, "B", FloatKind);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  node.ignoreAttributes({"consumed_inputs"});
  if (!checkSameType(node, {x, scale, bias}))
    return failure();
  if (getType(x).getRank() < 3)
    return node.error("expected an input [N, C, spatial...], but got rank " +
                      Twine(getType(x).getRank()));
  return node.result(
      scaleChannels(node, normalize(node, x, 2, epsilon), scale, bias));
}

/// Groups of channels are normalized together. Before opset 21 scale and bias
/// were given per group.
LogicalResult importGroupNorm(Node &node) {
  Value x = node.input(0, "X", FloatKind),
        scale = node.input(1, "scale", FloatKind);
  Value bias = node.input(2, "bias", FloatKind);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  int64_t groups = node.getInt("num_groups");
  node.ignoreAttributes({"stash_type"});
  if (!checkSameType(node, {x, scale, bias}))
    return failure();
  if (getType(x).getRank() < 2 || groups < 1)
    return node.error(
        "expected an input [N, C, ...] and a positive num_groups");
  if (int64_t channels = getType(x).getDimSize(1);
      channels >= 0 && channels % groups != 0)
    return node.error("num_groups " + Twine(groups) + " does not divide the " +
                      Twine(channels) + " channels");
  // The batch is copied, so that -1 follows from the rest also where N is 0.
  Value split = node.create<ReshapeOp>(x, node.indices({0, groups, -1}),
                                       /*allow_zero=*/false);
  Value grouped = normalize(node, split, 2, epsilon);
  if (node.getOpset() < 21)
    return node.result(
        reshapeLike(node, scaleChannels(node, grouped, scale, bias), x));
  return node.result(
      scaleChannels(node, reshapeLike(node, grouped, x), scale, bias));
}

/// (x - mean) / (standard deviation + 1e-9)
LogicalResult importMeanVariance(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  SmallVector<int64_t> axes =
      node.getInts("axes", ArrayRef<int64_t>({0, 2, 3}));
  if (node.hasFailed())
    return failure();
  axes = node.normalizeAxes(axes, getType(x).getRank());
  Value mean = node.reduce(x, "mean", axes);
  Type type = getType(x).getElementType();
  Value centered =
      node.map({x, mean}, type, [](Scalar &s, ArrayRef<Value> args) {
        return s.sub(args[0], args[1]);
      });
  Value squares = node.map(
      centered, [](Scalar &s, Value value) { return s.mul(value, value); });
  Value variance = node.reduce(squares, "mean", axes);
  return node.result(
      node.map({centered, variance}, type, [](Scalar &s, ArrayRef<Value> args) {
        return s.div(args[0], s.add(s.sqrt(args[1]), s.number(args[1], 1e-9)));
      }));
}

/// x / its norm along an axis; where that is zero, zero.
LogicalResult importLpNorm(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  int64_t axis = node.getInt("axis", -1), p = node.getIntIn("p", 2, 1, 2);
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  Value powers = node.map(x, [&](Scalar &s, Value value) {
    return p == 1 ? s.abs(value) : s.mul(value, value);
  });
  Value total = node.reduce(powers, "sum", axis);
  if (node.hasFailed())
    return failure();
  return node.result(node.map({x, total}, getType(x).getElementType(),
                              [&](Scalar &s, ArrayRef<Value> args) {
                                Value zero = s.number(args[0], 0),
                                      norm = p == 1 ? args[1] : s.sqrt(args[1]);
                                return s.select(s.equal(norm, zero), zero,
                                                s.div(args[0], norm));
                              }));
}

LogicalResult importLRN(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  int64_t size = node.getInt("size");
  float alpha = node.getFloat("alpha", 1e-4f),
        beta = node.getFloat("beta", 0.75f), bias = node.getFloat("bias", 1);
  return node.result(node.create<LRNOp>(x, size, APFloat(alpha), APFloat(beta),
                                        APFloat(bias),
                                        /*channels_last=*/false));
}

} // namespace

LogicalResult addStatistics(Node &node, Value x, int64_t axis, float epsilon) {
  SmallVector<int64_t> axes = axesFrom(axis, x);
  Value wide = node.cast(x, Float32Type::get(node.getContext()));
  Value mean = node.reduce(wide, "mean", axes);
  if (node.hasFailed())
    return failure();
  Value squares = node.map({wide, mean}, getType(wide).getElementType(),
                           [](Scalar &s, ArrayRef<Value> args) {
                             Value distance = s.sub(args[0], args[1]);
                             return s.mul(distance, distance);
                           });
  Value inverse = node.map(
      node.reduce(squares, "mean", axes), [&](Scalar &s, Value variance) {
        return s.div(s.number(variance, 1),
                     s.sqrt(s.add(variance, s.number(variance, epsilon))));
      });
  (void)node.result(1, mean);
  return node.result(2, inverse);
}

void addNormRows(OpTable &table) {
  table.add("Softmax", 1, legacySoftmax(/*log=*/false));
  table.add("Softmax", 13, softmax(/*log=*/false));
  table.add("LogSoftmax", 1, legacySoftmax(/*log=*/true));
  table.add("LogSoftmax", 13, softmax(/*log=*/true));
  table.add("BatchNormalization", 1, importBatchNorm);
  // ONNX Runtime wrote it in older opsets too.
  table.add("LayerNormalization", 1, importLayerNorm);
  table.add("RMSNormalization", 23, importRMSNorm);
  table.add("InstanceNormalization", 1, importInstanceNorm);
  table.add("GroupNormalization", 18, importGroupNorm);
  table.add("MeanVarianceNormalization", 9, importMeanVariance);
  table.add("LpNormalization", 1, importLpNorm);
  table.add("LRN", 1, importLRN);
}

} // namespace lambent::graph
