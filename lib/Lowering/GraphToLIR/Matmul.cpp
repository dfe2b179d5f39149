//===- Matmul.cpp - Products to lir.matmul and lir.quantized_matmul -------===//
//
// A product with one right-hand matrix for all batches is one product: the
// batches are rows of it.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

/// Gives the dim that is summed over the size that one operand knows, and says
/// which one that is: weights are packed by it.
static Size bindDepth(Value &lhs, Value &rhs, graph::MatmulOp op,
                      GraphLowering &lowering) {
  Sizes left = getSizes(lhs), right = getSizes(rhs);
  Size &k = left[left.size() - (op.getTransposeLhs() ? 2 : 1)],
       &other = right[right.size() - (op.getTransposeRhs() ? 1 : 2)];
  lowering.requireEqual(k, other, "operands whose sizes agree");
  if (other.isNumber() && !k.isNumber()) {
    k = other;
    lhs = lowering.createView(lhs, left);
  } else if (k.isNumber() && !other.isNumber()) {
    other = k;
    rhs = lowering.createView(rhs, right);
  }
  return k;
}

static LogicalResult lowerMatmul(graph::MatmulOp op, GraphLowering &lowering) {
  Value lhs = lowering.getBuffer(op.getLhs()),
        rhs = lowering.getBuffer(op.getRhs());
  Value output = lowering.createResult(op.getResult());
  Size k = bindDepth(lhs, rhs, op, lowering);
  Sizes shape = getSizes(output), left = getSizes(lhs), right = getSizes(rhs);
  Size m = shape[shape.size() - 2], n = shape.back();
  if (k.is(0)) { // sums of nothing, of an open number: others fold
    for (ArrayRef<Size> own : {ArrayRef(left), ArrayRef(right)})
      (void)lowering.getBroadcastTerms(own.drop_back(2),
                                       ArrayRef(shape).drop_back(2));
    lowering.createElementwise(
        shape, {}, {output, getIdentityTerms(shape.size())},
        [&](OpBuilder &builder, Location loc, ValueRange) {
          return createScalar(builder, loc, getElementType(output), 0);
        });
    return success();
  }
  Sizes batch(ArrayRef(shape).drop_back(2));
  auto getBatch = [](ArrayRef<Size> sizes) {
    return productOf(sizes.drop_back(2));
  };
  if (getBatch(right).is(1)) {
    rhs = lowering.createView(rhs, ArrayRef(right).take_back(2));
    if (!op.getTransposeLhs() && getBatch(left) == productOf(batch)) {
      m *= productOf(batch);
      batch.clear();
      lhs = lowering.createView(lhs, {m, k});
      output = lowering.createView(output, {m, n});
    }
  }
  int64_t rank = batch.size();
  // Batch dims are aligned at the last one; a batch of 1 serves all.
  auto getMap = [&](Value buffer, int64_t row, int64_t column) {
    Sizes own = getSizes(buffer);
    SmallVector<IndexTerm> terms =
        lowering.getBroadcastTerms(ArrayRef(own).drop_back(2), batch);
    terms.push_back({row, 1, 0});
    terms.push_back({column, 1, 0});
    return lir::getIndexMap(rank + 3, terms, op.getContext());
  };
  int64_t dimM = rank, dimN = rank + 1, dimK = rank + 2;
  AffineMap maps[] = {
      op.getTransposeLhs() ? getMap(lhs, dimK, dimM) : getMap(lhs, dimM, dimK),
      op.getTransposeRhs() ? getMap(rhs, dimN, dimK) : getMap(rhs, dimK, dimN),
      getMap(output, dimM, dimN)};
  Sizes domain(batch);
  llvm::append_values(domain, m, n, k);
  Type accumulator = lir::getAccumulatorType(getElementType(output));
  OpBuilder &builder = lowering.builder;
  auto product =
      lir::MatmulOp::create(builder, lowering.loc, lhs, rhs, ValueRange(),
                            output, domain, builder.getAffineMapArrayAttr(maps),
                            builder.getArrayAttr({}), DictionaryAttr());
  buildEpilogue(
      lowering, product.getEpilogue(), accumulator, {}, getElementType(output),
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
  return success();
}

namespace {
/// A product with codes [N, K], all batches as rows of it.
struct CodedProduct {
  template <typename OpT>
  CodedProduct(OpT op, GraphLowering &lowering)
      : lhs(lowering.getBuffer(op.getLhs())),
        codes(lowering.getBuffer(op.getCodes())),
        output(lowering.createResult(op.getResult())) {
    Sizes left = getSizes(lhs);
    Size n = getShape(codes)[0], k = getShape(codes)[1],
         m = productOf(ArrayRef(left).drop_back());
    lowering.requireEqual(left.back(), k, "operands whose sizes agree");
    lhs = lowering.createView(lhs, {m, k});
    output = lowering.createView(output, {m, n});
    domain = {m, n, k};
    auto getMap = [&](int64_t row, int64_t column) {
      return lir::getIndexMap(3, {{row, 1, 0}, {column, 1, 0}},
                              op.getContext());
    };
    maps = lowering.builder.getAffineMapArrayAttr(
        {getMap(0, 2), getMap(1, 2), getMap(0, 1)});
  }

  Value lhs, codes, output;
  Sizes domain;
  ArrayAttr maps;
};
} // namespace

static LogicalResult lowerQuantizedMatmul(graph::QuantizedMatmulOp op,
                                          GraphLowering &lowering) {
  CodedProduct coded(op, lowering);
  OpBuilder &builder = lowering.builder;
  Type f32 = builder.getF32Type();
  auto product = lir::QuantizedMatmulOp::create(
      builder, lowering.loc, coded.lhs, coded.codes,
      lowering.getBuffer(op.getScales()), lowering.getBuffer(op.getZeros()),
      ValueRange(), coded.output, coded.domain, coded.maps,
      builder.getArrayAttr({}), op.getBits(), op.getBlockSize(),
      DictionaryAttr());
  buildEpilogue(
      lowering, product.getEpilogue(), f32, {}, f32,
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
  return success();
}

static LogicalResult lowerBlockMatmul(graph::BlockMatmulOp op,
                                      GraphLowering &lowering) {
  CodedProduct coded(op, lowering);
  OpBuilder &builder = lowering.builder;
  Type f32 = builder.getF32Type();
  auto product = lir::BlockMatmulOp::create(
      builder, lowering.loc, coded.lhs, coded.codes,
      lowering.getBuffer(op.getExponents()), ValueRange(), coded.output,
      coded.domain, coded.maps, builder.getArrayAttr({}), op.getFormat(),
      op.getScale(), op.getTable(), DictionaryAttr());
  buildEpilogue(
      lowering, product.getEpilogue(), f32, {}, f32,
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
  return success();
}

void lambent::addMatmulLowerings(LoweringTable &table) {
  table.add(lowerQuantizedMatmul);
  table.add(lowerBlockMatmul);
  table.add(lowerMatmul);
}
