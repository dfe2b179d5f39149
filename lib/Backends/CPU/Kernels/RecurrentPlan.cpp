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

StringRef RecurrentPlan::explainRejection(lir::RecurrentOp op) {
  // Sums of products of bytes stay within 31 bits.
  constexpr int64_t mostSummed = 1 << 16;
  if (!op.getScales())
    return "weights are no bytes";
  if (cast<MemRefType>(op.getHidden().getType()).getDimSize(3) > mostSummed)
    return "sums of its products may not fit 32 bits";
  return "";
}

RecurrentPlan::RecurrentPlan(lir::RecurrentOp op, const TargetInfo &target,
                             bool usesDigits)
    : usesDigits(usesDigits) {
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
  isCoded = bool(op.getScales());
  if (usesDigits) // each has three sums a vector
    rows = limits.registers >= 32 ? 2 : 1;
  tiles = batch.ceilDiv(rows);
  if (batch.isNumber()) {
    split = RowSplit::create(batch.getNumber(), rows);
    rows = split.rows;
    tiles = split.tiles;
  }
  blocks = divideCeil(panels, blockVectors);

  // What a step of one direction takes: its weights pass by from L3, or its
  // sums are computed. In nanoseconds, at 90 GB/s and 50 multiply-adds;
  // widening bytes takes longer than these, digits less.
  double weights = double(gates) * hidden * hidden;
  // An open batch may be of one sequence; the more there are, the less need is
  // there to share their steps.
  double sequences = batch.isNumber() ? batch.getNumber() : 1;
  double rate = usesDigits ? 80 : isCoded ? 30 : 50;
  int64_t bytes = isCoded ? 1 : lir::getElementBytes(element);
  stepCost = std::max(weights * double(bytes) / 90, weights * sequences / rate);
  // A chunk of bytes is worth less than one of floats: more of the layer's work
  // is in the steps' other parts, which have no chunks.
  constexpr double leastShared = 12000;
  double chunk = isCoded ? 3000 : 10000;
  constexpr int64_t mostChunks = 64;
  staged = stepCost >= leastShared && blocks > 1;
  int64_t wanted =
      std::clamp<int64_t>(int64_t(stepCost / chunk), 1, mostChunks / dirs);
  blocksPerChunk = divideCeil(blocks, std::min(wanted, blocks));
  Size all = tiles * dirs;
  tilesPerChunk = all.isNumber() ? all.ceilDiv(mostChunks)
                                 : all.floorDiv(mostChunks) + 1;
}

SmallVector<int64_t> RecurrentPlan::getPackedShape() const {
  if (isCoded)
    return {dirs, panels, gates, getCodeSteps(), lanes, 4};
  return {dirs, panels, gates, hidden, lanes};
}

AffineMap RecurrentPlan::getPackingMap(MLIRContext *context) const {
  auto dim = [&](unsigned index) { return getAffineDimExpr(index, context); };
  // Beyond the last unit lies another gate's, or nothing: those lanes are never
  // stored.
  AffineExpr row = dim(2) * hidden + dim(1) * lanes + dim(4);
  if (isCoded)
    return AffineMap::get(6, 0, {dim(0), row, dim(3) * 4 + dim(5)}, context);
  return AffineMap::get(5, 0, {dim(0), row, dim(3)}, context);
}

void RecurrentPlan::packAtRunTime(lir::RecurrentOp op) const {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type type = cast<MemRefType>(op.getWeights().getType()).getElementType();
  Value packed = lir::AllocOp::create(builder, loc,
                                      MemRefType::get(getPackedShape(), type));
  auto d = [&](unsigned index) { return builder.getAffineDimExpr(index); };
  auto copy = [&](ArrayRef<int64_t> shape, ArrayRef<int64_t> domain,
                  ArrayRef<AffineExpr> from, ArrayRef<AffineExpr> to) {
    Value source = lir::ViewOp::create(
        builder, loc, MemRefType::get(shape, type), op.getWeights());
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
  if (isCoded) {
    // Panel by panel, each k of four by itself (d, g, k, j). What is beyond the
    // last k is multiplied with 0.
    for (int64_t panel = 0; panel < panels; ++panel)
      for (int64_t place = 0; place < std::min<int64_t>(4, hidden); ++place)
        copy({dirs, gates, hidden, hidden},
             {dirs, gates, int64_t(divideCeil(hidden - place, 4)),
              std::min(lanes, hidden - panel * lanes)},
             {d(0), d(1), d(3) + panel * lanes, d(2) * 4 + place},
             {d(0), builder.getAffineConstantExpr(panel), d(1), d(2), d(3),
              builder.getAffineConstantExpr(place)});
  } else if (hidden % lanes == 0) {
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

double RecurrentPlan::estimateCycles() const {
  constexpr double cyclesPerNanosecond = 3.5;
  double count = steps.isNumber() ? double(steps.getNumber()) : 1;
  return stepCost * cyclesPerNanosecond * count * double(dirs);
}

int64_t RecurrentPlan::getDigitBytes() const {
  return llvm::alignTo(hidden * 4, 64) + factBytes;
}

int64_t RecurrentPlan::getScratchBytes() const {
  return getStageBytes() + (usesDigits ? rows * getDigitBytes() : 0);
}

int64_t RecurrentPlan::getStageBytes() const {
  int64_t most = 0;
  for (const RecurrentPhase &phase : phases)
    most = std::max(most, rows * phase.vectors * phase.gates);
  return most * lanes * lir::getElementBytes(element);
}

std::string RecurrentPlan::describe() const {
  const RecurrentPhase &phase = phases[0];
  return cell.str() + " " + std::to_string(rows) + "x" +
         std::to_string(phase.vectors * phase.gates * lanes) +
         (usesDigits ? " of bytes and digits"
          : isCoded  ? " of bytes"
                     : "") +
         (staged ? " in stages" : "");
}
