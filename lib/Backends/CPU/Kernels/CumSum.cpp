//===- CumSum.cpp - Running sums and products -----------------------------===//
//
// They run along the axis; vectors along the dims behind it. An item is several
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
      int64_t vectors = std::max<int64_t>(bytes / vectorBytes, 1);
      if (view.inner.isNumber())
        vectors = std::min(vectors, view.inner.ceilDiv(step).getNumber());
      width = std::max(vectors * step, step);
      blocks = view.inner.ceilDiv(width);
      if (bytes == leastBytes || (view.outer * blocks).estimate() >= enough)
        break;
    }
    chunks = Chunks::cut(view.outer * blocks, view.size * width);
  }

  void emit(KernelBuilder &builder) {
    Size full = view.inner.floorDiv(width), rest = view.inner.mod(width);
    Value fullBlocks = builder.value(full), last = builder.value(rest);
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts =
          builder.delinearize(item, Sizes{view.outer, blocks});
      Value start = builder.add(builder.mul(parts[0], view.size * view.inner),
                                builder.mul(parts[1], width));
      if (rest.is(0))
        emitBlock(builder, start, width);
      else if (full.is(0))
        emitRest(builder, start, last);
      else
        builder.ifThen(
            builder.lessThan(parts[1], fullBlocks),
            [&] { emitBlock(builder, start, width); },
            [&] { emitRest(builder, start, last); });
    });
  }

  /// A block of fewer columns: vector by vector where their number is open.
  void emitRest(KernelBuilder &builder, Value start, Value columns) {
    if (std::optional<int64_t> known = kernels::asConstant(columns))
      return emitBlock(builder, start, *known);
    builder.forLoop(builder.i64(0), columns, step, [&](Value column) {
      emitBlock(builder, builder.add(start, column), step,
                builder.sub(columns, column));
    });
  }

  /// The results of `columns` neighbouring columns from `start` on; only of the
  /// first `present` where that is given, of one vector.
  void emitBlock(KernelBuilder &builder, Value start, int64_t columns,
                 Value present = nullptr) {
    Type accumulator = lir::getAccumulatorType(type.getElementType());
    Combine kind = getCombine(op.getKind());
    Value first = builder.constant(
        lanes ? Type(builder.vectorType(accumulator, lanes)) : accumulator,
        kind == Combine::Prod ? 1 : 0);
    builder.forLoop(
        builder.i64(0), builder.value(view.size), 1,
        SmallVector<Value>((columns + step - 1) / step, first),
        [&](Value index, ValueRange carried) {
          Value along = op.getReverse()
                            ? builder.sub(builder.value(view.size - 1), index)
                            : index;
          Value row = builder.add(start, builder.mul(along, view.inner));
          SmallVector<Value> results;
          for (auto [v, before] : llvm::enumerate(carried)) {
            Value position = builder.add(row, int64_t(v) * step);
            Value count =
                present
                    ? present
                    : builder.i64(std::min(step, columns - int64_t(v) * step));
            Value element =
                builder.loadVector(type.getElementType(), lanes,
                                   builder.getBuffer(0), position, count);
            results.push_back(
                combine(builder, kind, before,
                        convertFloat(builder, element, accumulator)));
            Value stored = op.getExclusive() ? before : results.back();
            builder.storeVector(
                convertFloat(builder, stored, type.getElementType()),
                builder.getBuffer(1), position, count);
          }
          return results;
        });
  }

  lir::CumSumOp op;
  MemRefType type;
  AxisView view;
  int64_t lanes, step;
  Size blocks;
  int64_t width; ///< columns an item takes
  Chunks chunks;
};

struct CumSumKernel
    : CPUKernelOpInterface::ExternalModel<CumSumKernel, lir::CumSumOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    CumSum(cast<lir::CumSumOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return CumSum(cast<lir::CumSumOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachCumSumKernel(MLIRContext &context) {
  lir::CumSumOp::attachInterface<CumSumKernel>(context);
}
