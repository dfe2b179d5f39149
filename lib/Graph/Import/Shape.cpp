//===- Shape.cpp - Ops that move or describe data -------------------------===//

#include "Axes.h"
#include "Broadcast.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

LogicalResult importShape(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  int64_t start = node.getInt("start", 0), end = node.getInt("end", INT64_MAX);
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  auto clamp = [&](int64_t index) {
    return std::clamp(index < 0 ? index + rank : index, int64_t(0), rank);
  };
  start = clamp(start);
  end = std::max(start, clamp(end));
  return node.result(node.create<ShapeOp>(x, start, end));
}

LogicalResult importSize(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  if (node.hasFailed())
    return failure();
  if (getType(x).hasStaticShape())
    return node.result(
        node.indices(getType(x).getNumElements(), ArrayRef<int64_t>()));
  Value shape = node.create<ShapeOp>(x, int64_t(0), getType(x).getRank());
  return node.result(
      node.reduce(shape, "prod", int64_t(0), /*keepDims=*/false));
}

/// The dims of a reshape whose shape a run decides: what 0 and -1 stand for is
/// computed.
Value computeReshape(Node &node, Value x, Value shape, bool allowZero) {
  int64_t rank = getType(x).getRank(), length = getType(shape).getDimSize(0);
  Value dims = getDims(node, x);
  if (!allowZero) {
    // A dim that the input does not have is not copied.
    Value copied =
        rank >= length
            ? takeEntries(node, dims, 0, length)
            : joinLists(
                  node,
                  {dims, node.indices(SmallVector<int64_t>(length - rank, 0))});
    shape = mapInts(node, {shape, copied}, [](Scalar &s, ArrayRef<Value> args) {
      Value zero = s.integer(args[0].getType(), 0);
      return s.select(s.equal(args[0], zero), args[1], args[0]);
    });
  }
  auto isDeduced = [](Scalar &s, Value dim) {
    return s.equal(dim, s.integer(dim.getType(), -1));
  };
  Value deduced = mapInts(node, shape, [&](Scalar &s, ArrayRef<Value> args) {
    Type type = args[0].getType();
    return s.select(isDeduced(s, args[0]), s.integer(type, 1),
                    s.integer(type, 0));
  });
  ValueRule rule{node.reduce(deduced, "sum", {0}, /*keepDims=*/false), 0, 1,
                 /*isExcluded=*/false, "at most one dim of -1"};
  if (failed(demand(node, rule)))
    return {};
  Value given = mapInts(node, shape, [&](Scalar &s, ArrayRef<Value> args) {
    return s.select(isDeduced(s, args[0]), s.integer(args[0].getType(), 1),
                    args[0]);
  });
  Value rest = mapInts(
      node,
      {node.reduce(dims, "prod", {0}, /*keepDims=*/false),
       node.reduce(given, "prod", {0}, /*keepDims=*/false)},
      [](Scalar &s, ArrayRef<Value> args) { return s.div(args[0], args[1]); });
  return mapInts(node, {shape, rest}, [&](Scalar &s, ArrayRef<Value> args) {
    return s.select(isDeduced(s, args[0]), args[1], args[0]);
  });
}

Value reshape(Node &node, Value x, Value shape, bool allowZero) {
  Value result = node.create<ReshapeOp>(x, shape, allowZero);
  if (!result || hasKnownSizes(result) || !hasKnownSizes(x))
    return result;
  Value dims =
      node.decideSizes(computeReshape(node, x, shape, allowZero), "the shape");
  return node.create<ReshapeOp>(x, dims, /*allow_zero=*/true);
}

LogicalResult importReshape(Node &node) {
  Value x = node.input(0, "data", MovedKind),
        shape = node.indexInput(1, "shape");
  bool allowZero = node.getBool("allowzero", false);
  if (getLength(node, shape, "shape") < 0)
    return failure();
  return node.result(reshape(node, x, shape, allowZero));
}

/// Reshape before opset 5: the shape is an attribute.
LogicalResult importLegacyReshape(Node &node) {
  Value x = node.input(0, "data");
  SmallVector<int64_t> shape = node.getInts("shape", ArrayRef<int64_t>());
  node.ignoreAttributes({"consumed_inputs"});
  return node.result(node.create<ReshapeOp>(x, node.indices(shape),
                                            /*allow_zero=*/false));
}

