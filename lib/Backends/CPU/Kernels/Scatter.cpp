//===- Scatter.cpp - Updates by index -------------------------------------===//
//
// Two stages: data is copied to the output, unless they are one buffer, and
// then the updates are written. Chunks of the second stage share no element, so
// that each goes through its updates in order: scatter_nd is cut along the runs
// that a tuple of indices leads to, scatter_elements across the lines along the
// axis.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Indices.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// What both ops share: the copy, and what becomes of an element.
struct Scatter {
  template <typename Op>
  Scatter(Op op, const TargetInfo &target)
      : data(cast<MemRefType>(op.getData().getType())),
        indices(cast<MemRefType>(op.getIndices().getType())),
        updates(cast<MemRefType>(op.getUpdates().getType())),
        element(data.getElementType()), combines(op.getKind() != "none"),
        kind(getCombine(op.getKind())), isUnsigned(op.getUnsignedElements()),
        copyLanes(target.getLanes(getMovedType(data))) {
    elements = productOf(lir::getSizes(data));
    copies = Chunks::cut(elements.floorDiv(getCopyBlock()), getCopyBlock());
  }

  /// Enough for either stage; one that copies what fills no block is there also
  /// where sizes are open.
  Size getNumChunks() const {
    Size first = copies.count(), second = chunks.count();
    if (areNumbers({first, second}))
      return std::max(first.getNumber(), second.getNumber());
    return first + second + 1;
  }

  /// Loops over the items of the builder's chunks, of which there may be more
  /// than the stage needs.
  static void forEachItem(KernelBuilder &builder, const Chunks &chunks,
                          function_ref<void(Value)> body) {
    auto clamp = [&](Value chunk) {
      return builder.min(builder.mul(chunk, chunks.itemsPerChunk),
                         builder.value(chunks.items));
    };
    builder.forLoop(clamp(builder.getBegin()), clamp(builder.getEnd()), 1,
                    body);
  }

  void emitStages(KernelBuilder &builder, function_ref<void()> emitUpdates) {
    builder.ifThen(
        builder.lessThan(builder.getStage(), builder.i64(1)),
        [&] {
          Value differ = LLVM::ICmpOp::create(
              builder, builder.getI1Type(), LLVM::ICmpPredicate::ne,
              builder.getBuffer(0), builder.getBuffer(3));
          builder.ifThen(differ, [&] { emitCopy(builder); });
        },
        emitUpdates);
  }

  void emitCopy(KernelBuilder &builder) {
    Type moved = getMovedType(data);
    auto copy = [&](Value at, Value count) {
      Value value =
          builder.loadVector(moved, copyLanes, builder.getBuffer(0), at, count);
      builder.storeVector(value, builder.getBuffer(3), at, count);
    };
    int64_t block = getCopyBlock();
    Size full = elements.floorDiv(block) * block;
    if (!full.is(0))
      forEachItem(builder, copies, [&](Value item) {
        for (int64_t i = 0; i < copyUnroll; ++i)
          copy(builder.add(builder.mul(item, block), i * copyLanes), nullptr);
      });
    if (full == elements)
      return;
    builder.ifThen(builder.lessThan(builder.getBegin(), builder.i64(1)), [&] {
      Row rest{elements - full, copyLanes, /*unrolled=*/elements.isNumber()};
      Value start = builder.value(full);
      rest.forEach(builder, 1, [&](Value at, Value count) {
        copy(builder.add(start, at), count);
      });
    });
  }

  /// Writes or combines `lanes` neighbouring updates (0: one).
  void emitUpdate(KernelBuilder &builder, Value from, Value to, int64_t lanes,
                  Value count = nullptr) {
    Type type = combines ? element : getMovedType(data);
    Value value =
        builder.loadVector(type, lanes, builder.getBuffer(2), from, count);
    if (combines) {
      Type wide = lir::getAccumulatorType(type);
      Value old =
          builder.loadVector(type, lanes, builder.getBuffer(3), to, count);
      value =
          convertFloat(builder,
                       combine(builder, kind, convertFloat(builder, old, wide),
                               convertFloat(builder, value, wide), isUnsigned),
                       type);
    }
    builder.storeVector(value, builder.getBuffer(3), to, count);
  }

  static constexpr int64_t copyUnroll = 4;
  int64_t getCopyBlock() const { return copyLanes * copyUnroll; }

  MemRefType data, indices, updates;
  Type element;
  bool combines;
  Combine kind;
  bool isUnsigned;
  int64_t copyLanes;
  Size elements; ///< of the data
  Chunks copies; ///< of the first stage: an item is a block
  Chunks chunks; ///< of the second stage
};

