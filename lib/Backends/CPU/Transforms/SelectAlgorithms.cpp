//===- SelectAlgorithms.cpp - Chooses algorithms and packs constants ------===//
//
// An op that can be computed in several ways gets that of its variants which
// should take the least time, and its constants are laid out for it. What is
// not constant is packed by the kernel as it runs.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/Emit/Considered.h"
#include "Kernels/AttentionPlan.h"
#include "Kernels/Variants.h"
#include "Kernels/WeightPacker.h"
#include "PointwiseConv.h"
#include "lambent/Backends/CPU/CPUBackend.h"
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

/// All that was considered, in the table's order: `others`, and the one variant
/// that is not among them.
static std::vector<emit::Considered> withChosen(ArrayRef<Variant> variants,
                                                ArrayRef<emit::Considered> others,
                                          const Proposal &best) {
  std::vector<emit::Considered> all;
  for (const Variant &variant : variants)
    if (!others.empty() && variant.name == others.front().variant) {
      all.push_back(others.front());
      others = others.drop_front();
    } else {
      all.push_back({variant.name.str(), best.algorithm, "",
                     int64_t(best.cycles), /*isChosen=*/true});
    }
  return all;
}

namespace {

struct SelectAlgorithms : cpu::impl::SelectAlgorithmsBase<SelectAlgorithms> {
  using SelectAlgorithmsBase::SelectAlgorithmsBase;

  void runOnOperation() override {
    llvm::Expected<TargetInfo> target = TargetInfo::create(cpu);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    getOperation().walk([](lir::ConvOp op) { convertPointwiseConv(op); });
    WeightPacker packer;
    Selection selection{*target, strict};
    getOperation().walk([&](CPUKernelOpInterface op) {
      if (!op.getVariants().empty() && !op->hasAttr("algorithm"))
        select(op, selection, packer);
    });
    packer.eraseUnused();
    getOperation().walk([&](lir::AttentionOp op) { addPartials(op, *target); });
  }

  void select(CPUKernelOpInterface op, const Selection &selection,
              WeightPacker &packer) {
    std::vector<emit::Considered> others;
    auto remark = [&](const Variant &variant, const Proposal &proposal) {
      others.push_back({variant.name.str(), proposal.algorithm,
                        proposal.rejection, int64_t(proposal.cycles)});
      if (!explain)
        return;
      InFlightDiagnostic text = op->emitRemark() << variant.name << ": ";
      if (proposal.algorithm)
        text << "would take " << int64_t(proposal.cycles) << " cycles";
      else
        text << proposal.rejection;
    };
    SmallVector<Variant> variants =
        getKnown(op.getVariants(), selection.target);
    Proposal best = choose(op, variants, selection, remark);
    if (!best.algorithm)
      return;
    emit::setConsidered(op, withChosen(variants, others, best));
    op->setAttr("algorithm", best.algorithm);
    best.algorithm.packConstants(op, selection.target, packer);
  }
};

} // namespace
