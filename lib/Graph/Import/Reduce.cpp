//===- Reduce.cpp - Reductions over dims ----------------------------------===//
//
// graph.reduce knows sum, prod, max, min and mean; the other reductions are
// element-wise functions before and after a sum. Narrow floats are reduced in
// f32, and integers through f64 where a root or logarithm is taken.
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

struct Reduction {
  StringRef kind;
  Value (*before)(Scalar &, Value) = nullptr;
  Value (*after)(Scalar &, Value) = nullptr;
  bool needsFloat = false;
  bool takesBool = false;
};

/// The axes, from an attribute or since `inputSince` from an input; without
/// any, all or none.
SmallVector<int64_t> readAxes(Node &node, Value x, int64_t inputSince) {
  SmallVector<int64_t> axes;
  bool none = node.getBool("noop_with_empty_axes", false);
  if (node.getOpset() >= inputSince)
    axes = node.hasInput(1) ? node.constantInts(1, "axes") : axes;
  else
    axes = node.getInts("axes", ArrayRef<int64_t>());
  if (node.hasFailed())
    return {};
  int64_t rank = getType(x).getRank();
  if (axes.empty() && !none)
    return listAxes(0, rank);
  return node.normalizeAxes(axes, rank);
}

/// Integer means are a sum and a division that truncates.
Value divideByCount(Node &node, Value total, Value x, ArrayRef<int64_t> axes) {
  int64_t count = 1;
  for (int64_t axis : axes) {
    if (getType(x).isDynamicDim(axis)) {
      (void)node.undetermined("the number of reduced elements");
      return {};
    }
    count *= getType(x).getDimSize(axis);
  }
  return node.map(total, [&](Scalar &s, Value value) {
    return s.div(value, s.integer(value.getType(), count));
  });
}

Value getWorkType(Node &node, Value x, bool needsFloat) {
  Type type = getType(x).getElementType();
  if (type.isInteger(1))
    return node.cast(
        x, IntegerType::get(node.getContext(), 8, IntegerType::Unsigned));
  if (isa<FloatType>(type))
    return type.getIntOrFloatBitWidth() < 32
               ? node.cast(x, Float32Type::get(node.getContext()))
               : x;
  return needsFloat ? node.cast(x, Float64Type::get(node.getContext())) : x;
}

Handler reduction(Reduction reduction, int64_t inputSince) {
  return [=](Node &node) {
    Value x = node.input(
        0, "data", NumberKind | (reduction.takesBool ? BoolKind : NumberKind));
    bool keepDims = node.getBool("keepdims", true);
    SmallVector<int64_t> axes = readAxes(node, x, inputSince);
    if (node.hasFailed())
      return failure();
    // ONNX leaves the mean of no elements open; ONNX Runtime says 0.
    bool ofNothing = any_of(
        axes, [&](int64_t axis) { return getType(x).getDimSize(axis) == 0; });
    StringRef kind =
        ofNothing && reduction.kind == "mean" ? "sum" : reduction.kind;
    Type type = getType(x).getElementType();
    Value value = getWorkType(node, x, reduction.needsFloat);
    if (reduction.before)
      value = node.map(value, reduction.before);
    if (kind == "mean" && !isa<FloatType>(type)) {
      value = node.cast(value, IntegerType::get(node.getContext(), 64));
      value = divideByCount(
          node,
          axes.empty() ? value : node.reduce(value, "sum", axes, keepDims), x,
          axes);
    } else if (!axes.empty()) {
      value = node.reduce(value, kind, axes, keepDims);
    }
    if (reduction.after)
      value = node.map(value, reduction.after);
    return node.result(node.cast(value, type));
  };
}

