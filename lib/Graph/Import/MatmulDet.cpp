//===- MatmulDet.cpp - Determinants ---------------------------------------===//

#include "Lists.h"
#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The elimination is unrolled, a few ops per row.
constexpr int64_t mostRows = 64;

Value takeFrom(Node &node, Value x, int64_t dim, int64_t first, int64_t end) {
  return node.create<SliceOp>(x, node.indices(first), node.indices(end),
                              node.indices(1), ArrayRef<int64_t>(dim));
}

/// One step of Gaussian elimination on [B, m, m]: the row with the largest
/// first element is taken out. Multiplies `determinant` [B, 1, 1], and returns
/// the matrices without that row and the first column, that column being zero.
Value eliminate(Node &node, Value matrix, Value &determinant) {
  Type type = getType(matrix).getElementType(),
       i64 = IntegerType::get(node.getContext(), 64);
  Size batch = getSizes(getType(matrix))[0];
  int64_t rows = getType(matrix).getDimSize(1);
  Value column = takeFrom(node, matrix, 2, 0, 1);
  Value place = node.create<ArgReduceOp>(
      node.map(column, [](Scalar &s, Value x) { return s.abs(x); }),
      StringRef("max"), int64_t(1), /*keep_dims=*/true, /*select_last=*/false);
  Value pivotRow = node.create<GatherElementsOp>(
      matrix, node.create<ExpandOp>(place, node.sizeList({batch, 1, rows})),
      int64_t(1));
  Value pivot = takeFrom(node, pivotRow, 2, 0, 1);
  determinant = node.map({determinant, pivot, place}, type,
                         [&](Scalar &s, ArrayRef<Value> args) {
                           Value product = s.mul(args[0], args[1]);
                           Value stays = s.equal(args[2], s.integer(i64, 0));
                           return s.select(stays, product, s.neg(product));
                         });
  if (rows == 1)
    return {};
  // The first row goes where the pivot's was.
  SmallVector<int64_t> numbers = listAxes(1, rows);
  Value rest = node.map(
      {takeFrom(node, matrix, 1, 1, rows), takeFrom(node, matrix, 1, 0, 1),
       place, node.indices(numbers, {rows - 1, 1})},
      type, [](Scalar &s, ArrayRef<Value> args) {
        return s.select(s.equal(args[2], args[3]), args[1], args[0]);
      });
  return node.map(
      {takeFrom(node, rest, 2, 1, rows), takeFrom(node, rest, 2, 0, 1),
       takeFrom(node, pivotRow, 2, 1, rows), pivot},
      type, [](Scalar &s, ArrayRef<Value> args) {
        Value zero = s.number(args[3], 0);
        Value factor =
            s.select(s.equal(args[3], zero), zero, s.div(args[1], args[3]));
        return s.sub(args[0], s.mul(factor, args[2]));
      });
}

LogicalResult importDet(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() < 2)
    return node.error("expected matrices, but got rank " +
                      Twine(type.getRank()));
  // Rows are eliminated one after the other.
  if (type.isDynamicDim(type.getRank() - 1) ||
      type.isDynamicDim(type.getRank() - 2) || !hasKnownSizes(x))
    return node.undetermined("the size of the matrices");
  int64_t rows = type.getDimSize(type.getRank() - 1);
  Sizes batches = getSizes(type);
  batches.pop_back_n(2);
  if (type.getDimSize(type.getRank() - 2) != rows)
    return node.error("expected square matrices, but got " +
                      Twine(type.getDimSize(type.getRank() - 2)) + " x " +
                      Twine(rows));
  if (rows > mostRows)
    return node.unsupported("determinants of more than " + Twine(mostRows) +
                            " rows are not supported");
  Type elementType = type.getElementType();
  Type wideType = elementType.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : elementType;
  Size batch = 1;
  for (const Size &dim : batches)
    batch *= dim;
  Value determinant = node.create<ExpandOp>(node.scalar(wideType, 1),
                                            node.sizeList({batch, 1, 1}));
  if (rows > 0 && !batch.is(0)) {
    Value matrix = node.reshapeTo(node.cast(x, wideType), {batch, rows, rows});
    while (matrix && !node.hasFailed())
      matrix = eliminate(node, matrix, determinant);
  }
  return node.result(
      node.cast(node.reshapeTo(determinant, batches), elementType));
}

} // namespace

void addDetRows(OpTable &table) { table.add("Det", 11, importDet); }

} // namespace lambent::graph
