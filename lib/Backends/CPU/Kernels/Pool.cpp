//===- Pool.cpp - Pooling, channels last ----------------------------------===//
//
// Vectors run along the channels; a block of accumulators per output position
// and channel block. The taps of a window that lie in the input are a range per
// dim, which is constant wherever no padding is near.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "OperandStrides.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

constexpr int64_t maxAccumulators = 8;

class Pool {
public:
  Pool(lir::PoolOp op, const TargetInfo &target)
      : op(op), input(cast<MemRefType>(op.getInput().getType())),
        output(cast<MemRefType>(op.getOutput().getType())),
        combination(op.getKind() == "max" ? Combine::Max : Combine::Sum) {
    accumulator = lir::getAccumulatorType(input.getElementType());
    channels = input.getShape().back();
    inputStrides = lir::getStrides(input);
    sizes = lir::getSizes(output);
    sizes.pop_back();
    spatial = input.getRank() - 2;
    lanes = fitLanes(std::min(target.getLanes(input.getElementType()),
                              target.getLanes(accumulator)),
                     channels);
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    blockVectors =
        std::clamp<int64_t>((channels + step - 1) / step, 1, maxAccumulators);
    blocks = (channels + blockVectors * step - 1) / (blockVectors * step);
    chunks = Chunks::cut(productOf(sizes) * blocks,
                         llvm::product_of(op.getKernel()) * blockVectors * step);
    sizes.push_back(blocks);
  }

  LogicalResult emit(KernelBuilder &builder) {
    this->builder = &builder;
    chunks.forEachItem(builder, [&](Value item) { emitItem(item); });
    return result;
  }

  Chunks chunks;

private:
  /// The taps [first, last) of a window along one dim, and the input index of
  /// tap 0.
  struct Range {
    Value first, last, origin;
  };

  Value inputSize(int64_t dim) const {
    return builder->value(lir::getSizes(input)[dim + 1]);
  }

  /// ceil(value / divisor), at least 0.
  Value ceilDiv(Value value, int64_t divisor) {
    Value positive = builder->max(value, builder->i64(0));
    return divisor == 1 ? positive
                        : builder->divUnsigned(
                              builder->add(positive, divisor - 1), divisor);
  }

  Range getRange(int64_t dim, Value outputIndex) {
    int64_t stride = op.getStrides()[dim], dilation = op.getDilations()[dim],
            kernel = op.getKernel()[dim];
    Size pad = op.getPads()[dim];
    Value size = inputSize(dim);
    Value origin =
        builder->sub(builder->mul(outputIndex, stride), builder->value(pad));
    Size reach = (lir::getSizes(output)[dim + 1] - 1) * stride - pad +
                 (kernel - 1) * dilation;
    Size behind = lir::getSizes(input)[dim + 1] - reach - 1;
    if (pad.is(0) && behind.isNotNegative())
      return {builder->i64(0), builder->i64(kernel), origin};
    Value first = ceilDiv(builder->sub(builder->i64(0), origin), dilation);
    Value last = builder->min(
        ceilDiv(builder->sub(size, origin), dilation),
        builder->i64(kernel));
    return {builder->min(first, last), last, origin};
  }

  /// How many elements the average divides by.
  Value getDivisor(ArrayRef<Range> ranges) {
    Value count = builder->i64(1);
    for (int64_t dim = 0; dim < spatial; ++dim) {
      const Range &range = ranges[dim];
      if (op.getCountIncludePad()) {
        // Windows may reach beyond the padded input.
        Size padded =
            lir::getSizes(input)[dim + 1] + op.getPads()[spatial + dim];
        Value end =
            ceilDiv(builder->sub(builder->value(padded), range.origin),
                    op.getDilations()[dim]);
        count = builder->mul(
            count, builder->min(end, builder->i64(op.getKernel()[dim])));
      } else {
        count = builder->mul(count, builder->sub(range.last, range.first));
      }
    }
    return count;
  }

  void emitItem(Value item) {
    SmallVector<Value> indices = builder->delinearize(item, sizes);
    SmallVector<Range> ranges;
    for (int64_t dim = 0; dim < spatial; ++dim)
      ranges.push_back(getRange(dim, indices[dim + 1]));
    Value divisor = op.getKind() == "average" ? getDivisor(ranges) : nullptr;
    int64_t perBlock = blockVectors * step, full = channels / perBlock;
    Value block = indices.back();
    indices.back() = builder->mul(block, perBlock);
    if (full == blocks)
      emitBlock(indices, ranges, divisor, perBlock);
    else if (full == 0)
      emitBlock(indices, ranges, divisor, channels);
    else
      builder->ifThen(
          builder->lessThan(block, builder->i64(full)),
          [&] { emitBlock(indices, ranges, divisor, perBlock); },
          [&] { emitBlock(indices, ranges, divisor, channels % perBlock); });
  }

