//===- Softmax.cpp - Softmax along one dim --------------------------------===//
//
// y = exp(x - max) / sum(exp(x - max)), or its logarithm. A block a row; its
// threads walk the row in steps of the block, then halve their results in
// workgroup memory.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include <limits>

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

static constexpr int64_t kThreads = 128; // a power of two

namespace {

struct Softmax {
  explicit Softmax(lir::SoftmaxOp op)
      : op(op), type(cast<MemRefType>(op.getInput().getType())) {
    ArrayRef<int64_t> shape = type.getShape();
    size = shape[op.getAxis()];
    inner = ShapedType::getNumElements(shape.drop_front(op.getAxis() + 1));
    rows = ShapedType::getNumElements(shape.take_front(op.getAxis())) * inner;
  }

  void emit(KernelBuilder &builder);

  lir::SoftmaxOp op;
  MemRefType type;
  int64_t size, inner, rows;
};

} // namespace

/// Combines one value of every thread; all get the result.
static Value reduceBlock(KernelBuilder &builder, Value value, Value shared,
                         function_ref<Value(Value, Value)> combine) {
  Value thread = builder.getThread();
  builder.storeShared(value, shared, thread);
  builder.barrier();
  for (int64_t half = kThreads / 2; half > 0; half /= 2) {
    builder.ifThen(builder.lessThan(thread, builder.i64(half)), [&] {
      Value other = builder.loadShared(shared, builder.add(thread, half));
      builder.storeShared(combine(builder.loadShared(shared, thread), other),
                          shared, thread);
    });
    builder.barrier();
  }
  Value result = builder.loadShared(shared, builder.i64(0));
  builder.barrier(); // before the memory is used again
  return result;
}

void Softmax::emit(KernelBuilder &builder) {
  Type element = type.getElementType(),
       accumulator = lir::getAccumulatorType(element);
  Value shared = builder.allocateShared(accumulator, kThreads),
        limit = builder.i64(size);
  Value outer = builder.divUnsigned(builder.getBlock(), inner);
  Value start = builder.add(builder.mul(outer, size * inner),
                            builder.remUnsigned(builder.getBlock(), inner));
  auto place = [&](Value i) {
    return builder.add(start, builder.mul(i, inner));
  };
  auto read = [&](Value i) {
    return builder.convertFloat(
        builder.load(element, builder.getBuffer(0), place(i)), accumulator);
  };
  auto maximum = [&](Value a, Value b) -> Value {
    return builder.create<arith::MaximumFOp>(a, b);
  };
  auto sum = [&](Value a, Value b) -> Value {
    return builder.create<arith::AddFOp>(a, b);
  };

  Value max = builder.forLoop(
      builder.getThread(), limit, kThreads,
      builder.constant(accumulator, -std::numeric_limits<double>::infinity()),
      [&](Value i, Value max) { return maximum(max, read(i)); });
  max = reduceBlock(builder, max, shared, maximum);
  auto shifted = [&](Value i) -> Value {
    return builder.create<arith::SubFOp>(read(i), max);
  };

  Value total = builder.forLoop(
      builder.getThread(), limit, kThreads, builder.constant(accumulator, 0),
      [&](Value i, Value total) {
        return sum(total, builder.create<math::ExpOp>(shifted(i)));
      });
  total = reduceBlock(builder, total, shared, sum);
  if (op.getLog())
    total = builder.create<math::LogOp>(total);
  builder.forLoop(builder.getThread(), limit, kThreads, [&](Value i) {
    Value value = shifted(i);
    if (op.getLog())
      value = builder.create<arith::SubFOp>(value, total);
    else
      value = builder.create<arith::DivFOp>(builder.create<math::ExpOp>(value),
                                            total);
    builder.store(builder.convertFloat(value, element), builder.getBuffer(1),
                  place(i));
  });
}

namespace {

struct SoftmaxKernel
    : CUDAKernelOpInterface::ExternalModel<SoftmaxKernel, lir::SoftmaxOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Softmax(cast<lir::SoftmaxOp>(op)).emit(builder);
    return success();
  }
  LaunchShape getLaunch(Operation *op) const {
    return {std::max<int64_t>(1, Softmax(cast<lir::SoftmaxOp>(op)).rows),
            kThreads};
  }
};

} // namespace

void cuda::attachSoftmaxKernels(MLIRContext &context) {
  lir::SoftmaxOp::attachInterface<SoftmaxKernel>(context);
}
