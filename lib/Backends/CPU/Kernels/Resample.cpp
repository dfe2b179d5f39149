//===- Resample.cpp - Interpolation along one dim by tables ---------------===//
//
// output[o, i, j] = sum over t of weights[i, t] * input[o, indices[i, t], j].
// Vectors run along j, with the taps' weights and row addresses at hand; where
// there is no j, elements are looked up one by one.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

struct Resample {
  Resample(lir::ResampleOp op, const TargetInfo &target)
      : input(cast<MemRefType>(op.getInput().getType())),
        output(cast<MemRefType>(op.getOutput().getType())),
        view(AxisView::get(input, op.getAxis())) {
    auto indices = cast<MemRefType>(op.getIndices().getType());
    size = lir::getSizes(indices)[0];
    taps = lir::getSizes(indices)[1];
    computed = lir::getAccumulatorType(input.getElementType());
    lanes = fitLanes(target.getLanes(computed), view.inner);
    if (lanes == 1)
      lanes = 0;
    chunks = Chunks::cut(view.outer * size, view.inner * taps + 16);
  }

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts = builder.delinearize(item, Sizes{view.outer, size});
      SmallVector<Tap> known;
      for (int64_t tap = 0; taps.isNumber() && tap < taps.getNumber(); ++tap)
        known.push_back(loadTap(builder, parts, builder.i64(tap)));
      Row row{view.inner, std::max<int64_t>(lanes, 1)};
      Value to = builder.mul(item, view.inner);
      row.forEach(builder, 2, [&](Value at, Value count) {
        Value sum;
        for (const Tap &tap : known)
          sum = add(builder, tap, at, count, sum);
        if (!sum)
          sum = sumTaps(builder, parts, at, count);
        builder.storeVector(convertFloat(builder, sum, output.getElementType()),
                            builder.getBuffer(3), builder.add(to, at), count);
      });
    });
  }

private:
  /// Where an input row begins, and its weight.
  struct Tap {
    Value row, weight;
  };

  Tap loadTap(KernelBuilder &builder, ArrayRef<Value> parts, Value tap) {
    Value at = builder.add(builder.mul(parts[1], taps), tap);
    Value index = builder.load(builder.getI64Type(), builder.getBuffer(1), at);
    Value row = builder.mul(
        builder.add(builder.mul(parts[0], view.size), index), view.inner);
    Value weight = convertFloat(
        builder, builder.load(builder.getF32Type(), builder.getBuffer(2), at),
        computed);
    return {row, builder.broadcast(weight, lanes)};
  }

  /// The sum with a tap's share of the elements from `at` on; null is none.
  Value add(KernelBuilder &builder, const Tap &tap, Value at, Value count,
            Value sum) {
    Value x = convertFloat(builder,
                           builder.loadVector(input.getElementType(), lanes,
                                              builder.getBuffer(0),
                                              builder.add(tap.row, at), count),
                           computed);
    return sum ? builder.fma(x, tap.weight, sum)
               : builder.mulf(x, tap.weight);
  }

  /// The sum of taps whose number is open.
  Value sumTaps(KernelBuilder &builder, ArrayRef<Value> parts, Value at,
                Value count) {
    Value zero = builder.constant(
        lanes ? Type(builder.vectorType(computed, lanes)) : computed, 0);
    return builder.forLoop(
        builder.i64(0), builder.value(taps), 1, zero,
        [&](Value tap, ValueRange carried) {
          return SmallVector<Value>{add(builder, loadTap(builder, parts, tap),
                                        at, count, carried[0])};
        })[0];
  }

public:
  MemRefType input, output;
  AxisView view;
  Type computed;
  Size size, taps;
  int64_t lanes;
  Chunks chunks;
};

struct ResampleKernel
    : CPUKernelOpInterface::ExternalModel<ResampleKernel, lir::ResampleOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Resample(cast<lir::ResampleOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Resample(cast<lir::ResampleOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachResampleKernels(MLIRContext &context) {
  lir::ResampleOp::attachInterface<ResampleKernel>(context);
}
