//===- BufferLives.cpp - When each buffer of a function is needed ---------===//

#include "BufferLives.h"
#include "lambent/Lowering/Transforms/Passes.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

SmallVector<BufferLife> lir::getBufferLives(func::FuncOp function) {
  SmallVector<BufferLife> lives;
  llvm::DenseMap<Value, unsigned> indices;
  int64_t group = -1;
  for (auto kernel : function.front().getOps<KernelOpInterface>()) {
    if (!kernel->hasAttr(kWithPrevious) || group < 0)
      ++group;
    for (Value operand : kernel->getOperands()) {
      Value root = getRootBuffer(operand);
      auto alloc = root.getDefiningOp<AllocOp>();
      if (!alloc)
        continue;
      auto [entry, isNew] = indices.try_emplace(root, lives.size());
      if (isNew)
        lives.push_back({alloc,
                         getBufferBytes(cast<MemRefType>(root.getType())),
                         group, group, kernel, kernel});
      BufferLife &life = lives[entry->second];
      if (life.end != group)
        life.last = kernel;
      else if (life.last != kernel)
        life.last = nullptr;
      life.end = group;
    }
  }
  return lives;
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
