//===- ArgReduce.cpp - Positions of largest and smallest elements ---------===//
//
// Each lane keeps the best element it has seen and its position. Short rows
// have a lane each (RowTile). Along a long row lanes take turns, and the lanes'
// candidates meet at the end, equal ones by position. NaN beats every number.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "RowTile.h"
#include "Rows.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// An element and where it is (i64), scalars or vectors.
struct Candidate {
  Value element, position;
};

class ArgReduction {
public:
  ArgReduction(lir::ArgReduceOp op, const TargetInfo &target)
      : op(op), input(cast<MemRefType>(op.getInput().getType())),
        view(AxisView::get(input, op.getAxis())) {
    int64_t full = std::max<int64_t>(1, target.vectorBits / 32);
    if (!view.inner.is(1))
      lanes = fitLanes(full, view.inner);
    else
      lanes = view.size.estimate() >= 4 * full ? full : 0;
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    findTile(target);
    if (rowLanes) {
      chunks = Chunks::cut(view.outer.ceilDiv(rowLanes),
                           view.size * (rowLanes * 2));
      return;
    }
    blocks = view.inner.is(1) ? Size(1) : view.inner.ceilDiv(step);
    chunks = Chunks::cut(view.outer * blocks, view.size * (step * 2));
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    auto work = [&] {
      chunks.forEachItem(builder, [&](Value item) {
        rowLanes           ? emitTiles(item)
        : view.inner.is(1) ? emitRow(item)
                           : emitColumns(item);
      });
    };
    // A row begins with its first element; of empty ones nothing is written.
    if ((view.size - 1).isNotNegative())
      work();
    else
      builder.ifThen(builder.lessThan(builder.i64(0), builder.value(view.size)),
                     work);
  }

  Chunks chunks;

private:
  bool isMax() { return op.getKind() == "max"; }
  bool isUnsigned() {
    return op.getUnsignedElements() || input.getElementType().isInteger(1);
  }

  /// Decides whether rows get a lane each: where they are too short for the
  /// horizontal end of a long row, and at least fill the lanes. How many columns
  /// and rows a tile has is part of its code.
  void findTile(const TargetInfo &target) {
    unsigned bits = std::max(32u, input.getElementTypeBitWidth());
    int64_t wide = RowTile::getLanes(target, bits);
    if (!view.inner.is(1) || !view.size.isNumber() || !view.outer.isNumber())
      return;
    int64_t size = view.size.getNumber();
    if (size > 1 && size <= 256 && wide && view.outer.getNumber() >= wide)
      rowLanes = wide;
  }

  Value compare(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(*builder, predicate, a, b);
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(*builder, predicate, a, b);
  }

  /// Whether `a` beats `b`; with `orEqual` also where they are equal.
  Value beats(Value a, Value b, bool orEqual) {
    if (isa<FloatType>(input.getElementType())) {
      auto predicate = isMax() ? (orEqual ? arith::CmpFPredicate::OGE
                                          : arith::CmpFPredicate::UGT)
                               : (orEqual ? arith::CmpFPredicate::OLE
                                          : arith::CmpFPredicate::ULT);
      if (orEqual)
        return arith::OrIOp::create(*builder, compare(predicate, a, b),
                                    compare(arith::CmpFPredicate::UNO, a, a));
      // Unordered or better, but not where `b` is the NaN.
      return arith::AndIOp::create(*builder, compare(predicate, a, b),
                                   compare(arith::CmpFPredicate::ORD, b, b));
    }
    using P = arith::CmpIPredicate;
    P predicate = isMax() ? (isUnsigned() ? (orEqual ? P::uge : P::ugt)
                                          : (orEqual ? P::sge : P::sgt))
                          : (isUnsigned() ? (orEqual ? P::ule : P::ult)
                                          : (orEqual ? P::sle : P::slt));
    return compare(predicate, a, b);
  }

  Candidate choose(Value condition, Candidate yes, Candidate no) {
    return {
        arith::SelectOp::create(*builder, condition, yes.element, no.element),
        arith::SelectOp::create(*builder, condition, yes.position,
                                no.position)};
  }

  /// Of candidates in order of position, the later one where it beats the
  /// earlier.
  Candidate next(Candidate best, Candidate later) {
    return choose(beats(later.element, best.element, op.getSelectLast()), later,
                  best);
  }

