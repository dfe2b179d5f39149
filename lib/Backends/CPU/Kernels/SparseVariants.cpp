//===- SparseVariants.cpp - When steps that are zero are left out ---------===//
//
// The weights say how many steps each width of a panel keeps: narrow panels
// keep fewer, wide ones take less time for each. What should take the least
// time is proposed, if that is less than with all steps: kernels for few zeros
// are those of dense weights. Sums of finite numbers keep their bits. That 0
// times infinity is no number is lost, so that strict accuracy keeps all steps.
//
//===----------------------------------------------------------------------===//

#include "SparseVariants.h"
#include "AlgorithmPlans.h"
#include "ConvRows.h"
#include "PanelLayout.h"
#include "SparseWeight.h"
#include "WeightPacker.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using kernels::KeptSteps;
using kernels::SparsePacking;

int64_t cpu::roundKeptSteps(int64_t most, int64_t steps) {
  constexpr int64_t least = 8;
  int64_t multiple =
      std::max<int64_t>(least, llvm::bit_floor(uint64_t(steps)) / 32);
  return llvm::alignTo(std::max<int64_t>(1, most), multiple);
}

std::string cpu::explainZeros(double zeros, int64_t columns, double breakEven) {
  return llvm::formatv("{0:f1} % of the vectors of {1} weights are zero, and "
                       "leaving them out pays from {2:f1} % on",
                       100 * zeros, columns, 100 * breakEven)
      .str();
}

namespace {

/// Sparse panels [outer..., words] of a constant.
struct SparseLayout {
  PanelLayout panels;
  SmallVector<int64_t> strides;

  SparsePacking::Form getForm(int64_t keptSteps) const {
    return {panels.map, panels.inner, strides, keptSteps};
  }
  SmallVector<int64_t> getShape(int64_t keptSteps) const {
    SmallVector<int64_t> shape(panels.outer);
    shape.push_back(getForm(keptSteps).getPanel().getWords());
    return shape;
  }
  /// Of all panels.
  int64_t countSteps() const {
    return panels.countPanels() * getForm(0).getPanel().countSteps();
  }
  std::optional<KeptSteps> count(const SparseWeight &weight) const {
    auto packing = SparsePacking::create(getForm(0), getShape(0), weight.shape);
    if (!packing) {
      llvm::consumeError(packing.takeError());
      return std::nullopt;
    }
    return packing->count(weight.data.data(), weight.splat);
  }
  void pack(OpOperand &operand, lir::WeightOp weight, int64_t keptSteps,
            WeightPacker &packer) const {
    packer.pack(operand, weight, getShape(keptSteps),
                lir::SparsePackingAttr::get(panels.map, panels.inner, strides,
                                            keptSteps));
  }
};

/// What tiles of a product or a convolution take.
struct SparseTimes {
  double dense = 0, none = 0; ///< with all steps of the list, with none
};

/// The best of some tiles.
struct SparseChoice {
  TileShape tile;
  int64_t keptSteps = 0;
  double cycles = 0, zeros = 0, breakEven = 0;
};

} // namespace

/// Chooses among tiles for `weight`. `getLayout` says how it is packed for a
/// tile, `estimate` what a tile takes; `dense` is what dense panels take.
static std::optional<SparseChoice>
chooseSparse(const SparseWeight &weight, ArrayRef<TileShape> tiles,
             double dense, function_ref<SparseLayout(TileShape)> getLayout,
             function_ref<SparseTimes(TileShape)> estimate) {
  std::optional<SparseChoice> best;
  llvm::DenseMap<int64_t, KeptSteps> counted;
  for (TileShape tile : tiles) {
    SparseLayout layout = getLayout(tile);
    auto [place, isNew] = counted.try_emplace(tile.columns);
    if (isNew) {
      std::optional<KeptSteps> kept = layout.count(weight);
      if (!kept)
        return std::nullopt;
      place->second = *kept;
    }
    int64_t steps = layout.countSteps();
    if (!steps)
      return std::nullopt;
    double share = double(place->second.all) / steps;
    SparseTimes times = estimate(tile);
    double listed = times.dense - times.none,
           cycles = times.none + share * listed;
    if (best && best->cycles <= cycles)
      continue;
    best = {tile,
            roundKeptSteps(place->second.most,
                           layout.getForm(0).getPanel().countSteps()),
            cycles, 1 - share,
            std::clamp(1 - ((1 - kLeastListGain) * dense - times.none) / listed,
                       0.0, 1.0)};
  }
  return best;
}

//===-- Products ----------------------------------------------------------===//

static SparseLayout getSparseLayout(lir::MatmulOp op, const MatmulPlan &plan) {
  return {getPanelLayout(op, plan), {plan.getListedStride()}};
}

static MatmulPlan makePlan(lir::MatmulOp op, const TargetInfo &target,
                           TileShape tile, int64_t keptSteps) {
  return MatmulPlan(op, target, tile, ShortSums(), /*inDigits=*/false,
                    keptSteps);
}

