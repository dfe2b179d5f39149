//===- CumSum.cpp - Running sums ------------------------------------------===//
//
// Sums run along the axis; vectors along the dims behind it. An item is several
// neighbouring vectors: a walk down the axis leaves a page with each step, and
// longer pieces let the hardware fetch ahead.
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
    int64_t vectorBytes = target.vectorBits / 8;
    // Narrower pieces only where the threads would run out of them.
    constexpr int64_t mostBytes = 1024, leastBytes = 256, enough = 4;
    for (int64_t bytes = mostBytes;; bytes /= 2) {
      width = std::min(std::max<int64_t>(bytes / vectorBytes, 1),
                       (view.inner + step - 1) / step) *
              step;
      width = std::max(width, step);
      blocks = (view.inner + width - 1) / width;
      if (bytes == leastBytes || view.outer * blocks >= enough)
        break;
    }
    chunks = Chunks::cut(view.outer * blocks, view.size * width);
  }

  void emit(KernelBuilder &builder) {
    int64_t full = view.inner / width, rest = view.inner % width;
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts =
          builder.delinearize(item, Sizes{view.outer, blocks});
      Value start = builder.add(builder.mul(parts[0], view.size * view.inner),
                                builder.mul(parts[1], width));
      if (rest == 0)
        emitBlock(builder, start, width);
      else if (full == 0)
        emitBlock(builder, start, rest);
      else
        builder.ifThen(
            builder.lessThan(parts[1], builder.i64(full)),
            [&] { emitBlock(builder, start, width); },
            [&] { emitBlock(builder, start, rest); });
    });
  }

  /// The sums of `columns` neighbouring columns from `start` on.
  void emitBlock(KernelBuilder &builder, Value start, int64_t columns) {
    Type accumulator = lir::getAccumulatorType(type.getElementType());
    Value zero = builder.constant(
        lanes ? Type(builder.vectorType(accumulator, lanes)) : accumulator, 0);
    builder.forLoop(
        builder.i64(0), builder.i64(view.size), 1,
        SmallVector<Value>((columns + step - 1) / step, zero),
        [&](Value index, ValueRange carried) {
          Value along = op.getReverse()
                            ? builder.sub(builder.i64(view.size - 1), index)
                            : index;
          Value row = builder.add(start, builder.mul(along, view.inner));
          SmallVector<Value> sums;
          for (auto [v, before] : llvm::enumerate(carried)) {
            Value position = builder.add(row, int64_t(v) * step);
            Value count =
                builder.i64(std::min(step, columns - int64_t(v) * step));
            Value element =
                builder.loadVector(type.getElementType(), lanes,
                                   builder.getBuffer(0), position, count);
            sums.push_back(
                combine(builder, Combine::Sum, before,
                        convertFloat(builder, element, accumulator)));
            Value stored = op.getExclusive() ? before : sums.back();
            builder.storeVector(
                convertFloat(builder, stored, type.getElementType()),
                builder.getBuffer(1), position, count);
          }
          return sums;
        });
  }

  lir::CumSumOp op;
  MemRefType type;
  BoundAxisView view;
  int64_t lanes, step, blocks;
  int64_t width; ///< columns an item takes
  Chunks chunks;
};

struct CumSumKernel
    : CPUKernelOpInterface::ExternalModel<CumSumKernel, lir::CumSumOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    CumSum(cast<lir::CumSumOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return CumSum(cast<lir::CumSumOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachCumSumKernel(MLIRContext &context) {
  lir::CumSumOp::attachInterface<CumSumKernel>(context);
}
