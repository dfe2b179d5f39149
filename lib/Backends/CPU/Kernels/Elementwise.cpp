//===- Elementwise.cpp - Element-wise stacks and movement -----------------===//
//
// output[map(i)] = region(inputs[map(i)]...), along the vector dim of its plan:
// inputs are vectors, splats or strided loads along it. An input that is
// contiguous along another dim is read in square tiles that are transposed in
// registers. A last dim that fills little of a vector is unrolled, and vectors
// run along the dim before it (RowTile).
//
//===----------------------------------------------------------------------===//

#include "ElementwisePlan.h"
#include "Kernels.h"
#include "RowTile.h"
#include "TransposeTile.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Writes the loops of a plan.
class Emitter {
public:
  Emitter(const ElementwisePlan &plan, KernelBuilder &builder)
      : plan(plan), builder(builder), domain(plan.domain) {}

  LogicalResult emit() {
    plan.chunks.forEachItem(builder, [&](Value item) { emitItem(item); });
    return result;
  }

private:
  void emitItem(Value item) {
    Sizes sizes;
    for (int64_t dim : plan.itemDims)
      sizes.push_back(plan.size(dim));
    sizes.push_back(plan.tileBlocks());
    sizes.push_back(plan.vectorBlocks());
    SmallVector<Value> parts = builder.delinearize(item, sizes);
    SmallVector<Value> indices(domain.rank());
    for (auto [dim, part] : llvm::zip(plan.itemDims, parts))
      indices[dim] = part;
    Value tileBlock = parts[parts.size() - 2], vectorBlock = parts.back();
    if (plan.tileDim < 0)
      emitNest(indices, 0, vectorBlock);
    else
      emitTiles(indices, tileBlock, vectorBlock);
  }

  /// Loops over the dims that the item holds whole, then along the vector dim.
  void emitNest(SmallVector<Value> indices, int64_t dim, Value vectorBlock) {
    while (dim < plan.vectorDim && indices[dim])
      ++dim;
    if (dim == plan.vectorDim) {
      emitRun(indices, vectorBlock);
      return;
    }
    builder.forLoop(builder.i64(0), builder.value(plan.size(dim)), 1,
                    [&](Value index) {
                      SmallVector<Value> inner = indices;
                      inner[dim] = index;
                      emitNest(inner, dim + 1, vectorBlock);
                    });
  }

  /// body(first, count) for steps of `step` through block `block` of the vector
  /// dim; count is null for full steps.
  void forSteps(Value blockIndex, int64_t step,
                function_ref<void(Value, Value)> body) {
    Size size = plan.size(plan.vectorDim), full = size.floorDiv(step) * step;
    Value begin = builder.mul(blockIndex, plan.block);
    Value end =
        builder.min(builder.add(begin, plan.block), builder.value(size));
    builder.forLoop(begin, builder.min(end, builder.value(full)), step,
                    [&](Value at) { body(at, nullptr); });
    if (full == size)
      return;
    auto tail = [&] { body(builder.value(full), builder.value(size - full)); };
    if (plan.vectorBlocks().is(1))
      tail();
    else
      builder.ifThen(builder.lessThan(builder.value(full), end), tail);
  }

  void emitRun(ArrayRef<Value> outer, Value vectorBlock) {
    if (plan.shortDim >= 0) {
      emitShortRun(outer, vectorBlock);
      return;
    }
    SmallVector<Value> indices(outer);
    indices[plan.vectorDim] = builder.i64(0);
    SmallVector<Value> start, fixed(domain.accesses.size());
    for (auto [operand, access] : llvm::enumerate(domain.accesses)) {
      start.push_back(domain.position(builder, operand, indices));
      if (operand < plan.numInputs() && access.strides[plan.vectorDim].is(0))
        fixed[operand] = builder.load(
            access.elementType, builder.getBuffer(operand), start[operand]);
    }
    forSteps(vectorBlock, std::max<int64_t>(plan.lanes, 1),
             [&](Value at, Value count) {
               SmallVector<Value> inputs, positions;
               for (auto [operand, access] : llvm::enumerate(domain.accesses)) {
                 const Size &stride = access.strides[plan.vectorDim];
                 positions.push_back(
                     builder.add(start[operand], builder.mul(at, stride)));
                 if (operand < plan.numInputs())
                   inputs.push_back(
                       fixed[operand]
                           ? builder.broadcast(fixed[operand], plan.lanes)
                           : load(operand, positions[operand], count));
               }
               indices[plan.vectorDim] = at;
               compute(inputs, indices, positions, count);
             });
  }

  Value load(unsigned operand, Value position, Value count) {
    const Access &access = domain.accesses[operand];
    return builder.loadStrided(access.elementType, plan.lanes,
                               builder.getBuffer(operand), position,
                               access.strides[plan.vectorDim], count);
  }

