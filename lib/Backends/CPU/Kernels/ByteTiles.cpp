//===- ByteTiles.cpp - Products of bytes on tiles -------------------------===//
//
// A chunk copies its rows of lhs into tiles [row tile][step of K][row][K]:
// there a row of a tile is a line, and the last step ends in zeros. Sums are
// exact, so that they are those of every other kernel.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "SplitRows.h"
#include "TilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class ByteTilesEmitter : public TilesEmitter {
public:
  using TilesEmitter::TilesEmitter;

private:
  void emitRows() override {
    builder.forLoop(rowBegin, rowEnd, 1, [&](Value row) {
      copyInto(builder.sub(row, rowBegin), plan.product.depth.getNumber(),
               getRow(row));
    });
    multiplyTiles();
  }
};

} // namespace

bool ByteTilesAttr::isOfBytes(Operation *op) {
  auto matmul = cast<lir::MatmulOp>(op);
  Type element = cast<MemRefType>(matmul.getLhs().getType()).getElementType();
  return element.isInteger(8) && matmul.getAccumulatorType().isInteger(32);
}

SplitTilesPlan cpu::planKernel(ByteTilesAttr, Operation *op,
                               const TargetInfo &target) {
  return SplitTilesPlan(cast<lir::MatmulOp>(op), target, /*parts=*/1);
}

LogicalResult ByteTilesAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  if (!isOfBytes(op))
    return op->emitOpError("expected operands of i8 and sums of i32");
  if (std::string why = SplitTilesPlan::explainWrongRhs(matmul, /*parts=*/1);
      !why.empty())
    return op->emitOpError(why);
  SplitTilesPlan plan(matmul, builder.getTarget(), /*parts=*/1);
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return ByteTilesEmitter(matmul, builder, *unit, plan).emit();
}

bool ByteTilesAttr::usesTileUnit() const { return true; }
