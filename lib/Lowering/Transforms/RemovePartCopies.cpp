//===- RemovePartCopies.cpp - Kernels write and read parts of buffers -----===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_REMOVEPARTCOPIES
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Makes every use of root `buffer` but the copy's a use of the part of root
/// `replacement` that `part`, `buffer` as the copy sees it, is. Changes nothing
/// and fails where a kernel does not accept that.
static LogicalResult replaceByPart(ElementwiseOp copy, Value buffer,
                                   MemRefType part, Value replacement,
                                   const AcceptsLayout &accepts) {
  SmallVector<std::pair<OpOperand *, MemRefType>> operands;
  for (const BufferUse &use : getBufferUses(buffer)) {
    if (use.kernel == copy)
      continue;
    auto type = cast<MemRefType>(use.operand->get().getType());
    FailureOr<MemRefType> layout = reshapeLayout(part, getSizes(type));
    if (!isDense(type) || type.getElementType() != part.getElementType() ||
        failed(layout) || (accepts && !accepts(*use.operand, *layout)))
      return failure();
    operands.push_back({use.operand, *layout});
  }
  for (auto [operand, layout] : operands) {
    OpBuilder builder(operand->getOwner());
    operand->set(ViewOp::create(builder, buffer.getLoc(), layout, replacement));
  }
  copy.erase();
  return success();
}

/// Whether another kernel writes all of `buffer`: then the copy must come after
/// it.
static bool isOverwritten(Value buffer, ElementwiseOp copy) {
  return llvm::any_of(getBufferUses(buffer), [&](const BufferUse &use) {
    KernelOpInterface kernel = use.kernel;
    return use.isWrite() && kernel != copy && !kernel.isInOut() &&
           isDense(cast<MemRefType>(use.operand->get().getType()));
  });
}

/// The kernels that compute the copy's source write the part of the target that
/// the copy fills; whoever reads the source reads it there.
static bool writeInPlace(ElementwiseOp copy, const AcceptsLayout &accepts,
                         const DecidedSizes &sizes) {
  Value source = getRootBuffer(copy.getInputs()[0]),
        target = getRootBuffer(copy.getOutputs()[0]);
  if (!source.getDefiningOp<AllocOp>() || source == target ||
      isOverwritten(target, copy) || !sizes.mayBeWrittenEarly(target, source))
    return false;
  FailureOr<MemRefType> part = getPartType(copy, 0, 1);
  if (failed(part) ||
      failed(replaceByPart(copy, source, *part, target, accepts)))
    return false;
  // Now it is needed from the source's first writer on.
  if (Operation *definition = target.getDefiningOp())
    definition->moveBefore(&target.getParentBlock()->front());
  return true;
}

/// The copy's readers read the part of its source.
static bool readInPlace(ElementwiseOp copy, const AcceptsLayout &accepts) {
  Value source = getRootBuffer(copy.getInputs()[0]),
        target = getRootBuffer(copy.getOutputs()[0]);
  // Kernels find their constants by lir.weight.
  if (!target.getDefiningOp<AllocOp>() || getOnlyWriter(target) != copy ||
      source.getDefiningOp<WeightOp>() || source == target)
    return false;
  FailureOr<MemRefType> part = getPartType(copy, 1, 0);
  return succeeded(part) &&
         succeeded(replaceByPart(copy, target, *part, source, accepts));
}

namespace lambent {
namespace {
struct RemovePartCopies : impl::RemovePartCopiesBase<RemovePartCopies> {
  RemovePartCopies() = default;
  explicit RemovePartCopies(AcceptsLayout accepts)
      : accepts(std::move(accepts)) {}
  RemovePartCopies(const RemovePartCopies &) = default;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    // Backwards: what is a part of a part becomes a part of the largest buffer.
    SmallVector<ElementwiseOp> copies;
    for (ElementwiseOp op : function.getOps<ElementwiseOp>())
      if (isCopy(op))
        copies.push_back(op);
    DecidedSizes sizes(function);
    for (ElementwiseOp copy : llvm::reverse(copies))
      if (!writeInPlace(copy, accepts, sizes))
        readInPlace(copy, accepts);
    eraseDeadKernels(function);
  }

  AcceptsLayout accepts;
};
} // namespace

std::unique_ptr<Pass> createRemovePartCopies(AcceptsLayout accepts) {
  return std::make_unique<RemovePartCopies>(std::move(accepts));
}
} // namespace lambent
