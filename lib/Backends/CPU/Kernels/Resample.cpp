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
    taps = indices.getDimSize(1);
    computed = lir::getAccumulatorType(input.getElementType());
    lanes = fitLanes(target.getLanes(computed), view.inner);
    if (lanes == 1)
      lanes = 0;
    chunks = Chunks::cut(view.outer * size, view.inner * taps + 16);
  }

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts = builder.delinearize(item, Sizes{view.outer, size});
      SmallVector<Value> rows, weights;
      for (int64_t tap = 0; tap < taps; ++tap) {
        Value at = builder.add(builder.mul(parts[1], taps), tap);
        Value index =
            builder.load(builder.getI64Type(), builder.getBuffer(1), at);
        rows.push_back(builder.mul(
            builder.add(builder.mul(parts[0], view.size), index), view.inner));
        Value weight = convertFloat(
            builder,
            builder.load(builder.getF32Type(), builder.getBuffer(2), at),
            computed);
        weights.push_back(builder.broadcast(weight, lanes));
      }
      Row row{view.inner, std::max<int64_t>(lanes, 1)};
      Value to = builder.mul(item, view.inner);
      row.forEach(builder, 2, [&](Value at, Value count) {
        Value sum;
        for (int64_t tap = 0; tap < taps; ++tap) {
          Value x = convertFloat(builder,
                                 builder.loadVector(input.getElementType(),
                                                    lanes, builder.getBuffer(0),
                                                    builder.add(rows[tap], at),
                                                    count),
                                 computed);
          sum = sum ? builder.fma(x, weights[tap], sum)
                    : builder.mulf(x, weights[tap]);
        }
        if (!sum)
          sum = builder.constant(
              lanes ? Type(builder.vectorType(computed, lanes)) : computed, 0);
        builder.storeVector(convertFloat(builder, sum, output.getElementType()),
                            builder.getBuffer(3), builder.add(to, at), count);
      });
    });
  }

  MemRefType input, output;
  AxisView view;
  Type computed;
  Size size;
  int64_t taps, lanes;
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
