//===- RemoveCopies.cpp - Copies that keep the order of elements ----------===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_REMOVECOPIES
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Whether the op copies a whole buffer to a whole buffer, byte by byte.
static bool keepsOrder(ElementwiseOp op) {
  if (!isCopy(op))
    return false;
  FailureOr<IndexedDomain> domain = getIndexedDomain(op);
  if (failed(domain))
    return false;
  SmallVector<std::pair<int64_t, Size>> orders[2]; // dims and sizes
  for (auto [operand, order] : llvm::zip_equal(domain->operands, orders)) {
    if (failed(invertTerms(operand.terms, domain->sizes, operand.shape)))
      return false;
    for (auto [term, size] : llvm::zip_equal(operand.terms, operand.shape))
      if (!size.is(1))
        order.push_back({term.dim, size});
  }
  return orders[0] == orders[1];
}

/// Makes all uses of root `buffer` views of `replacement`, which is defined
/// before them.
static void replaceBuffer(Value buffer, Value replacement, OpBuilder &builder) {
  auto type = cast<MemRefType>(buffer.getType());
  if (replacement.getType() != type)
    replacement =
        ViewOp::create(builder, buffer.getLoc(), type, replacement).getResult();
  buffer.replaceAllUsesWith(replacement);
}

/// The readers of the copy read its source.
static bool forwardSource(ElementwiseOp copy) {
  Value target = getRootBuffer(copy.getOutputs()[0]);
  if (!target.getDefiningOp<AllocOp>() || getOnlyWriter(target) != copy)
    return false;
  Value source = getRootBuffer(copy.getInputs()[0]);
  // The new view stands where the old buffer was: its source must be there too.
  OpBuilder builder(target.getDefiningOp());
  if (Operation *definition = source.getDefiningOp())
    definition->moveBefore(&target.getParentBlock()->front());
  copy.erase();
  replaceBuffer(target, source, builder);
  return true;
}

/// The kernels that compute the source write the copy's target instead.
static bool forwardTarget(ElementwiseOp copy, const DecidedSizes &sizes) {
  Value source = getRootBuffer(copy.getInputs()[0]),
        target = getRootBuffer(copy.getOutputs()[0]);
  if (!source.getDefiningOp<AllocOp>() || getOnlyWriter(target) != copy ||
      !sizes.mayBeWrittenEarly(target, source))
    return false;
  // No write to the target may come in between: the copy is its only one, and
  // what reads the source sees the same elements there.
  OpBuilder builder(source.getDefiningOp());
  if (Operation *definition = target.getDefiningOp())
    definition->moveBefore(&source.getParentBlock()->front());
  copy.erase();
  replaceBuffer(source, target, builder);
  return true;
}

namespace {
struct RemoveCopies : lambent::impl::RemoveCopiesBase<RemoveCopies> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    DecidedSizes sizes(function);
    for (ElementwiseOp op :
         llvm::make_early_inc_range(function.getOps<ElementwiseOp>()))
      if (keepsOrder(op) && !forwardSource(op))
        forwardTarget(op, sizes);
    eraseDeadKernels(function);
    for (ViewOp view : llvm::make_early_inc_range(function.getOps<ViewOp>())) {
      // Views of views, and views that change nothing.
      OpBuilder builder(view);
      Value flat = createRootView(
          builder, view.getLoc(), view.getResult(),
          getSizes(view.getResult()));
      if (flat != view.getResult()) {
        view.getResult().replaceAllUsesWith(flat);
        view.erase();
      }
    }
  }
};
} // namespace
