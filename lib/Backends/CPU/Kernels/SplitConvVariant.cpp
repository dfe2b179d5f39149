//===- SplitConvVariant.cpp - When a convolution runs on tiles ------------===//

#include "SplitConvPlan.h"
#include "SplitTilesVariant.h"
#include "SplitWeights.h"
#include "WeightPacker.h"
#include "WinogradPlan.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static SplitLayout getLayout(lir::ConvOp op, const SplitConvPlan &plan) {
  return {plan.getPackedShape(),
          lir::SplitPackingAttr::get(plan.getPackingMap(op.getContext()),
                                     plan.conv.dims.size())};
}

Proposal cpu::proposeSplitConv(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  lir::WeightOp filter = getUnpackedWeight(conv.getFilter());
  if (!selection.packsConstants || !filter)
    return Proposal::reject("the filter is not constant");
  if (!cast<MemRefType>(conv.getInput().getType()).getElementType().isF32())
    return Proposal::reject("the operands are not f32");
  std::string reason = SplitConvPlan::explainRefusal(conv);
  if (!reason.empty())
    return Proposal::reject(reason);
  SplitConvPlan plan(conv, selection.target, selection.strict ? 3 : 2);
  reason =
      explainTime(plan.cycles, estimateDirectCycles(conv, selection.target));
  if (!reason.empty())
    return Proposal::reject(reason);
  auto range = boundLhs(filter, getLayout(conv, plan),
                        plan.countTaps() * plan.conv.inputChannels,
                        selection.strict, reason);
  if (!range)
    return Proposal::reject(reason);
  return {SplitConvAttr::get(op->getContext(), plan.parts, range->least,
                             range->most),
          "", plan.cycles};
}

void SplitConvAttr::packConstants(Operation *op, const TargetInfo &target,
                                  WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  SplitConvPlan plan(conv, target, getParts());
  SplitLayout layout = getLayout(conv, plan);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              layout.shape, layout.packing, plan.step.rhs);
}

//===-- Narrow elements ---------------------------------------------------===//

Proposal cpu::proposeNarrowConv(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  Type element = cast<MemRefType>(conv.getInput().getType()).getElementType();
  if (!DotStep::takes(element, conv.getAccumulatorType()))
    return Proposal::reject("the operands are neither bytes nor bf16");
  if (!selection.packsConstants || !getUnpackedWeight(conv.getFilter()))
    return Proposal::reject("the filter is not constant");
  std::string reason = SplitConvPlan::explainRefusal(conv);
  if (!reason.empty())
    return Proposal::reject(reason);
  SplitConvPlan plan(conv, selection.target, /*parts=*/1);
  reason =
      explainTime(plan.cycles, estimateDirectCycles(conv, selection.target));
  if (!reason.empty())
    return Proposal::reject(reason);
  return {NarrowConvAttr::get(op->getContext()), "", plan.cycles};
}

void NarrowConvAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  SplitConvPlan plan(conv, target, /*parts=*/1);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              plan.getPackedShape(),
              lir::PackingAttr::get(plan.getPackingMap(op->getContext())));
}
