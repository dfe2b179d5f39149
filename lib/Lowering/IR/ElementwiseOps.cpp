//===- ElementwiseOps.cpp - Checks and facts of lir.elementwise -----------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

void lir::ElementwiseOp::build(
    OpBuilder &builder, OperationState &state, ValueRange inputs,
    ValueRange outputs, ArrayRef<Size> domain, ArrayRef<AffineMap> maps,
    function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange)> body) {
  build(builder, state, inputs, outputs,
        SizesAttr::get(builder.getContext(), domain),
        builder.getAffineMapArrayAttr(maps));
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types;
  for (Value input : inputs)
    types.push_back(cast<MemRefType>(input.getType()).getElementType());
  Block *block =
      builder.createBlock(state.regions[0].get(), {}, types,
                          SmallVector<Location>(types.size(), state.location));
  YieldOp::create(builder, state.location,
                  body(builder, state.location, block->getArguments()));
}

LogicalResult lir::ElementwiseOp::verify() {
  unsigned numInputs = getInputs().size(), numOperands = getNumOperands();
  if (getOutputs().empty())
    return emitOpError("expected an output, but got none");
  // C1, C2
  if (getMaps().size() != numOperands)
    return emitOpError() << "expected " << numOperands << " maps, but got "
                         << getMaps().size();
  for (unsigned index = 0; index < numOperands; ++index)
    if (failed(verifyIndexMap([&] { return emitOpError(); },
                              "operand " + std::to_string(index), getMap(index),
                              getDomain(),
                              cast<MemRefType>(getOperand(index).getType()))))
      return failure();
  // C3
  Block &block = getBody().front();
  if (block.getNumArguments() != numInputs)
    return emitOpError() << "expected " << numInputs
                         << " block arguments, but got "
                         << block.getNumArguments();
  for (auto [index, argument, input] :
       llvm::enumerate(block.getArguments(), getInputs()))
    if (argument.getType() !=
        cast<MemRefType>(input.getType()).getElementType())
      return emitOpError() << "expected block argument " << index
                           << " to have type "
                           << cast<MemRefType>(input.getType()).getElementType()
                           << ", but got " << argument.getType();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getResults().size() != getOutputs().size())
    return emitOpError() << "expected the region to yield "
                         << getOutputs().size() << " values";
  for (auto [index, value, output] :
       llvm::enumerate(yield.getResults(), getOutputs()))
    if (value.getType() != cast<MemRefType>(output.getType()).getElementType())
      return emitOpError()
             << "expected yielded value " << index << " to have type "
             << cast<MemRefType>(output.getType()).getElementType()
             << ", but got " << value.getType();
  // C4: a result depends on one dim at most, so that each dim must have its own
  // result.
  for (unsigned index = numInputs; index < numOperands; ++index) {
    SmallVector<bool> seen(getDomain().size(), false);
    SmallVector<IndexTerm> terms = *getIndexTerms(getMap(index));
    for (const IndexTerm &term : terms)
      if (term.dim >= 0 && term.stride != 0)
        seen[term.dim] = true;
    for (auto [dim, size] : llvm::enumerate(getDomain()))
      if (!size.is(1) && !seen[dim])
        return emitOpError()
               << "expected the map of output " << index - numInputs
               << " to use dim " << dim << " of the domain, but got "
               << AffineMapAttr::get(getMap(index));
  }
  return success();
}

unsigned lir::ElementwiseOp::getNumReads() { return getInputs().size(); }

bool lir::ElementwiseOp::isInOut() {
  Size written = productOf(getDomain());
  return llvm::any_of(getOutputs(), [&](Value output) {
    return countElements(cast<MemRefType>(output.getType())) != written;
  });
}

bool lir::ElementwiseOp::mayShareBuffer(unsigned index) {
  auto input = cast<MemRefType>(getOperand(index).getType()),
       output = cast<MemRefType>(getOutputs()[0].getType());
  return !isInOut() && getMap(index) == getMap(getInputs().size()) &&
         getSizes(input) == getSizes(output) &&
         getBufferBytes(input) == getBufferBytes(output);
}

SmallVector<unsigned> lir::ElementwiseOp::getBatchedOperands() {
  SmallVector<unsigned> batched;
  for (unsigned index = 0; index < getNumOperands(); ++index) {
    Batching batching = getBatching(getMap(index));
    if (batching == Batching::Mixed ||
        (batching == Batching::Shared && index >= getNumReads()))
      return {};
    if (batching == Batching::Shared)
      continue;
    // The domain may reach some indices only, as of a concatenation.
    if (getSizes(getOperand(index)).front() != getDomain().front())
      return {};
    batched.push_back(index);
  }
  auto countsBatch = [](IndexOp op) { return op.getDim() == 0; };
  return llvm::any_of(getBody().getOps<IndexOp>(), countsBatch)
             ? SmallVector<unsigned>()
             : batched;
}

void lir::ElementwiseOp::resizeBatch(int64_t size) {
  Sizes domain(getDomain());
  domain.front() = size;
  setDomainAttr(SizesAttr::get(getContext(), domain));
}

Size lir::ElementwiseOp::getFlops() {
  return productOf(getDomain()) * Size(getRegionFlops(getBody()));
}

LogicalResult lir::SizeOp::verify() {
  if (getSize().size() != 1)
    return emitOpError() << "expected one size, but got " << getSize().size();
  return success();
}

LogicalResult lir::IndexOp::verify() {
  auto parent = (*this)->getParentOfType<ElementwiseOp>();
  if (!parent)
    return emitOpError("expected to be in the region of lir.elementwise");
  if (getDim() >= parent.getDomain().size())
    return emitOpError() << "expected a dim below " << parent.getDomain().size()
                         << ", but got " << getDim();
  return success();
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ElementwiseOps.cpp.inc"
