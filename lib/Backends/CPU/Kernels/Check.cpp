//===- Check.cpp - Demands on values --------------------------------------===//
//
// One loop over all values, in one chunk, so that the first wrong one is the
// same whoever runs it.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Value `position` as an i64. Unsigned values are only compared with 0.
static Value loadWide(KernelBuilder &builder, lir::CheckOp op, Value position) {
  Type element = cast<MemRefType>(op.getValues().getType()).getElementType();
  Value value = builder.load(element, builder.getBuffer(0), position);
  return element.isInteger(64)
             ? value
             : arith::ExtSIOp::create(builder, builder.getI64Type(), value);
}

/// Whether a value breaks the rule.
static Value isWrong(KernelBuilder &builder, lir::CheckOp op, Value value) {
  auto compare = [&](arith::CmpIPredicate predicate, int64_t bound) {
    return arith::CmpIOp::create(builder, predicate, value, builder.i64(bound));
  };
  if (op.getExcluded())
    return arith::AndIOp::create(
        builder, compare(arith::CmpIPredicate::sge, op.getLow()),
        compare(arith::CmpIPredicate::sle, op.getHigh()));
  return arith::OrIOp::create(builder,
                              compare(arith::CmpIPredicate::slt, op.getLow()),
                              compare(arith::CmpIPredicate::sgt, op.getHigh()));
}

static void emitCheck(lir::CheckOp op, KernelBuilder &builder) {
  Size count = productOf(lir::getSizes(op.getValues()));
  Value fault = builder.getBuffer(1);
  // The position of the first wrong value, `count` while there is none.
  Value none = builder.value(count);
  Value first = builder.forLoop(
      builder.i64(op.getFirst()), none, op.getStep(), {none},
      [&](Value i, ValueRange carried) {
        Value wrong = isWrong(builder, op, loadWide(builder, op, i));
        Value candidate =
            arith::SelectOp::create(builder, wrong, i, none);
        return SmallVector<Value>{builder.min(carried[0], candidate)};
      })[0];
  Value failed = builder.lessThan(first, none);
  builder.store(
      arith::ExtUIOp::create(builder, builder.getI64Type(), failed), fault,
      builder.i64(0));
  builder.ifThen(failed, [&] {
    builder.store(loadWide(builder, op, first), fault, builder.i64(1));
  });
}

namespace {
struct CheckKernel
    : CPUKernelOpInterface::ExternalModel<CheckKernel, lir::CheckOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    emitCheck(cast<lir::CheckOp>(op), builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *, const TargetInfo &) const { return 1; }
};
} // namespace

void cpu::attachCheckKernel(MLIRContext &context) {
  lir::CheckOp::attachInterface<CheckKernel>(context);
}
