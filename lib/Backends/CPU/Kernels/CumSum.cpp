//===- CumSum.cpp - Running sums ------------------------------------------===//
//
// Sums run along the axis; vectors along the dims behind it.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

struct CumSum {
  CumSum(lir::CumSumOp op, const TargetInfo &target)
      : op(op), type(cast<MemRefType>(op.getInput().getType())),
        view(AxisView::get(type, op.getAxis())) {
    lanes = fitLanes(
        target.getLanes(lir::getAccumulatorType(type.getElementType())),
        view.inner);
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    blocks = (view.inner + step - 1) / step;
    chunks = Chunks::cut(view.outer * blocks, view.size * step);
  }

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts =
          builder.delinearize(item, {view.outer, blocks});
      Value column = builder.mul(parts[1], step);
      Value start =
          builder.add(builder.mul(parts[0], view.size * view.inner), column);
      // A count that covers the whole vector costs a mask, and columns are the
      // rare case.
      Value count =
          view.inner % step
              ? builder.min(builder.sub(builder.i64(view.inner), column),
                            builder.i64(step))
              : nullptr;
      emitBlock(builder, start, count);
    });
  }

  void emitBlock(KernelBuilder &builder, Value start, Value count) {
    Type accumulator = lir::getAccumulatorType(type.getElementType());
    Type carriedType =
        lanes ? Type(builder.vectorType(accumulator, lanes)) : accumulator;
    builder.forLoop(
        builder.i64(0), builder.i64(view.size), 1,
        {builder.constant(carriedType, 0)},
        [&](Value index, ValueRange carried) {
          Value along = op.getReverse()
                            ? builder.sub(builder.i64(view.size - 1), index)
                            : index;
          Value position = builder.add(start, builder.mul(along, view.inner));
          Value element =
              builder.loadVector(type.getElementType(), lanes,
                                 builder.getBuffer(0), position, count);
          Value sum = combine(builder, Combine::Sum, carried[0],
                              convertFloat(builder, element, accumulator));
          Value stored = op.getExclusive() ? carried[0] : sum;
          builder.storeVector(
              convertFloat(builder, stored, type.getElementType()),
              builder.getBuffer(1), position, count);
          return SmallVector<Value>{sum};
        });
  }

  lir::CumSumOp op;
  MemRefType type;
  AxisView view;
  int64_t lanes, step, blocks;
  Chunks chunks;
};

struct CumSumKernel
    : CPUKernelOpInterface::ExternalModel<CumSumKernel, lir::CumSumOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    CumSum(cast<lir::CumSumOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
    return CumSum(cast<lir::CumSumOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachCumSumKernel(MLIRContext &context) {
  lir::CumSumOp::attachInterface<CumSumKernel>(context);
}
