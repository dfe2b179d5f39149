//===- BufferLives.cpp - When each buffer of a function is needed ---------===//

#include "BufferLives.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

BufferLives lir::getBufferLives(func::FuncOp function) {
  BufferLives result;
  llvm::DenseMap<Value, unsigned> indices;
  for (Operation &op : function.front()) {
    auto kernel = dyn_cast<KernelOpInterface>(op);
    if (!kernel)
      continue;
    int64_t position = result.kernels.size();
    result.kernels.push_back(kernel);
    for (Value operand : op.getOperands()) {
      Value root = getRootBuffer(operand);
      auto alloc = root.getDefiningOp<AllocOp>();
      if (!alloc)
        continue;
      auto [entry, isNew] = indices.try_emplace(root, result.lives.size());
      if (isNew)
        result.lives.push_back(
            {alloc, getBufferBytes(cast<MemRefType>(root.getType())), position,
             position});
      result.lives[entry->second].end = position;
    }
  }
  return result;
}

std::optional<unsigned> lir::getSharedOperand(KernelOpInterface kernel,
                                              Value input, Value output) {
  OperandRange writes = getWrites(kernel);
  if (writes.empty() || getRootBuffer(writes.front()) != output)
    return std::nullopt;
  std::optional<unsigned> shared;
  for (auto [index, operand] : llvm::enumerate(kernel->getOperands())) {
    if (getRootBuffer(operand) != input)
      continue;
    if (shared || index >= kernel.getNumReads())
      return std::nullopt;
    shared = index;
  }
  if (!shared || !kernel.mayShareBuffer(*shared))
    return std::nullopt;
  // Parts must be the same part.
  auto layoutOf = [](Value operand) {
    return cast<MemRefType>(operand.getType()).getLayout();
  };
  if (layoutOf(kernel->getOperand(*shared)) != layoutOf(writes.front()))
    return std::nullopt;
  return shared;
}