/// log(sum(exp(x - m))) + m with m the largest element, which keeps exp in
/// range.
Handler logSumExp(int64_t inputSince) {
  return [=](Node &node) {
    Value x = node.input(0, "data", NumberKind);
    bool keepDims = node.getBool("keepdims", true);
    SmallVector<int64_t> axes = readAxes(node, x, inputSince);
    if (node.hasFailed())
      return failure();
    if (axes.empty())
      return node.result(x);
    Value value = getWorkType(node, x, /*needsFloat=*/true);
    Value largest =
        node.map(node.reduce(value, "max", axes), [](Scalar &s, Value m) {
          // An infinite m would give inf - inf.
          Value infinity = s.number(m, std::numeric_limits<double>::infinity());
          return s.select(s.less(s.abs(m), infinity), m, s.number(m, 0));
        });
    if (node.hasFailed())
      return failure();
    Type workType = getType(value).getElementType();
    Value powers = node.map({value, largest}, workType,
                            [](Scalar &s, ArrayRef<Value> args) {
                              return s.exp(s.sub(args[0], args[1]));
                            });
    Value result = node.map({node.reduce(powers, "sum", axes), largest},
                            workType, [](Scalar &s, ArrayRef<Value> args) {
                              return s.add(s.log(args[0]), args[1]);
                            });
    if (!keepDims)
      result = node.create<SqueezeOp>(result, axes);
    return node.result(node.cast(result, getType(x).getElementType()));
  };
}

Handler argReduce(StringRef kind) {
  return [=](Node &node) {
    Value x = node.input(0, "data", NumberKind);
    int64_t axis = node.getInt("axis", 0);
    bool keepDims = node.getBool("keepdims", true),
         last = node.getBool("select_last_index", false);
    if (node.hasFailed())
      return failure();
    axis = node.normalizeAxis(axis, getType(x).getRank());
    return node.result(node.create<ArgReduceOp>(x, kind, axis, keepDims, last));
  };
}

LogicalResult importCumSum(Node &node) {
  Value x = node.input(0, "x", NumberKind);
  SmallVector<int64_t> axis = node.constantInts(1, "axis");
  bool exclusive = node.getBool("exclusive", false),
       reverse = node.getBool("reverse", false);
  if (node.hasFailed())
    return failure();
  if (axis.size() != 1)
    return node.error("expected one axis, but got " + Twine(axis.size()));
  return node.result(node.create<CumSumOp>(
      x, node.normalizeAxis(axis[0], getType(x).getRank()), exclusive,
      reverse));
}

/// k is an attribute until opset 9, then an input. A sorted result is right
/// whether or not it is asked for.
LogicalResult importTopK(Node &node) {
  Value x = node.input(0, "X", NumberKind);
  int64_t axis = node.getInt("axis", -1);
  bool isNew = node.getOpset() >= 11;
  bool largest = !isNew || node.getBool("largest", true);
  if (isNew)
    (void)node.getBool("sorted", true);
  Value k = node.getOpset() >= 10 ? node.indexInput(1, "K")
                                  : node.indices(node.getInt("k"));
  if (node.hasFailed())
    return failure();
  if (getType(k).getRank() == 0)
    k = node.reshape(k, {1});
  axis = node.normalizeAxis(axis, getType(x).getRank());
  SmallVector<Value> results = node.createAll<TopKOp>(2, x, k, axis, largest);
  (void)node.result(1, results[1]);
  return node.result(results[0]);
}

} // namespace

void addReduceRows(OpTable &table) {
  auto square = [](Scalar &s, Value x) { return s.mul(x, x); };
  auto root = [](Scalar &s, Value x) { return s.sqrt(x); };
  auto log = [](Scalar &s, Value x) { return s.log(x); };
  auto magnitude = [](Scalar &s, Value x) { return s.abs(x); };
  table.add("ReduceSum", 1, reduction({"sum"}, 13));
  table.add("ReduceMean", 1, reduction({"mean"}, 18));
  table.add("ReduceProd", 1, reduction({"prod"}, 18));
  table.add(
      "ReduceMax", 1,
      reduction({"max", nullptr, nullptr, false, /*takesBool=*/true}, 18));
  table.add(
      "ReduceMin", 1,
      reduction({"min", nullptr, nullptr, false, /*takesBool=*/true}, 18));
  table.add("ReduceL1", 1, reduction({"sum", magnitude}, 18));
  table.add("ReduceL2", 1,
            reduction({"sum", square, root, /*needsFloat=*/true}, 18));
  table.add("ReduceSumSquare", 1, reduction({"sum", square}, 18));
  table.add("ReduceLogSum", 1,
            reduction({"sum", nullptr, log, /*needsFloat=*/true}, 18));
  table.add("ReduceLogSumExp", 1, logSumExp(18));
  table.add("ArgMax", 1, argReduce("max"));
  table.add("ArgMin", 1, argReduce("min"));
  table.add("CumSum", 11, importCumSum);
  table.add("TopK", 1, importTopK);
}

} // namespace lambent::graph