  Value loadInput(Value position, int64_t width, Value count = nullptr) {
    return builder->loadVector(input.getElementType(), width,
                               builder->getBuffer(0), position, count);
  }

  void emitTiles(Value item) {
    int64_t rows = view.outer.getNumber(), full = rows / rowLanes,
            rest = rows % rowLanes;
    if (rest == 0)
      emitTile(item, rowLanes);
    else
      builder->ifThen(
          builder->lessThan(item, builder->i64(full)),
          [&] { emitTile(item, rowLanes); }, [&] { emitTile(item, rest); });
  }

  /// `rows` rows of one item. A position takes 32 bits until it is stored.
  void emitTile(Value item, int64_t rows) {
    unsigned bits = std::max(32u, input.getElementTypeBitWidth());
    int64_t size = view.size.getNumber();
    RowTile tile(*builder, rowLanes, bits, size, rows);
    Value firstRow = builder->mul(item, rowLanes),
          start = builder->mul(firstRow, view.size);
    // bool travels as bytes.
    Type stored = input.getElementType().isInteger(1) ? builder->getI8Type()
                                                      : input.getElementType();
    auto widen = [&](Value vector) { return widenNarrow(vector); };
    auto fold = [&](Candidate best, ArrayRef<Value> columns, Value first) {
      for (auto [i, column] : llvm::enumerate(columns)) {
        Value at = arith::TruncIOp::create(*builder, builder->getI32Type(),
                                           builder->add(first, int64_t(i)));
        Candidate later{column, builder->broadcast(at, rowLanes)};
        best = best.element ? next(best, later) : later;
      }
      return best;
    };
    // Long rows are a loop over groups of columns.
    constexpr int64_t unrolledGroups = 4;
    int64_t group = tile.groupSize(), groups = size / group;
    Candidate best;
    if (groups <= unrolledGroups) {
      best = fold({}, tile.load(stored, builder->getBuffer(0), start, widen),
                  builder->i64(0));
    } else {
      auto load = [&](Value first) {
        return tile.loadGroup(stored, builder->getBuffer(0),
                              builder->add(start, first), widen);
      };
      best = fold({}, load(builder->i64(0)), builder->i64(0));
      SmallVector<Value> carried = builder->forLoop(
          builder->i64(group), builder->i64(groups * group), group,
          {best.element, best.position}, [&](Value at, ValueRange before) {
            Candidate chosen = fold({before[0], before[1]}, load(at), at);
            return SmallVector<Value>{chosen.element, chosen.position};
          });
      best = {carried[0], carried[1]};
      if (int64_t left = size % group) {
        SmallVector<Value> columns = load(builder->i64(size - group));
        best = fold(best, ArrayRef(columns).take_back(left),
                    builder->i64(size - left));
      }
    }
    Value position = arith::ExtSIOp::create(
        *builder, builder->vectorType(builder->getI64Type(), rowLanes),
        best.position);
    builder->storeVector(position, builder->getBuffer(1), firstRow,
                         builder->i64(rows));
  }

  /// Elements below 32 bits as numbers of 32, in the same order.
  Value widenNarrow(Value vector) {
    auto type = cast<VectorType>(vector.getType());
    if (type.getElementTypeBitWidth() >= 32)
      return vector;
    if (isa<FloatType>(type.getElementType()))
      return convertFloat(*builder, vector, builder->getF32Type());
    auto wide =
        builder->vectorType(builder->getI32Type(), type.getNumElements());
    if (isUnsigned())
      return arith::ExtUIOp::create(*builder, wide, vector);
    return arith::ExtSIOp::create(*builder, wide, vector);
  }

  void emitColumns(Value item) {
    SmallVector<Value> parts =
        builder->delinearize(item, Sizes{view.outer, blocks});
    Size full = view.inner.floorDiv(step);
    Value column = builder->mul(parts[1], step);
    auto block = [&](Value count) { emitColumnBlock(parts[0], column, count); };
    Value tail = builder->value(view.inner.mod(step));
    if (full == blocks)
      block(nullptr);
    else if (full.is(0))
      block(tail);
    else
      builder->ifThen(
          builder->lessThan(parts[1], builder->value(full)),
          [&] { block(nullptr); }, [&] { block(tail); });
  }

