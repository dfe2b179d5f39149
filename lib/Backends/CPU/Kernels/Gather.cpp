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
        indexed(data.getShape().slice(first, depth)), perOuter(perOuter),
        element(getMovedType(data)) {
    auto output = cast<MemRefType>(op.getOutput().getType());
    // Of parts, a row is the last dim.
    rowSize = lir::isDense(data) && lir::isDense(output)
                  ? view.inner
                  : data.getShape().back();
    rows = view.inner / std::max<int64_t>(rowSize, 1);
    dataDistance = getRowDistance(data, rowSize).value_or(rowSize);
    outputDistance = getRowDistance(output, rowSize).value_or(rowSize);
    lanes = fitLanes(target.getLanes(element), rowSize);
    if (lanes == 1)
      lanes = 0;
    lookups =
        indices.getNumElements() / (depth * (perOuter ? view.outer : 1));
    // An index costs about as much as a few vectors.
    chunks = Chunks::cut(view.outer * lookups * rows, rowSize + 32);
  }

  void emit(KernelBuilder &builder) {
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> parts =
          builder.delinearize(item, {view.outer, lookups, rows});
      Value tuple = parts[1];
      if (perOuter)
        tuple = builder.add(builder.mul(parts[0], lookups), tuple);
      Value index = loadIndexTuple(builder, indices,
                                   builder.mul(tuple, indexed.size()), indexed);
      Value slice = builder.add(builder.mul(parts[0], view.size), index);
      Value from = builder.mul(builder.add(builder.mul(slice, rows), parts[2]),
                               dataDistance);
      Value to = builder.mul(item, outputDistance);
      Row row{rowSize, std::max<int64_t>(lanes, 1)};
      row.forEach(builder, 4, [&](Value at, int64_t valid) {
        Value count = valid < row.step ? builder.i64(valid) : nullptr;
        Value value = builder.loadVector(element, lanes, builder.getBuffer(0),
                                         builder.add(from, at), count);
        builder.storeVector(value, builder.getBuffer(2), builder.add(to, at),
                            count);
      });
    });
  }

  MemRefType data, indices;
  AxisView view;
  SmallVector<int64_t> indexed; ///< the dims that the indices lead into
  bool perOuter;
  Type element;
  int64_t lanes, lookups;
  int64_t rows, rowSize; ///< what is contiguous of the dims behind the axis
  int64_t dataDistance, outputDistance; ///< of neighbouring rows
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
  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
    return Gather(cast<lir::GatherOp>(op), target).chunks.count();
  }
};

struct GatherNDKernel
    : CPUKernelOpInterface::ExternalModel<GatherNDKernel, lir::GatherNDOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Gather(cast<lir::GatherNDOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
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
    chunks = Chunks::cut(countElements(indices.getShape().drop_back()),
                         indices.getShape().back() * 8);
  }

  void emit(KernelBuilder &builder) {
    Type element = getMovedType(data);
    chunks.forEachItem(builder, [&](Value item) {
      SmallVector<Value> at =
          builder.delinearize(item, indices.getShape().drop_back());
      at.push_back(nullptr);
      builder.forLoop(
          builder.i64(0), builder.i64(indices.getDimSize(last)), 1,
          [&](Value column) {
            at[last] = column;
            Value to = builder.add(builder.mul(item, indices.getDimSize(last)),
                                   column);
            SmallVector<Value> from = at;
            from[axis] = loadIndex(builder, indices, to, data.getDimSize(axis));
            Value value =
                builder.load(element, builder.getBuffer(0),
                             builder.linearize(from, data.getShape()));
            builder.store(value, builder.getBuffer(2), to);
          });
    });
  }

  MemRefType data, indices;
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
  int64_t getNumChunks(Operation *op, const TargetInfo &) const {
    return GatherElements(cast<lir::GatherElementsOp>(op)).chunks.count();
  }
};

} // namespace

void cpu::attachGatherKernels(MLIRContext &context) {
  lir::GatherOp::attachInterface<GatherKernel>(context);
  lir::GatherNDOp::attachInterface<GatherNDKernel>(context);
  lir::GatherElementsOp::attachInterface<GatherElementsKernel>(context);
}
