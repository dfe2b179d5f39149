//===- Slice.cpp - Parts of a tensor --------------------------------------===//
//
// Where a run decides what is taken along an axis, that are as many elements as
// the clamped range holds: a slice where its sizes are known as expressions and
// it goes up, else elements looked up one by one.
//
//===----------------------------------------------------------------------===//

#include "Axes.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Whether a place is behind every dim: what exporters write for the end of one
/// of any size, and more.
bool isBeyond(const Size &place) {
  return place.isNumber() && place.getNumber() >= 1000000000;
}

/// What Slice says of one axis or several: i64 lists of one length.
struct Ranges {
  Value starts, ends, steps;

  Ranges take(Node &node, int64_t index) const {
    return {takeEntries(node, starts, index, 1),
            takeEntries(node, ends, index, 1),
            takeEntries(node, steps, index, 1)};
  }
  Ranges take(Node &node, ArrayRef<int64_t> indices) const {
    auto pick = [&](Value list) {
      return node.create<GatherOp>(list, node.indices(indices), int64_t(0));
    };
    return {pick(starts), pick(ends), pick(steps)};
  }
};

/// A range as a first element and a number of elements, given the dim's size.
struct Taken {
  Value first, count, step; ///< i64[1]
};

/// A place (i64[1]), as the nearest outside the dim where it is known to be
/// beyond.
Value bringNear(Node &node, Value place, Value size) {
  auto known = getKnownSizes(place);
  if (succeeded(known) && isBeyond((*known)[0]))
    return size;
  if (succeeded(known) && isBeyond(0 - (*known)[0]))
    return mapInts(node, size, [](Scalar &s, ArrayRef<Value> args) {
      return s.sub(s.integer(args[0].getType(), -1), args[0]);
    });
  return place;
}

/// A list whose entries are known as sizes, without the ops that compute them.
Value asSizes(Node &node, Value list) {
  auto sizes = getKnownSizes(list);
  return succeeded(sizes) && areKnown(*sizes)
             ? node.decideSizes(list, "the slice")
             : list;
}

/// Clamps as ONNX does: places count from the end where they are negative, and
/// a range backwards may end before the first element.
Taken clampRange(Node &node, const Ranges &range, Value size) {
  // A longer step leads out of every dim, too.
  Value step = mapInts(node, range.steps, [](Scalar &s, ArrayRef<Value> args) {
    return s.clamp(args[0], -double(maxElements), double(maxElements));
  });
  auto place = [&](Value at, int64_t lowestBackwards) {
    return mapInts(
        node, {at, size, step}, [&](Scalar &s, ArrayRef<Value> args) {
          Type type = args[0].getType();
          Value zero = s.integer(type, 0), one = s.integer(type, 1);
          Value from =
              s.select(s.less(args[0], zero), s.add(args[0], args[1]), args[0]);
          Value backwards = s.less(args[2], zero);
          Value low =
              s.select(backwards, s.integer(type, lowestBackwards), zero);
          Value high = s.select(backwards, s.sub(args[1], one), args[1]);
          return s.min(s.max(from, low), high);
        });
  };
  Value first = place(range.starts, 0), last = place(range.ends, -1);
  Value count =
      mapInts(node, {first, last, step}, [](Scalar &s, ArrayRef<Value> args) {
        Type type = args[0].getType();
        Value zero = s.integer(type, 0), one = s.integer(type, 1);
        Value backwards = s.less(args[2], zero);
        Value span = s.select(backwards, s.sub(args[0], args[1]),
                              s.sub(args[1], args[0]));
        Value hop = s.select(backwards, s.sub(zero, args[2]), args[2]);
        return s.div(s.add(s.max(span, zero), s.sub(hop, one)), hop);
      });
  return {asSizes(node, first), asSizes(node, count), step};
}

/// Takes `count` (i64[1], known as a size) elements along an axis.
Value take(Node &node, Value x, int64_t axis, const Taken &taken, Value count) {
  auto first = getKnownSizes(taken.first);
  auto step = getConstantInts(taken.step);
  if (succeeded(first) && (*first)[0].isNotNegative() && succeeded(step) &&
      (*step)[0] > 0) {
    Value end = mapInts(node, {taken.first, count, taken.step},
                        [](Scalar &s, ArrayRef<Value> args) {
                          return s.add(args[0], s.mul(args[1], args[2]));
                        });
    Value part = node.create<SliceOp>(x, taken.first, end, taken.step,
                                      ArrayRef<int64_t>(axis));
    if (hasKnownSizes(part))
      return part;
  }
  Value places = mapInts(node, {countUp(node, count), taken.first, taken.step},
                         [](Scalar &s, ArrayRef<Value> args) {
                           return s.add(args[1], s.mul(args[0], args[2]));
                         });
  return node.create<GatherOp>(x, places, axis);
}

