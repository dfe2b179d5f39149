//===- SplitTilesVariant.cpp - When a product runs on tiles ---------------===//

#include "SplitTilesVariant.h"
#include "SplitTilesPlan.h"
#include "SplitWeights.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// [batch or 1 ..., part, panel, K / 2, column, 2].
static SplitLayout getLayout(lir::MatmulOp op, const SplitTilesPlan &plan) {
  MLIRContext *context = op.getContext();
  ArrayRef<Size> domain = op.getDomain();
  unsigned rank = domain.size();
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  SplitLayout layout;
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned i = 0; i < rank - 3; ++i) {
    dims[i] = getAffineDimExpr(i, context);
    layout.shape.push_back(map.isFunctionOfDim(i) ? domain[i].getNumber() : 1);
  }
  auto panel = getAffineDimExpr(rank - 3, context);
  auto column = getAffineDimExpr(rank - 1, context);
  dims[rank - 2] = panel * SplitProduct::kPanelColumns + column;
  dims[rank - 1] = getAffineDimExpr(rank - 2, context);
  int64_t group = plan.step.group;
  layout.shape.append({plan.parts, plan.panels,
                       plan.steps * plan.step.getDepth() / group,
                       SplitProduct::kPanelColumns, group});
  layout.packing = lir::SplitPackingAttr::get(
      map.replaceDimsAndSymbols(dims, {}, rank, 0), /*taps=*/0);
  return layout;
}

Proposal cpu::proposeSplitTiles(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  lir::WeightOp weight = getUnpackedWeight(matmul.getRhs());
  if (!selection.packsConstants || !weight)
    return Proposal::reject("the rhs is not constant");
  if (!cast<MemRefType>(matmul.getLhs().getType()).getElementType().isF32())
    return Proposal::reject("the operands are not f32");
  std::string reason = SplitTilesPlan::explainRefusal(matmul, selection.target);
  if (!reason.empty())
    return Proposal::reject(reason);
  SplitTilesPlan plan(matmul, selection.target, selection.strict ? 3 : 2);
  MatmulPlan vectors(matmul, selection.target, std::nullopt);
  reason = explainTime(plan.cycles, vectors.estimateCycles(selection.target));
  if (!reason.empty())
    return Proposal::reject(reason);
  auto range =
      boundLhs(weight, getLayout(matmul, plan), plan.product.depth.getNumber(),
               selection.strict, reason);
  if (!range)
    return Proposal::reject(reason);
  return {SplitTilesAttr::get(op->getContext(), plan.parts, range->least,
                              range->most),
          "", plan.cycles};
}

void SplitTilesAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  SplitTilesPlan plan(matmul, target, getParts());
  SplitLayout layout = getLayout(matmul, plan);
  packer.pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()),
              layout.shape, layout.packing, plan.step.rhs);
  dropRhsMap(matmul);
}

//===-- Narrow elements ---------------------------------------------------===//

Proposal cpu::proposeNarrowTiles(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  Type element = cast<MemRefType>(matmul.getLhs().getType()).getElementType();
  if (!DotStep::takes(element, matmul.getAccumulatorType()))
    return Proposal::reject("the operands are neither bytes nor bf16");
  if (!selection.packsConstants || !getUnpackedWeight(matmul.getRhs()))
    return Proposal::reject("the rhs is not constant");
  std::string reason = SplitTilesPlan::explainRefusal(matmul, selection.target);
  if (!reason.empty())
    return Proposal::reject(reason);
  SplitTilesPlan plan(matmul, selection.target, /*parts=*/1);
  MatmulPlan vectors(matmul, selection.target, std::nullopt);
  reason = explainTime(plan.cycles, vectors.estimateCycles(selection.target));
  if (!reason.empty())
    return Proposal::reject(reason);
  return {NarrowTilesAttr::get(op->getContext()), "", plan.cycles};
}

/// [batch or 1 ..., 1, panel, K / group, column, group], filled up with zeros.
void NarrowTilesAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  MLIRContext *context = op->getContext();
  SplitTilesPlan plan(matmul, target, /*parts=*/1);
  ArrayRef<Size> domain = matmul.getDomain();
  unsigned rank = domain.size(), part = rank - 3;
  AffineMap map = cast<AffineMapAttr>(matmul.getMaps()[1]).getValue();
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> dims(rank, getAffineConstantExpr(0, context));
  for (unsigned i = 0; i < rank - 3; ++i) {
    dims[i] = getAffineDimExpr(i, context);
    shape.push_back(map.isFunctionOfDim(i) ? domain[i].getNumber() : 1);
  }
  auto dim = [&](unsigned behindPart) {
    return getAffineDimExpr(part + behindPart, context);
  };
  int64_t group = plan.step.group;
  dims[rank - 2] = dim(1) * SplitProduct::kPanelColumns + dim(3);
  dims[rank - 1] = dim(2) * group + dim(4);
  shape.append({1, plan.panels, plan.steps * plan.step.getDepth() / group,
                SplitProduct::kPanelColumns, group});
  packer.pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()), shape,
              lir::PackingAttr::get(
                  map.replaceDimsAndSymbols(dims, {}, shape.size(), 0)));
  dropRhsMap(matmul);
}
