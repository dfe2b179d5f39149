//===- Shape.cpp - Ops that move or describe data -------------------------===//

#include "Node.h"
#include "OpTable.h"
#include "Tensor.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

LogicalResult importShape(Node &node) {
  Value x = node.input(0, "data");
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
  Value x = node.input(0, "data");
  if (node.hasFailed())
    return failure();
  if (getType(x).hasStaticShape())
    return node.result(
        node.indices(getType(x).getNumElements(), ArrayRef<int64_t>()));
  Value shape = node.create<ShapeOp>(x, int64_t(0), getType(x).getRank());
  return node.result(
      node.reduce(shape, "prod", int64_t(0), /*keepDims=*/false));
}

LogicalResult importReshape(Node &node) {
  Value x = node.input(0, "data"), shape = node.indexInput(1, "shape");
  bool allowZero = node.getBool("allowzero", false);
  return node.result(node.create<ReshapeOp>(x, shape, allowZero));
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
  Value x = node.input(0, "input");
  int64_t axis = node.getInt("axis", 1);
  if (node.hasFailed())
    return failure();
  // One past the last dim is allowed too.
  if (axis != getType(x).getRank())
    axis = node.normalizeAxis(axis, getType(x).getRank());
  return node.result(node.create<FlattenOp>(x, axis));
}

/// axes as an attribute, or since opset 13 as an input.
std::optional<SmallVector<int64_t>> getAxes(Node &node) {
  if (node.getOpset() >= 13)
    return node.hasInput(1) ? std::optional(node.constantInts(1, "axes"))
                            : std::nullopt;
  return node.hasAttribute("axes") ? std::optional(node.getInts("axes"))
                                   : std::nullopt;
}

LogicalResult importSqueeze(Node &node) {
  Value x = node.input(0, "data");
  std::optional<SmallVector<int64_t>> given = getAxes(node);
  if (node.hasFailed())
    return failure();
  ArrayRef<int64_t> shape = getType(x).getShape();
  SmallVector<int64_t> axes;
  if (given)
    axes = node.normalizeAxes(*given, shape.size());
  else if (!getType(x).hasStaticShape())
    return node.undetermined("which dims are 1");
  else
    for (auto [axis, dim] : enumerate(shape))
      if (dim == 1)
        axes.push_back(axis);
  return node.result(node.create<SqueezeOp>(x, axes));
}

LogicalResult importUnsqueeze(Node &node) {
  Value x = node.input(0, "data");
  std::optional<SmallVector<int64_t>> axes = getAxes(node);
  if (node.hasFailed())
    return failure();
  if (!axes)
    return node.error("the required axes are missing");
  return node.result(node.create<UnsqueezeOp>(
      x,
      node.normalizeAxes(*axes, getType(x).getRank() + int64_t(axes->size()))));
}

LogicalResult importTranspose(Node &node) {
  Value x = node.input(0, "data");
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> reversed = listAxes(0, getType(x).getRank());
  std::reverse(reversed.begin(), reversed.end());
  return node.result(
      node.transpose(x, node.getInts("perm", ArrayRef<int64_t>(reversed))));
}

LogicalResult importConcat(Node &node) {
  SmallVector<Value> inputs = node.variadicInputs(0, "inputs");
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

/// Slice before opset 10: all lists are attributes.
LogicalResult importLegacySlice(Node &node) {
  Value x = node.input(0, "data");
  SmallVector<int64_t> starts = node.getInts("starts"),
                       ends = node.getInts("ends");
  SmallVector<int64_t> all = listAxes(0, starts.size());
  SmallVector<int64_t> axes = node.getInts("axes", ArrayRef<int64_t>(all)),
                       steps(starts.size(), 1);
  if (node.hasFailed())
    return failure();
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, getType(x).getRank());
  return node.result(node.create<SliceOp>(
      x, node.indices(starts), node.indices(ends), node.indices(steps), axes));
}