LogicalResult requireSteps(Node &node, Value steps) {
  ValueRule rule{steps, 0, 0, /*isExcluded=*/true, "steps other than 0"};
  return demand(node, rule);
}

/// A slice along axes that a run decides.
Value sliceOpenAxes(Node &node, Value x, Value axes, const Ranges &ranges) {
  if (failed(requireSteps(node, ranges.steps)))
    return {};
  SmallVector<Taken> taken;
  return walkAxes(node, x, axes, /*keepDims=*/true,
                  {[&](int64_t index, Value size) {
                     taken.push_back(
                         clampRange(node, ranges.take(node, index), size));
                     return taken.back().count;
                   },
                   [&](int64_t index, Value view, Value count) {
                     return take(node, view, 1, taken[index], count);
                   }});
}

/// A slice of which a run decides sizes along axes that are known.
Value sliceOpenSizes(Node &node, Value x, ArrayRef<int64_t> axes,
                     const Ranges &ranges, ArrayRef<int64_t> open) {
  if (failed(requireSteps(node, ranges.steps)))
    return {};
  SmallVector<Taken> taken;
  SmallVector<Value> counts;
  for (int64_t index : open) {
    Value size = node.create<ShapeOp>(x, axes[index], axes[index] + 1);
    Ranges range = ranges.take(node, index);
    range.starts = bringNear(node, range.starts, size);
    range.ends = bringNear(node, range.ends, size);
    taken.push_back(clampRange(node, range, size));
    counts.push_back(taken.back().count);
  }
  if (node.hasFailed())
    return {};
  if (open.empty())
    return x;
  Value sizes = node.decideSizes(joinLists(node, counts), "the slice");
  if (node.hasFailed())
    return {};
  for (auto [number, index] : enumerate(open))
    x = take(node, x, axes[index], taken[number],
             takeEntries(node, sizes, number, 1));
  return x;
}

/// Whether a range lies in its dim, or is all of it, in every run in which the
/// dim holds elements, as graph.slice takes for granted: of a dim without any,
/// a run says so. x[:1] has one element then, and x[1:] one less.
bool liesWithin(const Size &dim, const Size &start, const Size &end,
                const Size &step) {
  if (!step.isNumber() || step.getNumber() <= 0)
    return true; // where the dim is open, graph.slice knows whole ones only
  auto place = [&](const Size &at) {
    if (isBeyond(at))
      return dim;
    if (isBeyond(0 - at))
      return Size(0);
    return at.isNotNegative()         ? at
           : (0 - at).isNotNegative() ? dim + at
                                      : Size::unknown();
  };
  auto holds = [&](const Size &size) {
    return size.isNotNegative() || (size - (dim - 1)).isNotNegative();
  };
  Size first = place(start), last = place(end);
  return holds(first) && holds(dim - last) && holds(last - first);
}

/// A slice along axes that are known.
Value slice(Node &node, Value x, ArrayRef<int64_t> axes, const Ranges &ranges) {
  auto create = [&](Value input, ArrayRef<int64_t> along, const Ranges &part) {
    return node.create<SliceOp>(input, part.starts, part.ends, part.steps,
                                along);
  };
  Value result = create(x, axes, ranges);
  if (!result || !hasKnownSizes(x))
    return result;
  SmallVector<Sizes> lists;
  for (Value list : {ranges.starts, ranges.ends, ranges.steps}) {
    auto known = getKnownSizes(list);
    lists.push_back(succeeded(known) ? *known : Sizes(axes.size()));
  }
  Sizes sizes = getSizes(getType(x)), taken = getSizes(getType(result));
  SmallVector<int64_t> open, closed, closedAxes;
  for (auto [index, axis] : enumerate(axes)) {
    // Of no elements every slice is all.
    if (sizes[axis].is(0))
      continue;
    bool isKnown =
        taken[axis].isKnown() && (areNumbers({sizes[axis], taken[axis]}) ||
                                  liesWithin(sizes[axis], lists[0][index],
                                             lists[1][index], lists[2][index]));
    (isKnown ? closed : open).push_back(index);
    if (isKnown)
      closedAxes.push_back(axis);
  }
  if (closed.size() == axes.size())
    return result;
  if (!closed.empty())
    x = create(x, closedAxes, ranges.take(node, closed));
  return sliceOpenSizes(node, x, axes, ranges, open);
}

