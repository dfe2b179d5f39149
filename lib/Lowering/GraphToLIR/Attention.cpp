//===- Attention.cpp - graph.attention to lir.attention -------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

static LogicalResult lowerAttention(graph::AttentionOp op,
                                    GraphLowering &lowering) {
  MLIRContext *context = op.getContext();
  Value query = lowering.getBuffer(op.getQuery()),
        key = lowering.getBuffer(op.getKey()),
        value = lowering.getBuffer(op.getValue()),
        mask = lowering.getBuffer(op.getMask());
  Value output = lowering.createResult(op.getResult());
  enum { B, H, S, T, D, E };
  Sizes domain = getSizes(query);
  domain.insert(domain.begin() + T, getSizes(key)[2]);
  domain.push_back(getSizes(value)[3]);
  // Heads or batches that keys and values share are read again.
  auto getMap = [&](Value buffer, ArrayRef<int64_t> dims) {
    SmallVector<IndexTerm> terms;
    int64_t missing = dims.size() - getShape(buffer).size();
    for (auto [index, size] : llvm::enumerate(getSizes(buffer))) {
      int64_t dim = dims[index + missing];
      bool isRepeated = size.is(1) && !domain[dim].is(1);
      terms.push_back(isRepeated ? IndexTerm{} : IndexTerm{dim, 1, 0});
      if (!isRepeated)
        lowering.requireEqual(size, domain[dim], "operands whose sizes agree");
    }
    return lir::getIndexMap(domain.size(), terms, context);
  };
  SmallVector<AffineMap> maps = {
      getMap(query, {B, H, S, D}), getMap(key, {B, H, T, D}),
      getMap(value, {B, H, T, E}), getMap(output, {B, H, S, E})};
  if (mask)
    maps.push_back(getMap(mask, {B, H, S, T}));
  lir::AttentionOp::create(
      lowering.builder, lowering.loc, query, key, value, mask, output,
      /*partials=*/Value(), domain,
      lowering.builder.getAffineMapArrayAttr(maps), op.getScale(),
      /*algorithm=*/Attribute());
  return success();
}

void lambent::addAttentionLowerings(LoweringTable &table) {
  table.add(lowerAttention);
}
