//===- SelectAlgorithms.cpp - Chooses algorithms and packs constants ------===//
//
// An op that can be computed in several ways gets what was measured to be the
// fastest, or else that of its variants which should take the least time, and
// its constants are laid out for it. What is not constant is packed by the
// kernel as it runs.
//
//===----------------------------------------------------------------------===//

#include "Kernels/AttentionPlan.h"
#include "Kernels/Variants.h"
#include "Kernels/WeightPacker.h"
#include "PointwiseConv.h"
#include "TunedSelection.h"
#include "WinogradPruning.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/Emit/Considered.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace lambent::cpu {
#define GEN_PASS_DEF_SELECTALGORITHMS
#include "lambent/Backends/CPU/Passes.h.inc"
} // namespace lambent::cpu

/// Gives attention that cuts its keys into parts room for what is known of
/// each.
static void addPartials(lir::AttentionOp op, const TargetInfo &target) {
  if (op.getPartials())
    return;
  AttentionPlan plan(op, target);
  if (plan.partialElements.is(0))
    return;
  OpBuilder builder(op);
  Value partials = lir::AllocOp::create(
      builder, op.getLoc(),
      lir::makeBufferType(plan.partialElements, plan.element));
  op.getPartialsMutable().assign(partials);
}

/// Gives a convolution whose chunks share what its algorithm makes of the input
/// room for that.
static void addWorkspace(lir::ConvOp op, const TargetInfo &target) {
  auto algorithm =
      dyn_cast_if_present<AlgorithmAttrInterface>(op.getAlgorithmAttr());
  int64_t elements = algorithm && !op.getWorkspace()
                         ? algorithm.getWorkspaceElements(op, target)
                         : 0;
  if (elements == 0)
    return;
  OpBuilder builder(op);
  Type element = cast<MemRefType>(op.getInput().getType()).getElementType();
  op.getWorkspaceMutable().assign(lir::AllocOp::create(
      builder, op.getLoc(), lir::makeBufferType(Size(elements), element)));
}

/// All that was considered, in the table's order.
static std::vector<emit::Considered> listConsidered(ArrayRef<Variant> variants,
                                                    const Choice &choice) {
  std::vector<emit::Considered> all;
  for (auto [i, variant] : llvm::enumerate(variants)) {
    const Proposal &proposal = choice.proposals[i];
    all.push_back({variant.name.str(), proposal.algorithm, proposal.rejection,
                   int64_t(proposal.cycles), i == choice.chosen,
                   proposal.note});
  }
  return all;
}

/// Remarks why each other variant was not chosen.
static void explainChoice(Operation *op, ArrayRef<Variant> variants,
                          const Choice &choice) {
  for (auto [i, variant] : llvm::enumerate(variants)) {
    if (i == choice.chosen)
      continue;
    const Proposal &proposal = choice.proposals[i];
    InFlightDiagnostic text = op->emitRemark() << variant.name << ": ";
    if (proposal.algorithm)
      text << "would take " << int64_t(proposal.cycles) << " cycles";
    else
      text << proposal.rejection;
  }
}

namespace {

struct SelectAlgorithms : cpu::impl::SelectAlgorithmsBase<SelectAlgorithms> {
  using SelectAlgorithmsBase::SelectAlgorithmsBase;

  void runOnOperation() override {
    llvm::Expected<TargetInfo> target = TargetInfo::create(cpu, cpuDescription);
    if (!target)
      return fail(target.takeError());
    llvm::Expected<TunedSelection> tuned =
        TunedSelection::create(tunedChoices, candidate);
    if (!tuned)
      return fail(tuned.takeError());
    getOperation().walk([](lir::ConvOp op) { convertPointwiseConv(op); });
    WeightPacker packer;
    auto pruning = WinogradPruning::create(winogradZeros, winogradLayers);
    if (!pruning)
      return fail(pruning.takeError());
    getOperation().walk([&](CPUKernelOpInterface op) {
      Selection selection{*target, strict};
      selection.winogradZeros = pruning->getShare(op->getLoc());
      if (!op.getVariants().empty() && !op->hasAttr("algorithm"))
        select(op, selection, *tuned, packer);
    });
    packer.eraseUnused();
    getOperation().walk([&](lir::AttentionOp op) { addPartials(op, *target); });
    getOperation().walk([&](lir::ConvOp op) { addWorkspace(op, *target); });
  }

  void fail(llvm::Error error) {
    getOperation().emitError(llvm::toString(std::move(error)));
    signalPassFailure();
  }

  void select(CPUKernelOpInterface op, const Selection &selection,
              const TunedSelection &tuned, WeightPacker &packer) {
    SmallVector<Variant> variants =
        getKnown(op.getVariants(), selection.target);
    Choice choice = choose(op, variants, selection);
    for (auto [i, variant] : llvm::enumerate(variants))
      if (variant.name == prefer && choice.proposals[i].algorithm)
        choice.chosen = i;
    if (choice.chosen) {
      std::string key = TunedSelection::getKey(op, selection);
      tuned.apply(op, variants, selection, key, choice);
      op->setDiscardableAttr(emit::kChoiceKey,
                             StringAttr::get(&getContext(), key));
    }
    if (explain)
      explainChoice(op, variants, choice);
    AlgorithmAttrInterface algorithm = choice.getAlgorithm();
    if (!algorithm)
      return;
    emit::setConsidered(op, listConsidered(variants, choice));
    op->setAttr("algorithm", algorithm);
    algorithm.packConstants(op, selection.target, packer);
  }
};

} // namespace