LogicalResult importFlatten(Node &node) {
  Value x = node.input(0, "input", MovedKind);
  int64_t axis = node.getInt("axis", 1);
  if (node.hasFailed())
    return failure();
  // One past the last dim is allowed too.
  if (axis != getType(x).getRank())
    axis = node.normalizeAxis(axis, getType(x).getRank());
  return node.result(node.create<FlattenOp>(x, axis));
}

LogicalResult importTranspose(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> reversed = listAxes(0, getType(x).getRank());
  std::reverse(reversed.begin(), reversed.end());
  return node.result(
      node.transpose(x, node.getInts("perm", ArrayRef<int64_t>(reversed))));
}

LogicalResult importConcat(Node &node) {
  SmallVector<Value> inputs = node.variadicInputs(0, "inputs", MovedKind);
  // Before opset 4, the axis had a default.
  int64_t axis =
      node.getOpset() < 4 ? node.getInt("axis", 1) : node.getInt("axis");
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(inputs[0]).getRank());
  return node.result(inputs.size() == 1 && !node.hasFailed()
                         ? inputs[0]
                         : node.create<ConcatOp>(inputs, axis));
}

/// Expands to a shape of which a run decides sizes: dims of 1 are repeated.
/// `result` is what it is where the others of which nothing is known stay.
Value expandOpen(Node &node, Value x, Value shape, Value result) {
  int64_t rank = getType(result).getRank();
  auto fill = [&](Value list) {
    int64_t missing = rank - getType(list).getDimSize(0);
    if (missing == 0)
      return list;
    return joinLists(node,
                     {node.indices(SmallVector<int64_t>(missing, 1)), list});
  };
  auto isOne = [](Scalar &s, Value size) {
    return s.equal(size, s.integer(size.getType(), 1));
  };
  Value dims = fill(getDims(node, x)), targets = fill(shape);
  Value misfits =
      mapInts(node, {dims, targets}, [&](Scalar &s, ArrayRef<Value> args) {
        Value one = s.integer(args[0].getType(), 1);
        Value fitting = s.select(s.equal(args[0], args[1]), one, args[1]);
        return s.select(isOne(s, args[0]), one, fitting);
      });
  ValueRule rule{misfits, 1, 1, /*isExcluded=*/false,
                 "a shape that the input broadcasts to"};
  if (failed(demand(node, rule)))
    return {};
  Value repeats =
      mapInts(node, {dims, targets}, [&](Scalar &s, ArrayRef<Value> args) {
        return s.select(isOne(s, args[0]), args[1],
                        s.integer(args[0].getType(), 1));
      });
  SmallVector<Value> parts;
  FailureOr<Sizes> from = getKnownSizes(dims), to = getKnownSizes(targets);
  bool isOpen = false;
  for (int64_t dim = 0; dim < rank && succeeded(from); ++dim) {
    Size size = (*from)[dim],
         target = succeeded(to) ? (*to)[dim] : Size::unknown();
    bool stays =
        (size.isNumber() && !size.is(1)) || target.is(1) || target == size;
    isOpen |= !stays && !target.isKnown();
    parts.push_back(stays ? node.indices(1)
                          : takeEntries(node, repeats, dim, 1));
  }
  if (!isOpen)
    return result;
  return node.create<TileOp>(
      node.create<ReshapeOp>(x, dims, /*allow_zero=*/true),
      node.decideSizes(joinLists(node, parts), "the shape"));
}

LogicalResult importExpand(Node &node) {
  Value x = node.input(0, "input", MovedKind),
        shape = node.indexInput(1, "shape");
  if (getLength(node, shape, "shape") < 0)
    return failure();
  repeatOpenDims(node, x, shape);
  Value result = node.create<ExpandOp>(x, shape);
  if (result && hasKnownSizes(x)) {
    FailureOr<Sizes> targets = getKnownSizes(shape);
    if (failed(targets) || !areKnown(*targets))
      result = expandOpen(node, x, shape, result);
  }
  return node.result(result);
}

