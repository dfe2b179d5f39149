//===- MatmulVariants.cpp - The ways to compute a product -----------------===//

#include "MatmulPlan.h"
#include "PanelLayout.h"
#include "ShortVariants.h"
#include "SparseRowsVariant.h"
#include "SparseVariants.h"
#include "SplitTilesVariant.h"
#include "SplitWeights.h"
#include "Variants.h"
#include "WeightPacker.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- Proposals ---------------------------------------------------------===//

/// The weight whose view `value` is and that is to be permuted when it is
/// packed: its packing is a map that gives its elements another order.
static lir::WeightOp getPermutedWeight(Value value) {
  auto view = value.getDefiningOp<lir::ViewOp>();
  auto weight =
      view ? view.getSource().getDefiningOp<lir::WeightOp>() : lir::WeightOp();
  return weight && isa_and_nonnull<lir::PackingAttr>(weight.getPackingAttr())
             ? weight
             : nullptr;
}

/// The sizes of a permuted weight's dims that are k, and whether they come
/// first.
static std::pair<ArrayRef<int64_t>, bool>
getPermutedDepths(lir::MatmulOp op, lir::WeightOp weight) {
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  bool depthFirst = map.getResult(0) ==
                    getAffineDimExpr(map.getNumDims() - 1, op.getContext());
  ArrayRef<int64_t> sizes = weight.getType().getShape();
  return {depthFirst ? sizes.drop_back() : sizes.drop_front(), depthFirst};
}

static Proposal proposePanels(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  Value rhs = matmul.getRhs();
  if (!selection.packsConstants ||
      (!getUnpackedWeight(rhs) && !getPermutedWeight(rhs)))
    return Proposal::reject("the rhs is not constant");
  MatmulPlan plan(matmul, selection.target, std::nullopt);
  if (!plan.vectorized || plan.swapped)
    return Proposal::reject("the output's last dim is not that of the rhs");
  lir::WeightOp permuted =
      getUnpackedWeight(rhs) ? nullptr : getPermutedWeight(rhs);
  if (permuted &&
      getPermutedDepths(matmul, permuted).first.back() % plan.group != 0)
    return Proposal::reject("steps of k would cross the permuted rhs's dims");
  return {PanelsAttr::get(op->getContext(), plan.tile.rows, plan.tile.columns),
          "", plan.estimateCycles(selection.target)};
}

static Proposal proposeTiles(Operation *op, const Selection &selection) {
  MatmulPlan plan(cast<lir::MatmulOp>(op), selection.target, std::nullopt);
  if (!plan.vectorized)
    return Proposal::reject("the output's last dim is neither m nor n");
  return {RegisterTilesAttr::get(op->getContext(), plan.tile.rows,
                                 plan.tile.columns),
          "", plan.estimateCycles(selection.target)};
}

/// The same with other tiles.
template <typename AlgorithmT,
          Proposal (*propose)(Operation *, const Selection &)>
static SmallVector<Proposal> listTiles(Operation *op,
                                       const Selection &selection) {
  SmallVector<Proposal> others;
  auto matmul = cast<lir::MatmulOp>(op);
  if (!propose(op, selection).algorithm)
    return others;
  MatmulPlan best(matmul, selection.target, std::nullopt);
  for (TileShape tile : best.listOtherTiles(selection.target)) {
    MatmulPlan plan(matmul, selection.target, tile);
    others.push_back(
        {AlgorithmT::get(op->getContext(), tile.rows, tile.columns), "",
         plan.estimateCycles(selection.target)});
  }
  return others;
}

static Proposal proposeScalar(Operation *op, const Selection &selection) {
  // A multiply-add waits for the one before it.
  double latency = selection.target.description.multiplyLatency;
  double count = 1;
  for (const Size &size : cast<lir::MatmulOp>(op).getDomain())
    count *= size.estimate();
  return {ScalarAttr::get(op->getContext()), "", latency * count};
}

ArrayRef<Variant> cpu::getMatmulVariants() {
  // Panels and tiles differ by what packing takes, which is not counted.
  static constexpr Variant variants[] = {
      {"split-tiles", proposeSplitTiles, nullptr, knowsSplitTiles},
      {"narrow-tiles", proposeNarrowTiles, nullptr, knowsSplitTiles},
      {"sparse-rows", proposeSparseRows},
      {"short-panels", proposeShortPanels, nullptr, knowsShortSums},
      {"sparse-panels", proposeSparsePanels},
      {"panels", proposePanels, listTiles<PanelsAttr, proposePanels>},
      {"register-tiles", proposeTiles,
       listTiles<RegisterTilesAttr, proposeTiles>},
      {"scalar", proposeScalar},
  };
  return variants;
}

//===-- Packed constants --------------------------------------------------===//

/// Packs a permuted rhs, whose k is several dims, as [panels, k..., columns],
/// where a step takes several of the last k as [panels, k..., columns, group].
static void packPermuted(lir::MatmulOp op, lir::WeightOp weight,
                         const MatmulPlan &plan, WeightPacker &packer) {
  MLIRContext *context = op.getContext();
  AffineMap permutation =
      cast<lir::PackingAttr>(weight.getPackingAttr()).getMap();
  auto [depths, depthFirst] = getPermutedDepths(op, weight);
  SmallVector<int64_t> shape{plan.panels.getNumber()};
  shape.append(depths.begin(), depths.end());
  shape.push_back(plan.tile.columns);
  unsigned column = shape.size() - 1;
  SmallVector<AffineExpr> index;
  for (size_t dim = 0; dim < depths.size(); ++dim)
    index.push_back(getAffineDimExpr(dim + 1, context));
  if (plan.group > 1) {
    shape[column - 1] /= plan.group;
    index.back() =
        index.back() * plan.group + getAffineDimExpr(shape.size(), context);
    shape.push_back(plan.group);
  }
  index.insert(depthFirst ? index.end() : index.begin(),
               getAffineDimExpr(0, context) * plan.tile.columns +
                   getAffineDimExpr(column, context));
  packer.pack(op.getRhsMutable(), weight, shape,
              lir::PackingAttr::get(permutation.replaceDimsAndSymbols(
                  index, {}, shape.size(), 0)));
}

static void packPanels(lir::MatmulOp op, lir::WeightOp weight,
                       const MatmulPlan &plan, WeightPacker &packer) {
  PanelLayout layout = getPanelLayout(op, plan);
  packer.pack(op.getRhsMutable(), weight, layout.getShape(),
              lir::PackingAttr::get(layout.map));
}

void PanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                               WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  MatmulPlan plan(matmul, target, TileShape{getRows(), getColumns()});
  if (lir::WeightOp weight = getUnpackedWeight(matmul.getRhs()))
    packPanels(matmul, weight, plan, packer);
  else
    packPermuted(matmul, getPermutedWeight(matmul.getRhs()), plan, packer);
  dropRhsMap(matmul);
}
