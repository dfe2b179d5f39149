//===- Pad.cpp - Padding --------------------------------------------------===//
//
// Where a run decides the pads, constants are put around what is left of the
// crop; the other modes look up what they repeat, axis by axis.
//
//===----------------------------------------------------------------------===//

#include "Pad.h"
#include "Axes.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// The dims of `x` at the axes.
static Value getDimsAt(Node &node, Value x, ArrayRef<int64_t> axes) {
  return node.create<GatherOp>(getDims(node, x), node.indices(axes),
                               int64_t(0));
}

/// `counts` elements along the axes, from `starts` on: lists whose entries are
/// known as numbers or expressions.
static Value crop(Node &node, Value x, Value starts, Value counts,
                  ArrayRef<int64_t> axes) {
  for (auto [index, axis] : enumerate(axes)) {
    // There is nothing to crop of no elements.
    if (node.hasFailed() || getType(x).getDimSize(axis) == 0)
      continue;
    Value start = takeEntries(node, starts, index, 1),
          count = takeEntries(node, counts, index, 1);
    Value end =
        mapInts(node, {start, count}, [](Scalar &s, ArrayRef<Value> args) {
          return s.add(args[0], args[1]);
        });
    Value part = node.create<SliceOp>(x, start, end, node.indices(1),
                                      ArrayRef<int64_t>(axis));
    if (!part || hasKnownSizes(part)) {
      x = part;
      continue;
    }
    Value places = mapInts(node, {countUp(node, count), start},
                           [](Scalar &s, ArrayRef<Value> args) {
                             return s.add(args[0], args[1]);
                           });
    x = node.create<GatherOp>(x, places, axis);
  }
  return x;
}

/// Crops, then pads, by sizes that are decided first.
static Value padConstant(Node &node, Value x, Value front, Value back,
                         Value value, ArrayRef<int64_t> axes) {
  int64_t count = axes.size();
  auto atLeast0 = [&](Value list, bool negated) {
    return mapInts(node, list, [&](Scalar &s, ArrayRef<Value> args) {
      Value zero = s.integer(args[0].getType(), 0);
      return s.max(negated ? s.sub(zero, args[0]) : args[0], zero);
    });
  };
  Value cut = atLeast0(front, true);
  Value inside =
      mapInts(node, {getDimsAt(node, x, axes), cut, atLeast0(back, true)},
              [](Scalar &s, ArrayRef<Value> args) {
                return s.sub(s.sub(args[0], args[1]), args[2]);
              });
  Value sizes =
      node.decideSizes(joinLists(node, {cut, inside, atLeast0(front, false),
                                        atLeast0(back, false)}),
                       "the pads");
  if (node.hasFailed())
    return {};
  x = crop(node, x, takeEntries(node, sizes, 0, count),
           takeEntries(node, sizes, count, count), axes);
  return node.create<PadOp>(x, takeEntries(node, sizes, 2 * count, 2 * count),
                            value, StringRef("constant"), axes);
}

/// The element of a dim of `size` that stands at `place`, from its first one.
static Value findSource(Scalar &s, StringRef mode, Value place, Value size) {
  Value zero = s.integer(place.getType(), 0),
        one = s.integer(place.getType(), 1);
  Value last = s.sub(size, one);
  if (mode == "edge")
    return s.max(s.min(place, last), zero);
  Value period = mode == "wrap" ? size : s.add(last, last);
  Value rest = s.rem(place, period);
  Value phase = s.select(s.less(rest, zero), s.add(rest, period), rest);
  return mode == "wrap" ? phase : s.min(phase, s.sub(period, phase));
}

/// Looks up the elements along one axis after the other.
static Value padRepeating(Node &node, Value x, Value front, Value back,
                          StringRef mode, ArrayRef<int64_t> axes) {
  Value padded = mapInts(node, {getDimsAt(node, x, axes), front, back},
                         [](Scalar &s, ArrayRef<Value> args) {
                           return s.add(s.add(args[0], args[1]), args[2]);
                         });
  Value sizes = node.decideSizes(padded, "the pads");
  if (node.hasFailed())
    return {};
  for (auto [index, axis] : enumerate(axes)) {
    Value size = node.create<ShapeOp>(x, axis, axis + 1),
          count = takeEntries(node, sizes, index, 1);
    if (getType(x).getDimSize(axis) == 0) {
      ValueRule rule{count, 0, 0, /*isExcluded=*/false,
                     "no pads of a dim without elements"};
      if (failed(demand(node, rule)))
        return {};
      continue;
    }
    Value sources = mapInts(
        node, {countUp(node, count), takeEntries(node, front, index, 1), size},
        [&](Scalar &s, ArrayRef<Value> args) {
          return findSource(s, mode, s.sub(args[0], args[1]), args[2]);
        });
    x = node.create<GatherOp>(x, sources, axis);
  }
  return x;
}

