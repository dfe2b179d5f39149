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
  ArrayRef<Size> domain = op.getDomain();
  batch = domain[kBatch];
  heads = domain[kHead];
  queries = domain[kQuery];
  keys = domain[kKey];
  depth = domain[kDepth];
  width = domain[kWidth];
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  auto stridesOf = [&](Value operand, unsigned map, DomainDim row,
                       DomainDim column) {
    Sizes dims =
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
  planPacked(target);
  planInPlace(target);
  // Without room for what parts leave behind, packing needs none.
  if (isStaged() && !op.getPartials())
    isInPlace = 0;
}

void AttentionPlan::planPacked(const TargetInfo &target) {
  // Two vectors wide, as tall as registers allow.
  TileLimits limits(target, element);
  auto vectorsFor = [&](const Size &columns) {
    return columns.isNumber() ? std::clamp<int64_t>(
                                    columns.ceilDiv(lanes).getNumber(), 1, 2)
                              : 2;
  };
  keyColumns = vectorsFor(keys) * lanes;
  valueColumns = vectorsFor(width) * lanes;
  int64_t vectors = std::max(keyColumns, valueColumns) / lanes;
  int64_t maxRows = limits.getMaxRows(vectors);
  // Each part packs key and value anew, which 128 rows make up for.
  if (queries.isNumber()) {
    split = RowSplit::create(queries.getNumber(), maxRows);
    tiles = split.tiles;
    int64_t wanted = 1;
    if (areNumbers({batch, heads}))
      wanted = divideCeil(32, std::max<int64_t>(1, (batch * heads).getNumber()));
    wanted = std::clamp<int64_t>(
        wanted, 1, std::max<int64_t>(1, queries.getNumber() / 128));
    int64_t most = std::max<int64_t>(1, split.tiles);
    parts = std::min(wanted, most);
    tilesPerPart = std::max<int64_t>(1, divideCeil(most, std::min(wanted, most)));
  } else {
    split.rows = maxRows;
    tiles = queries.ceilDiv(maxRows);
    tilesPerPart = divideCeil(128, maxRows);
    parts = tiles.ceilDiv(tilesPerPart);
  }
}

void AttentionPlan::planInPlace(const TargetInfo &target) {
  bool areRowsContiguous =
      query.column.is(1) && key.column.is(1) && value.column.is(1);
  if (!areRowsContiguous || !areNumbers({depth, width}))
    return;
  isInPlace = indicatePositive(mostInPlace + 1 - queries);
  // One part too many where the last one is full: there is one in any run.
  keyParts = keys.floorDiv(partKeys) + 1;
  mostRows = queries.isNumber() ? queries.getNumber() : mostInPlace;
  // A row of values is read at once, so that memory is read in order.
  TileLimits limits(target, element);
  valueVectors = std::clamp<int64_t>(width.ceilDiv(lanes).getNumber(), 1, 4);
  while (limits.getMaxRows(valueVectors) == 0)
    --valueVectors;
  valueRows = std::min(limits.getMaxRows(valueVectors), mostRows);
  if (!areKnown({isInPlace, getNumChunks(), getScratchElements()}))
    isInPlace = 0;
  if (isStaged())
    partialElements =
        batch * heads * keyParts * (mostRows * getPartialStride());
}

Size AttentionPlan::getNumChunks() const {
  Size units = batch * heads;
  return units * (isInPlace * keyParts + (1 - isInPlace) * parts);
}

Size AttentionPlan::getKeyElements() const {
  return keys.ceilDiv(keyColumns) * depth * keyColumns;
}

Size AttentionPlan::getValueElements() const {
  return width.ceilDiv(valueColumns) * keys * valueColumns;
}

Size AttentionPlan::getScoreStride() const {
  // An odd number of vectors: a tile's rows fall on different cache sets.
  Size vectors = keys.alignTo(keyColumns).ceilDiv(lanes);
  return (vectors.floorDiv(2) * 2 + 1) * lanes;
}

Size AttentionPlan::getPackedScratch() const {
  return getKeyElements() + getValueElements() +
         (getScoreStride() + lanes) * split.rows + 2 * getPaddedRows();
}

Size AttentionPlan::getScratchElements() const {
  Size inPlace = (getPartScoreStride() + 1) * mostRows;
  return isInPlace * inPlace + (1 - isInPlace) * getPackedScratch();
}
