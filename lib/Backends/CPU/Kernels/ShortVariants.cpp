//===- ShortVariants.cpp - When sums of bytes' products are short ---------===//
//
// The weights say how many extra steps each length of a chain takes. A long
// chain widens its sums seldom, but more weights are too large for it; the one
// that should take the fewest cycles is proposed.
//
//===----------------------------------------------------------------------===//

#include "ShortVariants.h"
#include "AlgorithmPlans.h"
#include "ConvRows.h"
#include "PanelLayout.h"
#include "SplitWeights.h"
#include "WeightPacker.h"
#include "WinogradPlan.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using kernels::ShortPacking;

bool cpu::knowsShortSums(const TargetInfo &target) {
  return target.isX86 && target.hasSSSE3 && !target.hasVNNI;
}

static bool areBytes(Value lhs, Type accumulator) {
  return cast<MemRefType>(lhs.getType()).getElementType().isInteger(8) &&
         accumulator.isInteger(32);
}

bool cpu::isOfBytes(lir::MatmulOp op) {
  return areBytes(op.getLhs(), op.getAccumulatorType());
}

bool cpu::isOfBytes(lir::ConvOp op) {
  return areBytes(op.getInput(), op.getAccumulatorType());
}

static constexpr int64_t kChains[] = {1, 2, 4};

namespace {

/// Panels [outer..., bytes] of a constant.
struct ShortLayout {
  PanelLayout panels;
  int64_t taps = 0;

  ShortPacking::Form getForm(ShortSums sums) const {
    return {panels.map, panels.inner, taps, sums.chain, sums.extraSteps};
  }
  SmallVector<int64_t> getShape(ShortSums sums) const {
    SmallVector<int64_t> shape(panels.outer);
    shape.push_back(getForm(sums).getPanel().getBytes());
    return shape;
  }
  void pack(OpOperand &operand, lir::WeightOp weight, ShortSums sums,
            WeightPacker &packer) const {
    packer.pack(operand, weight, getShape(sums),
                lir::ShortPackingAttr::get(panels.map, panels.inner, taps,
                                           sums.chain, sums.extraSteps));
  }
};

/// A weight's extra steps.
class ExtraSteps {
public:
  ExtraSteps(lir::WeightOp weight, const ShortLayout &layout, int64_t chain)
      : layout(layout), chain(chain), data(getData(weight)),
        splat(isa<SplatElementsAttr>(weight.getValue())),
        shape(cast<ShapedType>(weight.getValue().getType()).getShape()) {}

  /// Of each step, from some of the panels; none where the data isn't there.
  std::optional<double> estimateShare() const {
    constexpr int64_t kMostPanels = 8;
    int64_t panels = layout.panels.countPanels();
    int64_t stride = llvm::divideCeil(panels, kMostPanels);
    std::optional<int64_t> all = count(stride, &ShortPacking::ExtraSteps::all);
    if (!all)
      return std::nullopt;
    kernels::ShortPanel panel = layout.getForm({chain, 0}).getPanel();
    int64_t seen = llvm::divideCeil(panels, stride);
    return double(*all) / (seen * panel.sections * panel.steps);
  }
  /// Of the panel with the most, rounded up so that kernels don't differ by
  /// few.
  int64_t countMost() const {
    constexpr int64_t kMultiple = 8;
    return llvm::alignTo(count(1, &ShortPacking::ExtraSteps::most).value_or(0),
                         kMultiple);
  }

private:
  std::optional<int64_t> count(int64_t stride,
                               int64_t ShortPacking::ExtraSteps::*which) const {
    auto packing = ShortPacking::create(layout.getForm({chain, 0}),
                                        layout.getShape({chain, 0}), shape);
    if (!packing) {
      llvm::consumeError(packing.takeError());
      return std::nullopt;
    }
    if (int64_t(data.size()) != (splat ? 1 : ShapedType::getNumElements(shape)))
      return std::nullopt;
    return packing->count(data.data(), splat, stride).*which;
  }

  const ShortLayout &layout;
  int64_t chain;
  ArrayRef<char> data;
  bool splat;
  ArrayRef<int64_t> shape;
};

/// What is best of the chains.
struct ShortChoice {
  ShortSums sums;
  TileShape tile;
  double cycles = 0; ///< 0: nothing
};

} // namespace

/// Chooses among plans of each chain that is possible, and counts the extra
/// steps. `makePlan` makes them of sums and a tile, `getLayout` says how the
/// weight is packed for one.
template <typename PlanT>
static ShortChoice
chooseShort(lir::WeightOp weight, const TargetInfo &target,
            function_ref<bool(int64_t chain)> isPossible,
            function_ref<PlanT(ShortSums, std::optional<TileShape>)> makePlan,
            function_ref<ShortLayout(const PlanT &)> getLayout) {
  ShortChoice best;
  for (int64_t chain : kChains) {
    if (!isPossible(chain))
      continue;
    PlanT plan = makePlan({chain, 0}, std::nullopt);
    double cycles = plan.estimateCycles(target);
    std::optional<double> share =
        ExtraSteps(weight, getLayout(plan), chain).estimateShare();
    if (!share)
      continue;
    // An extra step is a chain of its own, and where it is has to be read
    // first.
    double extra = makePlan({1, 0}, plan.tile).estimateCycles(target);
    cycles += *share * 1.25 * extra;
    if (best.cycles == 0 || cycles < best.cycles)
      best = {{chain, 0}, plan.tile, cycles};
  }
  if (best.cycles != 0)
    best.sums.extraSteps =
        ExtraSteps(weight, getLayout(makePlan(best.sums, best.tile)),
                   best.sums.chain)
            .countMost();
  return best;
}