  void emitColumnBlock(Value outer, Value column, Value count) {
    Value start =
        builder->add(builder->mul(outer, view.size * view.inner), column);
    Candidate best{loadInput(start, lanes, count),
                   builder->broadcast(builder->i64(0), lanes)};
    SmallVector<Value> last = builder->forLoop(
        builder->i64(1), builder->value(view.size), 1,
        {best.element, best.position}, [&](Value index, ValueRange carried) {
          Value position = builder->add(start, builder->mul(index, view.inner));
          Candidate chosen = next({carried[0], carried[1]},
                                  {loadInput(position, lanes, count),
                                   builder->broadcast(index, lanes)});
          return SmallVector<Value>{chosen.element, chosen.position};
        });
    Value output = builder->add(builder->mul(outer, view.inner), column);
    builder->storeVector(last[1], builder->getBuffer(1), output, count);
  }

  void emitRow(Value item) {
    Value start = builder->mul(item, view.size);
    Size vectored =
        lanes ? view.size.floorDiv(lanes) * lanes : Size(1);
    Candidate best;
    if (lanes)
      best = emitRowVectors(start, vectored);
    else
      best = {loadInput(start, 0), builder->i64(0)};
    SmallVector<Value> last = builder->forLoop(
        builder->value(vectored), builder->value(view.size), 1,
        {best.element, best.position}, [&](Value index, ValueRange carried) {
          Candidate chosen =
              next({carried[0], carried[1]},
                   {loadInput(builder->add(start, index), 0), index});
          return SmallVector<Value>{chosen.element, chosen.position};
        });
    builder->store(last[1], builder->getBuffer(1), item);
  }

  /// The best of the row's first `size` elements, lane by lane and then across
  /// lanes.
  Candidate emitRowVectors(Value start, const Size &size) {
    Location loc = builder->getLoc();
    SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
    Value lane = arith::ConstantOp::create(
        *builder, DenseElementsAttr::get(
                      builder->vectorType(builder->getI64Type(), lanes),
                      ArrayRef(steps)));
    // A row of an open size may fill no vector, but has a first element: every
    // lane begins with it.
    bool isOpen = !size.isNumber();
    Candidate first =
        isOpen ? Candidate{builder->broadcast(loadInput(start, 0), lanes),
                           builder->broadcast(builder->i64(0), lanes)}
               : Candidate{loadInput(start, lanes), lane};
    SmallVector<Value> found = builder->forLoop(
        builder->i64(isOpen ? 0 : lanes), builder->value(size), lanes,
        {first.element, first.position}, [&](Value index, ValueRange carried) {
          Value position = arith::AddIOp::create(
              *builder, builder->broadcast(index, lanes), lane);
          Candidate chosen =
              next({carried[0], carried[1]},
                   {loadInput(builder->add(start, index), lanes), position});
          return SmallVector<Value>{chosen.element, chosen.position};
        });
    auto get = [&](int64_t i) {
      return Candidate{vector::ExtractOp::create(*builder, loc, found[0], i),
                       vector::ExtractOp::create(*builder, loc, found[1], i)};
    };
    Candidate best = get(0);
    for (int64_t i = 1; i < lanes; ++i) {
      // Lanes are not in order of position: equal elements go by it.
      Candidate other = get(i);
      Value wins = beats(other.element, best.element, false);
      Value loses = beats(best.element, other.element, false);
      Value ahead = compare(op.getSelectLast() ? arith::CmpIPredicate::sgt
                                               : arith::CmpIPredicate::slt,
                            other.position, best.position);
      Value tie = arith::SelectOp::create(*builder, loses, wins, ahead);
      best = choose(arith::OrIOp::create(*builder, wins, tie), other, best);
    }
    return best;
  }

  lir::ArgReduceOp op;
  MemRefType input;
  AxisView view;
  int64_t lanes, step;
  Size blocks = 1;
  int64_t rowLanes = 0; ///< rows that are worked on together
  KernelBuilder *builder = nullptr;
};

struct ArgReduceKernel
    : CPUKernelOpInterface::ExternalModel<ArgReduceKernel, lir::ArgReduceOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    ArgReduction(cast<lir::ArgReduceOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return ArgReduction(cast<lir::ArgReduceOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachArgReduceKernel(MLIRContext &context) {
  lir::ArgReduceOp::attachInterface<ArgReduceKernel>(context);
}