LogicalResult importTile(Node &node) {
  Value x = node.input(0, "input", MovedKind),
        repeats = node.indexInput(1, "repeats");
  if (node.hasFailed())
    return failure();
  repeats = fixLength(node, repeats, "repeats", getType(x).getRank());
  Value result = node.create<TileOp>(x, repeats);
  if (result && !hasKnownSizes(result) && hasKnownSizes(x))
    result = node.create<TileOp>(x, node.decideSizes(repeats, "the repeats"));
  return node.result(result);
}

/// Tile before opset 6: one dim is repeated.
LogicalResult importLegacyTile(Node &node) {
  Value x = node.input(0, "input");
  SmallVector<int64_t> tiles = node.constantInts(1, "tiles"),
                       axis = node.constantInts(2, "axis");
  if (node.hasFailed())
    return failure();
  if (tiles.size() != 1 || axis.size() != 1)
    return node.error("expected one number of tiles and one axis, but got " +
                      Twine(tiles.size()) + " and " + Twine(axis.size()));
  int64_t rank = getType(x).getRank(), dim = node.normalizeAxis(axis[0], rank);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> repeats(rank, 1);
  repeats[dim] = tiles[0];
  return node.result(node.create<TileOp>(x, node.indices(repeats)));
}

/// Blocks of channels become blocks of pixels, or the other way round: a
/// transposition between two reshapes.
LogicalResult importBlocks(Node &node, bool toSpace) {
  Value x = node.input(0, "input", MovedKind);
  int64_t block = node.getInt("blocksize");
  std::string mode = node.getChoice("mode", "DCR", {"DCR", "CRD"});
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != 4)
    return node.error("expected an input of rank 4, but got " +
                      Twine(type.getRank()));
  Sizes sizes = getSizes(type);
  Size batch = sizes[0], channels = sizes[1], height = sizes[2],
       width = sizes[3];
  if (!areKnown(sizes))
    return node.undetermined("the size of the image");
  // Of an open size the reshape asks it, when the model runs.
  auto isDivided = [](const Size &size, int64_t by) {
    return !size.isNumber() || size.getNumber() % by == 0;
  };
  if (block <= 0 || block > (1 << 20) ||
      (toSpace && !isDivided(channels, block * block)) ||
      (!toSpace && (!isDivided(height, block) || !isDivided(width, block))))
    return node.error("blocksize " + Twine(block) +
                      " does not divide the input's dims");
  Value parts;
  Sizes shape;
  bool depthFirst = mode == "DCR";
  if (toSpace) {
    Size inner = channels.floorDiv(block * block);
    parts = node.reshapeTo(
        x, depthFirst ? Sizes{batch, block, block, inner, height, width}
                      : Sizes{batch, inner, block, block, height, width});
    parts = node.transpose(parts, depthFirst
                                      ? ArrayRef<int64_t>({0, 3, 4, 1, 5, 2})
                                      : ArrayRef<int64_t>({0, 1, 4, 2, 5, 3}));
    shape = {batch, inner, height * block, width * block};
  } else {
    Size rows = height.floorDiv(block), columns = width.floorDiv(block);
    parts = node.reshapeTo(x, {batch, channels, rows, block, columns, block});
    parts = node.transpose(parts, depthFirst
                                      ? ArrayRef<int64_t>({0, 3, 5, 1, 2, 4})
                                      : ArrayRef<int64_t>({0, 1, 3, 5, 2, 4}));
    shape = {batch, channels * (block * block), rows, columns};
  }
  return node.result(node.reshapeTo(parts, shape));
}

} // namespace

void addShapeRows(OpTable &table) {
  table.add("Shape", 1, importShape);
  table.add("Size", 1, importSize);
  table.add("Reshape", 1, importLegacyReshape);
  table.add("Reshape", 5, importReshape);
  table.add("Flatten", 1, importFlatten);
  table.add("Transpose", 1, importTranspose);
  table.add("Concat", 1, importConcat);
  table.add("Expand", 8, importExpand);
  table.add("Tile", 1, importLegacyTile);
  table.add("Tile", 6, importTile);
  table.add("DepthToSpace", 1,
            [](Node &node) { return importBlocks(node, /*toSpace=*/true); });
  table.add("SpaceToDepth", 1,
            [](Node &node) { return importBlocks(node, /*toSpace=*/false); });
}

} // namespace lambent::graph
