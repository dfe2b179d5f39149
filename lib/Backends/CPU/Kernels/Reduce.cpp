//===- Reduce.cpp - Reductions over whole dims ----------------------------===//
//
// Where the last dim is kept, vectors run along the output and each lane
// reduces one element: a block of accumulators per item. Where it is reduced,
// vectors run along the reduced row into several accumulators, which are
// combined in a fixed order.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "OperandStrides.h"
#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// A dim of the input: its size and its stride in elements.
struct Dim {
  Size size, stride;
};

/// Accumulators that one item carries; enough to hide the latency of an
/// addition.
constexpr int64_t maxAccumulators = 4;

class Reduction {
public:
  Reduction(lir::ReduceOp op, const TargetInfo &target)
      : op(op), input(cast<MemRefType>(op.getInput().getType())),
        output(cast<MemRefType>(op.getOutput().getType())),
        combination(getCombine(op.getKind())) {
    accumulator = lir::getAccumulatorType(input.getElementType());
    readDims();
    alongOutput = !kept.empty() && kept.back().stride.is(1);
    // What rows round does not depend on a register's length.
    bool rounds = !alongOutput && isa<FloatType>(accumulator);
    auto fill = [&](Type type) {
      return rounds ? target.getSumLanes(type) : target.getLanes(type);
    };
    lanes = fitLanes(std::min(fill(input.getElementType()), fill(accumulator)),
                     alongOutput ? kept.back().size : innerSize());
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    Size reducedElements = 1;
    for (const Dim &dim : reduced)
      reducedElements *= dim.size;
    if (!alongOutput) {
      Size cost = reducedElements.isNumber()
                      ? std::max<int64_t>(reducedElements.getNumber(), 16)
                      : reducedElements + 16;
      chunks = Chunks::cut(lir::countElements(output), cost);
      return;
    }
    blockVectors = maxAccumulators;
    if (kept.back().size.isNumber())
      blockVectors =
          std::min(blockVectors, kept.back().size.ceilDiv(step).getNumber());
    blockVectors = std::max<int64_t>(blockVectors, 1);
    blocks = kept.back().size.ceilDiv(blockVectors * step);
    Sizes sizes = keptSizes();
    chunks = Chunks::cut(productOf(ArrayRef(sizes).drop_back()) * blocks,
                         reducedElements * (blockVectors * step));
  }

  LogicalResult emit(KernelBuilder &builder) {
    this->builder = &builder;
    chunks.forEachItem(builder, [&](Value item) {
      alongOutput ? emitBlockItem(item) : emitRowItem(item);
    });
    return result;
  }

  Chunks chunks;

private:
  /// Splits the input's dims; dims of size 1 drop out and neighbours of a kind
  /// become one. Kept dims stay apart when the epilogue asks for the output's
  /// index.
  void readDims() {
    bool merge = op.getEpilogueInputs().empty();
    Sizes strides = lir::getStrides(input), inputSizes = lir::getSizes(input);
    int64_t outputDim = output.getRank();
    bool lastWasReduced = false, isFirst = true;
    for (int64_t d = input.getRank(); d-- > 0;) {
      const Size &stride = strides[d];
      bool isReduced = llvm::is_contained(op.getDims(), d);
      const Size &size = inputSizes[d];
      outputDim -= !isReduced;
      // Lanes must run along the output's last dim, be it of size 1, for the
      // epilogue.
      bool needed =
          !merge && !isReduced && outputDim == output.getRank() - 1 && isFirst;
      if (size.is(1) && !needed)
        continue;
      SmallVector<Dim> &dims = isReduced ? reduced : kept;
      if (!isFirst && isReduced == lastWasReduced && (isReduced || merge) &&
          stride == dims.back().stride * dims.back().size) {
        dims.back().size *= size;
      } else {
        dims.push_back({size, stride});
        if (!isReduced)
          outputDims.push_back(outputDim);
      }
      lastWasReduced = isReduced;
      isFirst = false;
    }
    std::reverse(kept.begin(), kept.end());
    std::reverse(reduced.begin(), reduced.end());
    std::reverse(outputDims.begin(), outputDims.end());
  }

  Size innerSize() const {
    return reduced.empty() || !reduced.back().stride.is(1)
               ? Size(1)
               : reduced.back().size;
  }

  Sizes keptSizes() const {
    Sizes sizes;
    for (const Dim &dim : kept)
      sizes.push_back(dim.size);
    return sizes;
  }

  Value loadInput(Value position, Value count) {
    Value value = builder->loadVector(input.getElementType(), lanes,
                                      builder->getBuffer(0), position, count);
    return convertFloat(*builder, value, accumulator);
  }

  Value neutral() {
    Type type =
        lanes ? Type(builder->vectorType(accumulator, lanes)) : accumulator;
    return getNeutral(*builder, combination, type, op.getUnsignedElements());
  }

  Value join(Value a, Value b) {
    return combine(*builder, combination, a, b, op.getUnsignedElements());
  }

  /// Loops over the first `depth` reduced dims and lets `body` combine what is
  /// at a position into the accumulators.
  SmallVector<Value> overReduced(
      size_t depth, size_t dim, Value position, SmallVector<Value> accumulators,
      function_ref<SmallVector<Value>(Value, SmallVector<Value>)> body) {
    if (dim == depth)
      return body(position, accumulators);
    return builder->forLoop(
        builder->i64(0), builder->value(reduced[dim].size), 1, accumulators,
        [&](Value index, ValueRange carried) {
          Value next =
              builder->add(position, builder->mul(index, reduced[dim].stride));
          return overReduced(depth, dim + 1, next, llvm::to_vector(carried),
                             body);
        });
  }

