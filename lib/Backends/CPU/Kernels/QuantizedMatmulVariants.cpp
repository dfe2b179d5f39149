//===- QuantizedMatmulVariants.cpp - The ways to multiply by codes --------===//

#include "CodedWeights.h"
#include "Variants.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static Proposal proposeCodedPanels(Operation *op, const Selection &selection) {
  MatmulPlan plan(cast<lir::QuantizedMatmulOp>(op), selection.target,
                  std::nullopt);
  return {
      CodedPanelsAttr::get(op->getContext(), plan.tile.rows, plan.tile.columns),
      "", plan.estimateCycles(selection.target)};
}

ArrayRef<Variant> cpu::getQuantizedMatmulVariants() {
  static constexpr Variant variants[] = {
      {"coded-panels", proposeCodedPanels},
  };
  return variants;
}

void CodedPanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  auto matmul = cast<lir::QuantizedMatmulOp>(op);
  lir::WeightOp codes = getUnpackedWeight(matmul.getRhs()),
                scales = getUnpackedWeight(matmul.getScales()), zeros;
  if (matmul.getZeros())
    zeros = getUnpackedWeight(matmul.getZeros());
  // What is not constant is read where it is.
  if (!codes || !scales || (matmul.getZeros() && !zeros))
    return;
  MLIRContext *context = op->getContext();
  MatmulPlan plan(matmul, target, TileShape{getRows(), getColumns()});
  int64_t bits = matmul.getBits(), panels = plan.panels.getNumber(),
          columns = plan.tile.columns, depth = plan.depth.getNumber(),
          blocks = scales.getType().getDimSize(1);
  AffineExpr panel, row, column, place;
  bindDims(context, panel, row, column, place);
  AffineExpr n = panel * columns + column;
  int64_t step = CodedWeights::getStep(bits);
  AffineMap map = AffineMap::get(4, 0, {n, row * step + place}, context);
  Attribute packing = bits == 8
                          ? Attribute(lir::PackingAttr::get(map))
                          : Attribute(lir::BitPackingAttr::get(map, bits));
  packer.pack(matmul.getRhsMutable(), codes,
              {panels, int64_t(llvm::divideCeil(depth, step)), columns, 4},
              packing);
  auto packParameter = [&](OpOperand &operand, lir::WeightOp weight) {
    packer.pack(operand, weight, {panels, blocks, columns},
                lir::PackingAttr::get(AffineMap::get(3, 0, {n, row}, context)));
  };
  packParameter(matmul.getScalesMutable(), scales);
  if (zeros)
    packParameter(matmul.getZerosMutable()[0], zeros);
  SmallVector<Attribute> maps(matmul.getMaps().getValue());
  maps[1] =
      AffineMapAttr::get(AffineMap::get(matmul.getDomain().size(), 0, context));
  matmul.setMapsAttr(ArrayAttr::get(context, maps));
}
