//===- AttentionPlan.cpp - How a lir.attention is tiled and dealt out -----===//

#include "AttentionPlan.h"
#include "OperandStrides.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

/// Dims of the domain [B, H, S, T, D, E].
enum DomainDim { kBatch, kHead, kQuery, kKey, kDepth, kWidth };

AttentionPlan::AttentionPlan(lir::AttentionOp op, const TargetInfo &target) {
  ArrayRef<int64_t> domain = op.getDomain();
  batch = domain[kBatch];
  heads = domain[kHead];
  queries = domain[kQuery];
  keys = domain[kKey];
  depth = domain[kDepth];
  width = domain[kWidth];
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  auto stridesOf = [&](Value operand, unsigned map, DomainDim row,
                       DomainDim column) {
    SmallVector<int64_t> dims =
        getDimStrides(maps[map], cast<MemRefType>(operand.getType()));
    return Strides{dims[kBatch], dims[kHead], dims[row], dims[column]};
  };
  query = stridesOf(op.getQuery(), 0, kQuery, kDepth);
  key = stridesOf(op.getKey(), 1, kKey, kDepth);
  value = stridesOf(op.getValue(), 2, kKey, kWidth);
  output = stridesOf(op.getOutput(), 3, kQuery, kWidth);
  if (op.getMask())
    mask = stridesOf(op.getMask(), 4, kQuery, kKey);
  element = cast<MemRefType>(op.getQuery().getType()).getElementType();
  lanes = target.getLanes(element);

  // Two vectors wide, as tall as registers allow.
  TileLimits limits(target, element);
  auto vectorsFor = [&](int64_t columns) {
    return std::clamp<int64_t>(divideCeil(columns, lanes), 1, 2);
  };
  keyColumns = vectorsFor(keys) * lanes;
  valueColumns = vectorsFor(width) * lanes;
  int64_t vectors = std::max(keyColumns, valueColumns) / lanes;
  split = RowSplit::create(queries, limits.getMaxRows(vectors));
  // Each part packs key and value anew, which 128 rows make up for.
  parts =
      std::clamp<int64_t>(divideCeil(32, std::max<int64_t>(1, batch * heads)),
                          1, std::max<int64_t>(1, queries / 128));
  parts = std::min(parts, std::max<int64_t>(1, split.tiles));
}

int64_t AttentionPlan::getKeyElements() const {
  return divideCeil(keys, keyColumns) * depth * keyColumns;
}

int64_t AttentionPlan::getValueElements() const {
  return divideCeil(width, valueColumns) * keys * valueColumns;
}

int64_t AttentionPlan::getScoreStride() const {
  // An odd number of vectors: a tile's rows fall on different cache sets.
  return (divideCeil(llvm::alignTo(keys, keyColumns), lanes) | 1) * lanes;
}

int64_t AttentionPlan::getScratchElements() const {
  return getKeyElements() + getValueElements() + split.rows * getScoreStride() +
         llvm::alignTo(split.rows, lanes);
}
