//===- TopK.cpp - The largest or smallest elements along a dim ------------===//
//
// An item is one row. Its best k elements so far are a heap in scratch memory
// whose root is the worst of them: most later elements lose against the root
// and cost one comparison. At the end the heap is emptied from its root, worst
// element first, into the outputs from their back: O(size log k) for any k.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Heap.h"
#include "Kernels.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "Lanes.h"
#include "Rows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class TopK {
  using Entry = Heap::Entry;

public:
  explicit TopK(lir::TopKOp op)
      : op(op), input(op.getInput()),
        output(op.getValues() ? op.getValues() : op.getPositions()),
        stored(cast<MemRefType>(input.getType()).getElementType()),
        compared(lir::getAccumulatorType(stored)) {
    auto type = cast<MemRefType>(input.getType());
    view = AxisView::get(type, op.getAxis());
    chunks = Chunks::cut(view.outer * view.inner, view.size * 4);
  }

  /// A heap's positions, and behind them its elements.
  Size scratchBytes() {
    return lir::getSizes(output)[op.getAxis()] * (8 + lir::getElementBytes(compared));
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    unsigned axis = op.getAxis();
    auto type = cast<MemRefType>(input.getType());
    size = builder.getSize(input, axis);
    k = builder.getSize(output, axis);
    inner = builder.i64(1);
    for (int64_t dim = axis + 1; dim < type.getRank(); ++dim)
      inner = builder.mul(inner, builder.getSize(input, dim));
    positions = builder.getScratch();
    elements = builder.elementPtr(positions, builder.getI64Type(), k);
    chunks.forEachItem(builder, [&](Value item) { emitRow(item); });
  }

  Chunks chunks;

private:
  Value compare(arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(*builder, predicate, a, b);
  }
  Value bothOf(Value a, Value b) {
    return builder->createOrFold<arith::AndIOp>(a, b);
  }
  Value eitherOf(Value a, Value b) {
    return builder->createOrFold<arith::OrIOp>(a, b);
  }

  /// Whether element `a` is to be taken before another that is not equal to it.
  Value beats(Value a, Value b) {
    if (!op.getLargest())
      std::swap(a, b);
    if (!isa<FloatType>(compared))
      return arith::CmpIOp::create(*builder,
                                   op.getUnsignedElements()
                                       ? arith::CmpIPredicate::ugt
                                       : arith::CmpIPredicate::sgt,
                                   a, b);
    using P = arith::CmpFPredicate;
    return eitherOf(compare(P::OGT, a, b),
                    bothOf(compare(P::UNO, a, a), compare(P::ORD, b, b)));
  }
  /// The same, equal elements being taken by position.
  Value comesBefore(Entry a, Entry b) {
    Value isEqual = builder->create<arith::XOrIOp>(
        beats(b.element, a.element),
        builder->create<arith::ConstantIntOp>(1, 1));
    return eitherOf(beats(a.element, b.element),
                    bothOf(isEqual, builder->lessThan(a.position, b.position)));
  }

  void emitRow(Value item) {
    Value row = builder->create<arith::DivUIOp>(item, inner),
          column = builder->create<arith::RemUIOp>(item, inner);
    auto getPlace = [&](Value length, Value index) {
      return builder->add(
          builder->mul(builder->add(builder->mul(row, length), index), inner),
          column);
    };
    auto load = [&](Value index) {
      Value element =
          builder->load(stored, builder->getBuffer(0), getPlace(size, index));
      return Entry{convertFloat(*builder, element, compared), index};
    };
    Heap heap(*builder, compared, positions, elements,
              [&](Entry a, Entry b) { return comesBefore(a, b); });
    Value zero = builder->i64(0);
    builder->forLoop(zero, k, 1,
                     [&](Value index) { heap.store(load(index), index); });
    heap.order(k);
    // A later element is only better where it is not equal.
    builder->forLoop(k, size, 1, [&](Value index) {
      Entry entry = load(index);
      builder->ifThen(beats(entry.element, heap.getRootElement()),
                      [&] { heap.siftDown(entry, zero, k); });
    });
    builder->forLoop(zero, k, 1, [&](Value index) {
      Value last = builder->sub(builder->sub(k, builder->i64(1)), index);
      Value place = getPlace(k, last);
      Entry worst = heap.load(zero);
      if (op.getValues())
        builder->store(convertFloat(*builder, worst.element, stored),
                       builder->getBuffer(op.getValuesMutable()[0]), place);
      if (op.getPositions())
        builder->store(worst.position,
                       builder->getBuffer(op.getPositionsMutable()[0]), place);
      heap.siftDown(heap.load(last), zero, last);
    });
  }

  lir::TopKOp op;
  Value input, output;
  Type stored, compared;
  AxisView view;
  KernelBuilder *builder = nullptr;
  Value size, k, inner, positions, elements;
};

struct TopKKernel
    : CPUKernelOpInterface::ExternalModel<TopKKernel, lir::TopKOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    TopK(cast<lir::TopKOp>(op)).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &) const {
    return TopK(cast<lir::TopKOp>(op)).chunks.count();
  }
  Size getScratchBytes(Operation *op, const TargetInfo &) const {
    return TopK(cast<lir::TopKOp>(op)).scratchBytes();
  }
};

} // namespace

void cpu::attachTopKKernel(MLIRContext &context) {
  lir::TopKOp::attachInterface<TopKKernel>(context);
}
