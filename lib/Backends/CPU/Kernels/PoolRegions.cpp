//===- PoolRegions.cpp - Regions of images, pooled to one size ------------===//
//
// Vectors run along the channels, a block of accumulators per bin of a region;
// of channels that a run decides, a block is one vector, and the last one may
// be cut. A bin's points lie between four pixels each, whose weights are a
// product of two, one per dim; max_pixels takes the pixels themselves.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

constexpr int64_t maxAccumulators = 8;
/// Points of a bin along one dim, of regions that are absurdly large.
constexpr int64_t mostPoints = 1 << 16;

class RegionPool {
public:
  RegionPool(lir::PoolRegionsOp op, const TargetInfo &target)
      : op(op), input(cast<MemRefType>(op.getInput().getType())),
        output(cast<MemRefType>(op.getOutput().getType())),
        element(input.getElementType()),
        combination(op.getKind() == "average" ? Combine::Sum : Combine::Max),
        channels(lir::getSizes(input).back()), sizes(lir::getSizes(output)) {
    lanes = target.getLanes(element);
    if (channels.isNumber())
      lanes = fitLanes(lanes, channels.getNumber());
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    int64_t vectors =
        channels.isNumber() ? channels.ceilDiv(step).getNumber() : 1;
    perBlock = step * std::clamp<int64_t>(vectors, 1, maxAccumulators);
    sizes.back() = channels.ceilDiv(perBlock);
    int64_t points = std::max<int64_t>(op.getSamples(), 2);
    chunks = Chunks::cut(productOf(sizes), 4 * points * points * perBlock);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    chunks.forEachItem(builder, [&](Value item) { emitItem(item); });
  }

  Chunks chunks;

private:
  using Values = SmallVector<Value>;

  /// A bin along one dim: what is counted, points or pixels.
  struct Bin {
    Value first, end;  ///< i64
    Value begin, size; ///< of a bin of points, in pixels
  };
  /// The pixels around a point along one dim, and their weights.
  struct Point {
    Value low, high, lowWeight, highWeight;
  };