LogicalResult importSlice(Node &node) {
  Value x = node.input(0, "data"), starts = node.indexInput(1, "starts"),
        ends = node.indexInput(2, "ends");
  if (node.hasFailed())
    return failure();
  RankedTensorType listType = getType(starts);
  if (listType.getRank() != 1)
    return node.error("expected starts to be a vector, but got rank " +
                      Twine(listType.getRank()));
  if (listType.isDynamicDim(0))
    return node.undetermined("the number of sliced axes");
  if (listType.getDimSize(0) > getType(x).getRank())
    return node.error("expected at most " + Twine(getType(x).getRank()) +
                      " starts, but got " + Twine(listType.getDimSize(0)));
  SmallVector<int64_t> axes = listAxes(0, listType.getDimSize(0));
  if (node.hasInput(3))
    axes = node.constantInts(3, "axes");
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, getType(x).getRank());
  Value steps =
      node.hasInput(4)
          ? node.indexInput(4, "steps")
          : node.indices(SmallVector<int64_t>(listType.getDimSize(0), 1));
  return node.result(node.create<SliceOp>(x, starts, ends, steps, axes));
}

/// Split becomes one slice per output. The sizes are an attribute, an input
/// (opset 13), or equal parts.
LogicalResult importSplit(Node &node) {
  Value x = node.input(0, "input");
  int64_t axis = node.getInt("axis", 0), count = node.getNumOutputs();
  if (node.getOpset() >= 18 && node.getInt("num_outputs", count) != count)
    return node.error("expected num_outputs to be the number of outputs, " +
                      Twine(count));
  SmallVector<int64_t> sizes;
  if (node.getOpset() >= 13)
    sizes = node.hasInput(1) ? node.constantInts(1, "split") : sizes;
  else if (node.hasAttribute("split"))
    sizes = node.getInts("split");
  else if (node.getOpset() < 2 && node.hasInput(1))
    sizes = node.constantInts(1, "split");
  if (node.hasFailed())
    return failure();
  axis = node.normalizeAxis(axis, getType(x).getRank());
  if (node.hasFailed())
    return failure();
  int64_t dim = getType(x).getDimSize(axis);
  if (sizes.empty()) {
    if (ShapedType::isDynamic(dim))
      return node.undetermined("the size of the split dim");
    int64_t part = llvm::divideCeil(dim, count);
    if (node.getOpset() < 18 && dim % count != 0)
      return node.error("dim " + Twine(axis) + " of size " + Twine(dim) +
                        " does not split into " + Twine(count) +
                        " equal parts");
    for (int64_t i = 0; i < count; ++i)
      sizes.push_back(std::clamp(dim - i * part, int64_t(0), part));
  }
  int64_t total = 0;
  for (int64_t size : sizes)
    if (size < 0 || size > mostElements || (total += size) > mostElements)
      return node.error("part sizes are out of range");
  if (int64_t(sizes.size()) != count ||
      (!ShapedType::isDynamic(dim) && total != dim))
    return node.error("expected " + Twine(count) + " parts that make up dim " +
                      Twine(axis) + " of size " + Twine(dim) + ", but got " +
                      Twine(sizes.size()) + " that make up " + Twine(total));
  int64_t start = 0;
  for (auto [index, size] : enumerate(sizes)) {
    (void)node.result(index, node.create<SliceOp>(x, node.indices(start),
                                                  node.indices(start + size),
                                                  node.indices(1),
                                                  ArrayRef<int64_t>(axis)));
    start += size;
  }
  return success(!node.hasFailed());
}

LogicalResult importExpand(Node &node) {
  Value x = node.input(0, "input"), shape = node.indexInput(1, "shape");
  return node.result(node.create<ExpandOp>(x, shape));
}

LogicalResult importTile(Node &node) {
  Value x = node.input(0, "input"), repeats = node.indexInput(1, "repeats");
  return node.result(node.create<TileOp>(x, repeats));
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
      node.create<PadOp>(x, node.indices(pads), filler, StringRef(mode), axes));
}