Proposal cpu::proposeSparsePanels(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  const TargetInfo &target = selection.target;
  std::string reason;
  auto weight =
      findZeros(getUnpackedWeight(matmul.getRhs()),
                Float32Type::get(op->getContext()), selection, reason);
  if (!weight)
    return Proposal::reject(reason);
  MatmulPlan dense(matmul, target, std::nullopt);
  if (!dense.vectorized || dense.swapped)
    return Proposal::reject("the output's last dim is not that of the rhs");
  std::vector<TileShape> tiles = dense.listOtherTiles(target);
  tiles.insert(tiles.begin(), dense.tile);
  // Any number stands for one that is not known: it decides nothing here.
  constexpr int64_t some = 1;
  double denseTime = dense.estimateTiles(target);
  auto choice = chooseSparse(
      *weight, tiles, denseTime,
      [&](TileShape tile) {
        return getSparseLayout(matmul, makePlan(matmul, target, tile, some));
      },
      [&](TileShape tile) {
        MatmulPlan plan = makePlan(matmul, target, tile, some);
        return SparseTimes{plan.estimateListed(target, 1),
                           plan.estimateListed(target, 0)};
      });
  if (!choice)
    return Proposal::reject("the weights have no elements");
  if (choice->cycles >= (1 - kLeastListGain) * denseTime)
    return Proposal::reject(
        explainZeros(choice->zeros, choice->tile.columns, choice->breakEven));
  // In the units of the other products' estimates.
  double cycles = dense.estimateCycles(target) * choice->cycles / denseTime;
  return {SparsePanelsAttr::get(op->getContext(), choice->tile.rows,
                                choice->tile.columns, choice->keptSteps),
          "", cycles};
}

void SparsePanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                     WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  getSparseLayout(matmul, planKernel(*this, op, target))
      .pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()),
            getKeptSteps(), packer);
  dropRhsMap(matmul);
}

//===-- Convolutions ------------------------------------------------------===//

static ConvPlan::Form getForm(TileShape tile, int64_t keptSteps) {
  return {/*depthwise=*/false, /*packed=*/true, tile, {}, keptSteps};
}

static SparseLayout getSparseLayout(lir::ConvOp op, const ConvPlan &plan) {
  return {getPanelLayout(op, plan), plan.getListedStrides()};
}

Proposal cpu::proposeSparseGemm(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  const TargetInfo &target = selection.target;
  ArrayRef<int64_t> filter = conv.getFilterShape();
  if (conv.getGroup() > 1 && filter[1] == 1)
    return Proposal::reject("channels are each by themselves");
  std::string reason;
  auto weight =
      findZeros(getUnpackedWeight(conv.getFilter()),
                Float32Type::get(op->getContext()), selection, reason);
  if (!weight)
    return Proposal::reject(reason);
  ConvPlan dense(conv, target, {/*depthwise=*/false, /*packed=*/true, {}});
  std::vector<TileShape> tiles = dense.listOtherTiles(target);
  tiles.insert(tiles.begin(), dense.tile);
  constexpr int64_t some = 1;
  double denseTime = estimateDirectTiles(conv, target);
  auto choice = chooseSparse(
      *weight, tiles, denseTime,
      [&](TileShape tile) {
        return getSparseLayout(conv,
                               ConvPlan(conv, target, getForm(tile, some)));
      },
      [&](TileShape tile) {
        ConvPlan plan(conv, target, getForm(tile, some));
        return SparseTimes{estimateListedTiles(conv, plan, target, 1),
                           estimateListedTiles(conv, plan, target, 0)};
      });
  if (!choice)
    return Proposal::reject("the weights have no elements");
  if (choice->cycles >= (1 - kLeastListGain) * denseTime)
    return Proposal::reject(
        explainZeros(choice->zeros, choice->tile.columns, choice->breakEven));
  double cycles =
      estimateDirectCycles(conv, target) * choice->cycles / denseTime;
  return {SparseGemmAttr::get(op->getContext(), choice->tile.rows,
                              choice->tile.columns, choice->keptSteps),
          "", cycles};
}

static ConvPlan::Form getForm(SparseGemmAttr algorithm) {
  return getForm({algorithm.getRows(), algorithm.getColumns()},
                 algorithm.getKeptSteps());
}

ConvPlan cpu::planKernel(SparseGemmAttr algorithm, Operation *op,
                         const TargetInfo &target) {
  return ConvPlan(cast<lir::ConvOp>(op), target, getForm(algorithm));
}

LogicalResult SparseGemmAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  return emitDirectConv(cast<lir::ConvOp>(op), builder, getForm(*this));
}

void SparseGemmAttr::packConstants(Operation *op, const TargetInfo &target,
                                   WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  getSparseLayout(conv, planKernel(*this, op, target))
      .pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
            getKeptSteps(), packer);
}
