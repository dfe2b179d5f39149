//===- NonZero.cpp - Counts and places of elements that are not 0 ---------===//
//
// An item of both kernels is a block of neighbours. The counts of blocks, added
// up, say where the places of each block begin, so that blocks are independent.
// Places within a block are listed in scratch memory first: every element
// stores its own, and only those that are not 0 keep it, which needs no branch.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// What both ops share.
struct NonZeroBlocks {
  NonZeroBlocks(Value buffer, int64_t block)
      : input(cast<MemRefType>(buffer.getType())), block(block),
        elements(lir::countElements(input)) {
    Type element = input.getElementType();
    isFloat = isa<FloatType>(element);
    moved = element.isInteger(1)
                ? element
                : IntegerType::get(element.getContext(),
                                   element.getIntOrFloatBitWidth());
    chunks = Chunks::cut(elements.ceilDiv(block), block);
  }

  /// Which of `lanes` neighbours (0: one) are not 0: bits of floats but the
  /// sign's.
  Value test(KernelBuilder &builder, Value position, int64_t lanes) {
    Value bits = builder.loadVector(moved, lanes, builder.getBuffer(0),
                                    position);
    if (moved.isInteger(1))
      return bits;
    auto splat = [&](double value) {
      return builder.constant(bits.getType(), value);
    };
    if (isFloat)
      bits = arith::ShLIOp::create(builder, bits, splat(1));
    return arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, bits,
                                 splat(0));
  }

  /// The elements of a block that begins at `start`.
  Value getLength(KernelBuilder &builder, Value start) {
    return builder.min(builder.i64(block),
                       builder.sub(builder.value(elements), start));
  }

  MemRefType input;
  int64_t block;
  Size elements;
  bool isFloat;
  Type moved; ///< what elements are loaded as
  Chunks chunks;
};

struct CountNonZero : NonZeroBlocks {
  CountNonZero(lir::CountNonZeroOp op, const TargetInfo &target)
      : NonZeroBlocks(op.getInput(), op.getBlock()),
        lanes(target.getLanes(IntegerType::get(op.getContext(), 32))) {}

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      Value start = builder.mul(item, block), length = getLength(builder, start);
      int64_t step = lanes * unroll;
      Value whole = builder.mul(builder.divUnsigned(length, step), step);
      Value count = builder.add(sumVectors(builder, start, whole),
                                sumRest(builder, start, whole, length));
      builder.store(count, builder.getBuffer(1), item);
    });
  }

private:
  Value sumVectors(KernelBuilder &builder, Value start, Value end) {
    auto type = builder.vectorType(builder.getI32Type(), lanes);
    SmallVector<Value> sums = builder.forLoop(
        builder.i64(0), end, lanes * unroll,
        SmallVector<Value>(unroll, builder.constant(type, 0)),
        [&](Value at, ValueRange carried) {
          SmallVector<Value> next;
          for (auto [i, sum] : llvm::enumerate(carried)) {
            Value position =
                builder.add(builder.add(start, at), int64_t(i) * lanes);
            Value found = arith::ExtUIOp::create(
                builder, type, test(builder, position, lanes));
            next.push_back(arith::AddIOp::create(builder, sum, found));
          }
          return next;
        });
    Value sum = combineLanes(builder, Combine::Sum,
                             combineAll(builder, Combine::Sum, sums));
    return arith::ExtUIOp::create(builder, builder.getI64Type(), sum);
  }

  Value sumRest(KernelBuilder &builder, Value start, Value first, Value end) {
    return builder.forLoop(
        first, end, 1, builder.i64(0), [&](Value at, ValueRange carried) {
          Value found = test(builder, builder.add(start, at), /*lanes=*/0);
          return SmallVector<Value>{builder.add(
              carried[0],
              arith::ExtUIOp::create(builder, builder.getI64Type(), found))};
        })[0];
  }

  static constexpr int64_t unroll = 4;
  int64_t lanes;
};

struct NonZero : NonZeroBlocks {
  explicit NonZero(lir::NonZeroOp op)
      : NonZeroBlocks(op.getInput(), op.getBlock()), output(op.getOutput()),
        outer(lir::getSizes(input)), last(outer.pop_back_val()) {}

  /// A block's list of places, i32.
  int64_t scratchBytes() const { return block * 4; }

