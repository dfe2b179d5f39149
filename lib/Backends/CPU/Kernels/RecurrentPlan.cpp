//===- RecurrentPlan.cpp - Panels, tiles and chunks of recurrent layers ---===//

#include "RecurrentPlan.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

/// Vectors of columns in a tile: enough to keep the multiply-adds of one row
/// apart from each other.
static constexpr int64_t tileVectors = 4;

RecurrentPlan::RecurrentPlan(lir::RecurrentOp op, const TargetInfo &target) {
  auto states = cast<MemRefType>(op.getHidden().getType());
  cell = op.getCell();
  element = states.getElementType();
  steps = lir::getSizes(op.getGates())[0];
  dirs = states.getDimSize(1);
  batch = lir::getSizes(states)[2];
  hidden = states.getDimSize(3);
  gates = op.getNumGates();
  TileLimits limits(target, element);
  lanes = limits.lanes;
  panels = divideCeil(hidden, lanes);

  int64_t mostVectors = 1;
  auto addPhase = [&](int64_t first, int64_t count) {
    RecurrentPhase phase{first, count};
    phase.vectors = std::max<int64_t>(1, tileVectors / count);
    mostVectors = std::max(mostVectors, phase.vectors * count);
    blockVectors = std::max(blockVectors, phase.vectors);
    phases.push_back(phase);
  };
  if (op.resetsHidden()) {
    addPhase(0, 2);
    addPhase(2, 1);
  } else {
    addPhase(0, gates);
  }
  rows = std::max<int64_t>(1, limits.getMaxRows(mostVectors));
  tiles = batch.ceilDiv(rows);
  if (batch.isNumber()) {
    split = RowSplit::create(batch.getNumber(), rows);
    rows = split.rows;
    tiles = split.tiles;
  }
  blocks = divideCeil(panels, blockVectors);

  // What a step of one direction takes: its weights pass by from L3, or its
  // sums are computed. In nanoseconds, at 90 GB/s and 100 GFLOP/s.
  double weights = double(gates) * hidden * hidden;
  // An open batch may be of one sequence; the more there are, the less need is
  // there to share their steps.
  double sequences = batch.isNumber() ? batch.getNumber() : 1;
  double cost = std::max(weights * lir::getElementBytes(element) / 90,
                         2 * weights * sequences / 100);
  constexpr double leastShared = 12000, chunk = 10000;
  constexpr int64_t mostChunks = 64;
  staged = cost >= leastShared && blocks > 1;
  int64_t wanted =
      std::clamp<int64_t>(int64_t(cost / chunk), 1, mostChunks / dirs);
  blocksPerChunk = divideCeil(blocks, std::min(wanted, blocks));
  Size all = tiles * dirs;
  tilesPerChunk = all.isNumber() ? all.ceilDiv(mostChunks)
                                 : all.floorDiv(mostChunks) + 1;
}

SmallVector<int64_t> RecurrentPlan::getPackedShape() const {
  return {dirs, panels, gates, hidden, lanes};
}

AffineMap RecurrentPlan::getPackingMap(MLIRContext *context) const {
  auto dim = [&](unsigned index) { return getAffineDimExpr(index, context); };
  // Beyond the last unit lies another gate's, or nothing: those lanes are never
  // stored.
  AffineExpr row = dim(2) * hidden + dim(1) * lanes + dim(4);
  return AffineMap::get(5, 0, {dim(0), row, dim(3)}, context);
}

void RecurrentPlan::packAtRunTime(lir::RecurrentOp op) const {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Value packed = lir::AllocOp::create(
      builder, loc, MemRefType::get(getPackedShape(), element));
  auto d = [&](unsigned index) { return builder.getAffineDimExpr(index); };
  auto copy = [&](ArrayRef<int64_t> shape, ArrayRef<int64_t> domain,
                  ArrayRef<AffineExpr> from, ArrayRef<AffineExpr> to) {
    Value source = lir::ViewOp::create(
        builder, loc, MemRefType::get(shape, element), op.getWeights());
    auto getMap = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(domain.size(), 0, results, op.getContext());
    };
    lir::ElementwiseOp::create(builder, loc, source, packed,
                               toSizes(domain),
                               {getMap(from), getMap(to)},
                               [](OpBuilder &, Location, ValueRange scalars) {
                                 return SmallVector<Value>(scalars);
                               });
  };
  if (hidden % lanes == 0) {
    // (d, p, g, k, j)
    copy({dirs, gates, panels, lanes, hidden}, getPackedShape(),
         {d(0), d(2), d(1), d(4), d(3)}, {d(0), d(1), d(2), d(3), d(4)});
  } else {
    // No map says where a unit of any panel lies: panel by panel (d, g, k, j).
    for (int64_t panel = 0; panel < panels; ++panel)
      copy({dirs, gates, hidden, hidden},
           {dirs, gates, hidden, std::min(lanes, hidden - panel * lanes)},
           {d(0), d(1), d(3) + panel * lanes, d(2)},
           {d(0), builder.getAffineConstantExpr(panel), d(1), d(2), d(3)});
  }
  op.getWeightsMutable().assign(packed);
}

Size RecurrentPlan::getChunksPerDirection() const {
  return staged ? Size(divideCeil(blocks, blocksPerChunk))
                : (tiles + tilesPerChunk - 1).floorDiv(tilesPerChunk);
}

int64_t RecurrentPlan::getScratchBytes() const {
  int64_t most = 0;
  for (const RecurrentPhase &phase : phases)
    most = std::max(most, rows * phase.vectors * phase.gates);
  return most * lanes * lir::getElementBytes(element);
}

std::string RecurrentPlan::describe() const {
  const RecurrentPhase &phase = phases[0];
  return cell.str() + " " + std::to_string(rows) + "x" +
         std::to_string(phase.vectors * phase.gates * lanes) +
         (staged ? " in stages" : "");
}
