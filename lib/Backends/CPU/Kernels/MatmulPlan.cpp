//===- MatmulPlan.cpp - How a lir.matmul is tiled, packed and dealt out ---===//

#include "MatmulPlan.h"
#include "OperandStrides.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

MatmulPlan::MatmulPlan(lir::MatmulOp op, const TargetInfo &target) {
  ArrayRef<int64_t> domain = op.getDomain();
  unsigned rank = domain.size();
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  auto lhsType = cast<MemRefType>(op.getLhs().getType()),
       rhsType = cast<MemRefType>(op.getRhs().getType());
  auto outputType = cast<MemRefType>(op.getOutput().getType());
  element = lhsType.getElementType();
  accumulator = lir::getAccumulatorType(element);
  lanes = target.getLanes(accumulator);
  batch.assign(domain.begin(), domain.end() - 3);
  rows = domain[rank - 3];
  columns = domain[rank - 2];
  depth = domain[rank - 1];

  // Vectors run along the output's last dim.
  unsigned lastDim = rank - 2;
  if (outputType.getRank() > 0) {
    auto last = dyn_cast<AffineDimExpr>(maps[2].getResults().back());
    vectorized =
        last &&
        (last.getPosition() == rank - 2 || last.getPosition() == rank - 3) &&
        llvm::count(maps[2].getResults(), AffineExpr(last)) == 1;
    lastDim = last ? last.getPosition() : lastDim;
  }
  bool packed = maps[1].getNumResults() == 0 && rhsType.getRank() > 0;
  swapped = vectorized && lastDim == rank - 3 && !packed;
  vectorized &= packed ? lastDim == rank - 2 : true;

  auto stridesOf = [&](AffineMap map, MemRefType type) {
    SmallVector<int64_t> dims = getDimStrides(map, type);
    Strides strides;
    strides.batch.assign(dims.begin(), dims.end() - 3);
    strides.row = dims[rank - 3];
    strides.column = dims[rank - 2];
    strides.depth = dims[rank - 1];
    return strides;
  };
  lhs = stridesOf(maps[0], lhsType);
  rhs = stridesOf(maps[1], rhsType);
  if (swapped) {
    std::swap(lhs, rhs);
    std::swap(lhs.row, lhs.column);
    std::swap(rhs.row, rhs.column);
    std::swap(rows, columns);
  }

  int64_t bytes = getElementBytes();
  TileLimits limits(target, accumulator);
  auto chosen = op.getAlgorithmAttr();
  if (packed && chosen && chosen.getAs<IntegerAttr>("columns")) {
    tile = {chosen.getAs<IntegerAttr>("rows").getInt(),
            chosen.getAs<IntegerAttr>("columns").getInt()};
    rhsAccess = OperandAccess::Packed;
    // Packed as [batch or 1 ..., panels, K, columns].
    int64_t stride = rhsType.getNumElements();
    for (unsigned i = 0; i < batch.size(); ++i) {
      stride /= std::max<int64_t>(1, rhsType.getDimSize(i)); // may be empty
      rhs.batch[i] = rhsType.getDimSize(i) == 1 ? 0 : stride;
    }
  } else {
    vectorized &= !packed;
    tile = chooseTile(limits, rows, columns,
                      lhs.depth == 1 ? lhs.row * bytes : 0, depth * bytes);
  }
  // A lhs whose rows are not contiguous is copied, unless a step of k finds all
  // rows of a tile side by side and there are few steps.
  if (lhs.depth != 1 && depth > 1 &&
      !(lhs.row == 1 && depth * lhs.depth * bytes < target.l1Bytes))
    lhsAccess = OperandAccess::CopyInto;
  split = RowSplit::create(rows, std::max<int64_t>(1, tile.rows));
  panels = divideCeil(columns, tile.columns);
  int64_t panelBytes = depth * tile.columns * bytes;
  chunk = chooseChunk(getCopies(), split.tiles, panels, tile, depth, panelBytes,
                      target.l2Bytes);
  if (rhsAccess != OperandAccess::Packed && rhs.column == 1 && split.tiles < 3)
    return;
  if (rhsAccess == OperandAccess::Packed)
    return;
  // Each chunk packs its panels, which pays from some ten tiles on.
  rhsAccess = OperandAccess::CopyInto;
  chunk.panels = std::max<int64_t>(1, chunk.panels * chunk.tiles / split.tiles);
  chunk.tiles = std::min<int64_t>(split.tiles,
                                  512 / std::max<int64_t>(1, split.rows) + 1);
  chunk.tiles = divideCeil(
      split.tiles, divideCeil(split.tiles, std::max<int64_t>(1, chunk.tiles)));
}

int64_t MatmulPlan::getCopies() const {
  int64_t copies = 1;
  for (int64_t size : batch)
    copies *= size;
  return copies;
}

int64_t MatmulPlan::getChunkGrid(unsigned which) const {
  return which == 0 ? divideCeil(split.tiles, std::max<int64_t>(1, chunk.tiles))
                    : divideCeil(panels, std::max<int64_t>(1, chunk.panels));
}

int64_t MatmulPlan::getNumChunks() const {
  return std::max<int64_t>(1, getCopies() * getChunkGrid(0) * getChunkGrid(1));
}

int64_t MatmulPlan::getPackedLhsStep() const {
  return llvm::alignTo(split.rows, lanes);
}

int64_t MatmulPlan::getElementBytes() const {
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

int64_t MatmulPlan::getLhsScratchBytes() const {
  if (lhsAccess != OperandAccess::CopyInto)
    return 0;
  return llvm::alignTo(
      chunk.tiles * depth * getPackedLhsStep() * getElementBytes(), 64);
}

int64_t MatmulPlan::getRhsScratchBytes() const {
  if (rhsAccess != OperandAccess::CopyInto)
    return 0;
  return llvm::alignTo(depth * tile.columns * getElementBytes(), 64);
}

int64_t MatmulPlan::getScratchBytes() const {
  if (!vectorized)
    return 0;
  int64_t stage =
      tile.rows * tile.columns * accumulator.getIntOrFloatBitWidth() / 8;
  return getLhsScratchBytes() + getRhsScratchBytes() + llvm::alignTo(stage, 64);
}