/// Slice before opset 10: all lists are attributes.
LogicalResult importLegacySlice(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  SmallVector<int64_t> starts = node.getInts("starts"),
                       ends = node.getInts("ends");
  SmallVector<int64_t> all = listAxes(0, starts.size());
  SmallVector<int64_t> axes = node.getInts("axes", ArrayRef<int64_t>(all)),
                       steps(starts.size(), 1);
  if (node.hasFailed())
    return failure();
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, getType(x).getRank());
  Ranges ranges{node.indices(starts), node.indices(ends), node.indices(steps)};
  return node.result(slice(node, x, axes, ranges));
}

/// A slice along axes of which a run decides even the number: ranges of all
/// axes, which are whole dims elsewhere.
Value sliceAnyAxes(Node &node, Value x, Value axes, const Ranges &ranges) {
  int64_t rank = getType(x).getRank();
  axes = normalizeOpenAxes(node, axes, rank);
  Value marks = markAxes(node, axes, rank);
  auto spread = [&](Value list, int64_t elsewhere) {
    return mapInts(node, {marks, spreadEntries(node, list, axes, rank)},
                   [&](Scalar &s, ArrayRef<Value> args) {
                     Type type = args[0].getType();
                     return s.select(s.equal(args[0], s.integer(type, 0)),
                                     s.integer(type, elsewhere), args[1]);
                   });
  };
  if (node.hasFailed())
    return {};
  Value steps = ranges.steps ? spread(ranges.steps, 1)
                             : node.indices(SmallVector<int64_t>(rank, 1));
  return slice(
      node, x, listAxes(0, rank),
      {spread(ranges.starts, 0), spread(ranges.ends, maxElements), steps});
}

/// How many axes are sliced: what one of the lists says, or else the first.
Size countRanges(Node &node, const Ranges &ranges, const Axes &axes) {
  if (node.hasInput(3) && !axes.open)
    return int64_t(axes.known.size());
  Value lists[] = {ranges.starts, ranges.ends, axes.open, ranges.steps};
  for (Value list : lists)
    if (list && getType(list).getRank() == 1 && !hasOpenLength(list))
      return getType(list).getDimSize(0);
  return getType(ranges.starts).getRank() == 1
             ? getSizes(getType(ranges.starts)).front()
             : Size(0);
}

LogicalResult importSlice(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  Ranges ranges{node.indexInput(1, "starts"), node.indexInput(2, "ends"), {}};
  Axes axes;
  if (node.hasInput(3))
    axes = readAxes(node, 3, "axes");
  if (node.hasInput(4))
    ranges.steps = node.indexInput(4, "steps");
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  Size count = rank == 0 ? Size(0) : countRanges(node, ranges, axes);
  if (count.isNumber() && count.getNumber() > rank)
    return node.error("expected at most " + Twine(rank) + " starts, but got " +
                      Twine(count.getNumber()));
  ranges.starts = fixLength(node, ranges.starts, "starts", count);
  ranges.ends = fixLength(node, ranges.ends, "ends", count);
  if (ranges.steps)
    ranges.steps = fixLength(node, ranges.steps, "steps", count);
  if (axes.open)
    axes.open = fixLength(node, axes.open, "axes", count);
  if (node.hasFailed())
    return failure();
  if (!count.isNumber())
    return node.result(sliceAnyAxes(
        node, x, axes.open ? axes.open : countUp(node, node.sizeList({count})),
        ranges));
  if (!ranges.steps)
    ranges.steps = node.indices(SmallVector<int64_t>(count.getNumber(), 1));
  if (axes.open)
    return node.result(sliceOpenAxes(node, x, axes.open, ranges));
  if (!node.hasInput(3))
    axes.known = listAxes(0, count.getNumber());
  for (int64_t &axis : axes.known)
    axis = node.normalizeAxis(axis, rank);
  return node.result(slice(node, x, axes.known, ranges));
}

} // namespace

void addSliceRows(OpTable &table) {
  table.add("Slice", 1, importLegacySlice);
  table.add("Slice", 10, importSlice);
}

} // namespace lambent::graph