  void emit(KernelBuilder &builder) {
    Value most = builder.getSize(output, 1);
    chunks.forEachItem(builder, [&](Value item) {
      Value start = builder.mul(item, block);
      Value found = listPlaces(builder, start);
      Value to = builder.load(builder.getI64Type(), builder.getBuffer(1), item);
      // What starts say is kept within the output.
      found = builder.min(found, builder.sub(most, to));
      writePlaces(builder, start, found, to, most);
    });
  }

private:
  /// Lists the block's places from `start` on in scratch memory; their number.
  Value listPlaces(KernelBuilder &builder, Value start) {
    return builder.forLoop(
        builder.i64(0), getLength(builder, start), 1, builder.i64(0),
        [&](Value at, ValueRange carried) {
          builder.store(arith::TruncIOp::create(builder, builder.getI32Type(),
                                                at),
                        builder.getScratch(), carried[0]);
          Value isNext = test(builder, builder.add(start, at), /*lanes=*/0);
          return SmallVector<Value>{builder.add(
              carried[0],
              arith::ExtUIOp::create(builder, builder.getI64Type(), isNext))};
        })[0];
  }

  void writePlaces(KernelBuilder &builder, Value start, Value found, Value to,
                   Value most) {
    auto write = [&](Value value, unsigned dim, Value place) {
      builder.store(value, builder.getBuffer(2),
                    builder.add(builder.mul(most, int64_t(dim)),
                                builder.add(to, place)));
    };
    auto getPosition = [&](Value place) {
      Value listed =
          builder.load(builder.getI32Type(), builder.getScratch(), place);
      return builder.add(start, arith::ExtUIOp::create(
                                    builder, builder.getI64Type(), listed));
    };
    if (outer.empty())
      return builder.forLoop(builder.i64(0), found, 1, [&](Value place) {
        write(getPosition(place), 0, place);
      });
    // The row that the last place lies in: where it ends, and its place along
    // the outer dims. Of neighbours most lie in one row.
    SmallVector<Value> none(outer.size() + 1, builder.i64(0));
    builder.forLoop(
        builder.i64(0), found, 1, none, [&](Value place, ValueRange carried) {
          Value position = getPosition(place);
          SmallVector<Value> row = findRow(builder, position, carried);
          for (size_t dim = 0; dim < outer.size(); ++dim)
            write(row[dim + 1], dim, place);
          Value first = builder.sub(row[0], builder.value(last));
          write(builder.sub(position, first), outer.size(), place);
          return row;
        });
  }

  SmallVector<Value> findRow(KernelBuilder &builder, Value position,
                             ValueRange row) {
    auto choice = scf::IfOp::create(builder, row.getTypes(),
                                    builder.lessThan(position, row[0]),
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    scf::YieldOp::create(builder, row);
    builder.setInsertionPointToStart(choice.elseBlock());
    Value index = builder.divUnsigned(position, last);
    SmallVector<Value> next{builder.mul(builder.add(index, 1), last)};
    llvm::append_range(next, builder.delinearize(index, outer));
    scf::YieldOp::create(builder, next);
    return llvm::to_vector_of<Value>(choice.getResults());
  }

  Value output;
  Sizes outer; ///< the input's dims but the last one
  Size last;
};

struct CountNonZeroKernel
    : CPUKernelOpInterface::ExternalModel<CountNonZeroKernel,
                                          lir::CountNonZeroOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    CountNonZero(cast<lir::CountNonZeroOp>(op), builder.getTarget())
        .emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return CountNonZero(cast<lir::CountNonZeroOp>(op), target).chunks.count();
  }
};

struct NonZeroKernel
    : CPUKernelOpInterface::ExternalModel<NonZeroKernel, lir::NonZeroOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    NonZero(cast<lir::NonZeroOp>(op)).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &) const {
    return NonZero(cast<lir::NonZeroOp>(op)).chunks.count();
  }
  Size getScratchBytes(Operation *op, const TargetInfo &) const {
    return NonZero(cast<lir::NonZeroOp>(op)).scratchBytes();
  }
};

} // namespace

void cpu::attachNonZeroKernels(MLIRContext &context) {
  lir::CountNonZeroOp::attachInterface<CountNonZeroKernel>(context);
  lir::NonZeroOp::attachInterface<NonZeroKernel>(context);
}
