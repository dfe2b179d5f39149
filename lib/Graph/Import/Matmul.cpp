//===- Matmul.cpp - Matrix products ---------------------------------------===//

#include "Matmul.h"
#include "Broadcast.h"
#include "Elementwise.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value createMatmul(Node &node, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return {};
  bool row = getType(lhs).getRank() == 1, column = getType(rhs).getRank() == 1;
  if (row)
    lhs = node.create<UnsqueezeOp>(lhs, ArrayRef<int64_t>(0));
  if (column)
    rhs = node.create<UnsqueezeOp>(rhs, ArrayRef<int64_t>(1));
  Value operands[] = {lhs, rhs};
  repeatOpenDims(node, operands, /*kept=*/2);
  Value product = node.create<MatmulOp>(operands[0], operands[1],
                                        /*transpose_lhs=*/false,
                                        /*transpose_rhs=*/false);
  if (!product || (!row && !column))
    return product;
  SmallVector<int64_t> dropped;
  int64_t rank = getType(product).getRank();
  if (row)
    dropped.push_back(rank - 2);
  if (column)
    dropped.push_back(rank - 1);
  return node.create<SqueezeOp>(product, dropped);
}

namespace {

LogicalResult importMatMul(Node &node) {
  Value lhs = node.input(0, "A", NumberKind),
        rhs = node.input(1, "B", NumberKind);
  if (!checkSameType(node, {lhs, rhs}))
    return failure();
  return node.result(createMatmul(node, lhs, rhs));
}

Value scale(Node &node, Value x, float factor) {
  if (factor == 1)
    return x;
  return node.map(x, [&](Scalar &s, Value value) {
    return s.mul(value, s.number(value, factor));
  });
}

/// alpha * A' * B' + beta * C
LogicalResult importGemm(Node &node) {
  Value a = node.input(0, "A", NumberKind), b = node.input(1, "B", NumberKind);
  Value c = node.getOpset() < 11 ? node.input(2, "C", NumberKind)
                                 : node.optionalInput(2, "C", NumberKind);
  float alpha = node.getFloat("alpha", 1), beta = node.getFloat("beta", 1);
  bool transposeA = node.getBool("transA", false),
       transposeB = node.getBool("transB", false);
  node.ignoreAttributes({"broadcast"});
  if (!checkSameType(node, {a, b}) || (c && !checkSameType(node, {a, c})))
    return failure();
  if (getType(a).getRank() != 2 || getType(b).getRank() != 2)
    return node.error("expected matrices, but got ranks " +
                      Twine(getType(a).getRank()) + " and " +
                      Twine(getType(b).getRank()));
  if (!isa<FloatType>(getType(a).getElementType()) &&
      (alpha != int64_t(alpha) || beta != int64_t(beta)))
    return node.unsupported(
        "a fractional alpha or beta with integers is not supported");
  Value result =
      scale(node, node.create<MatmulOp>(a, b, transposeA, transposeB), alpha);
  if (!result || !c || beta == 0)
    return node.result(result);
  if (getType(c).getRank() > 2)
    return node.error("expected C to have at most 2 dims, but got " +
                      Twine(getType(c).getRank()));
  return node.result(node.map(
      {result, scale(node, c, beta)}, getType(result).getElementType(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); }));
}

/// alpha * A' * B', com.microsoft's. With a batch transposed, its dims come
/// after the first of the matrix's.
LogicalResult importFusedMatMul(Node &node) {
  Value operands[] = {node.input(0, "A", FloatKind),
                      node.input(1, "B", FloatKind)};
  float alpha = node.getFloat("alpha", 1);
  bool swaps[] = {node.getBool("transA", false), node.getBool("transB", false)};
  bool moves[] = {node.getBool("transBatchA", false),
                  node.getBool("transBatchB", false)};
  if (!checkSameType(node, {operands[0], operands[1]}))
    return failure();
  for (auto [operand, swap, move] : zip(operands, swaps, moves)) {
    int64_t rank = getType(operand).getRank();
    if (rank < 2)
      return node.unsupported("a product of vectors is not supported");
    if (!move)
      continue;
    SmallVector<int64_t> perm = listAxes(1, rank - 1);
    perm.push_back(0);
    perm.push_back(rank - 1);
    operand = node.transpose(operand, perm);
  }
  repeatOpenDims(node, operands, /*kept=*/2);
  return node.result(scale(
      node, node.create<MatmulOp>(operands[0], operands[1], swaps[0], swaps[1]),
      alpha));
}

} // namespace

void addMatmulRows(OpTable &table) {
  table.add("com.microsoft.FusedMatMul", 1, importFusedMatMul);
  table.add("MatMul", 1, importMatMul);
  table.add("Gemm", 1, importGemm);
}

} // namespace lambent::graph
