//===- SparseWinograd.cpp - When Winograd leaves out vectors --------------===//
//
// Zeros of the transformed filter count, at each point: a filter's own zeros
// stay zeros where all taps that a point reads are zero. Where the caller
// allows to prune, the vectors of the least importance go, too, but only if
// that is predicted to be faster than all of them.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmPlans.h"
#include "SparseVariants.h"
#include "SparseWeight.h"
#include "WeightPacker.h"
#include "WinogradChoice.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using kernels::KeptSteps;
using kernels::SparseWinogradPacking;

namespace {

/// A form with panels of some width, and what they keep.
struct SparseForm {
  SparseWinogradPacking::Form form;
  KeptSteps kept;
  int64_t steps = 0; ///< of all panels
  /// Of noise, what is lost, and all of the output.
  double lost = 0, output = 0;
  double getShare() const { return double(kept.all) / steps; }
};

struct SparseWinogradChoice {
  WinogradPlan plan;
  SparseForm form;
  double cycles, breakEven;
};

} // namespace

/// Transforms the filter and drops the part `pruned` of its vectors, or what is
/// zero if that is more.
static std::optional<SparseForm> measure(const SparseWeight &weight,
                                         const kernels::WinogradForms &forms,
                                         int64_t columns, double pruned) {
  SparseForm result{{forms, columns}, {}};
  int64_t panels = llvm::divideCeil(weight.shape[0], columns),
          steps = kernels::getNumPoints(forms) * weight.shape[1];
  auto packing = SparseWinogradPacking::create(
      result.form, {panels, result.form.getPanel(weight.shape[1]).getWords()},
      weight.shape);
  if (!packing) {
    llvm::consumeError(packing.takeError());
    return std::nullopt;
  }
  // Nothing but zeros goes where nothing else may.
  double most = pruned > 0 ? std::numeric_limits<double>::infinity() : 0;
  kernels::PointElimination::Ranking ranking =
      packing->rank(weight.data.data(), weight.splat, most);
  result.form.threshold = kernels::findThreshold(ranking.importance, pruned);
  result.kept =
      kernels::countAbove(ranking.importance, steps, result.form.threshold);
  for (auto [importance, loss] :
       llvm::zip_equal(ranking.importance, ranking.losses)) {
    result.output += loss;
    if (importance <= result.form.threshold)
      result.lost += loss;
  }
  result.form.keptSteps = roundKeptSteps(result.kept.most, steps);
  result.steps = panels * steps;
  return result;
}

/// The quickest of all forms, whether or not it is quick.
static std::optional<SparseWinogradChoice>
chooseSparse(lir::ConvOp op, const SparseWeight &weight,
             const Selection &selection) {
  std::optional<SparseWinogradChoice> best;
  AssumedSizes assumed(op);
  const TargetInfo &target = selection.target;
  for (const kernels::WinogradForms &forms : WinogradPlan::getForms(op)) {
    TileShape tile = WinogradPlan(op, {forms, {}}, target).tile;
    auto measured =
        measure(weight, forms, tile.columns, selection.winogradZeros);
    if (!measured)
      return std::nullopt;
    WinogradPlan::Shape shape{forms, tile, measured->form.keptSteps};
    WinogradPlan usual(op, shape, target, &assumed);
    double cycles = usual.estimateListed(target, measured->getShare()),
           none = usual.estimateListed(target, 0),
           all = usual.estimateListed(target, 1),
           dense = WinogradPlan(op, {forms, tile}, target, &assumed)
                       .estimateCycles(target);
    double breakEven = std::clamp(
        1 - ((1 - kLeastListGain) * dense - none) / (all - none), 0.0, 1.0);
    if (!best || cycles < best->cycles)
      best = {WinogradPlan(op, shape, target), *measured, cycles, breakEven};
  }
  return best;
}

/// What is left out of a filter though it is not zero, or "".
static std::string explainLoss(const SparseForm &sparse) {
  if (sparse.lost <= 0)
    return "";
  return llvm::formatv("{0:f1} % of its vectors of {1} weights are left out, "
                       "which is {2:f1} dB below the output where the input "
                       "is noise",
                       100 * (1 - sparse.getShare()), sparse.form.columns,
                       10 * std::log10(sparse.output / sparse.lost))
      .str();
}

Proposal cpu::proposeSparseWinograd(Operation *op, const Selection &selection) {
  auto conv = cast<lir::ConvOp>(op);
  lir::WeightOp filter = getUnpackedWeight(conv.getFilter());
  std::string reason;
  auto weight =
      findZeros(filter, Float32Type::get(op->getContext()), selection, reason,
                /*needsZeros=*/selection.winogradZeros == 0);
  if (!weight)
    return Proposal::reject(reason);
  reason = WinogradPlan::explainRefusal(conv);
  if (!reason.empty())
    return Proposal::reject(reason);
  auto choice = chooseSparse(conv, *weight, selection);
  if (!choice)
    return Proposal::reject("the filter has no vectors");
  double direct = estimateDirectCycles(conv, selection.target);
  auto dense = chooseWinograd(conv, filter, selection.target, reason);
  if (dense && choice->cycles >= (1 - kLeastListGain) * dense->cycles)
    return Proposal::reject(explainZeros(1 - choice->form.getShare(),
                                         choice->plan.tile.columns,
                                         choice->breakEven));
  reason = explainWinogradTime(choice->cycles, direct);
  if (!reason.empty() ||
      !isAccurateWinograd(choice->plan.forms, conv, filter, reason))
    return Proposal::reject(reason);
  const WinogradPlan &plan = choice->plan;
  Builder builder(op->getContext());
  return {SparseWinogradAttr::get(
              op->getContext(), plan.tile.rows, plan.tile.columns,
              plan.forms[0].outputs, plan.forms[1].outputs, plan.keptSteps,
              builder.getF64FloatAttr(choice->form.form.threshold)),
          "", choice->cycles, explainLoss(choice->form)};
}

WinogradPlan cpu::planKernel(SparseWinogradAttr algorithm, Operation *op,
                             const TargetInfo &target) {
  auto conv = cast<lir::ConvOp>(op);
  return WinogradPlan(conv, getShape(conv, algorithm), target);
}

Size SparseWinogradAttr::getNumStages(Operation *op,
                                      const TargetInfo &target) const {
  return planKernel(*this, op, target).getNumStages();
}

int64_t
SparseWinogradAttr::getWorkspaceElements(Operation *op,
                                         const TargetInfo &target) const {
  return planKernel(*this, op, target).getWorkspaceElements();
}

LogicalResult SparseWinogradAttr::emitKernel(Operation *op,
                                             KernelBuilder &builder) const {
  auto conv = cast<lir::ConvOp>(op);
  return emitWinogradConv(conv, getShape(conv, *this), builder);
}

void SparseWinogradAttr::packConstants(Operation *op, const TargetInfo &target,
                                       WeightPacker &packer) const {
  auto conv = cast<lir::ConvOp>(op);
  WinogradPlan plan = planKernel(*this, op, target);
  packer.pack(conv.getFilterMutable(), getUnpackedWeight(conv.getFilter()),
              plan.getPackedShape(),
              lir::SparseWinogradPackingAttr::get(
                  op->getContext(), getTileHeight(), getTileWidth(),
                  getColumns(), getThreshold(), getKeptSteps()));
}
