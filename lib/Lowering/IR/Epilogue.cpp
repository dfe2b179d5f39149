//===- Epilogue.cpp - What all ops with an epilogue share -----------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

void lir::buildIdentityEpilogue(OpBuilder &builder, Location loc,
                                Region &region, Type accumulator) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block =
      builder.createBlock(&region, region.end(), {accumulator}, {loc});
  YieldOp::create(builder, loc, ValueRange(block->getArgument(0)));
}

bool lir::isIdentityEpilogue(Region &region) {
  auto yield = dyn_cast<YieldOp>(region.front().front());
  return yield && yield.getResults().size() == 1 &&
         yield.getResults()[0] == region.getArgument(0);
}

uint64_t lir::getRegionFlops(Region &region) {
  uint64_t flops = 0;
  for (Operation &op : region.front())
    if (!isa<YieldOp, IndexOp, SizeOp, arith::ConstantOp, CastOpInterface>(op))
      ++flops;
  return flops;
}

SmallVector<unsigned> lir::getBatchedOfEpilogue(EpilogueOpInterface op,
                                                ArrayRef<unsigned> others) {
  SmallVector<unsigned> batched(others);
  MutableOperandRange inputs = op.getEpilogueInputsMutableRange();
  for (auto [index, map] : llvm::enumerate(
           op.getEpilogueMapList().getAsValueRange<AffineMapAttr>())) {
    Batching batching = getBatching(map);
    if (batching == Batching::Mixed)
      return {};
    if (batching == Batching::Batched)
      batched.push_back(inputs[index].getOperandNumber());
  }
  batched.push_back(cast<KernelOpInterface>(op.getOperation()).getNumReads());
  return batched;
}

LogicalResult lir::verifyEpilogue(EpilogueOpInterface op, MemRefType output,
                                  Type accumulator) {
  OperandRange inputs =
      static_cast<OperandRange>(op.getEpilogueInputsMutableRange());
  ArrayAttr maps = op.getEpilogueMapList();
  if (maps.size() != inputs.size())
    return op->emitOpError()
           << "expected one epilogue map per epilogue input, but got "
           << maps.size() << " maps for " << inputs.size() << " inputs";
  Block &block = op.getEpilogueRegion().front();
  if (block.getNumArguments() != inputs.size() + 1)
    return op->emitOpError()
           << "expected " << inputs.size() + 1
           << " epilogue arguments, but got " << block.getNumArguments();
  if (block.getArgument(0).getType() != accumulator)
    return op->emitOpError()
           << "expected the first epilogue argument to have type "
           << accumulator << ", but got " << block.getArgument(0).getType();
  for (auto [index, input, map] :
       llvm::enumerate(inputs, maps.getAsRange<AffineMapAttr>())) {
    auto type = cast<MemRefType>(input.getType());
    if (failed(verifyIndexMap([&] { return op->emitOpError(); },
                              "epilogue input " + std::to_string(index),
                              map.getValue(), getSizes(output), type)))
      return failure();
    if (block.getArgument(index + 1).getType() != type.getElementType())
      return op->emitOpError()
             << "expected epilogue argument " << index + 1 << " to have type "
             << type.getElementType() << ", but got "
             << block.getArgument(index + 1).getType();
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getResults().size() != 1 ||
      yield.getResults()[0].getType() != output.getElementType())
    return op->emitOpError()
           << "expected the epilogue to yield one " << output.getElementType();
  return success();
}

bool lir::mayShareEpilogueInput(EpilogueOpInterface op, unsigned index,
                                MemRefType output) {
  auto map = cast<AffineMapAttr>(op.getEpilogueMapList()[index]).getValue();
  auto input = cast<MemRefType>(
      op.getEpilogueInputsMutableRange()[index].get().getType());
  return map.isIdentity() && getSizes(input) == getSizes(output) &&
         getBufferBytes(input) == getBufferBytes(output);
}
