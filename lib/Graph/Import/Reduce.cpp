//===- Reduce.cpp - Reductions over dims ----------------------------------===//
//
// graph.reduce knows sum, prod, max, min and mean; the other reductions are
// element-wise functions before and after a sum. Narrow floats are reduced in
// f32, and integers through f64 where a root or logarithm is taken.
//
//===----------------------------------------------------------------------===//

#include "Axes.h"
#include "Lists.h"
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
Axes readReducedAxes(Node &node, Value x, int64_t inputSince) {
  Axes axes;
  bool none = node.getBool("noop_with_empty_axes", false);
  if (node.getOpset() >= inputSince)
    axes = node.hasInput(1) ? readAxes(node, 1, "axes") : axes;
  else
    axes.known = node.getInts("axes", ArrayRef<int64_t>());
  // Without the dims, the rank follows from their number.
  if (axes.open && !node.getBool("keepdims", true))
    (void)getLength(node, axes.open, "axes");
  if (node.hasFailed() || axes.open)
    return axes;
  int64_t rank = getType(x).getRank();
  axes.known = axes.known.empty() && !none
                   ? listAxes(0, rank)
                   : node.normalizeAxes(axes.known, rank);
  return axes;
}

/// Integer means are a sum and a division that truncates.
Value divideByCount(Node &node, Value total, Value x, ArrayRef<int64_t> axes) {
  Size count = 1;
  for (int64_t axis : axes)
    count *= getSizes(getType(x))[axis];
  Type type = getType(total).getElementType();
  return node.map(
      {total, node.cast(node.sizeScalar(count), type)}, type,
      [](Scalar &s, ArrayRef<Value> args) { return s.div(args[0], args[1]); });
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

/// The reduction by one of graph.reduce's kinds along axes that are known.
Value reduceKnown(Node &node, Value value, Value x, StringRef kind,
                  ArrayRef<int64_t> axes, bool keepDims) {
  // ONNX leaves the mean of no elements open; ONNX Runtime says 0.
  bool ofNothing = any_of(
      axes, [&](int64_t axis) { return getType(x).getDimSize(axis) == 0; });
  if (ofNothing && kind == "mean")
    kind = "sum";
  if (kind == "mean" && !isa<FloatType>(getType(x).getElementType())) {
    value = node.cast(value, IntegerType::get(node.getContext(), 64));
    return divideByCount(
        node, axes.empty() ? value : node.reduce(value, "sum", axes, keepDims),
        x, axes);
  }
  return axes.empty() ? value : node.reduce(value, kind, axes, keepDims);
}

/// A tensor with two dims for each of its own: of the same size and 1, where
/// it stays, or 1 and the same size, where it is reduced.
struct PairedDims {
  Value view;
  SmallVector<int64_t> reduced;
  Value count; ///< i64[1]: how many elements are reduced to one
};

/// Pairs the dims, where a run decides even the number of axes; without any,
/// all dims are reduced or none, as an attribute says.
PairedDims pairDims(Node &node, Value x, Value axes) {
  int64_t rank = getType(x).getRank();
  bool none = node.getBool("noop_with_empty_axes", false);
  Value marks = markAxes(node, normalizeOpenAxes(node, axes, rank), rank);
  auto choose = [&](bool isReduced) {
    Value sizes = mapInts(node, {marks, getDims(node, x), getDims(node, axes)},
                          [&](Scalar &s, ArrayRef<Value> args) {
                            Value zero = s.integer(args[0].getType(), 0),
                                  one = s.integer(args[0].getType(), 1);
                            Value mark = none ? args[0]
                                              : s.select(s.equal(args[2], zero),
                                                         one, args[0]);
                            Value isKept = s.equal(mark, zero);
                            return isReduced ? s.select(isKept, one, args[1])
                                             : s.select(isKept, args[1], one);
                          });
    return node.create<UnsqueezeOp>(sizes, ArrayRef<int64_t>(1));
  };
  Value pairs = node.create<ConcatOp>(ValueRange{choose(false), choose(true)},
                                      int64_t(1));
  Value sizes = node.decideSizes(node.reshape(pairs, {2 * rank}), "the axes");
  PairedDims paired;
  for (int64_t dim = 0; dim < rank; ++dim)
    paired.reduced.push_back(2 * dim + 1);
  paired.view = node.create<ReshapeOp>(x, sizes, /*allow_zero=*/true);
  paired.count = node.reduce(
      node.create<GatherOp>(sizes, node.indices(paired.reduced), int64_t(0)),
      "prod", {0});
  return paired;
}

/// The same along axes that a run decides: one after the other where their
/// number is known, else all at once.
Value reduceOpen(Node &node, Value value, StringRef kind, Value axes,
                 bool keepDims) {
  bool isMean = kind == "mean";
  if (isMean && !isa<FloatType>(getType(value).getElementType()))
    value = node.cast(value, IntegerType::get(node.getContext(), 64));
  Value count = node.indices(1), total;
  if (hasOpenLength(axes)) {
    PairedDims paired = pairDims(node, value, axes);
    count = paired.count;
    total = node.reduce(paired.view, isMean ? "sum" : kind, paired.reduced,
                        /*keepDims=*/false);
  } else {
    total = walkAxes(
        node, value, axes, keepDims,
        {[&](int64_t, Value) { return node.indices(1); },
         [&](int64_t, Value view, Value) {
           count = mapInts(
               node,
               {count, node.create<ShapeOp>(view, int64_t(1), int64_t(2))},
               [](Scalar &s, ArrayRef<Value> args) {
                 return s.mul(args[0], args[1]);
               });
           return node.reduce(view, isMean ? "sum" : kind, {1});
         }});
  }
  if (!isMean || node.hasFailed())
    return total;
  // The mean of no elements is 0.
  return node.map({total, pickEntry(node, count, 0)},
                  getType(total).getElementType(),
                  [](Scalar &s, ArrayRef<Value> args) {
                    Type type = args[1].getType();
                    Value divisor = s.max(args[1], s.integer(type, 1));
                    return s.div(args[0], s.convert(divisor, args[0].getType(),
                                                    false, false));
                  });
}

Handler reduction(Reduction reduction, int64_t inputSince) {
  return [=](Node &node) {
    Value x = node.input(
        0, "data", NumberKind | (reduction.takesBool ? BoolKind : NumberKind));
    bool keepDims = node.getBool("keepdims", true);
    Axes axes = readReducedAxes(node, x, inputSince);
    if (node.hasFailed())
      return failure();
    Value value = getWorkType(node, x, reduction.needsFloat);
    if (reduction.before)
      value = node.map(value, reduction.before);
    value =
        axes.open
            ? reduceOpen(node, value, reduction.kind, axes.open, keepDims)
            : reduceKnown(node, value, x, reduction.kind, axes.known, keepDims);
    if (reduction.after)
      value = node.map(value, reduction.after);
    return node.result(node.cast(value, getType(x).getElementType()));
  };
}

/// log(sum(exp(x - m))) + m with m the largest element, which keeps exp in
/// range. Keeps the dims.
Value reduceLogSumExp(Node &node, Value value, ArrayRef<int64_t> axes) {
  Value largest =
      node.map(node.reduce(value, "max", axes), [](Scalar &s, Value m) {
        // An infinite m would give inf - inf.
        Value infinity = s.number(m, std::numeric_limits<double>::infinity());
        return s.select(s.less(s.abs(m), infinity), m, s.number(m, 0));
      });
  if (node.hasFailed())
    return {};
  Type type = getType(value).getElementType();
  Value powers =
      node.map({value, largest}, type, [](Scalar &s, ArrayRef<Value> args) {
        return s.exp(s.sub(args[0], args[1]));
      });
  return node.map({node.reduce(powers, "sum", axes), largest}, type,
                  [](Scalar &s, ArrayRef<Value> args) {
                    return s.add(s.log(args[0]), args[1]);
                  });
}

Handler logSumExp(int64_t inputSince) {
  return [=](Node &node) {
    Value x = node.input(0, "data", NumberKind);
    bool keepDims = node.getBool("keepdims", true);
    Axes axes = readReducedAxes(node, x, inputSince);
    if (node.hasFailed())
      return failure();
    if (axes.known.empty() && !axes.open)
      return node.result(x);
    Value result = getWorkType(node, x, /*needsFloat=*/true);
    if (hasOpenLength(axes.open)) {
      PairedDims paired = pairDims(node, result, axes.open);
      result = node.create<SqueezeOp>(
          reduceLogSumExp(node, paired.view, paired.reduced), paired.reduced);
    } else if (axes.open) {
      result = walkAxes(node, result, axes.open, keepDims,
                        {[&](int64_t, Value) { return node.indices(1); },
                         [&](int64_t, Value view, Value) {
                           return reduceLogSumExp(node, view, {1});
                         }});
    } else {
      result = reduceLogSumExp(node, result, axes.known);
      if (!keepDims)
        result = node.create<SqueezeOp>(result, axes.known);
    }
    return node.result(node.cast(result, getType(x).getElementType()));
  };
}

/// Demands that an open dim holds elements to choose from, unless the result
/// has none: of rows without one, graph.arg_reduce leaves out the places.
LogicalResult demandElements(Node &node, Value x, int64_t axis) {
  if (!getType(x).isDynamicDim(axis))
    return success();
  Value dims = getDims(node, x), size = node.create<ShapeOp>(x, axis, axis + 1);
  SmallVector<Value> operands{size};
  for (int64_t dim = 0; dim < getType(x).getRank(); ++dim)
    if (dim != axis)
      operands.push_back(takeEntries(node, dims, dim, 1));
  Value rest = mapInts(node, operands, [](Scalar &s, ArrayRef<Value> args) {
    Type type = args[0].getType();
    Value most = s.integer(type, maxElements), rows = s.integer(type, 1);
    for (Value arg : args.drop_front())
      rows = s.mul(rows, arg);
    Value needed = s.div(s.add(rows, s.sub(most, s.integer(type, 1))), most);
    return s.sub(args[0], needed);
  });
  return demand(node, {rest, 0, INT64_MAX, /*isExcluded=*/false,
                       "elements to choose from along axis " +
                           std::to_string(axis) + " (a rest of at least 0)"});
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
    if (node.hasFailed() || failed(demandElements(node, x, axis)))
      return failure();
    return node.result(node.create<ArgReduceOp>(x, kind, axis, keepDims, last));
  };
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
  else if (hasOpenLength(k))
    k = fixLength(node, k, "K", 1);
  if (getType(k).getRank() == 1 && getType(k).getDimSize(0) == 1)
    k = node.decideSizes(k, "input 'K'");
  axis = node.normalizeAxis(axis, getType(x).getRank());
  // Of nothing, a run can only take nothing.
  if (!node.hasFailed() && getType(x).getDimSize(axis) == 0 &&
      failed(getConstantInts(k))) {
    if (failed(demand(
            node, {k, 0, 0, false,
                   "k of at most the size of dim " + std::to_string(axis)})))
      return failure();
    k = node.indices(0);
  }
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
  table.add("TopK", 1, importTopK);
}

} // namespace lambent::graph