  using Values = SmallVector<Value>;

  /// Loops over the taps from spatial dim `dim` on; `position` is the input's
  /// element so far.
  Values overTaps(ArrayRef<Range> ranges, int64_t dim, Value position,
                  Values carried, function_ref<Values(Value, Values)> body) {
    if (dim == spatial)
      return body(position, carried);
    const Range &range = ranges[dim];
    return builder->forLoop(
        range.first, range.last, 1, carried, [&](Value tap, ValueRange inner) {
          Value index = builder->add(range.origin,
                                     builder->mul(tap, op.getDilations()[dim]));
          Value next = builder->add(position,
                                    builder->mul(index, inputStrides[dim + 1]));
          return overTaps(ranges, dim + 1, next, llvm::to_vector(inner), body);
        });
  }

  /// One output position, `width` channels from the last index on.
  void emitBlock(ArrayRef<Value> indices, ArrayRef<Range> ranges, Value divisor,
                 int64_t width) {
    int64_t vectors = (width + step - 1) / step;
    auto countOf = [&](int64_t v) -> Value {
      return (v + 1) * step > width ? builder->i64(width - v * step) : nullptr;
    };
    Type type =
        lanes ? Type(builder->vectorType(accumulator, lanes)) : accumulator;
    Values accumulators(vectors, getNeutral(*builder, combination, type));
    accumulators =
        overTaps(ranges, 0, builder->mul(indices[0], inputStrides[0]),
                 accumulators, [&](Value pixel, Values carried) {
                   Value position = builder->add(pixel, indices.back());
                   for (int64_t v = 0; v < vectors; ++v) {
                     Value x = builder->loadVector(
                         input.getElementType(), lanes, builder->getBuffer(0),
                         builder->add(position, v * step), countOf(v));
                     carried[v] =
                         combine(*builder, combination, carried[v],
                                 convertFloat(*builder, x, accumulator));
                   }
                   return carried;
                 });
    if (divisor)
      accumulators = divide(accumulators, divisor);
    Value linear = builder->getPosition(indices, output);
    SmallVector<Value> at(indices);
    for (int64_t v = 0; v < vectors; ++v) {
      at.back() = builder->add(indices.back(), v * step);
      FailureOr<Value> stored =
          builder->applyEpilogue(op, accumulators[v], at, lanes, countOf(v));
      if (failed(stored)) {
        result = failure();
        return;
      }
      builder->storeVector(*stored,
                           builder->getBuffer(op->getNumOperands() - 1),
                           builder->add(linear, v * step), countOf(v));
    }
  }

  Values divide(Values values, Value divisor) {
    bool isFloat = isa<FloatType>(accumulator);
    Value number;
    if (isFloat) {
      Value count = arith::SIToFPOp::create(*builder, accumulator, divisor);
      number = arith::DivFOp::create(*builder,
                                     builder->constant(accumulator, 1), count);
    } else if (accumulator.getIntOrFloatBitWidth() < 64) {
      number = arith::TruncIOp::create(*builder, accumulator, divisor);
    } else {
      number = divisor;
    }
    number = builder->broadcast(number, lanes);
    for (Value &value : values)
      value = isFloat ? builder->mulf(value, number)
                      : Value(arith::DivSIOp::create(*builder, value, number));
    return values;
  }

  lir::PoolOp op;
  MemRefType input, output;
  Combine combination;
  Type accumulator;
  Sizes inputStrides;
  Sizes sizes; ///< what items count through
  int64_t channels, spatial, lanes, step, blockVectors, blocks;
  KernelBuilder *builder = nullptr;
  LogicalResult result = success();
};

struct PoolKernel
    : CPUKernelOpInterface::ExternalModel<PoolKernel, lir::PoolOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    return Pool(cast<lir::PoolOp>(op), builder.getTarget()).emit(builder);
  }
  bool takesOpenSizes(Operation *op) const {
    return !cast<MemRefType>(op->getOperand(0).getType())
                .isDynamicDim(cast<MemRefType>(op->getOperand(0).getType()).getRank() - 1);
  }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Pool(cast<lir::PoolOp>(op), target).chunks.count();
  }
  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }
  std::string describeKernel(Operation *op, const TargetInfo &) const {
    return "pool " + cast<lir::PoolOp>(op).getKind().str();
  }
};

} // namespace

void cpu::attachPoolKernels(MLIRContext &context) {
  lir::PoolOp::attachInterface<PoolKernel>(context);
}
