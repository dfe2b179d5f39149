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
static bool mayFollow(const BufferLives &lives, BufferLife first,
                      BufferLife second) {
  return first.end == second.begin && first.begin < second.begin &&
         first.alloc.getOffset() == second.alloc.getOffset() &&
         getSharedOperand(lives.kernels[first.end], first.alloc.getResult(),
                          second.alloc.getResult());
}

static LogicalResult checkFunction(func::FuncOp function, int64_t arena) {
  BufferLives lives = getBufferLives(function);
  LogicalResult result = success();
  for (BufferLife life : lives.lives) {
    std::optional<uint64_t> offset = life.alloc.getOffset();
    if (!offset || static_cast<int64_t>(*offset) + life.bytes > arena) {
      life.alloc.emitError()
          << "expected an offset with " << life.bytes
          << " bytes in an arena of " << arena << ", but got "
          << (offset ? std::to_string(*offset) : std::string("none"));
      return failure();
    }
  }
  for (size_t index = 0; index < lives.lives.size(); ++index) {
    BufferLife first = lives.lives[index];
    int64_t from = *first.alloc.getOffset(), to = from + first.bytes;
    for (BufferLife second : ArrayRef(lives.lives).drop_front(index + 1)) {
      int64_t otherFrom = *second.alloc.getOffset(),
              otherTo = otherFrom + second.bytes;
      // Lives come in the order in which they begin.
      if (second.begin > first.end)
        break;
      if (from >= otherTo || otherFrom >= to ||
          mayFollow(lives, first, second) || mayFollow(lives, second, first))
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
    auto size = getOperation()->getAttrOfType<IntegerAttr>("lir.arena_bytes");
    if (!size) {
      getOperation().emitError("expected lir.arena_bytes, but got none");
      return signalPassFailure();
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() &&
          failed(checkFunction(function, size.getInt())))
        signalPassFailure();
  }
};
} // namespace
