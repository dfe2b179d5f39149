//===- MatmulDet.cpp - Determinants ---------------------------------------===//
//
// Gaussian elimination with the largest pivot of a column. Of small matrices
// the steps are written one after the other, each on what is left of them;
// others, and those whose size a run decides, go round a loop.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "Lists.h"
#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The steps are unrolled up to so many rows, a few ops per row.
constexpr int64_t mostUnrolled = 64;

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

/// An entry along a dim, which stays, of size 1. `place` is one number.
Value takeEntry(Node &node, Value x, Value place, int64_t dim) {
  return node.create<UnsqueezeOp>(node.create<GatherOp>(x, place, dim),
                                  ArrayRef<int64_t>(dim));
}

/// Step `number` on [B, m, m], of which the rows and columns before are done:
/// the matrices after it. Multiplies `determinant` [B, 1, 1].
Value eliminateAt(Node &node, Value matrix, Value number, Value &determinant) {
  Type type = getType(matrix).getElementType();
  Sizes sizes = getSizes(getType(matrix));
  Value rows =
      node.reshapeTo(countUp(node, node.sizeScalar(sizes[1])), {sizes[1], 1});
  Value candidates =
      node.map({takeEntry(node, matrix, number, 2), rows, number}, type,
               [](Scalar &s, ArrayRef<Value> args) {
                 return s.select(s.less(args[1], args[2]),
                                 s.number(args[0], -1), s.abs(args[0]));
               });
  Value place =
      node.create<ArgReduceOp>(candidates, StringRef("max"), int64_t(1),
                               /*keep_dims=*/true, /*select_last=*/false);
  Value pivotRow = node.create<GatherElementsOp>(
      matrix,
      node.create<ExpandOp>(place, node.sizeList({sizes[0], 1, sizes[2]})),
      int64_t(1));
  Value pivot = takeEntry(node, pivotRow, number, 2);
  determinant = node.map({determinant, pivot, place, number}, type,
                         [](Scalar &s, ArrayRef<Value> args) {
                           Value product = s.mul(args[0], args[1]);
                           return s.select(s.equal(args[2], args[3]), product,
                                           s.neg(product));
                         });
  // The step's row goes where the pivot's was. It is not read again.
  Value rest =
      node.map({matrix, takeEntry(node, matrix, number, 1), place, rows}, type,
               [](Scalar &s, ArrayRef<Value> args) {
                 return s.select(s.equal(args[2], args[3]), args[1], args[0]);
               });
  return node.map(
      {rest, takeEntry(node, rest, number, 2), pivotRow, pivot, rows, number},
      type, [](Scalar &s, ArrayRef<Value> args) {
        Value zero = s.number(args[3], 0);
        Value factor =
            s.select(s.equal(args[3], zero), zero, s.div(args[1], args[3]));
        Value left = s.sub(args[0], s.mul(factor, args[2]));
        return s.select(s.less(args[5], args[4]), left, args[0]);
      });
}

/// All steps on [B, m, m] as a loop: the determinants [B, 1, 1].
Value eliminateAll(Node &node, Value matrix, Value determinant,
                   const Size &rows) {
  // What the body computes goes straight through a graph without nodes.
  onnx::GraphProto graph;
  for (const char *name : {"condition", "matrix", "determinant"}) {
    graph.add_input()->set_name(name);
    graph.add_output()->set_name(name);
  }
  LoopSource loop = {
      node.sizeScalar(rows), Value(), {matrix, determinant}, graph};
  loop.makeInputs = [&](Body &body) -> SmallVector<Value> {
    Block &block = body.function.getBody().front();
    Value product = block.getArgument(3);
    Value left =
        eliminateAt(node, block.getArgument(2), block.getArgument(0), product);
    return {block.getArgument(1), left, product};
  };
  SmallVector<Value> results = importLoop(node, loop);
  return results.size() == 2 ? results[1] : Value();
}

LogicalResult importDet(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() < 2)
    return node.error("expected matrices, but got rank " +
                      Twine(type.getRank()));
  if (!hasKnownSizes(x))
    return node.undetermined("the size of the matrices");
  Sizes batches = getSizes(type);
  Size columns = batches.pop_back_val(), rows = batches.pop_back_val();
  if (rows != columns) {
    if (rows.isNumber() && columns.isNumber())
      return node.error("expected square matrices, but got " +
                        Twine(rows.getNumber()) + " x " +
                        Twine(columns.getNumber()));
    if (failed(demand(node, {node.sizeList({rows - columns}), 0, 0,
                             /*isExcluded=*/false, "square matrices"})))
      return failure();
    rows = rows.isNumber() ? rows : columns;
  }
  Type elementType = type.getElementType();
  Type wideType = elementType.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : elementType;
  Size batch = 1;
  for (const Size &dim : batches)
    batch *= dim;
  Value determinant = node.create<ExpandOp>(node.scalar(wideType, 1),
                                            node.sizeList({batch, 1, 1}));
  if (!rows.is(0) && !batch.is(0)) {
    Value matrix = node.reshapeTo(node.cast(x, wideType), {batch, rows, rows});
    if (!rows.isNumber() || rows.getNumber() > mostUnrolled)
      determinant = eliminateAll(node, matrix, determinant, rows);
    else
      while (matrix && !node.hasFailed())
        matrix = eliminate(node, matrix, determinant);
  }
  if (node.hasFailed())
    return failure();
  return node.result(
      node.cast(node.reshapeTo(determinant, batches), elementType));
}

} // namespace

void addDetRows(OpTable &table) { table.add("Det", 11, importDet); }

} // namespace lambent::graph
