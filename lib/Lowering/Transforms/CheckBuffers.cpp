//===- CheckBuffers.cpp - What is read has been written -------------------===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_CHECKBUFFERS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

namespace {

/// The parts of each buffer that the kernels so far have written.
class WrittenParts {
public:
  explicit WrittenParts(func::FuncOp function) : function(function) {}

  LogicalResult checkReads(KernelOpInterface kernel);
  LogicalResult addWrites(KernelOpInterface kernel);

private:
  /// An input of the function or a weight: it comes with its elements.
  bool isGiven(Value root) const;

  func::FuncOp function;
  llvm::DenseMap<Value, SmallVector<MemRefType>> parts;
};

} // namespace

bool WrittenParts::isGiven(Value root) const {
  auto argument = dyn_cast<BlockArgument>(root);
  if (!argument)
    return root.getDefiningOp<WeightOp>() || root.getDefiningOp<DonateOp>();
  // Without the number of its inputs any argument may be one.
  auto inputs = function->getAttrOfType<IntegerAttr>("lir.num_inputs");
  return !inputs ||
         argument.getArgNumber() < inputs.getValue().getZExtValue();
}

LogicalResult WrittenParts::checkReads(KernelOpInterface kernel) {
  for (Value operand : getReads(kernel)) {
    Value root = getRootBuffer(operand);
    auto type = cast<MemRefType>(operand.getType());
    // Of a buffer without elements, also under a shape that a run decides,
    // there is nothing to read.
    auto holdsNothing = [](Type buffer) {
      return llvm::is_contained(cast<MemRefType>(buffer).getShape(), 0);
    };
    if (isGiven(root) || holdsNothing(type) || holdsNothing(root.getType()))
      continue;
    auto written = parts.find(root);
    if (written == parts.end() ||
        llvm::all_of(written->second, [&](MemRefType part) {
          return areDisjoint(part, type);
        }))
      return kernel->emitOpError(
                 "expected what it reads to have been written, but got ")
             << operand;
  }
  return success();
}

LogicalResult WrittenParts::addWrites(KernelOpInterface kernel) {
  for (Value operand : getWrites(kernel)) {
    Value root = getRootBuffer(operand);
    if (root.getDefiningOp<WeightOp>())
      return kernel->emitOpError("expected weights not to be written, but got ")
             << operand;
    parts[root].push_back(cast<MemRefType>(operand.getType()));
  }
  return success();
}

namespace {
struct CheckBuffers : lambent::impl::CheckBuffersBase<CheckBuffers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    WrittenParts written(function);
    for (auto kernel : function.getOps<KernelOpInterface>())
      if (failed(written.checkReads(kernel)) ||
          failed(written.addWrites(kernel)))
        return signalPassFailure();
  }
};
} // namespace
