//===- MatmulPlan.cpp - How a lir.matmul is tiled, packed and dealt out ---===//

#include "MatmulPlan.h"
#include "LhsDigits.h"
#include "OperandStrides.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

MatmulPlan::MatmulPlan(lir::ProductOpInterface op, const TargetInfo &target,
                       std::optional<TileShape> chosen, ShortSums shortSums,
                       bool inDigits, int64_t keptSteps)
    : shortSums(shortSums), keptSteps(keptSteps) {
  ArrayRef<Size> domain = op.getDomain();
  unsigned rank = domain.size();
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  auto typeOf = [](OpOperand &operand) {
    return cast<MemRefType>(operand.get().getType());
  };
  MemRefType lhsType = typeOf(op.getLhsMutable()),
             rhsType = typeOf(op.getRhsMutable()),
             outputType = typeOf(op.getOutputMutable());
  coded = isa<lir::QuantizedMatmulOp>(op.getOperation());
  element = lhsType.getElementType();
  accumulator = op.getAccumulatorType();
  types = ProductTypes::find(element, accumulator, target);
  types.chain = shortSums.chain;
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
    Sizes dims = getDimStrides(map, type);
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
    std::swap(types.lhs, types.rhs);
  }
  group = types.group;
  steps = depth.ceilDiv(group);

  vectorized &= !packed || chosen;
  if (coded)
    rhsAccess = OperandAccess::Decoded;
  if (chosen)
    tile = *chosen;
  else
    chooseTile(target);
  if (packed && chosen && !coded) {
    rhsAccess = OperandAccess::Packed;
    // Packed as [batch or 1 ..., panels, K, columns].
    int64_t stride = rhsType.getNumElements();
    for (unsigned i = 0; i < batch.size(); ++i) {
      stride /= std::max<int64_t>(1, rhsType.getDimSize(i)); // may be empty
      rhs.batch[i] = rhsType.getDimSize(i) == 1 ? 0 : stride;
    }
  }
  panels = columns.ceilDiv(tile.columns);
  chooseLhsAccess(target);
  if (areNumbers(batch) && areNumbers({rows, columns, depth}))
    cutBound(target);
  else
    cutOpen(target);
  if (inDigits)
    cutForDigits();
}

int64_t MatmulPlan::getTileable(const Size &size) {
  // As many as fill tiles well whatever the run's number is.
  constexpr int64_t many = 8192;
  return size.isNumber() ? size.getNumber() : many;
}

TileLimits MatmulPlan::getLimits(const TargetInfo &target) const {
  return TileLimits(target, accumulator, StepCosts::find(types, target));
}

bool MatmulPlan::chooseDecodingTile(const TargetInfo &target) {
  // A panel takes some five instructions for each vector of it, and decoding in
  // a tile three.
  if (!coded || !rows.isNumber() || rows.getNumber() > kFewRows)
    return false;
  // A tile keeps a block's sums beside its own, decoded weights, what is
  // broadcast of lhs, a table and two vectors on their way.
  auto getMaxRows = [&](int64_t vectors) -> int64_t {
    return (int64_t(target.vectorRegisters) - 4 - vectors) / (2 * vectors);
  };
  int64_t count = rows.getNumber(), vectors = count <= getMaxRows(4) ? 4 : 2;
  vectors = std::clamp<int64_t>(
      divideCeil(std::max<int64_t>(1, columns.estimate()), lanes), 1, vectors);
  tile.rows =
      std::clamp<int64_t>(getMaxRows(vectors), 1, std::max<int64_t>(1, count));
  tile.columns = vectors * lanes;
  return true;
}

bool MatmulPlan::decodesInTiles() const {
  return coded && lhsAccess == OperandAccess::InPlace &&
         (!rows.isNumber() || rows.getNumber() <= kFewRows);
}

void MatmulPlan::chooseTile(const TargetInfo &target) {
  if (chooseDecodingTile(target))
    return;
  int64_t bytes = getElementBytes();
  int64_t distance = lhs.depth.is(1) ? lhs.row.estimate() * bytes : 0;
  tile =
      cpu::chooseTile(getLimits(target), getTileable(rows),
                      getTileable(columns), distance, depth.estimate() * bytes);
}

std::vector<TileShape>
MatmulPlan::listOtherTiles(const TargetInfo &target) const {
  return cpu::listOtherTiles(getLimits(target), getTileable(rows),
                             getTileable(columns),
                             depth.estimate() * getElementBytes());
}