//===-- Products ----------------------------------------------------------===//

static ShortLayout getShortLayout(lir::MatmulOp op, const MatmulPlan &plan) {
  return {getPanelLayout(op, plan)};
}

static ShortChoice chooseShort(lir::MatmulOp op, const TargetInfo &target) {
  return chooseShort<MatmulPlan>(
      getUnpackedWeight(op.getRhs()), target, [](int64_t) { return true; },
      [&](ShortSums sums, std::optional<TileShape> tile) {
        return MatmulPlan(op, target, tile, sums);
      },
      [&](const MatmulPlan &plan) { return getShortLayout(op, plan); });
}

Proposal cpu::proposeShortPanels(Operation *op, const Selection &selection) {
  auto matmul = cast<lir::MatmulOp>(op);
  if (!isOfBytes(matmul))
    return Proposal::reject("the operands are not bytes");
  if (!selection.packsConstants || !getUnpackedWeight(matmul.getRhs()))
    return Proposal::reject("the rhs is not constant");
  MatmulPlan plan(matmul, selection.target, std::nullopt);
  if (!plan.vectorized || plan.swapped)
    return Proposal::reject("the output's last dim is not that of the rhs");
  ShortChoice choice = chooseShort(matmul, selection.target);
  if (choice.cycles == 0)
    return Proposal::reject("the weights have no data");
  return {ShortPanelsAttr::get(op->getContext(), choice.tile.rows,
                               choice.tile.columns, choice.sums.chain,
                               choice.sums.extraSteps),
          "", choice.cycles};
}

void ShortPanelsAttr::packConstants(Operation *op, const TargetInfo &target,
                                    WeightPacker &packer) const {
  auto matmul = cast<lir::MatmulOp>(op);
  MatmulPlan plan = planKernel(*this, op, target);
  getShortLayout(matmul, plan)
      .pack(matmul.getRhsMutable(), getUnpackedWeight(matmul.getRhs()),
            plan.shortSums, packer);
  dropRhsMap(matmul);
}

//===-- Convolutions ------------------------------------------------------===//

static ShortLayout getShortLayout(lir::ConvOp op, const ConvPlan &plan) {
  return {getPanelLayout(op, plan), int64_t(plan.dims.size())};
}

static ConvPlan::Form getForm(ShortSums sums, std::optional<TileShape> tile) {
  return {/*depthwise=*/false, /*packed=*/true, tile, sums};
}

static ShortChoice chooseShort(lir::ConvOp op, const TargetInfo &target) {
  int64_t taps = 1;
  for (int64_t size : op.getFilterShape().drop_front(2))
    taps *= size;
  int64_t steps = op.getFilterShape()[1] / kernels::ShortPanel::kGroup;
  // Tiles go through taps behind one another without a break.
  return chooseShort<ConvPlan>(
      getUnpackedWeight(op.getFilter()), target,
      [&](int64_t chain) { return taps == 1 || steps % chain == 0; },
      [&](ShortSums sums, std::optional<TileShape> tile) {
        return ConvPlan(op, target, getForm(sums, tile));
      },
      [&](const ConvPlan &plan) { return getShortLayout(op, plan); });
}

Proposal cpu::proposeShortConv(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  if (!isOfBytes(conv))
    return Proposal::reject("the operands are not bytes");
  if (!selection.packsConstants || !getUnpackedWeight(conv.getFilter()))
    return Proposal::reject("the filter is not constant");
  ArrayRef<int64_t> shape = conv.getFilterShape();
  if (shape[1] % kernels::ShortPanel::kGroup != 0)
    return Proposal::reject("steps would cross taps");
  ShortChoice choice = chooseShort(conv, selection.target);
  if (choice.cycles == 0)
    return Proposal::reject("the weights have no data");
  // In the units of the other convolutions' estimates.
  ConvPlan direct(conv, selection.target, getForm({}, std::nullopt));
  double cycles = estimateDirectCycles(conv, selection.target) * choice.cycles /
                  direct.estimateCycles(selection.target);
  return {ShortConvAttr::get(op->getContext(), choice.tile.rows,
                             choice.tile.columns, choice.sums.chain,
                             choice.sums.extraSteps),
          "", cycles};
}

ConvPlan cpu::planKernel(ShortConvAttr algorithm, Operation *op,
                         const TargetInfo &target) {
  return ConvPlan(
      cast<lir::ConvOp>(op), target,
      getForm({algorithm.getChain(), algorithm.getExtraSteps()},
              TileShape{algorithm.getRows(), algorithm.getColumns()}));
}

LogicalResult ShortConvAttr::emitKernel(Operation *op,
                                        KernelBuilder &builder) const {
  return emitDirectConv(cast<lir::ConvOp>(op), builder,
                        getForm({getChain(), getExtraSteps()},
                                TileShape{getRows(), getColumns()}));
}

void ShortConvAttr::packConstants(Operation *op, const TargetInfo &target,
                                  WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  ConvPlan plan = planKernel(*this, op, target);
  getShortLayout(conv, plan)
      .pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
            plan.shortSums, packer);
}