  /// Vectors along the dim before the short one, one for each of its indices.
  void emitShortRun(ArrayRef<Value> outer, Value vectorBlock) {
    SmallVector<Value> indices(outer), start;
    indices[plan.vectorDim] = indices[plan.shortDim] = builder.i64(0);
    for (unsigned operand = 0; operand < domain.accesses.size(); ++operand)
      start.push_back(domain.position(builder, operand, indices));
    int64_t width = plan.size(plan.shortDim).getNumber();
    forSteps(vectorBlock, plan.lanes, [&](Value at, Value count) {
      int64_t rows =
          count ? plan.size(plan.vectorDim).getNumber() % plan.lanes
                : plan.lanes;
      RowTile tile(builder, plan.lanes, plan.elementBits, width, rows);
      auto position = [&](unsigned operand) {
        const Size &stride = domain.accesses[operand].strides[plan.vectorDim];
        return builder.add(start[operand], builder.mul(at, stride));
      };
      SmallVector<SmallVector<Value>> inputs, outputs(plan.numOutputs);
      for (unsigned operand = 0; operand < plan.numInputs(); ++operand)
        inputs.push_back(
            loadShort(tile, operand, position(operand), width, count));
      indices[plan.vectorDim] = at;
      for (int64_t column = 0; column < width; ++column) {
        indices[plan.shortDim] = builder.i64(column);
        SmallVector<Value> arguments;
        for (const SmallVector<Value> &columns : inputs)
          arguments.push_back(columns[column]);
        for (auto [output, value] :
             llvm::zip(outputs, apply(arguments, indices)))
          output.push_back(builder.broadcast(value, plan.lanes));
      }
      for (auto [i, columns] : llvm::enumerate(outputs)) {
        if (int64_t(columns.size()) < width)
          return; // the region was refused
        unsigned operand = plan.numInputs() + i;
        for (Value &column : columns)
          if (getElementTypeOrSelf(column.getType()).isInteger(1))
            column = arith::ExtUIOp::create(
                builder, builder.vectorType(builder.getI8Type(), plan.lanes),
                column);
        tile.store(columns, builder.getBuffer(operand), position(operand),
                   [](Value vector) { return vector; });
      }
    });
  }