void MatmulPlan::chooseLhsAccess(const TargetInfo &target) {
  bool isBound = areNumbers({lhs.row, lhs.depth, depth});
  // A step reads a whole group of neighbours.
  if (group > 1 &&
      !(lhs.row.isNumber() && lhs.depth.is(1) && depth.isMultipleOf(group))) {
    lhsAccess = OperandAccess::CopyInto;
    return;
  }
  // Rows of a tile are found at constant distances.
  if (!isBound && !(lhs.row.isNumber() && lhs.depth.is(1))) {
    lhsAccess = OperandAccess::CopyInto;
    return;
  }
  // A lhs whose rows are not contiguous is copied, unless a step of k finds all
  // rows of a tile side by side and there are few steps.
  Size stepped = depth * lhs.depth * getElementBytes();
  if (!lhs.depth.is(1) && !depth.is(1) &&
      !(lhs.row.is(1) && stepped.getNumber() < target.description.l1Bytes))
    lhsAccess = OperandAccess::CopyInto;
}

ChunkShape MatmulPlan::chooseChunks(int64_t copies, int64_t tiles,
                                    const TargetInfo &target) const {
  int64_t steps =
              keptSteps ? keptSteps : std::max<int64_t>(1, depth.estimate()),
          panelBytes = steps * tile.columns * getElementBytes(),
          all = std::max<int64_t>(1, panels.estimate());
  // A tile of sparse panels passes through as many of them as stay in L2 while
  // its rows of lhs, of which each panel takes some elements only, stay in L1.
  constexpr int64_t fewTiles = 8;
  if (!keptSteps || tiles * copies < fewTiles)
    return chooseChunk(copies, tiles, all, tile, steps, panelBytes,
                       target.description);
  int64_t groups = divideCeil(
      all, std::max<int64_t>(1, target.description.l2Bytes / 2 / panelBytes));
  ChunkShape chunk;
  chunk.panels = divideCeil(all, groups);
  TileShape wide{tile.rows, tile.columns * chunk.panels};
  chunk.tiles = chooseChunk(copies * groups, tiles, /*panels=*/1, wide, steps,
                            /*panelBytes=*/0, target.description)
                    .tiles;
  return chunk;
}

void MatmulPlan::cutBound(const TargetInfo &target) {
  split = RowSplit::create(rows.getNumber(), std::max<int64_t>(1, tile.rows));
  tiles = split.tiles;
  ChunkShape chunk = chooseChunks(getCopies().getNumber(), split.tiles, target);
  chunkTiles = chunk.tiles;
  chunkPanels = chunk.panels;
  if (rhsAccess != OperandAccess::Packed && rhs.column.is(1) && group == 1 &&
      split.tiles < 3)
    return;
  if (rhsAccess == OperandAccess::Packed || decodesInTiles())
    return;
  // Each chunk packs its panels, which pays from some ten tiles on.
  if (!coded)
    rhsAccess = OperandAccess::CopyInto;
  chunkPanels = std::max<int64_t>(1, chunk.panels * chunk.tiles / split.tiles);
  int64_t most = std::min<int64_t>(split.tiles,
                                   512 / std::max<int64_t>(1, split.rows) + 1);
  chunkTiles = divideCeil(split.tiles,
                          divideCeil(split.tiles, std::max<int64_t>(1, most)));
}

void MatmulPlan::cutOpen(const TargetInfo &target) {
  if (rows.isNumber()) {
    split = RowSplit::create(rows.getNumber(), std::max<int64_t>(1, tile.rows));
    tiles = split.tiles;
  } else {
    split.rows = std::max<int64_t>(1, tile.rows);
    tiles = rows.ceilDiv(split.rows);
  }
  int64_t allPanels = std::max<int64_t>(1, panels.estimate());
  // As many as are worth a chunk; of many tiles a chunk takes more, for more
  // than some 64 chunks balance no better.
  constexpr int64_t mostChunks = 64, manyTiles = 32;
  ChunkShape chunk = chooseChunks(
      1, std::clamp<int64_t>(tiles.estimate(), 1, manyTiles), target);
  Size copies = getCopies();
  int64_t others = (copies.isNumber() ? copies.getNumber() : 1) *
                   divideCeil(allPanels, chunk.panels);
  chunkPanels = chunk.panels;
  chunkTiles = tiles.floorDiv(std::max<int64_t>(
                   1, mostChunks / std::max<int64_t>(1, others))) +
               chunk.tiles;
  // What lies side by side is read where it is: few rows may come.
  if (rhsAccess != OperandAccess::Packed && !(rhs.column.is(1) && group == 1)) {
    if (!coded)
      rhsAccess = OperandAccess::CopyInto;
    chunkTiles = 512 / split.rows + 1;
  }
}

