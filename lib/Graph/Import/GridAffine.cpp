//===- GridAffine.cpp - Grids of places that a matrix moves ---------------===//

#include "Lists.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The places of a dim's elements from -1 to 1, given their number, i64[1].
Value listPlaces(Node &node, Value count, bool alignCorners, Type elementType) {
  Type f64 = Float64Type::get(node.getContext());
  Value places = node.map(
      {countUp(node, count), count}, f64, [&](Scalar &s, ArrayRef<Value> args) {
        Value place = s.convert(args[0], f64, false, false),
              size = s.convert(args[1], f64, false, false);
        Value one = s.number(f64, 1), twice = s.add(place, place);
        if (!alignCorners)
          return s.sub(s.div(s.add(twice, one), size), one);
        Value last = s.sub(size, one);
        return s.select(s.equal(last, s.number(f64, 0)), s.number(f64, 0),
                        s.sub(s.div(twice, last), one));
      });
  return node.cast(places, elementType);
}

/// Places in an output image, from -1 to 1 in each dim, moved by a matrix.
LogicalResult importAffineGrid(Node &node) {
  Value theta = node.input(0, "theta", FloatKind);
  Value size = node.indexInput(1, "size");
  bool alignCorners = node.getBool("align_corners", false);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(theta);
  bool isSaid = type.getRank() == 3 && !type.isDynamicDim(1);
  if (isSaid && hasOpenLength(size))
    size = fixLength(node, size, "sizes", type.getDimSize(1) + 2);
  int64_t length = getLength(node, size, "size");
  if (node.hasFailed())
    return failure();
  int64_t dims = length - 2;
  auto mayBe = [&](unsigned dim, int64_t size) {
    return type.isDynamicDim(dim) || type.getDimSize(dim) == size;
  };
  if (dims < 2 || dims > 3 || type.getRank() != 3 || !mayBe(1, dims) ||
      !mayBe(2, dims + 1))
    return node.error("expected a size [N, C, H, W] and theta [N, 2, 3], or "
                      "[N, C, D, H, W] and [N, 3, 4]");
  theta = node.reshape(theta, {dims, dims + 1}, /*kept=*/1);
  if (FailureOr<SmallVector<int64_t>> known = getConstantInts(size);
      succeeded(known))
    for (int64_t entry : *known)
      if (entry < 0 || entry > (1 << 24))
        return node.error("size holds " + Twine(entry) +
                          ", which is out of range");
  Value counts = node.decideSizes(takeEntries(node, size, 2, dims), "the size");
  Type elementType = type.getElementType();
  auto take = [&](int64_t column) {
    Value part = node.create<SliceOp>(theta, node.indices(column),
                                      node.indices(column + 1), node.indices(1),
                                      ArrayRef<int64_t>(2));
    SmallVector<int64_t> shape(dims, 1);
    shape.push_back(dims);
    return node.reshape(part, shape, /*kept=*/1);
  };
  Value total = take(dims);
  for (int64_t dim = 0; dim < dims; ++dim) {
    SmallVector<int64_t> others = listAxes(0, dims + 2);
    others.erase(others.begin() + dim + 1);
    Value places = node.create<UnsqueezeOp>(
        listPlaces(node, takeEntries(node, counts, dim, 1), alignCorners,
                   elementType),
        others);
    // The innermost dim comes first in a place.
    total = node.map({total, places, take(dims - 1 - dim)}, elementType,
                     [](Scalar &s, ArrayRef<Value> args) {
                       return s.add(args[0], s.mul(args[1], args[2]));
                     });
  }
  return node.result(total);
}

} // namespace

void addGridAffineRows(OpTable &table) {
  table.add("AffineGrid", 20, importAffineGrid);
}

} // namespace lambent::graph