LogicalResult importPad(Node &node) {
  Value x = node.input(0, "data"), pads = node.indexInput(1, "pads");
  Value value = node.optionalInput(2, "constant_value");
  std::string mode = readPadMode(node);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> axes = listAxes(0, getType(x).getRank());
  if (node.hasInput(3))
    axes = node.constantInts(3, "axes");
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, getType(x).getRank());
  if (!node.hasFailed() && mode == "constant" && !value)
    value = node.scalar(getType(x).getElementType(), 0);
  if (value && getType(value).getRank() > 0)
    value = node.reshape(value, ArrayRef<int64_t>());
  return node.result(node.create<PadOp>(
      x, pads, mode == "constant" ? value : Value(), StringRef(mode), axes));
}

/// Blocks of channels become blocks of pixels, or the other way round: a
/// transposition between two reshapes.
LogicalResult importBlocks(Node &node, bool toSpace) {
  Value x = node.input(0, "input");
  int64_t block = node.getInt("blocksize");
  std::string mode = node.getChoice("mode", "DCR", {"DCR", "CRD"});
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != 4)
    return node.error("expected an input of rank 4, but got " +
                      Twine(type.getRank()));
  if (ShapedType::isDynamicShape(type.getShape().drop_front()))
    return node.undetermined("the size of the image");
  int64_t channels = type.getDimSize(1), height = type.getDimSize(2),
          width = type.getDimSize(3);
  if (block <= 0 || block > (1 << 20) ||
      (toSpace && channels % (block * block)) ||
      (!toSpace && (height % block || width % block)))
    return node.error("blocksize " + Twine(block) +
                      " does not divide the input's dims");
  Value parts;
  SmallVector<int64_t> shape;
  bool depthFirst = mode == "DCR";
  if (toSpace) {
    int64_t inner = channels / (block * block);
    parts = depthFirst
                ? node.reshape(x, {block, block, inner, height, width}, 1)
                : node.reshape(x, {inner, block, block, height, width}, 1);
    parts = node.transpose(parts, depthFirst
                                      ? ArrayRef<int64_t>({0, 3, 4, 1, 5, 2})
                                      : ArrayRef<int64_t>({0, 1, 4, 2, 5, 3}));
    shape = {inner, height * block, width * block};
  } else {
    parts = node.reshape(
        x, {channels, height / block, block, width / block, block}, 1);
    parts = node.transpose(parts, depthFirst
                                      ? ArrayRef<int64_t>({0, 3, 5, 1, 2, 4})
                                      : ArrayRef<int64_t>({0, 1, 3, 5, 2, 4}));
    shape = {channels * block * block, height / block, width / block};
  }
  return node.result(node.reshape(parts, shape, 1));
}

} // namespace

void addShapeRows(OpTable &table) {
  table.add("Shape", 1, importShape);
  table.add("Size", 1, importSize);
  table.add("Reshape", 1, importLegacyReshape);
  table.add("Reshape", 5, importReshape);
  table.add("Flatten", 1, importFlatten);
  table.add("Squeeze", 1, importSqueeze);
  table.add("Unsqueeze", 1, importUnsqueeze);
  table.add("Transpose", 1, importTranspose);
  table.add("Concat", 1, importConcat);
  table.add("Slice", 1, importLegacySlice);
  table.add("Slice", 10, importSlice);
  table.add("Split", 1, importSplit);
  table.add("Expand", 8, importExpand);
  table.add("Tile", 1, importLegacyTile);
  table.add("Tile", 6, importTile);
  table.add("Pad", 1, importLegacyPad);
  table.add("Pad", 11, importPad);
  table.add("DepthToSpace", 1,
            [](Node &node) { return importBlocks(node, /*toSpace=*/true); });
  table.add("SpaceToDepth", 1,
            [](Node &node) { return importBlocks(node, /*toSpace=*/false); });
}

} // namespace lambent::graph
