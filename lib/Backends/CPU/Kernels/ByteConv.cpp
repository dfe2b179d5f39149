//===- ByteConv.cpp - Convolutions of bytes on tiles ----------------------===//
//
// The slab is the image as it is, each pixel's channels filled up to whole
// lines. Sums are exact, so that they are those of every other kernel.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "ConvTilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class ByteConvEmitter : public ConvTilesEmitter {
public:
  using ConvTilesEmitter::ConvTilesEmitter;

private:
  void emitSlab(ConvSlab &slab) override {
    slab.copyBytes();
    multiplyTiles();
  }
};

} // namespace

bool ByteConvAttr::isOfBytes(Operation *op) {
  auto conv = cast<lir::ConvOp>(op);
  Type element = cast<MemRefType>(conv.getInput().getType()).getElementType();
  return element.isInteger(8) && conv.getAccumulatorType().isInteger(32);
}

SplitConvPlan cpu::planKernel(ByteConvAttr, Operation *op,
                              const TargetInfo &target) {
  return SplitConvPlan(cast<lir::ConvOp>(op), target, /*parts=*/1);
}

LogicalResult ByteConvAttr::emitKernel(Operation *op,
                                       KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = builder.getTarget();
  if (!isOfBytes(op))
    return op->emitOpError("expected operands of i8 and sums of i32");
  if (std::string why =
          SplitConvPlan::explainWrongFilter(conv, target, /*parts=*/1);
      !why.empty())
    return op->emitOpError(why);
  SplitConvPlan plan(conv, target, /*parts=*/1);
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return ByteConvEmitter(conv, builder, *unit, plan).emit();
}

bool ByteConvAttr::usesTileUnit() const { return true; }
