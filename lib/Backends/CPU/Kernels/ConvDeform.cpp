//===- ConvDeform.cpp - The columns of a deformable convolution -----------===//
//
// A tap reads between four pixels, at a place that an offset moves: zeros lie
// around the image. Vectors run along the channels, which share a place within
// an offset group; the product with the filter is a convolution of one tap.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <numeric>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class DeformColumns {
public:
  DeformColumns(lir::DeformColumnsOp op, const TargetInfo &target)
      : op(op), input(cast<MemRefType>(op.getInput().getType())),
        output(cast<MemRefType>(op.getOutput().getType())),
        element(input.getElementType()), channels(input.getShape().back()),
        taps(llvm::product_of(op.getKernel())),
        places(lir::getSizes(output)) {
    places.pop_back();
    // Channels of one piece share offsets and lie side by side in the columns.
    piece = std::gcd(channels / int64_t(op.getOffsetGroups()),
                     channels / int64_t(op.getGroup()));
    lanes = fitLanes(target.getLanes(element), piece);
    if (lanes == 1)
      lanes = 0;
    chunks = Chunks::cut(productOf(places), taps * (4 * channels + 64));
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    chunks.forEachItem(builder, [&](Value item) { emitPlace(item); });
  }

  Chunks chunks;

private:
  /// The pixels around a place along one dim, and their weights.
  struct Point {
    Value low, high, lowWeight, highWeight;
  };

  Value number(double value) { return builder->constant(element, value); }
  Value fromInteger(Value value) {
    return arith::SIToFPOp::create(*builder, element, value);
  }

  /// An element of offsets or mask, [N, offset groups * entries, places...].
  Value loadEntry(unsigned buffer, ArrayRef<Value> place, int64_t entries,
                  Value entry) {
    Sizes sizes{places[0], op.getOffsetGroups() * entries, places[1],
                places[2]};
    return builder->load(
        element, builder->getBuffer(buffer),
        builder->linearize({place[0], entry, place[1], place[2]}, sizes));
  }

  /// A tap's point along `dim`, moved by an offset.
  Point findPoint(unsigned dim, Value place, Value tap, Value offset) {
    Value first = builder->add(builder->mul(place, op.getStrides()[dim]),
                               -op.getPads()[dim]);
    Value pixel =
        builder->add(first, builder->mul(tap, op.getDilations()[dim]));
    Value size = builder->value(lir::getSizes(input)[dim + 1]);
    // What is farther outside reads zeros all the same, and so does NaN.
    Value at = builder->addf(fromInteger(pixel), offset);
    at = arith::MaxNumFOp::create(*builder, at, number(-2));
    at = arith::MinNumFOp::create(*builder, at, fromInteger(size));
    Value below = math::FloorOp::create(*builder, at);
    Value behind = arith::SubFOp::create(*builder, at, below);
    Value low = arith::FPToSIOp::create(*builder, builder->getI64Type(), below),
          high = builder->add(low, 1);
    auto orZero = [&](Value index, Value weight) -> Value {
      // As unsigned numbers negative ones are beyond the image, too.
      Value isInside = arith::CmpIOp::create(
          *builder, arith::CmpIPredicate::ult, index, size);
      return arith::SelectOp::create(*builder, isInside, weight, number(0));
    };
    Value last = builder->add(size, -1);
    auto clamp = [&](Value index) {
      return builder->max(builder->min(index, last), builder->i64(0));
    };
    Value ahead = arith::SubFOp::create(*builder, number(1), behind);
    return {clamp(low), clamp(high), orZero(low, ahead), orZero(high, behind)};
  }

  void emitPlace(Value item) {
    SmallVector<Value> place = builder->delinearize(item, places);
    builder->forLoop(
        builder->i64(0), builder->i64(op.getOffsetGroups()), 1,
        [&](Value group) {
          builder->forLoop(builder->i64(0), builder->i64(taps), 1,
                           [&](Value tap) {
                             emitTap(item, place, group, tap);
                           });
        });
  }

  void emitTap(Value item, ArrayRef<Value> place, Value group, Value tap) {
    Value entry = builder->add(builder->mul(group, taps), tap);
    auto offset = [&](int64_t dim) {
      return loadEntry(1, place, 2 * taps,
                       builder->add(builder->mul(entry, 2), dim));
    };
    int64_t columns = op.getKernel()[1];
    Point y = findPoint(0, place[1], builder->divUnsigned(tap, columns),
                        offset(0)),
          x = findPoint(1, place[2], builder->remUnsigned(tap, columns),
                        offset(1));
    Value mask = op.getMask() ? loadEntry(2, place, taps, entry) : Value();
    int64_t perGroup = channels / int64_t(op.getGroup()),
            perOffset = channels / int64_t(op.getOffsetGroups());
    builder->forLoop(
        builder->i64(0), builder->i64(perOffset / piece), 1, [&](Value index) {
          Value channel = builder->add(builder->mul(group, perOffset),
                                       builder->mul(index, piece));
          // Columns are [groups, taps, channels of a group].
          Value of = builder->divUnsigned(channel, perGroup);
          Value to = builder->add(
              builder->mul(builder->add(builder->mul(of, taps), tap), perGroup),
              builder->remUnsigned(channel, perGroup));
          to = builder->add(builder->mul(item, taps * channels), to);
          emitPiece(place[0], y, x, mask, channel, to);
        });
  }

  void emitPiece(Value image, const Point &y, const Point &x, Value mask,
                 Value channel, Value to) {
    Sizes dims = lir::getSizes(input);
    SmallVector<Value> pixels, weights;
    for (bool isLow : {true, false})
      for (bool isLeft : {true, false}) {
        Value pixel = builder->linearize({image, isLow ? y.low : y.high,
                                          isLeft ? x.low : x.high},
                                         ArrayRef(dims).drop_back());
        pixels.push_back(
            builder->add(builder->mul(pixel, channels), channel));
        Value weight = builder->mulf(isLow ? y.lowWeight : y.highWeight,
                                     isLeft ? x.lowWeight : x.highWeight);
        if (mask)
          weight = builder->mulf(weight, mask);
        weights.push_back(builder->broadcast(weight, lanes));
      }
    Row row{piece, std::max<int64_t>(lanes, 1)};
    row.forEach(*builder, 2, [&](Value at, Value count) {
      Value sum;
      for (auto [pixel, weight] : llvm::zip_equal(pixels, weights)) {
        Value x = builder->loadVector(element, lanes, builder->getBuffer(0),
                                      builder->add(pixel, at), count);
        sum = sum ? builder->fma(x, weight, sum) : builder->mulf(x, weight);
      }
      builder->storeVector(sum, builder->getBuffer(op->getNumOperands() - 1),
                           builder->add(to, at), count);
    });
  }

  lir::DeformColumnsOp op;
  MemRefType input, output;
  Type element;
  int64_t channels, taps, piece, lanes;
  Sizes places; ///< [N, places...], what items count through
  KernelBuilder *builder = nullptr;
};

struct DeformColumnsKernel
    : CPUKernelOpInterface::ExternalModel<DeformColumnsKernel,
                                          lir::DeformColumnsOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    DeformColumns(cast<lir::DeformColumnsOp>(op), builder.getTarget())
        .emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return DeformColumns(cast<lir::DeformColumnsOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachConvDeformKernels(MLIRContext &context) {
  lir::DeformColumnsOp::attachInterface<DeformColumnsKernel>(context);
}