Size MatmulPlan::getChunkGrid(unsigned which) const {
  return which == 0 ? (tiles + chunkTiles - 1).floorDiv(chunkTiles)
                    : panels.ceilDiv(chunkPanels);
}

Size MatmulPlan::getNumChunks() const {
  Size count = getCopies() * getChunkGrid(0) * getChunkGrid(1);
  return count.is(0) ? Size(1) : count;
}

int64_t MatmulPlan::getPackedLhsStep() const {
  return llvm::alignTo(split.rows, lanes) * group;
}

int64_t MatmulPlan::getElementBytes() const {
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

Size MatmulPlan::getLhsScratchBytes() const {
  if (lhsAccess != OperandAccess::CopyInto)
    return 0;
  Size elements = steps * (chunkTiles * getPackedLhsStep());
  return (elements * getElementBytes()).alignTo(64);
}

Size MatmulPlan::getRhsScratchBytes() const {
  if (rhsAccess != OperandAccess::CopyInto &&
      rhsAccess != OperandAccess::Decoded)
    return 0;
  return (steps * (getPanelStep() * getElementBytes())).alignTo(64);
}

void MatmulPlan::cutForDigits() {
  digitRows = rows.isNumber() ? rows.getNumber() : kFewOpenRows;
  // Each chunk writes the digits anew, which takes a quarter of a panel.
  constexpr int64_t fewest = 3;
  int64_t all = panels.getNumber();
  chunkPanels = divideCeil(
      all, std::max<int64_t>(1, all / std::max(chunkPanels, fewest)));
}

Size MatmulPlan::getStageBytes() const {
  int64_t stage =
      tile.rows * tile.columns * accumulator.getIntOrFloatBitWidth() / 8;
  return Size(stage).alignTo(64);
}

Size MatmulPlan::getScratchBytes() const {
  if (!vectorized)
    return 0;
  Size digits =
      digitRows ? digitRows * LhsDigits::getRowBytes(depth.getNumber()) : 0;
  return getLhsScratchBytes() + getRhsScratchBytes() + getStageBytes() + digits;
}

kernels::ShortPanel MatmulPlan::getShortPanel() const {
  return {/*sections=*/1, steps.getNumber(), tile.columns,
          shortSums.extraSteps};
}

int64_t MatmulPlan::getListedStride() const {
  return lhsAccess == OperandAccess::CopyInto ? getPackedLhsStep()
                                              : lhs.depth.getNumber();
}

kernels::SparsePanel MatmulPlan::getSparsePanel() const {
  return {/*sections=*/1, steps.getNumber(), tile.columns, keptSteps};
}

Size MatmulPlan::getPanelElements() const {
  if (keptSteps)
    return getSparsePanel().getWords();
  return shortSums.chain ? Size(getShortPanel().getBytes())
                         : steps * getPanelStep();
}

std::string MatmulPlan::describe() const {
  std::string text = "matmul " + std::to_string(split.rows) + "x" +
                     std::to_string(tile.columns);
  return text + (digitRows                            ? " coded, in digits"
                 : coded                              ? " coded"
                 : shortSums.chain                    ? shortSums.describe()
                 : keptSteps                          ? " sparse"
                 : rhsAccess == OperandAccess::Packed ? " packed"
                                                      : "");
}

double MatmulPlan::estimateCycles(const TargetInfo &target) const {
  TileLimits limits = getLimits(target);
  int64_t panelBytes = steps.estimate() * getPanelStep() * getElementBytes();
  return double(getCopies().estimate()) * tiles.estimate() * panels.estimate() *
         double(steps.estimate()) *
         limits.getStepCycles(split.rows, divideCeil(tile.columns, lanes),
                              panelBytes);
}

double MatmulPlan::estimateTiles(const TargetInfo &target) const {
  double all =
      double(getCopies().estimate()) * tiles.estimate() * panels.estimate();
  return estimateCycles(target) +
         all * getLimits(target).getTileCycles(split.rows,
                                               divideCeil(tile.columns, lanes));
}

double MatmulPlan::estimateListed(const TargetInfo &target,
                                  double share) const {
  TileLimits limits = getLimits(target);
  int64_t vectors = divideCeil(tile.columns, lanes);
  double kept = share * steps.estimate();
  double step = limits.getListedStepCycles(split.rows, vectors);
  return double(getCopies().estimate()) * tiles.estimate() * panels.estimate() *
         (kept * step + limits.getTileCycles(split.rows, vectors));
}