  /// An input's vectors for the `width` indices of the short dim.
  SmallVector<Value> loadShort(RowTile &tile, unsigned operand, Value position,
                               int64_t width, Value count) {
    const Access &access = domain.accesses[operand];
    const Size &along = access.strides[plan.vectorDim],
               &step = access.strides[plan.shortDim];
    if (step.is(0))
      return SmallVector<Value>(width, load(operand, position, count));
    SmallVector<Value> columns;
    if (!step.is(1) || !along.is(width)) {
      for (int64_t column = 0; column < width; ++column)
        columns.push_back(
            load(operand, builder.add(position, builder.value(step * column)),
                 count));
      return columns;
    }
    // bool travels as bytes.
    bool isBool = access.elementType.isInteger(1);
    columns = tile.load(isBool ? builder.getI8Type() : access.elementType,
                        builder.getBuffer(operand), position,
                        [](Value vector) { return vector; });
    for (Value &column : columns)
      if (isBool)
        column =
            arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, column,
                                  builder.constant(column.getType(), 0));
    return columns;
  }

  /// Applies the region and stores what it yields.
  void compute(ValueRange inputs, ArrayRef<Value> indices,
               ArrayRef<Value> positions, Value count) {
    for (auto [i, value] : llvm::enumerate(apply(inputs, indices))) {
      unsigned operand = plan.numInputs() + i;
      builder.storeStrided(builder.broadcast(value, plan.lanes),
                           builder.getBuffer(operand), positions[operand],
                           domain.accesses[operand].strides[plan.vectorDim],
                           count);
    }
  }

  /// What the region yields; nothing if it was refused.
  SmallVector<Value> apply(ValueRange inputs, ArrayRef<Value> indices) {
    SmallVector<Value> original;
    int64_t vectorDim = -1;
    for (auto [dim, here] : llvm::enumerate(domain.dimOf)) {
      original.push_back(here < 0 ? builder.i64(0) : indices[here]);
      if (here == plan.vectorDim)
        vectorDim = dim;
    }
    auto op = plan.op;
    FailureOr<SmallVector<Value>> values = builder.applyRegion(
        op.getBody(), inputs, plan.lanes, original, vectorDim);
    if (failed(values)) {
      result = failure();
      return {};
    }
    return *values;
  }

  void emitTiles(SmallVector<Value> indices, Value tileBlock,
                 Value vectorBlock) {
    Size size = plan.size(plan.tileDim), full = size.floorDiv(plan.lanes),
         rest = size - full * plan.lanes;
    Value first = builder.mul(tileBlock, plan.lanes);
    auto row = [&](Value height) {
      forSteps(vectorBlock, plan.lanes, [&](Value at, Value count) {
        emitTile(indices, first, height, at, count);
      });
    };
    if (rest.is(0) || full.is(0)) {
      row(rest.is(0) ? nullptr : builder.value(size));
      return;
    }
    builder.ifThen(
        builder.lessThan(tileBlock, builder.value(full)), [&] { row(nullptr); },
        [&] { row(builder.value(rest)); });
  }

  /// The rows of an input tile that is transposed: one for each position along
  /// the vector dim, `count` of them, each of `height` elements.
  SmallVector<Value> loadTransposed(unsigned operand, Value start, Value height,
                                    Value count) {
    const Access &access = domain.accesses[operand];
    int64_t lanes = plan.lanes;
    // bool travels as bytes.
    Type type = access.elementType.isInteger(1) ? builder.getI8Type()
                                                : access.elementType;
    std::optional<int64_t> width =
        count ? kernels::asConstant(count) : std::optional(lanes);
    SmallVector<Value> rows;
    for (int64_t row = 0; row < lanes; ++row) {
      if (width && row >= *width) {
        rows.push_back(builder.constant(builder.vectorType(type, lanes), 0));
        continue;
      }
      Value position = builder.add(
          start, builder.value(access.strides[plan.vectorDim] * row));
      Value valid = height;
      if (!width) // a row beyond the count reads nothing
        valid = arith::SelectOp::create(
            builder, builder.lessThan(builder.i64(row), count),
            height ? height : builder.i64(lanes), builder.i64(0));
      rows.push_back(builder.loadVector(
          type, lanes, builder.getBuffer(operand), position, valid));
    }
    return transposeTile(builder, rows);
  }

  /// `height` positions along the tile dim from `first` (as many as there are
  /// lanes where it is null), one vector each along the vector dim from `at`.
  void emitTile(SmallVector<Value> indices, Value first, Value height, Value at,
                Value count) {
    indices[plan.tileDim] = first;
    indices[plan.vectorDim] = at;
    SmallVector<Value> start;
    SmallVector<SmallVector<Value>> tiles(plan.numInputs());
    for (unsigned operand = 0; operand < domain.accesses.size(); ++operand) {
      start.push_back(domain.position(builder, operand, indices));
      if (plan.isTransposed(operand))
        tiles[operand] = loadTransposed(operand, start[operand], height, count);
    }
    std::optional<int64_t> rows =
        height ? kernels::asConstant(height) : std::optional(plan.lanes);
    for (int64_t row = 0; row < rows.value_or(plan.lanes); ++row) {
      auto emit = [&] { emitTileRow(indices, first, row, tiles, start, count); };
      if (rows)
        emit();
      else
        builder.ifThen(builder.lessThan(builder.i64(row), height), emit);
    }
  }

  void emitTileRow(SmallVector<Value> indices, Value first, int64_t row,
                   ArrayRef<SmallVector<Value>> tiles, ArrayRef<Value> start,
                   Value count) {
    SmallVector<Value> inputs, positions;
    for (unsigned operand = 0; operand < domain.accesses.size(); ++operand) {
      const Access &access = domain.accesses[operand];
      positions.push_back(
          builder.add(start[operand],
                      builder.value(access.strides[plan.tileDim] * row)));
      if (operand >= plan.numInputs())
        continue;
      if (!plan.isTransposed(operand)) {
        inputs.push_back(load(operand, positions[operand], count));
        continue;
      }
      Value value = tiles[operand][row];
      if (access.elementType.isInteger(1))
        value = arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, value,
                                      builder.constant(value.getType(), 0));
      inputs.push_back(value);
    }
    indices[plan.tileDim] = builder.add(first, row);
    compute(inputs, indices, positions, count);
  }

  const ElementwisePlan &plan;
  KernelBuilder &builder;
  const StridedDomain &domain;
  LogicalResult result = success();
};

struct ElementwiseKernel
    : CPUKernelOpInterface::ExternalModel<ElementwiseKernel,
                                          lir::ElementwiseOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    ElementwisePlan plan(cast<lir::ElementwiseOp>(op), builder.getTarget());
    return Emitter(plan, builder).emit();
  }

  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return ElementwisePlan(cast<lir::ElementwiseOp>(op), target).chunks.count();
  }

  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    // Vectors along the innermost dim are worth a copy.
    Sizes strides = lir::getStrides(type);
    for (size_t dim = strides.size(); dim-- > 0;)
      if (type.getDimSize(dim) != 1)
        return strides[dim].is(1);
    return true;
  }

  std::string describeKernel(Operation *op, const TargetInfo &target) const {
    ElementwisePlan plan(cast<lir::ElementwiseOp>(op), target);
    std::string text =
        "elementwise x" + std::to_string(std::max<int64_t>(plan.lanes, 1));
    return plan.tileDim >= 0    ? text + " transposed"
           : plan.shortDim >= 0 ? text + " short rows"
                                : text;
  }
};

} // namespace

void cpu::attachElementwiseKernels(MLIRContext &context) {
  lir::ElementwiseOp::attachInterface<ElementwiseKernel>(context);
}
