//===- GroupIndependent.cpp - Kernels that may run side by side -----------===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_GROUPINDEPENDENT
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// A run keeps the buffers of a group's kernels until the last one comes.
static constexpr size_t mostKernels = 32;

namespace {
/// The kernels of a group, and which parts of buffers they touch.
class Group {
public:
  void clear() {
    uses.clear();
    count = 0;
  }
  bool isEmpty() const { return count == 0; }
  bool isFull() const { return count == mostKernels; }

  /// Whether the kernel neither reads what the group's write nor writes what
  /// they touch.
  bool isIndependent(KernelOpInterface kernel) const {
    return llvm::none_of(getUses(kernel), [&](const Use &use) {
      auto known = uses.find(use.root);
      return known != uses.end() &&
             llvm::any_of(known->second, [&](const Use &other) {
               return (use.isWrite || other.isWrite) &&
                      !areDisjoint(use.type, other.type);
             });
    });
  }

  void add(KernelOpInterface kernel) {
    for (const Use &use : getUses(kernel))
      uses[use.root].push_back(use);
    ++count;
  }

private:
  struct Use {
    Value root;
    MemRefType type;
    bool isWrite;
  };

  static SmallVector<Use> getUses(KernelOpInterface kernel) {
    SmallVector<Use> uses;
    for (OpOperand &operand : kernel->getOpOperands()) {
      Value root = getRootBuffer(operand.get());
      // An output that takes an input's memory.
      if (auto donated = root.getDefiningOp<DonateOp>())
        root = donated.getInput();
      bool isWrite = kernel.isInOut() ||
                     operand.getOperandNumber() >= kernel.getNumReads();
      uses.push_back(
          {root, cast<MemRefType>(operand.get().getType()), isWrite});
    }
    return uses;
  }

  llvm::DenseMap<Value, SmallVector<Use, 2>> uses;
  size_t count = 0;
};

struct GroupIndependent
    : lambent::impl::GroupIndependentBase<GroupIndependent> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    // One that is gone later would leave its group to what came before it.
    eraseDeadKernels(function);
    Group group;
    for (auto kernel : function.front().getOps<KernelOpInterface>()) {
      kernel->removeDiscardableAttr(kWithPrevious);
      if (!isPlain(kernel)) {
        group.clear();
        continue;
      }
      if (group.isFull() || !group.isIndependent(kernel))
        group.clear();
      if (!group.isEmpty()) {
        kernel->setDiscardableAttr(kWithPrevious, UnitAttr::get(&getContext()));
        ++numJoined;
      }
      group.add(kernel);
    }
  }

  /// Whether it is one kernel, and nothing that the runtime does or that
  /// decides sizes.
  static bool isPlain(KernelOpInterface kernel) {
    return !isa<DecideOp, SequenceOp, CallerOpInterface>(*kernel) &&
           kernel.getDecidedSymbols().count == 0;
  }
};
} // namespace
