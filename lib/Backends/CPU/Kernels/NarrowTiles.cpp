//===- NarrowTiles.cpp - Products of narrow elements on tiles -------------===//
//
// A chunk copies its rows of lhs into tiles [row tile][step of K][row][K]:
// there a row of a tile is a line, and the last step ends in zeros. Sums of
// bytes are exact, so that they are those of every other kernel; those of bf16
// are of pairs of k, and denormal numbers count as zeros.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "SplitRows.h"
#include "TilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class NarrowTilesEmitter : public TilesEmitter {
public:
  using TilesEmitter::TilesEmitter;

private:
  void emitRows() override {
    builder.forLoop(rowBegin, rowEnd, 1, [&](Value row) {
      int64_t bytes =
          plan.product.depth.getNumber() * plan.step.getElementBytes();
      copyInto(builder.sub(row, rowBegin), bytes, getRow(row));
    });
    multiplyTiles();
  }
};

} // namespace

SplitTilesPlan cpu::planKernel(NarrowTilesAttr, Operation *op,
                               const TargetInfo &target) {
  return SplitTilesPlan(cast<lir::MatmulOp>(op), target, /*parts=*/1);
}

LogicalResult NarrowTilesAttr::emitKernel(Operation *op,
                                          KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  if (std::string why = SplitTilesPlan::explainWrongRhs(matmul, /*parts=*/1);
      !why.empty())
    return op->emitOpError(why);
  SplitTilesPlan plan(matmul, builder.getTarget(), /*parts=*/1);
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return NarrowTilesEmitter(matmul, builder, *unit, plan).emit();
}

StringRef NarrowTilesAttr::getTileFeature(Operation *op) const {
  Value lhs = cast<lir::MatmulOp>(op).getLhs();
  return DotStep::get(cast<MemRefType>(lhs.getType()).getElementType()).feature;
}
