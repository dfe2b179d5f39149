//===- BufferUses.cpp - Who reads and writes a buffer, through views ------===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

static void collectUses(Value buffer, SmallVectorImpl<BufferUse> &uses) {
  for (OpOperand &use : buffer.getUses()) {
    if (auto view = dyn_cast<ViewOp>(use.getOwner()))
      collectUses(view.getResult(), uses);
    else if (auto kernel = dyn_cast<KernelOpInterface>(use.getOwner()))
      uses.push_back({kernel, &use});
  }
}

SmallVector<BufferUse> lir::getBufferUses(Value buffer) {
  SmallVector<BufferUse> uses;
  collectUses(buffer, uses);
  return uses;
}

KernelOpInterface lir::getOnlyWriter(Value root) {
  KernelOpInterface writer;
  for (const BufferUse &use : getBufferUses(root)) {
    if (!use.isWrite())
      continue;
    if (writer || !isDense(cast<MemRefType>(use.operand->get().getType())))
      return {};
    writer = use.kernel;
  }
  if (writer && writer.isInOut())
    return {};
  return writer;
}

SmallVector<KernelOpInterface> lir::getReaders(Value root) {
  SmallVector<KernelOpInterface> readers;
  for (const BufferUse &use : getBufferUses(root))
    if (!use.isWrite() && !llvm::is_contained(readers, use.kernel))
      readers.push_back(use.kernel);
  return readers;
}

bool lir::isCopy(ElementwiseOp op) {
  if (op.getInputs().size() != 1 || op.getOutputs().size() != 1)
    return false;
  Block &body = op.getBody().front();
  return body.getTerminator()->getOperand(0) == body.getArgument(0);
}

Value lir::createRootView(OpBuilder &builder, Location loc, Value buffer,
                          ArrayRef<int64_t> shape) {
  auto type = MemRefType::get(
      shape, cast<MemRefType>(buffer.getType()).getElementType());
  if (buffer.getType() == type)
    return buffer;
  Value root = getRootBuffer(buffer);
  if (root.getType() == type)
    return root;
  return ViewOp::create(builder, loc, type, root);
}

void lir::eraseDeadKernels(func::FuncOp function) {
  auto isDead = [](Value output) {
    Value root = getRootBuffer(output);
    return root.getDefiningOp<AllocOp>() && getReaders(root).empty();
  };
  SmallVector<Operation *> ops;
  for (Operation &op : function.front().without_terminator())
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops)) {
    if (auto kernel = dyn_cast<KernelOpInterface>(op)) {
      if (llvm::all_of(getWrites(kernel), isDead))
        op->erase();
    } else if (op->use_empty() && isa<AllocOp, WeightOp, ViewOp>(op)) {
      op->erase();
    }
  }
}
