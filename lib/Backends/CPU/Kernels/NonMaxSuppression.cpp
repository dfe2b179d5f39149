//===- NonMaxSuppression.cpp - Boxes that overlap no better one -----------===//
//
// An item is a class of a batch. Boxes whose score is enough become a heap, the
// best at its root; taken from there one by one, each is compared with those
// already selected, whose corners lie in scratch memory as vectors: no more is
// sorted than is looked at.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Heap.h"
#include "Kernels.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// A box, or one a lane: its lower and upper corner, and its area.
struct Box {
  Value low[2], high[2], area;
};

class NonMaxSuppression {
public:
  NonMaxSuppression(lir::NonMaxSuppressionOp op, const TargetInfo &target)
      : op(op), lanes(target.getLanes(Float32Type::get(op.getContext()))) {
    Sizes sizes = lir::getSizes(op.getScores());
    classes = sizes[1];
    boxes = sizes[2];
    most = lir::getSizes(op.getSelected())[2];
    // What is compared depends on the data: as for some selected boxes.
    chunks = Chunks::cut(sizes[0] * classes, boxes * 16);
  }

  /// The heap, and the corners and areas of the selected.
  Size scratchBytes() const { return boxes * 12 + getPlaces() * numArrays * 4; }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    f32 = builder.getF32Type();
    i64 = builder.getI64Type();
    Value count = builder.value(boxes);
    positions = builder.getScratch();
    elements = builder.elementPtr(positions, i64, count);
    Value array = builder.elementPtr(elements, f32, count);
    for (Value &pointer : arrays) {
      pointer = array;
      array = builder.elementPtr(array, f32, builder.value(getPlaces()));
    }
    Value zero = builder.i64(0);
    limit = builder.load(i64, builder.getBuffer(2), zero);
    limit = builder.max(builder.min(limit, builder.value(most)), zero);
    iou = builder.load(f32, builder.getBuffer(3), zero);
    if (op.getScoreThreshold())
      threshold = builder.load(f32, builder.getBuffer(4), zero);
    chunks.forEachItem(builder, [&](Value item) { emitClass(item); });
  }

  Chunks chunks;

