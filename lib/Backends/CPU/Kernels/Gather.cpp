//===- Gather.cpp - Look-ups ----------------------------------------------===//
//
// gather copies a run of elements per index, gather_nd one per tuple of indices;
// gather_elements looks every element up.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Indices.h"
#include "Kernels.h"
#include "Lanes.h"
#include "OperandStrides.h"
#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

struct Gather {
  Gather(lir::GatherOp op, const TargetInfo &target)
      : Gather(op, op.getAxis(), 1, /*perOuter=*/false, target) {}
  Gather(lir::GatherNDOp op, const TargetInfo &target)
      : Gather(op, op.getBatchDims(),
               cast<MemRefType>(op.getIndices().getType()).getShape().back(),
               /*perOuter=*/true, target) {}

  /// The indices lead into the `depth` dims from `first` on; `perOuter` says
  /// whether each place before them has its own.
  template <typename Op>
  Gather(Op op, int64_t first, int64_t depth, bool perOuter,
         const TargetInfo &target)
      : data(cast<MemRefType>(op.getData().getType())),
        indices(cast<MemRefType>(op.getIndices().getType())),
        view(AxisView::get(data, first, depth)),
        perOuter(perOuter),
        element(getMovedType(data)) {
    auto output = cast<MemRefType>(op.getOutput().getType());
    Sizes sizes = lir::getSizes(data);
    indexed = Sizes(ArrayRef(sizes).slice(first, depth));
    // Of parts, a row is the last dim.
    rowSize = lir::isDense(data) && lir::isDense(output)
                  ? view.inner
                  : lir::getSizes(data).back();
    rows = rowSize == view.inner ? Size(1) : divideWhole(view.inner, rowSize);
    dataDistance = getRowDistance(data, rowSize).value_or(rowSize);
    outputDistance = getRowDistance(output, rowSize).value_or(rowSize);
    lanes = fitLanes(target.getLanes(element), rowSize);
    if (lanes == 1)
      lanes = 0;
    Size listed = divideWhole(lir::countElements(indices), depth);
    lookups = perOuter ? divideWhole(listed, view.outer) : listed;
    // An index costs about as much as a few vectors.
    chunks = Chunks::cut(view.outer * lookups * rows, rowSize + 32);
  }

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts =
          builder.delinearize(item, Sizes{view.outer, lookups, rows});
      Value tuple = parts[1];
      if (perOuter)
        tuple = builder.add(builder.mul(parts[0], lookups), tuple);
      Value index = loadIndexTuple(builder, indices,
                                   builder.mul(tuple, int64_t(indexed.size())),
                                   indexed);
      Value slice = builder.add(builder.mul(parts[0], view.size), index);
      Value from = builder.mul(builder.add(builder.mul(slice, rows), parts[2]),
                               dataDistance);
      Value to = builder.mul(item, outputDistance);
      Row row{rowSize, std::max<int64_t>(lanes, 1)};
      row.forEach(builder, 4, [&](Value at, Value count) {
        Value value = builder.loadVector(element, lanes, builder.getBuffer(0),
                                         builder.add(from, at), count);
        builder.storeVector(value, builder.getBuffer(2), builder.add(to, at),
                            count);
      });
    });
  }

  MemRefType data, indices;
  AxisView view;
  Sizes indexed; ///< the dims that the indices lead into
  bool perOuter;
  Type element;
  int64_t lanes;
  Size lookups;
  Size rows, rowSize; ///< what is contiguous of the dims behind the axis
  Size dataDistance, outputDistance; ///< of neighbouring rows
  Chunks chunks;
};

struct GatherKernel
    : CPUKernelOpInterface::ExternalModel<GatherKernel, lir::GatherOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Gather(cast<lir::GatherOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool acceptsLayout(Operation *op, unsigned index, MemRefType type) const {
    auto gather = cast<lir::GatherOp>(op);
    int64_t axis = gather.getAxis(),
            rank = cast<MemRefType>(gather.getData().getType()).getRank();
    return index != 1 && axis < rank - 1 &&
           getRowDistance(type, type.getShape().back());
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Gather(cast<lir::GatherOp>(op), target).chunks.count();
  }
};

struct GatherNDKernel
    : CPUKernelOpInterface::ExternalModel<GatherNDKernel, lir::GatherNDOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Gather(cast<lir::GatherNDOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Gather(cast<lir::GatherNDOp>(op), target).chunks.count();
  }
};

struct GatherElements {
  explicit GatherElements(lir::GatherElementsOp op)
      : data(cast<MemRefType>(op.getData().getType())),
        indices(cast<MemRefType>(op.getIndices().getType())),
        axis(op.getAxis()) {
    // An item is a row of the last dim.
    last = indices.getRank() - 1;
    sizes = lir::getSizes(indices);
    chunks = Chunks::cut(productOf(ArrayRef(sizes).drop_back()),
                         sizes.back() * 8);
  }

  void emit(KernelBuilder &builder) {
    Type element = getMovedType(data);
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> at =
          builder.delinearize(item, ArrayRef(sizes).drop_back());
      at.push_back(nullptr);
      builder.forLoop(
          builder.i64(0), builder.value(sizes[last]), 1,
          [&](Value column) {
            at[last] = column;
            Value to = builder.add(builder.mul(item, sizes[last]),
                                   column);
            SmallVector<Value> from = at;
            from[axis] = loadIndex(builder, indices, to,
                                   lir::getSizes(data)[axis]);
            Value value =
                builder.load(element, builder.getBuffer(0),
                             builder.linearize(from, lir::getSizes(data)));
            builder.store(value, builder.getBuffer(2), to);
          });
    });
  }

  MemRefType data, indices;
  Sizes sizes; ///< of the indices
  int64_t axis, last;
  Chunks chunks;
};

struct GatherElementsKernel
    : CPUKernelOpInterface::ExternalModel<GatherElementsKernel,
                                          lir::GatherElementsOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    GatherElements(cast<lir::GatherElementsOp>(op)).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &) const {
    return GatherElements(cast<lir::GatherElementsOp>(op)).chunks.count();
  }
};

} // namespace

void cpu::attachGatherKernels(MLIRContext &context) {
  lir::GatherOp::attachInterface<GatherKernel>(context);
  lir::GatherNDOp::attachInterface<GatherNDKernel>(context);
  lir::GatherElementsOp::attachInterface<GatherElementsKernel>(context);
}
