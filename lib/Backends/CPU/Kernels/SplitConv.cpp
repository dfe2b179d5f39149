//===- SplitConv.cpp - f32 convolutions as sums of bf16 products ----------===//
//
// Where a pixel's channels have no such parts, or products of them are too
// small or too large, the chunk copies its slab in f32, and multiplies it by
// each panel's sum of parts.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "ConvTilesEmitter.h"
#include "RegisterTile.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SplitConvEmitter : public ConvTilesEmitter {
public:
  SplitConvEmitter(lir::ConvOp op, KernelBuilder &builder, TileUnit &unit,
                   SplitConvAttr algorithm, const SplitConvPlan &plan)
      : ConvTilesEmitter(op, builder, unit, plan),
        range{algorithm.getLeastExponent(), algorithm.getMostExponent()},
        vectorProduct(plan.conv.element, plan.conv.accumulator,
                      builder.getTarget()) {}

private:
  void emitSlab(ConvSlab &slab) override {
    builder.ifThen(
        builder.likely(slab.split(range)), [&] { multiplyTiles(); },
        [&] {
          slab.copy();
          forEachPanel([&](Value panel, PanelWidth width) {
            emitVectors(panel, width);
          });
        });
  }
  void emitVectors(Value panel, PanelWidth width);
  void emitVectorTile(Value panel, PanelWidth width, Value joined, Place first,
                      int64_t pixels);

  SplitRange range;
  TileProduct vectorProduct;
};

} // namespace

//===-- By vectors, in f32 ------------------------------------------------===//

void SplitConvEmitter::emitVectors(Value panel, PanelWidth width) {
  Value joined = join(panel, width);
  TileLimits limits(builder.getTarget(), plan.conv.accumulator);
  int64_t most = std::clamp<int64_t>(limits.getMaxRows(plan.getPanelVectors()),
                                     1, plan.rows);
  builder.forLoop(builder.i64(0), piece.rows, 1, [&](Value row) {
    Value whole = builder.mul(builder.divUnsigned(piece.columns, most), most);
    builder.forLoop(builder.i64(0), whole, most, [&](Value column) {
      emitVectorTile(panel, width, joined, {row, column}, most);
    });
    if (most > 1)
      builder.forLoop(whole, piece.columns, 1, [&](Value column) {
        emitVectorTile(panel, width, joined, {row, column}, 1);
      });
  });
}

void SplitConvEmitter::emitVectorTile(Value panel, PanelWidth width,
                                      Value joined, Place first,
                                      int64_t pixels) {
  const ConvDim &along = plan.getColumns();
  RegisterTile registers(builder, vectorProduct, pixels, width.vectors);
  Value pixel = builder.add(
      builder.mul(first.row, plan.lines.stride * plan.getSlabColumns()),
      builder.mul(first.column, along.stride));
  registers.forLoop(
      builder.i64(0), builder.i64(plan.countTaps()), [&](Value tap) {
        Tap place = getTap(tap);
        Value at = builder.add(builder.add(pixel, place.offset),
                               builder.mul(place.plane, plan.getSlabPixels()));
        TileOperands operands;
        operands.lhs =
            builder.elementPtr(getScratch(scratch.lhs), plan.conv.element,
                               builder.mul(at, plan.getChannels()));
        for (int64_t p = 0; p < pixels; ++p)
          operands.rowOffsets.push_back(
              builder.i64(p * along.stride * plan.getChannels()));
        operands.rhs = builder.elementPtr(
            joined, plan.conv.element,
            builder.mul(tap, plan.getChannels() * SplitProduct::kPanelColumns));
        operands.rhsStep = SplitProduct::kPanelColumns;
        operands.depth = builder.i64(plan.getChannels());
        registers.accumulate(operands);
      });
  auto indexOfRow = [&](Value r) {
    return getIndices(panel, first.row, builder.add(first.column, r));
  };
  if (failed(registers.store({op, builder.getBuffer(op.getOutputMutable()),
                              width.count, indexOfRow,
                              getScratch(scratch.stage)})))
    status = failure();
}

SplitConvPlan cpu::planKernel(SplitConvAttr algorithm, Operation *op,
                              const TargetInfo &target) {
  return SplitConvPlan(cast<lir::ConvOp>(op), target, algorithm.getParts());
}

LogicalResult SplitConvAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = builder.getTarget();
  if (std::string why =
          SplitConvPlan::explainWrongFilter(conv, target, getParts());
      !why.empty())
    return op->emitOpError(why);
  SplitConvPlan plan(conv, target, getParts());
  auto unit =
      TileUnit::create(builder, plan.step, plan.rows, builder.getScratch());
  return SplitConvEmitter(conv, builder, *unit, *this, plan).emit();
}

StringRef SplitConvAttr::getTileFeature(Operation *op) const {
  return DotStep::getBF16(Builder(op)).feature;
}