/// Whether there are pads that runs alone know to be negative: graph.pad takes
/// for granted that they are not.
static bool mayCrop(Value pads) {
  FailureOr<Sizes> known = getKnownSizes(pads);
  return failed(known) || any_of(*known, [](const Size &size) {
           return !size.isNumber() && !size.isNotNegative();
         });
}

Value pad(Node &node, Value x, Value pads, Value value, StringRef mode,
          ArrayRef<int64_t> axes) {
  Value result = node.create<PadOp>(x, pads, value, mode, axes);
  if (!result || !hasKnownSizes(x))
    return result;
  // graph.pad repeats no open dim more than once.
  bool mayRepeat = mode == "wrap" && any_of(axes, [&](int64_t axis) {
                     return getType(x).isDynamicDim(axis);
                   });
  if (hasKnownSizes(result) && !mayRepeat && !mayCrop(pads))
    return result;
  int64_t count = axes.size();
  Value front = takeEntries(node, pads, 0, count),
        back = takeEntries(node, pads, count, count);
  return mode == "constant" ? padConstant(node, x, front, back, value, axes)
                            : padRepeating(node, x, front, back, mode, axes);
}

namespace {

std::string readPadMode(Node &node) {
  return node.getChoice("mode", "constant",
                        {"constant", "reflect", "edge", "wrap"});
}

/// Pad before opset 11: all is in attributes.
LogicalResult importLegacyPad(Node &node) {
  Value x = node.input(0, "data", FloatKind);
  SmallVector<int64_t> pads =
      node.getInts(node.getOpset() < 2 ? "paddings" : "pads");
  std::string mode = readPadMode(node);
  float value = node.getFloat("value", 0);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> axes = listAxes(0, getType(x).getRank());
  Value filler = node.scalar(getType(x).getElementType(), value);
  return node.result(
      pad(node, x, node.indices(pads), filler, StringRef(mode), axes));
}

/// Pads given for axes that a run decides as pads of all axes.
Value spreadPads(Node &node, Value pads, Value axes, int64_t rank) {
  Size count = getSizes(getType(axes)).front();
  pads = fixLength(node, pads, "pads", count * 2);
  axes = normalizeOpenAxes(node, axes, rank);
  (void)markAxes(node, axes, rank); // each at most once
  Value lists[] = {
      spreadEntries(node, takeEntries(node, pads, 0, count), axes, rank),
      spreadEntries(node, takeEntries(node, pads, count, count), axes, rank)};
  return joinLists(node, lists);
}

LogicalResult importPad(Node &node) {
  Value x = node.input(0, "data", MovedKind), pads = node.indexInput(1, "pads");
  Value value = node.optionalInput(2, "constant_value", MovedKind);
  std::string mode = readPadMode(node);
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  Axes axes{listAxes(0, rank), {}};
  if (node.hasInput(3))
    axes = readAxes(node, 3, "axes");
  for (int64_t &axis : axes.known)
    axis = node.normalizeAxis(axis, rank);
  if (node.hasFailed())
    return failure();
  if (axes.open) {
    pads = spreadPads(node, pads, axes.open, rank);
    axes.known = listAxes(0, rank);
  } else {
    pads = fixLength(node, pads, "pads", int64_t(2 * axes.known.size()));
  }
  if (mode == "constant" && !value)
    value = node.scalar(getType(x).getElementType(), 0);
  if (value && getType(value).getRank() > 0)
    value = node.reshape(value, ArrayRef<int64_t>());
  return node.result(pad(node, x, pads, mode == "constant" ? value : Value(),
                         mode, axes.known));
}

} // namespace

void addPadRows(OpTable &table) {
  table.add("Pad", 1, importLegacyPad);
  table.add("Pad", 11, importPad);
}

} // namespace lambent::graph