private:
  static constexpr int64_t numArrays = 5;

  /// Whole vectors of selected boxes.
  Size getPlaces() const { return most.alignTo(lanes); }

  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(*builder, condition, yes, no);
  }
  Value bothOf(Value a, Value b) {
    return builder->createOrFold<arith::AndIOp>(a, b);
  }
  Value isMore(Value a, Value b) {
    return arith::CmpFOp::create(*builder, arith::CmpFPredicate::OGT, a, b);
  }
  // In vectors and scalars, rounded as written.
  Value add(Value a, Value b) { return arith::AddFOp::create(*builder, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(*builder, a, b); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(*builder, a, b); }
  Value min(Value a, Value b) { return select(isMore(a, b), b, a); }
  Value max(Value a, Value b) { return select(isMore(b, a), b, a); }

  void emitClass(Value item) {
    Heap heap(*builder, f32, positions, elements,
              [&](Heap::Entry a, Heap::Entry b) {
                Value isEqual = arith::CmpFOp::create(
                    *builder, arith::CmpFPredicate::OEQ, a.element, b.element);
                Value isLater = builder->lessThan(b.position, a.position);
                return arith::OrIOp::create(*builder,
                                            isMore(b.element, a.element),
                                            bothOf(isEqual, isLater))
                    .getResult();
              });
    Value candidates = listCandidates(heap, item);
    heap.order(candidates);
    Value count = selectBoxes(heap, item, candidates);
    builder->store(count, output(1), item);
  }

  /// Puts the boxes whose score is enough into the heap's arrays; their number.
  Value listCandidates(Heap &heap, Value item) {
    Value first = builder->mul(item, boxes);
    return builder->forLoop(
        builder->i64(0), builder->value(boxes), 1, builder->i64(0),
        [&](Value position, ValueRange carried) {
          Value score = builder->load(f32, builder->getBuffer(1),
                                      builder->add(first, position));
          heap.store({score, position}, carried[0]);
          Value isEnough = threshold ? isMore(score, threshold)
                                     : builder->create<arith::ConstantIntOp>(
                                           1, 1);
          return SmallVector<Value>{builder->add(
              carried[0], arith::ExtUIOp::create(*builder, i64, isEnough))};
        })[0];
  }

  /// Selects boxes until there are enough or none is left; their number.
  Value selectBoxes(Heap &heap, Value item, Value candidates) {
    Location loc = builder->getLoc();
    Value zero = builder->i64(0);
    Value batch = builder->divUnsigned(item, classes);
    Value firstBox = builder->mul(batch, boxes),
          firstResult = builder->mul(item, most);
    // How many are left and selected.
    auto loop = scf::WhileOp::create(*builder, TypeRange{i64, i64},
                                     ValueRange{candidates, zero});
    OpBuilder::InsertionGuard guard(*builder);
    ValueRange state =
        builder
            ->createBlock(&loop.getBefore(), {}, TypeRange{i64, i64}, {loc, loc})
            ->getArguments();
    scf::ConditionOp::create(*builder,
                             bothOf(builder->lessThan(zero, state[0]),
                                    builder->lessThan(state[1], limit)),
                             state);
    state = builder
                ->createBlock(&loop.getAfter(), {}, TypeRange{i64, i64},
                              {loc, loc})
                ->getArguments();
    Value left = builder->sub(state[0], builder->i64(1)), count = state[1];
    Heap::Entry best = heap.load(zero);
    heap.siftDown(heap.load(left), zero, left);
    Box box = loadBox(builder->add(firstBox, best.position));
    Value isFree = arith::XOrIOp::create(
        *builder, overlapsAny(box, count),
        builder->create<arith::ConstantIntOp>(1, 1));
    builder->ifThen(isFree, [&] {
      keep(box, count);
      builder->store(best.position, output(0),
                     builder->add(firstResult, count));
    });
    Value step = arith::ExtUIOp::create(*builder, i64, isFree);
    scf::YieldOp::create(*builder,
                         ValueRange{left, builder->add(count, step)});
    return loop.getResult(1);
  }

  Box loadBox(Value index) {
    Value first = builder->mul(index, 4);
    auto load = [&](int64_t at) {
      return builder->load(f32, builder->getBuffer(0),
                           builder->add(first, at));
    };
    Box box;
    for (int64_t dim = 0; dim < 2; ++dim) {
      Value a = load(dim), b = load(dim + 2);
      if (op.getCenterPointBox()) {
        Value half = mul(b, builder->constant(f32, 0.5));
        box.low[dim] = sub(a, half);
        box.high[dim] = add(a, half);
      } else {
        box.low[dim] = min(a, b);
        box.high[dim] = max(a, b);
      }
    }
    setArea(box);
    return box;
  }

  void setArea(Box &box) {
    box.area = mul(sub(box.high[0], box.low[0]), sub(box.high[1], box.low[1]));
  }

  /// Adds a box to the selected. Behind the last one of a vector areas are 0,
  /// so that nothing overlaps there.
  void keep(const Box &box, Value count) {
    Value isFirst = arith::CmpIOp::create(
        *builder, arith::CmpIPredicate::eq,
        builder->remUnsigned(count, lanes), builder->i64(0));
    builder->ifThen(isFirst, [&] {
      builder->storeVector(
          builder->constant(builder->vectorType(f32, lanes), 0), arrays[4],
          count);
    });
    const Value values[numArrays] = {box.low[0], box.low[1], box.high[0],
                                     box.high[1], box.area};
    for (auto [value, array] : llvm::zip_equal(values, arrays))
      builder->store(value, array, count);
  }

  /// Whether a box overlaps one of the `count` selected.
  Value overlapsAny(const Box &box, Value count) {
    Location loc = builder->getLoc();
    Type i1 = builder->getI1Type();
    auto loop = scf::WhileOp::create(
        *builder, TypeRange{i64, i1},
        ValueRange{builder->i64(0),
                   builder->create<arith::ConstantIntOp>(0, 1)});
    OpBuilder::InsertionGuard guard(*builder);
    SmallVector<Location> locations(2, loc);
    ValueRange state = builder
                           ->createBlock(&loop.getBefore(), {},
                                         TypeRange{i64, i1}, locations)
                           ->getArguments();
    Value isNotFound = arith::XOrIOp::create(
        *builder, state[1], builder->create<arith::ConstantIntOp>(1, 1));
    scf::ConditionOp::create(
        *builder, bothOf(builder->lessThan(state[0], count), isNotFound),
        state);
    state = builder
                ->createBlock(&loop.getAfter(), {}, TypeRange{i64, i1},
                              locations)
                ->getArguments();
    Box others;
    auto load = [&](unsigned array) {
      return builder->loadVector(f32, lanes, arrays[array], state[0]);
    };
    others = {{load(0), load(1)}, {load(2), load(3)}, load(4)};
    Value found = vector::ReductionOp::create(
        *builder, vector::CombiningKind::OR, overlap(box, others));
    scf::YieldOp::create(*builder,
                         ValueRange{builder->add(state[0], lanes), found});
    return loop.getResult(1);
  }

  /// Which of `others` share more than the threshold with `box`.
  Value overlap(const Box &box, const Box &others) {
    auto all = [&](Value scalar) { return builder->broadcast(scalar, lanes); };
    Value zero = builder->constant(builder->vectorType(f32, lanes), 0);
    Box shared;
    Value result;
    for (int64_t dim = 0; dim < 2; ++dim) {
      shared.low[dim] = max(all(box.low[dim]), others.low[dim]);
      shared.high[dim] = min(all(box.high[dim]), others.high[dim]);
      Value isOpen = isMore(shared.high[dim], shared.low[dim]);
      result = result ? bothOf(result, isOpen) : isOpen;
    }
    setArea(shared);
    Value area = all(box.area);
    Value both = sub(add(area, others.area), shared.area);
    for (Value positive : {shared.area, area, others.area, both})
      result = bothOf(result, isMore(positive, zero));
    Value share = arith::DivFOp::create(*builder, shared.area, both);
    return bothOf(result, isMore(share, all(iou)));
  }

  Value output(unsigned index) {
    return builder->getBuffer(op.getNumReads() + index);
  }

  lir::NonMaxSuppressionOp op;
  int64_t lanes;
  Size classes, boxes, most;
  KernelBuilder *builder = nullptr;
  Type f32, i64;
  Value positions, elements; ///< of the heap
  Value arrays[numArrays];   ///< lower corners, upper corners, areas
  Value limit, iou, threshold;
};

struct NonMaxSuppressionKernel
    : CPUKernelOpInterface::ExternalModel<NonMaxSuppressionKernel,
                                          lir::NonMaxSuppressionOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    NonMaxSuppression(cast<lir::NonMaxSuppressionOp>(op), builder.getTarget())
        .emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return NonMaxSuppression(cast<lir::NonMaxSuppressionOp>(op), target)
        .chunks.count();
  }
  Size getScratchBytes(Operation *op, const TargetInfo &target) const {
    return NonMaxSuppression(cast<lir::NonMaxSuppressionOp>(op), target)
        .scratchBytes();
  }
};

} // namespace

void cpu::attachNonMaxSuppressionKernel(MLIRContext &context) {
  lir::NonMaxSuppressionOp::attachInterface<NonMaxSuppressionKernel>(context);
}