struct ScatterND : Scatter {
  ScatterND(lir::ScatterNDOp op, const TargetInfo &target)
      : Scatter(op, target) {
    Sizes sizes = lir::getSizes(data), tupleSizes = lir::getSizes(indices);
    int64_t length = tupleSizes.pop_back_val().getNumber();
    indexed.append(sizes.begin(), sizes.begin() + length);
    run = productOf(ArrayRef(sizes).drop_front(length));
    tuples = productOf(tupleSizes);
    Type worked =
        combines ? lir::getAccumulatorType(element) : getMovedType(data);
    lanes = fitLanes(target.getLanes(worked), run);
    if (lanes == 1)
      lanes = 0;
    // A tuple costs about as much as a few vectors; every block of columns
    // follows all of them.
    constexpr int64_t enough = 16, leastVectors = 16;
    int64_t step = std::max<int64_t>(lanes, 1);
    width = leastVectors * step;
    if (run.isNumber()) {
      width = std::max(run.ceilDiv(enough).getNumber(), width);
      width = std::min((width + step - 1) / step * step, run.getNumber());
    }
    chunks = Chunks::cut(run.ceilDiv(width), tuples * (width + 32));
  }

  void emit(KernelBuilder &builder) {
    emitStages(builder, [&] {
      forEachItem(builder, chunks, [&](Value item) {
        Size rest = run.mod(width);
        if (rest.is(0))
          return emitBlock(builder, item, width);
        builder.ifThen(
            builder.lessThan(item, builder.value(run.floorDiv(width))),
            [&] { emitBlock(builder, item, width); },
            [&] { emitBlock(builder, item, rest); });
      });
    });
  }

  void emitBlock(KernelBuilder &builder, Value item, const Size &columns) {
    Value first = builder.mul(item, width);
    builder.forLoop(builder.i64(0), builder.value(tuples), 1, [&](Value tuple) {
      Value place = loadIndexTuple(builder, indices,
                                   builder.mul(tuple, int64_t(indexed.size())),
                                   indexed);
      Value from = builder.add(builder.mul(tuple, run), first),
            to = builder.add(builder.mul(place, run), first);
      Row row{columns, std::max<int64_t>(lanes, 1)};
      row.forEach(builder, 4, [&](Value at, Value count) {
        emitUpdate(builder, builder.add(from, at), builder.add(to, at), lanes,
                   count);
      });
    });
  }

  Sizes indexed;        ///< the dims that the indices lead into
  Size run, tuples;     ///< elements behind them; tuples of indices
  int64_t lanes, width; ///< of a run: columns of a block
};

struct ScatterElements : Scatter {
  ScatterElements(lir::ScatterElementsOp op, const TargetInfo &target)
      : Scatter(op, target), axis(op.getAxis()),
        view(AxisView::get(indices, axis)) {
    // Whole cache lines, where there are.
    width = 64;
    if (view.inner.isNumber())
      width = std::min(view.inner.getNumber(), width);
    blocks = view.inner.ceilDiv(width);
    chunks = Chunks::cut(view.outer * blocks, view.size * width * 8);
  }

  void emit(KernelBuilder &builder) {
    emitStages(builder, [&] {
      forEachItem(builder, chunks, [&](Value item) {
        SmallVector<Value> parts =
            builder.delinearize(item, Sizes{view.outer, blocks});
        Value first = builder.mul(parts[1], width),
              last = builder.min(builder.add(first, width),
                                 builder.value(view.inner));
        builder.forLoop(
            builder.i64(0), builder.value(view.size), 1, [&](Value along) {
              Value row = builder.add(builder.mul(parts[0], view.size), along);
              builder.forLoop(first, last, 1, [&](Value column) {
                Value from = builder.add(builder.mul(row, view.inner), column);
                emitUpdate(builder, from,
                           findTarget(builder, parts[0], from, column),
                           /*lanes=*/0);
              });
            });
      });
    });
  }

  /// Where update `from` goes, which lies at `outer` and `column` around the
  /// axis.
  Value findTarget(KernelBuilder &builder, Value outer, Value from,
                   Value column) {
    Sizes shape = lir::getSizes(indices), sizes = lir::getSizes(data);
    SmallVector<Value> to =
        builder.delinearize(outer, ArrayRef(shape).take_front(axis));
    to.push_back(loadIndex(builder, indices, from, sizes[axis]));
    llvm::append_range(to, builder.delinearize(
                               column, ArrayRef(shape).drop_front(axis + 1)));
    return builder.linearize(to, sizes);
  }

  int64_t axis;
  AxisView view; ///< of the indices
  int64_t width; ///< columns behind the axis that an item takes
  Size blocks;
};

template <typename Kernel, typename Op>
struct ScatterKernel
    : CPUKernelOpInterface::ExternalModel<ScatterKernel<Kernel, Op>, Op> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Kernel(cast<Op>(op), builder.getTarget()).emit(builder);
    return success();
  }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Kernel(cast<Op>(op), target).getNumChunks();
  }
  bool takesOpenSizes(Operation *op) const {
    auto indices = cast<MemRefType>(cast<Op>(op).getIndices().getType());
    return isa<lir::ScatterElementsOp>(op) ||
           !ShapedType::isDynamic(indices.getShape().back());
  }
  Size getNumStages(Operation *, const TargetInfo &) const { return 2; }
};

} // namespace

void cpu::attachScatterKernels(MLIRContext &context) {
  lir::ScatterElementsOp::attachInterface<
      ScatterKernel<ScatterElements, lir::ScatterElementsOp>>(context);
  lir::ScatterNDOp::attachInterface<ScatterKernel<ScatterND, lir::ScatterNDOp>>(
      context);
}