  Value keptPosition(ArrayRef<Value> indices) {
    Value position = builder->i64(0);
    for (auto [index, dim] : llvm::zip(indices, kept))
      position = builder->add(position, builder->mul(index, dim.stride));
    return position;
  }

  void finish(Value value, ArrayRef<Value> keptIndices, Value outputPosition,
              int64_t width, Value count) {
    // Where kept dims were merged, nothing asks for the index.
    SmallVector<Value> indices(output.getRank(), builder->i64(0));
    for (auto [dim, index] : llvm::zip_equal(outputDims, keptIndices))
      indices[dim] = index;
    FailureOr<Value> stored =
        builder->applyEpilogue(op, value, indices, width, count);
    if (failed(stored)) {
      result = failure();
      return;
    }
    builder->storeVector(*stored, builder->getBuffer(op->getNumOperands() - 1),
                         outputPosition, count);
  }

  void emitBlockItem(Value item) {
    Sizes sizes = keptSizes();
    Size size = sizes.back();
    sizes.back() = blocks;
    SmallVector<Value> indices = builder->delinearize(item, sizes);
    int64_t perBlock = blockVectors * step;
    Size full = size.floorDiv(perBlock), rest = size - full * perBlock;
    Value block = indices.back();
    indices.back() = builder->mul(block, perBlock);
    if (full == blocks)
      emitBlock(indices, blockVectors, nullptr);
    else if (full.is(0))
      emitBlock(indices, blockVectors, builder->value(size));
    else
      builder->ifThen(
          builder->lessThan(block, builder->value(full)),
          [&] { emitBlock(indices, blockVectors, nullptr); },
          [&] {
            emitBlock(indices,
                      rest.isNumber() ? rest.ceilDiv(step).getNumber()
                                      : blockVectors,
                      builder->value(rest));
          });
  }

  /// Reduces `width` neighbouring outputs from `indices` on, as many as the
  /// vectors have lanes where it is null.
  void emitBlock(ArrayRef<Value> indices, int64_t vectors, Value width) {
    auto countOf = [&](int64_t v) -> Value {
      return width ? builder->sub(width, builder->i64(v * step)) : nullptr;
    };
    SmallVector<Value> accumulators(vectors, neutral());
    accumulators = overReduced(
        reduced.size(), 0, keptPosition(indices), accumulators,
        [&](Value position, SmallVector<Value> carried) {
          for (int64_t v = 0; v < vectors; ++v)
            carried[v] =
                join(carried[v],
                     loadInput(builder->add(position, v * step), countOf(v)));
          return carried;
        });
    SmallVector<Value> at(indices);
    Value linear = builder->linearize(indices, keptSizes());
    for (int64_t v = 0; v < vectors; ++v) {
      at.back() = builder->add(indices.back(), v * step);
      finish(accumulators[v], at, builder->add(linear, v * step), lanes,
             countOf(v));
    }
  }

  /// Reduces one row, or rows of outer reduced dims, to one element.
  void emitRowItem(Value item) {
    SmallVector<Value> indices = builder->delinearize(item, keptSizes());
    bool hasInner = !reduced.empty() && reduced.back().stride.is(1);
    Row row{innerSize(), step};
    int64_t count = row.numAccumulators();
    SmallVector<Value> accumulators(count, neutral());
    accumulators = overReduced(
        reduced.size() - hasInner, 0, keptPosition(indices), accumulators,
        [&](Value position, SmallVector<Value> carried) {
          return row.fold(
              *builder, carried,
              [&](Value at, Value valid, Value carriedOne) {
                Value value = loadInput(builder->add(position, at), valid);
                if (lanes && valid)
                  value = keepLanes(*builder, value, valid, neutral());
                return join(carriedOne, value);
              });
        });
    Value total = combineAll(*builder, combination, accumulators,
                             op.getUnsignedElements());
    if (lanes)
      total =
          combineLanes(*builder, combination, total, op.getUnsignedElements());
    finish(total, indices, item, 0, nullptr);
  }

  lir::ReduceOp op;
  MemRefType input, output;
  Combine combination;
  Type accumulator;
  SmallVector<Dim> kept, reduced;
  SmallVector<int64_t> outputDims; ///< the output's dim of each kept one
  bool alongOutput;
  int64_t lanes, step;
  int64_t blockVectors = 1;
  Size blocks = 1;
  KernelBuilder *builder = nullptr;
  LogicalResult result = success();
};

struct ReduceKernel
    : CPUKernelOpInterface::ExternalModel<ReduceKernel, lir::ReduceOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    return Reduction(cast<lir::ReduceOp>(op), builder.getTarget())
        .emit(builder);
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return Reduction(cast<lir::ReduceOp>(op), target).chunks.count();
  }
  bool acceptsLayout(Operation *op, unsigned index, MemRefType type) const {
    return index + 1 != op->getNumOperands() && hasContiguousRows(type);
  }
  std::string describeKernel(Operation *op, const TargetInfo &) const {
    return "reduce " + cast<lir::ReduceOp>(op).getKind().str();
  }
};

} // namespace

void cpu::attachReduceKernels(MLIRContext &context) {
  lir::ReduceOp::attachInterface<ReduceKernel>(context);
  attachArgReduceKernel(context);
  attachTopKKernel(context);
  attachCumSumKernel(context);
}
