//===- Axes.cpp - Axes that are an input of a node ------------------------===//

#include "Axes.h"
#include "Importer.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Axes readAxes(Node &node, unsigned index, StringRef name) {
  Value input = node.input(index, name, IntegerKind);
  if (!input)
    return {};
  if (getConstantValue(input) || succeeded(getConstantInts(input)))
    return {node.constantInts(index, name), {}};
  Value axes = node.indexInput(index, name);
  if (axes && getType(axes).getRank() == 0)
    axes = node.reshape(axes, {1});
  if (failed(requireVector(node, axes, name)))
    return {};
  // A model with known axes is the faster one.
  if (node.getImporter().isOffered(input)) {
    (void)node.undetermined("input '" + name + "'", input);
    return {};
  }
  return {{}, axes};
}

Value normalizeOpenAxes(Node &node, Value axes, int64_t rank) {
  int64_t count = axes ? getType(axes).getDimSize(0) : 0;
  if (count > rank) {
    (void)node.error("expected at most " + Twine(rank) + " axes, but got " +
                     Twine(count));
    return {};
  }
  ValueRule rule{axes, -rank, rank - 1, /*isExcluded=*/false,
                 "an axis from " + std::to_string(-rank) + " to " +
                     std::to_string(rank - 1)};
  if (failed(demand(node, rule)))
    return {};
  return mapInts(node, axes, [&](Scalar &s, ArrayRef<Value> args) {
    Type type = args[0].getType();
    return s.select(s.less(args[0], s.integer(type, 0)),
                    s.add(args[0], s.integer(type, rank)), args[0]);
  });
}

/// 0 to count - 1, as a vector or, turned, a matrix of one column.
static Value listPlaces(Node &node, int64_t count, bool asColumn = false) {
  SmallVector<int64_t> shape{count};
  if (asColumn)
    shape.push_back(1);
  return node.indices(listAxes(0, count), shape);
}

static Value asColumn(Node &node, Value list) {
  return node.reshape(list, {-1, 1});
}

Value spreadEntries(Node &node, Value entries, Value axes, int64_t rank) {
  Value rows = mapInts(
      node,
      {asColumn(node, axes), listPlaces(node, rank), asColumn(node, entries)},
      [&](Scalar &s, ArrayRef<Value> args) {
        return s.select(s.equal(args[0], args[1]), args[2],
                        s.integer(args[2].getType(), 0));
      });
  return node.reduce(rows, "sum", {0}, /*keepDims=*/false);
}

Value markAxes(Node &node, Value axes, int64_t rank) {
  if (!axes || node.hasFailed())
    return {};
  Value ones = node.create<ExpandOp>(node.indices(1), getDims(node, axes));
  Value marks = spreadEntries(node, ones, axes, rank);
  ValueRule rule{marks, 0, 1, /*isExcluded=*/false,
                 "each axis at most once among the axes"};
  return failed(demand(node, rule)) ? Value() : marks;
}

/// How many entries that are not marked come before each.
static Value countUnmarked(Node &node, Value marks) {
  Value unmarked = mapInts(node, marks, [](Scalar &s, ArrayRef<Value> args) {
    return s.sub(s.integer(args[0].getType(), 1), args[0]);
  });
  return node.create<CumSumOp>(unmarked, int64_t(0), /*exclusive=*/true,
                               /*reverse=*/false);
}

Value dropMarked(Node &node, Value dims, Value marks, int64_t count) {
  if (count <= 0)
    return node.indices(ArrayRef<int64_t>());
  Value rows = mapInts(node,
                       {listPlaces(node, count, /*asColumn=*/true),
                        countUnmarked(node, marks), marks, dims},
                       [](Scalar &s, ArrayRef<Value> args) {
                         Value zero = s.integer(args[0].getType(), 0);
                         Value kept =
                             s.select(s.equal(args[2], zero), args[3], zero);
                         return s.select(s.equal(args[0], args[1]), kept, zero);
                       });
  return node.reduce(rows, "sum", {1}, /*keepDims=*/false);
}

Value spreadUnmarked(Node &node, Value dims, Value marks) {
  if (node.hasFailed() || !dims)
    return {};
  int64_t count = getType(dims).getDimSize(0);
  Value spread =
      node.indices(SmallVector<int64_t>(getType(marks).getDimSize(0), 0));
  if (count > 0) {
    Value columns =
        mapInts(node,
                {listPlaces(node, count, /*asColumn=*/true),
                 countUnmarked(node, marks), asColumn(node, dims)},
                [](Scalar &s, ArrayRef<Value> args) {
                  return s.select(s.equal(args[0], args[1]), args[2],
                                  s.integer(args[2].getType(), 0));
                });
    spread = node.reduce(columns, "sum", {0}, /*keepDims=*/false);
  }
  return mapInts(node, {marks, spread}, [](Scalar &s, ArrayRef<Value> args) {
    Type type = args[0].getType();
    return s.select(s.equal(args[0], s.integer(type, 0)), args[1],
                    s.integer(type, 1));
  });
}

/// The products of the dims before, at and behind an axis: i64[3].
static Value splitDims(Node &node, Value dims, Value axis, int64_t rank) {
  Value factors = mapInts(
      node,
      {node.indices({-1, 0, 1}, {3, 1}), listPlaces(node, rank), axis, dims},
      [](Scalar &s, ArrayRef<Value> args) {
        Value side = s.clamp(s.sub(args[1], args[2]), -1, 1);
        return s.select(s.equal(side, args[0]), args[3],
                        s.integer(args[3].getType(), 1));
      });
  return node.reduce(factors, "prod", {1}, /*keepDims=*/false);
}

Value walkAxes(Node &node, Value x, Value axes, bool keepDims,
               const AlongAxis &work) {
  if (!x || !axes || node.hasFailed())
    return {};
  int64_t rank = getType(x).getRank(), count = getType(axes).getDimSize(0);
  axes = normalizeOpenAxes(node, axes, rank);
  if (!axes)
    return {};
  Value marks = markAxes(node, axes, rank), dims = getDims(node, x);
  // For each step the sizes before, of and behind the axis, and the new one;
  // then the result's.
  SmallVector<Value> lists;
  for (int64_t i = 0; i < count; ++i) {
    Value axis = pickEntry(node, axes, i),
          parts = splitDims(node, dims, axis, rank),
          left = work.resize(i, takeEntries(node, parts, 1, 1));
    lists.append({parts, left});
    dims =
        mapInts(node, {listPlaces(node, rank), axis, left, dims},
                [](Scalar &s, ArrayRef<Value> args) {
                  return s.select(s.equal(args[0], args[1]), args[2], args[3]);
                });
  }
  int64_t left = keepDims ? rank : rank - count;
  lists.push_back(keepDims ? dims : dropMarked(node, dims, marks, left));
  if (node.hasFailed())
    return {};
  Value sizes = node.decideSizes(joinLists(node, lists), "the axes");
  if (node.hasFailed())
    return {};
  auto view = [&](int64_t first, int64_t length) {
    x = node.create<ReshapeOp>(x, takeEntries(node, sizes, first, length),
                               /*allow_zero=*/true);
  };
  for (int64_t i = 0; i < count; ++i) {
    view(4 * i, 3);
    x = work.step(i, x, takeEntries(node, sizes, 4 * i + 3, 1));
  }
  view(4 * count, left);
  return x;
}

} // namespace lambent::graph
