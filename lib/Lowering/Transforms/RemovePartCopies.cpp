//===- RemovePartCopies.cpp - Kernels write and read parts of buffers -----===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_REMOVEPARTCOPIES
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// The dense buffer operand `whole` of a copy as a part of the buffer behind
/// operand `part`. Fails unless the copy takes each element of `whole` once and
/// goes through `part` in steps that do not overlap.
static FailureOr<MemRefType> getPartType(ElementwiseOp copy, unsigned whole,
                                         unsigned part) {
  FailureOr<IndexedDomain> domain = getIndexedDomain(copy);
  if (failed(domain))
    return failure();
  auto wholeType = cast<MemRefType>(copy->getOperand(whole).getType()),
       partType = cast<MemRefType>(copy->getOperand(part).getType());
  const IndexedOperand &from = domain->operands[whole];
  if (!isDense(wholeType) ||
      failed(invertTerms(from.terms, domain->sizes, from.shape)))
    return failure();
  // How the part's place moves with each dim of the domain.
  Size first = getFirstElement(partType);
  Sizes steps(domain->sizes.size(), 0);
  for (auto [term, stride] :
       llvm::zip_equal(domain->operands[part].terms, getStrides(partType))) {
    first += term.offset * stride;
    if (term.dim >= 0)
      steps[term.dim] += stride * term.stride;
  }
  Sizes strides(from.shape.size());
  Size next = 1;
  for (size_t dim = from.shape.size(); dim-- > 0;) {
    bool isUnit = from.shape[dim].is(1);
    strides[dim] = isUnit ? next : steps[from.terms[dim].dim];
    if (!(strides[dim] - 1).isNotNegative() &&
        !(strides[dim].getExpression() && strides[dim].isNotNegative()))
      return failure();
    next = strides[dim] * from.shape[dim];
  }
  return makePartType(from.shape, wholeType.getElementType(), strides, first);
}

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
