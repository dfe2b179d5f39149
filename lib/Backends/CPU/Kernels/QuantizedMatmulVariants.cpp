//===- QuantizedMatmulVariants.cpp - The ways to multiply by codes --------===//

#include "CodedWeights.h"
#include "LhsDigits.h"
#include "Variants.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static bool knowsDigits(const TargetInfo &target) { return target.hasVNNI; }

static bool hasConstantWeights(lir::QuantizedMatmulOp op) {
  return getUnpackedWeight(op.getRhs()) && getUnpackedWeight(op.getScales()) &&
         (!op.getZeros() || getUnpackedWeight(op.getZeros()));
}

static Proposal proposeCodedPanels(Operation *op, const Selection &selection) {
  MatmulPlan plan(cast<lir::QuantizedMatmulOp>(op), selection.target,
                  std::nullopt);
  return {
      CodedPanelsAttr::get(op->getContext(), plan.tile.rows, plan.tile.columns),
      "", plan.estimateCycles(selection.target)};
}

static Proposal proposeCodedDigits(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::QuantizedMatmulOp>(op);
  if (selection.strict)
    return Proposal::reject("it rounds otherwise than strict accuracy allows");
  if (!selection.packsConstants || !hasConstantWeights(matmul))
    return Proposal::reject("the weights are not constant");
  MatmulPlan plan(matmul, selection.target, std::nullopt);
  StringRef rejection =
      LhsDigits::explainRejection(matmul, plan, selection.target);
  if (!rejection.empty())
    return Proposal::reject(rejection);
  TileShape tile =
      plan.rows.isNumber() ? LhsDigits::chooseTile(plan) : plan.tile;
  // Three dot steps in place of four multiplications, and a third of what
  // decoding takes.
  constexpr double share = 0.5;
  return {CodedDigitsAttr::get(op->getContext(), tile.rows, tile.columns), "",
          share * plan.estimateCycles(selection.target)};
}

ArrayRef<Variant> cpu::getQuantizedMatmulVariants() {
  static constexpr Variant variants[] = {
      {"coded-digits", proposeCodedDigits, nullptr, knowsDigits},
      {"coded-panels", proposeCodedPanels},
  };
  return variants;
}

static void packCodes(lir::QuantizedMatmulOp matmul, TileShape tile,
                      const TargetInfo &target, WeightPacker &packer) {
  lir::WeightOp codes = getUnpackedWeight(matmul.getRhs()),
                scales = getUnpackedWeight(matmul.getScales()), zeros;
  if (matmul.getZeros())
    zeros = getUnpackedWeight(matmul.getZeros());
  // What is not constant is read where it is.
  if (!hasConstantWeights(matmul))
    return;
  MLIRContext *context = matmul.getContext();
  MatmulPlan plan(matmul, target, tile);
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
  dropRhsMap(matmul);
}

void CodedPanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  packCodes(cast<lir::QuantizedMatmulOp>(op), {getRows(), getColumns()}, target,
            packer);
}

void CodedDigitsAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  packCodes(cast<lir::QuantizedMatmulOp>(op), {getRows(), getColumns()}, target,
            packer);
}
