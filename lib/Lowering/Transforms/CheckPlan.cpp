//===- CheckPlan.cpp - No two buffers that live at once overlap -----------===//

#include "BufferLives.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_CHECKPLAN
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Whether `first` ends at the kernel that begins `second`, in the same place
/// and with the kernel's leave.
static bool mayFollow(BufferLife first, BufferLife second) {
  return first.end == second.begin && first.begin < second.begin &&
         first.last == second.writer &&
         first.alloc.getOffset() == second.alloc.getOffset() &&
         first.alloc.getBlock() == second.alloc.getBlock() &&
         getSharedOperand(second.writer, first.alloc.getResult(),
                          second.alloc.getResult());
}

/// That the buffers of one block follow one another.
static LogicalResult checkBlocks(ArrayRef<BufferLife> lives) {
  llvm::DenseMap<uint64_t, BufferLife> last;
  for (BufferLife life : lives) {
    std::optional<uint64_t> block = life.alloc.getBlock();
    if (!block)
      return life.alloc.emitError("expected a block, but got none");
    auto [entry, isNew] = last.try_emplace(*block, life);
    if (!isNew && life.begin <= entry->second.end &&
        !mayFollow(entry->second, life))
      return life.alloc.emitError(
          "expected buffers that live at once not to share a block");
    entry->second = life;
  }
  return success();
}

static LogicalResult checkFunction(func::FuncOp function, int64_t arena) {
  SmallVector<BufferLife> lives = getBufferLives(function);
  if (function->hasAttr("lir.blocks"))
    return checkBlocks(lives);
  LogicalResult result = success();
  for (BufferLife life : lives) {
    std::optional<uint64_t> offset = life.alloc.getOffset();
    if (!offset ||
        static_cast<int64_t>(*offset) + life.bytes.getNumber() > arena) {
      life.alloc.emitError()
          << "expected an offset with " << life.bytes
          << " bytes in an arena of " << arena << ", but got "
          << (offset ? std::to_string(*offset) : std::string("none"));
      return failure();
    }
  }
  for (size_t index = 0; index < lives.size(); ++index) {
    BufferLife first = lives[index];
    int64_t from = *first.alloc.getOffset(), to = from + first.bytes.getNumber();
    for (BufferLife second : ArrayRef(lives).drop_front(index + 1)) {
      int64_t otherFrom = *second.alloc.getOffset(),
              otherTo = otherFrom + second.bytes.getNumber();
      // Lives come in the order in which they begin.
      if (second.begin > first.end)
        break;
      if (from >= otherTo || otherFrom >= to || mayFollow(first, second) ||
          mayFollow(second, first))
        continue;
      second.alloc
              .emitError("expected buffers that live at once not to "
                         "overlap")
              .attachNote(first.alloc.getLoc())
          << "the other buffer is at " << from << " to " << to;
      result = failure();
    }
  }
  return result;
}

namespace {
struct CheckPlan : lambent::impl::CheckPlanBase<CheckPlan> {
  void runOnOperation() override {
    std::optional<int64_t> all = getArenaBytes(getOperation());
    if (!all)
      return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      // What control flow calls has an arena of its own.
      std::optional<int64_t> own =
          function.isPrivate() ? getArenaBytes(function) : all;
      if (!own || failed(checkFunction(function, *own)))
        signalPassFailure();
    }
  }

  static std::optional<int64_t> getArenaBytes(Operation *op) {
    auto size = op->getAttrOfType<IntegerAttr>("lir.arena_bytes");
    if (size)
      return size.getInt();
    op->emitError("expected lir.arena_bytes, but got none");
    return std::nullopt;
  }
};
} // namespace
