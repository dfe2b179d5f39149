//===- GridAffine.cpp - Grids of places that a matrix moves ---------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Places in an output image, from -1 to 1 in each dim, moved by a matrix.
LogicalResult importAffineGrid(Node &node) {
  Value theta = node.input(0, "theta", FloatKind);
  SmallVector<int64_t> size = node.constantInts(1, "size");
  bool alignCorners = node.getBool("align_corners", false);
  if (node.hasFailed())
    return failure();
  int64_t dims = int64_t(size.size()) - 2;
  RankedTensorType type = getType(theta);
  if (dims < 2 || dims > 3 || type.getRank() != 3 ||
      type.getDimSize(1) != dims || type.getDimSize(2) != dims + 1)
    return node.error("expected a size [N, C, H, W] and theta [N, 2, 3], or "
                      "[N, C, D, H, W] and [N, 3, 4]");
  for (int64_t entry : size)
    if (entry < 0 || entry > (1 << 24))
      return node.error("size holds " + Twine(entry) +
                        ", which is out of range");
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
    int64_t count = size[dim + 2];
    SmallVector<double> places;
    for (int64_t i = 0; i < count; ++i)
      places.push_back(alignCorners
                           ? (count == 1 ? 0 : -1 + 2.0 * i / (count - 1))
                           : (2.0 * i + 1) / count - 1);
    SmallVector<int64_t> shape(dims + 2, 1);
    shape[dim + 1] = count;
    // The innermost dim comes first in a place.
    total = node.map(
        {total, node.numbers(elementType, places, shape), take(dims - 1 - dim)},
        elementType, [](Scalar &s, ArrayRef<Value> args) {
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
