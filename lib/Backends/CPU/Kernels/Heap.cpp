//===- Heap.cpp - A heap of elements and their positions ------------------===//
//
// See Heap.h.
//
//===----------------------------------------------------------------------===//

#include "Heap.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Heap::Entry Heap::load(Value place) {
  return {builder.load(element, elements, place),
          builder.load(builder.getI64Type(), positions, place)};
}

void Heap::store(Entry entry, Value place) {
  builder.store(entry.element, elements, place);
  builder.store(entry.position, positions, place);
}

Value Heap::getRootElement() {
  return builder.load(element, elements, builder.i64(0));
}

void Heap::order(Value count) {
  // From the last parent on.
  Value parents = builder.divUnsigned(count, 2);
  builder.forLoop(builder.i64(0), parents, 1, [&](Value index) {
    Value place = builder.sub(builder.sub(parents, builder.i64(1)), index);
    siftDown(load(place), place, count);
  });
}

Heap::Child Heap::pickChild(Entry entry, Value parent, Value count) {
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return arith::SelectOp::create(builder, condition, yes, no);
  };
  auto bothOf = [&](Value a, Value b) {
    return builder.createOrFold<arith::AndIOp>(a, b);
  };
  Value left = builder.add(builder.mul(parent, 2), 1),
        right = builder.add(left, 1),
        last = builder.max(builder.sub(count, builder.i64(1)), builder.i64(0));
  // Outside the heap any entry does: nothing is taken from there.
  Value leftPlace = builder.min(left, last),
        rightPlace = builder.min(right, last);
  Entry leftEntry = load(leftPlace), rightEntry = load(rightPlace);
  Value takesRight =
      bothOf(builder.lessThan(right, count), isBelow(leftEntry, rightEntry));
  Entry child{select(takesRight, rightEntry.element, leftEntry.element),
              select(takesRight, rightEntry.position, leftEntry.position)};
  return {child, select(takesRight, rightPlace, leftPlace),
          bothOf(builder.lessThan(left, count), isBelow(entry, child))};
}

void Heap::siftDown(Entry entry, Value place, Value count) {
  Location loc = builder.getLoc();
  Type i64 = builder.getI64Type();
  SmallVector<Type> moved{i64, i64, element, i64};
  auto loop = scf::WhileOp::create(builder, moved, place);
  {
    OpBuilder::InsertionGuard guard(builder);
    Value parent =
        builder.createBlock(&loop.getBefore(), {}, TypeRange{i64}, {loc})
            ->getArgument(0);
    Child child = pickChild(entry, parent, count);
    scf::ConditionOp::create(builder, child.isAbove,
                             ValueRange{parent, child.place,
                                        child.entry.element,
                                        child.entry.position});
    ValueRange values = builder
                            .createBlock(&loop.getAfter(), {}, moved,
                                         SmallVector<Location>(4, loc))
                            ->getArguments();
    store({values[2], values[3]}, values[0]);
    scf::YieldOp::create(builder, values[1]);
  }
  store(entry, loop.getResult(0));
}
