//===- NarrowConv.cpp - Convolutions of narrow elements on tiles ----------===//
//
// The slab is the image as it is, each pixel's channels filled up to whole
// lines. Sums of bytes are exact, so that they are those of every other kernel.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "ConvTilesEmitter.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class NarrowConvEmitter : public ConvTilesEmitter {
public:
  using ConvTilesEmitter::ConvTilesEmitter;

private:
  void emitSlab(ConvSlab &slab) override {
    slab.copyNarrow();
    multiplyTiles();
  }
};

} // namespace

SplitConvPlan cpu::planKernel(NarrowConvAttr, Operation *op,
                              const TargetInfo &target) {
  return SplitConvPlan(cast<lir::ConvOp>(op), target, /*parts=*/1);
}

LogicalResult NarrowConvAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = builder.getTarget();
  if (std::string why =
          SplitConvPlan::explainWrongFilter(conv, target, /*parts=*/1);
      !why.empty())
    return op->emitOpError(why);
  SplitConvPlan plan(conv, target, /*parts=*/1);
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return NarrowConvEmitter(conv, builder, *unit, plan).emit();
}

StringRef NarrowConvAttr::getTileFeature(Operation *op) const {
  Value input = cast<lir::ConvOp>(op).getInput();
  return DotStep::get(cast<MemRefType>(input.getType()).getElementType())
      .feature;
}