  Value number(double value) { return builder->constant(element, value); }
  Value fromInteger(Value value) {
    return arith::SIToFPOp::create(*builder, element, value);
  }
  Value toInteger(Value value) {
    return arith::FPToSIOp::create(*builder, builder->getI64Type(), value);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(*builder, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(*builder, a, b);
  }
  /// NaN becomes `least`.
  Value clamp(Value value, Value least, Value most) {
    Value low = arith::MaxNumFOp::create(*builder, value, least);
    return arith::MinNumFOp::create(*builder, low, most);
  }
  Value getImageSize(unsigned dim) {
    return builder->value(lir::getSizes(input)[dim]);
  }

  /// `place` is the bin's index along spatial dim `dim` of region `region`.
  Bin findBin(unsigned dim, Value region, Value place) {
    Value at = builder->mul(region, 4);
    auto corner = [&](int64_t entry) {
      Value value = builder->load(element, builder->getBuffer(1),
                                  builder->add(at, entry));
      return builder->mulf(
          value, number(op.getScale().convertToDouble()));
    };
    // Corners are x before y.
    Value from = corner(1 - dim), to = corner(3 - dim);
    return op.getKind() == "max_pixels" ? findPixels(dim, from, to, place)
                                        : findPoints(dim, from, to, place);
  }

  Bin findPixels(unsigned dim, Value from, Value to, Value place) {
    Value bins = number(output.getDimSize(dim + 1));
    Value first = math::RoundOp::create(*builder, from),
          last = math::RoundOp::create(*builder, to);
    Value size = arith::MaxNumFOp::create(
        *builder, builder->addf(sub(last, first), number(1)), number(1));
    Value bin = div(size, bins), index = fromInteger(place);
    Value begin = math::FloorOp::create(*builder, builder->mulf(index, bin));
    Value end = math::CeilOp::create(
        *builder, builder->mulf(builder->addf(index, number(1)), bin));
    Value image = fromInteger(getImageSize(dim + 1));
    auto pixel = [&](Value at) {
      return toInteger(clamp(builder->addf(at, first), number(0), image));
    };
    return {pixel(begin), pixel(end), {}, {}};
  }

  Bin findPoints(unsigned dim, Value from, Value to, Value place) {
    Value bins = number(output.getDimSize(dim + 1));
    Value offset = number(op.getHalfPixel() ? 0.5 : 0);
    Value begin = sub(from, offset), size = sub(sub(to, offset), begin);
    // Without the offset, a region is at least one pixel.
    if (!op.getHalfPixel())
      size = arith::MaxNumFOp::create(*builder, size, number(1));
    Bin bin;
    bin.size = div(size, bins);
    bin.begin =
        builder->addf(begin, builder->mulf(fromInteger(place), bin.size));
    bin.first = builder->i64(0);
    if (op.getSamples() > 0) {
      bin.end = builder->i64(op.getSamples());
    } else {
      Value count = math::CeilOp::create(*builder, bin.size);
      bin.end = toInteger(clamp(count, number(0), number(mostPoints)));
    }
    return bin;
  }

  Point findPoint(unsigned dim, const Bin &bin, Value index) {
    Value middle = builder->addf(fromInteger(index), number(0.5));
    Value part = div(builder->mulf(middle, bin.size), fromInteger(bin.end));
    Value place = builder->addf(bin.begin, part);
    Value size = getImageSize(dim + 1), limit = fromInteger(size);
    auto isAtMost = [&](Value a, Value b) -> Value {
      return arith::CmpFOp::create(*builder, arith::CmpFPredicate::OLE, a, b);
    };
    Value isInside = arith::AndIOp::create(
        *builder, isAtMost(number(-1), place), isAtMost(place, limit));
    Value at = clamp(place, number(0), sub(limit, number(1)));
    Point point;
    point.low = toInteger(at);
    point.high = builder->min(builder->add(point.low, 1),
                              builder->add(size, -1));
    auto orZero = [&](Value weight) -> Value {
      return arith::SelectOp::create(*builder, isInside, weight, number(0));
    };
    Value behind = sub(at, fromInteger(point.low));
    point.highWeight = orZero(behind);
    point.lowWeight = orZero(sub(number(1), behind));
    return point;
  }

  void emitItem(Value item) {
    Values indices = builder->delinearize(item, sizes);
    Bin y = findBin(0, indices[0], indices[1]),
        x = findBin(1, indices[0], indices[2]);
    // Nothing is read of empty images.
    Value pixels = builder->mul(builder->mul(getImageSize(0), getImageSize(1)),
                                getImageSize(2));
    y.end = builder->createOrFold<arith::SelectOp>(
        builder->lessThan(builder->i64(0), pixels), y.end, y.first);
    Value last = builder->add(getImageSize(0), -1);
    Value image = builder->load(builder->getI64Type(), builder->getBuffer(2),
                                indices[0]);
    image = builder->max(builder->min(image, last), builder->i64(0));
    Value block = indices.back();
    indices.back() = builder->mul(block, perBlock);
    auto emit = [&](int64_t width) { emitBlock(indices, image, y, x, width); };
    if (!channels.isNumber()) {
      channelsLeft = builder->sub(builder->value(channels), indices.back());
      return emit(perBlock);
    }
    int64_t full = channels.getNumber() / perBlock,
            rest = channels.getNumber() % perBlock;
    if (rest == 0)
      emit(perBlock);
    else if (full == 0)
      emit(rest);
    else
      builder->ifThen(
          builder->lessThan(block, builder->i64(full)), [&] { emit(perBlock); },
          [&] { emit(rest); });
  }

  /// The channels of a vector, or null for a whole one.
  Value countOf(int64_t vector, int64_t width) {
    if (!channels.isNumber())
      return lanes ? builder->min(channelsLeft, builder->i64(step)) : nullptr;
    return (vector + 1) * step > width ? builder->i64(width - vector * step)
                                       : nullptr;
  }

  /// The vectors of one pixel from channel `channel` on.
  Value loadPixel(ValueRange place, Value channel, int64_t vector,
                  int64_t width) {
    Sizes dims = lir::getSizes(input);
    Value pixel = builder->linearize(place, ArrayRef(dims).drop_back());
    Value at = builder->add(builder->mul(pixel, channels), channel);
    return builder->loadVector(element, lanes, builder->getBuffer(0),
                               builder->add(at, vector * step),
                               countOf(vector, width));
  }

  /// What a point adds: the sum of its four pixels, or the largest of them.
  Value loadPoint(Value image, const Point &y, const Point &x, Value channel,
                  int64_t vector, int64_t width) {
    Value result;
    for (bool isLow : {true, false})
      for (bool isLeft : {true, false}) {
        Value weight = builder->mulf(isLow ? y.lowWeight : y.highWeight,
                                     isLeft ? x.lowWeight : x.highWeight);
        Value pixel = loadPixel({image, isLow ? y.low : y.high,
                                 isLeft ? x.low : x.high},
                                channel, vector, width);
        Value term = builder->mulf(pixel, builder->broadcast(weight, lanes));
        result = result ? combine(*builder, combination, result, term) : term;
      }
    return result;
  }

  /// One bin, `width` channels from the last index on.
  void emitBlock(ValueRange indices, Value image, const Bin &y, const Bin &x,
                 int64_t width) {
    int64_t vectors = (width + step - 1) / step;
    bool takesPixels = op.getKind() == "max_pixels";
    Type type = lanes ? Type(builder->vectorType(element, lanes)) : element;
    Values sums(vectors, getNeutral(*builder, combination, type));
    sums = builder->forLoop(
        y.first, y.end, 1, sums, [&](Value row, ValueRange outer) -> Values {
          Point yPoint = takesPixels ? Point() : findPoint(0, y, row);
          return builder->forLoop(
              x.first, x.end, 1, outer,
              [&](Value column, ValueRange inner) -> Values {
                Point xPoint = takesPixels ? Point() : findPoint(1, x, column);
                Values next;
                for (int64_t v = 0; v < vectors; ++v) {
                  Value term =
                      takesPixels
                          ? loadPixel({image, row, column}, indices.back(), v,
                                      width)
                          : loadPoint(image, yPoint, xPoint, indices.back(), v,
                                      width);
                  next.push_back(
                      combine(*builder, combination, inner[v], term));
                }
                return next;
              });
        });
    finish(sums, indices, y, x, width);
  }

  /// Divides sums by the number of points; a maximum of nothing is 0.
  void finish(ArrayRef<Value> sums, ValueRange indices, const Bin &y,
              const Bin &x, int64_t width) {
    auto countAlong = [&](const Bin &bin) {
      return builder->max(builder->sub(bin.end, bin.first), builder->i64(0));
    };
    Value count = builder->mul(countAlong(y), countAlong(x));
    Value any = builder->lessThan(builder->i64(0), count);
    Value divisor = fromInteger(builder->max(count, builder->i64(1)));
    Value pixel = builder->linearize(indices.drop_back(),
                                     ArrayRef(sizes).drop_back());
    Value at = builder->add(builder->mul(pixel, channels), indices.back());
    for (auto [v, sum] : llvm::enumerate(sums)) {
      Value result;
      if (combination == Combine::Sum)
        result = div(sum, builder->broadcast(divisor, lanes));
      else
        result = arith::SelectOp::create(
            *builder, any, sum, builder->constant(sum.getType(), 0));
      builder->storeVector(result, builder->getBuffer(3),
                           builder->add(at, int64_t(v) * step),
                           countOf(v, width));
    }
  }

  lir::PoolRegionsOp op;
  MemRefType input, output;
  Type element;
  Combine combination;
  Size channels;
  Sizes sizes; ///< what items count through
  int64_t lanes, step, perBlock;
  Value channelsLeft; ///< from the block's first one on, where they are open
  KernelBuilder *builder = nullptr;
};

struct PoolRegionsKernel
    : CPUKernelOpInterface::ExternalModel<PoolRegionsKernel,
                                          lir::PoolRegionsOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    RegionPool(cast<lir::PoolRegionsOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return RegionPool(cast<lir::PoolRegionsOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachPoolRegionsKernels(MLIRContext &context) {
  lir::PoolRegionsOp::attachInterface<PoolRegionsKernel>(context);
}
