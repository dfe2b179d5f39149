//===- Softmax.cpp - Softmax and its logarithm along one dim --------------===//
//
// y = exp(x - max) / sum exp(x - max), or x - max - log(sum). Along the last
// dim a block of rows goes through three phases in L1: maxima, exponentials and
// their sums, scaling. Along another dim each lane has its own row.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

// The maximum may lose a NaN (QuickMax), the result does not: the NaN's own
// exponential brings it back.

/// Longer rows are loops.
constexpr int64_t unrolledVectors = 8;
constexpr int64_t maxColumnVectors = 4;

class Softmax {
public:
  Softmax(lir::SoftmaxOp op, const TargetInfo &target)
      : type(cast<MemRefType>(op.getInput().getType())),
        view(AxisView::get(type, op.getAxis())),
        computed(lir::getAccumulatorType(type.getElementType())),
        log(op.getLog()) {
    alongRow = view.inner == 1;
    lanes =
        fitLanes(target.getLanes(computed), alongRow ? view.size : view.inner);
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    constexpr int64_t cost = 8;
    if (alongRow) {
      rowBlocks = RowBlocks::cut(view.outer, view.size, view.size * cost);
      chunks = rowBlocks.chunks;
      return;
    }
    columnVectors = std::min(maxColumnVectors, (view.inner + step - 1) / step);
    blocks = (view.inner + columnVectors * step - 1) / (columnVectors * step);
    chunks = Chunks::cut(view.outer * blocks,
                         view.size * columnVectors * step * cost);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    if (alongRow)
      rowBlocks.forEachBlock(
          builder, [&](Value first, Value last) { emitRows(first, last); });
    else
      chunks.forEachItem(builder, [&](Value item) { emitColumnItem(item); });
  }

  /// A maximum and a finished sum for each row of a block.
  int64_t scratchBytes() const {
    return alongRow
               ? rowBlocks.perBlock * 2 * computed.getIntOrFloatBitWidth() / 8
               : 0;
  }

  Chunks chunks;

private:
  Value load(Value position, Value count, unsigned buffer = 0) {
    return convertFloat(*builder,
                        builder->loadVector(type.getElementType(), lanes,
                                            builder->getBuffer(buffer),
                                            position, count),
                        computed);
  }
  void store(Value value, Value position, Value count) {
    builder->storeVector(convertFloat(*builder, value, type.getElementType()),
                         builder->getBuffer(1), position, count);
  }
  Value sub(Value a, Value b) { return arith::SubFOp::create(*builder, a, b); }
  Value exp(Value x) { return math::ExpOp::create(*builder, x); }
  Value add(Value a, Value b) { return combine(*builder, Combine::Sum, a, b); }
  Value neutral(Combine kind) {
    return getNeutral(*builder, kind,
                      lanes ? Type(builder->vectorType(computed, lanes))
                            : computed);
  }
  /// The part of a vector that is in the row; elsewhere what leaves maximum and
  /// sum alone.
  Value inRow(Value x, int64_t valid) {
    return lanes && valid < step
               ? keepLanes(*builder, x, valid, neutral(Combine::QuickMax))
               : x;
  }
  Value countOf(int64_t valid) {
    return valid < step ? builder->i64(valid) : nullptr;
  }
  Value scalar(Combine kind, Value vector) {
    return lanes ? combineLanes(*builder, kind, vector) : vector;
  }
  /// What is left of the sum: its reciprocal, or its logarithm.
  Value finishSum(Value sum) {
    if (log)
      return math::LogOp::create(*builder, sum);
    return arith::DivFOp::create(*builder, builder->constant(sum.getType(), 1),
                                 sum);
  }
  Value result(Value difference, Value exponential, Value finished) {
    return log ? sub(difference, finished)
               : builder->mulf(exponential, finished);
  }

  void emitRows(Value first, Value last) {
    Row row{view.size, step};
    row.unrolled = row.vectors() <= unrolledVectors;
    // Exponentials wait in the output unless that would round them.
    bool keep = !log && type.getElementType() == computed;
    auto phase = [&](function_ref<void(Value start, Value slot)> body) {
      builder->forLoop(first, last, 1, [&](Value index) {
        body(builder->mul(index, view.size),
             builder->mul(builder->sub(index, first), 2));
      });
    };
    auto handed = [&](Value slot) {
      return builder->broadcast(
          builder->load(computed, builder->getScratch(), slot), lanes);
    };
    auto element = [&](Value start, Value offset, int64_t valid) {
      return inRow(load(builder->add(start, offset), countOf(valid)), valid);
    };
    phase([&](Value start, Value slot) {
      Value max =
          row.reduce(*builder, Combine::QuickMax, neutral(Combine::QuickMax),
                     [&](Value offset, int64_t valid) {
                       return element(start, offset, valid);
                     });
      builder->store(scalar(Combine::QuickMax, max), builder->getScratch(),
                     slot);
    });
    phase([&](Value start, Value slot) {
      Value max = handed(slot);
      Value sum =
          row.reduce(*builder, Combine::Sum, neutral(Combine::Sum),
                     [&](Value offset, int64_t valid) {
                       Value e = exp(sub(element(start, offset, valid), max));
                       if (keep)
                         store(e, builder->add(start, offset), countOf(valid));
                       return e;
                     });
      builder->store(finishSum(scalar(Combine::Sum, sum)),
                     builder->getScratch(), builder->add(slot, 1));
    });
    phase([&](Value start, Value slot) {
      Value max = keep ? nullptr : handed(slot),
            finished = handed(builder->add(slot, 1));
      row.forEach(*builder, 4, [&](Value offset, int64_t valid) {
        Value position = builder->add(start, offset);
        Value x = load(position, countOf(valid), keep ? 1 : 0);
        Value difference = keep ? nullptr : sub(x, max);
        Value e = keep ? x : log ? nullptr : exp(difference);
        store(result(difference, e, finished), position, countOf(valid));
      });
    });
  }

  void emitColumnItem(Value item) {
    SmallVector<Value> parts = builder->delinearize(item, {view.outer, blocks});
    int64_t perBlock = columnVectors * step, full = view.inner / perBlock;
    Value start = builder->add(builder->mul(parts[0], view.size * view.inner),
                               builder->mul(parts[1], perBlock));
    if (full == blocks)
      emitColumns(start, perBlock);
    else if (full == 0)
      emitColumns(start, view.inner);
    else
      builder->ifThen(
          builder->lessThan(parts[1], builder->i64(full)),
          [&] { emitColumns(start, perBlock); },
          [&] { emitColumns(start, view.inner % perBlock); });
  }

  /// The rows of `width` neighbouring columns from `start` on.
  void emitColumns(Value start, int64_t width) {
    int64_t vectors = (width + step - 1) / step;
    auto count = [&](int64_t v) -> Value {
      return countOf(std::min(step, width - v * step));
    };
    auto position = [&](Value index, int64_t v) {
      return builder->add(builder->add(start, builder->mul(index, view.inner)),
                          v * step);
    };
    bool keep = !log && type.getElementType() == computed;
    Value zero = builder->i64(0), size = builder->i64(view.size);
    using Values = SmallVector<Value>;
    Values max = builder->forLoop(
        zero, size, 1, Values(vectors, neutral(Combine::QuickMax)),
        [&](Value n, ValueRange old) {
          Values next;
          for (int64_t v = 0; v < vectors; ++v)
            next.push_back(combine(*builder, Combine::QuickMax, old[v],
                                   load(position(n, v), count(v))));
          return next;
        });
    Values sum = builder->forLoop(
        zero, size, 1, Values(vectors, neutral(Combine::Sum)),
        [&](Value n, ValueRange old) {
          Values next;
          for (int64_t v = 0; v < vectors; ++v) {
            Value e = exp(sub(load(position(n, v), count(v)), max[v]));
            if (keep)
              store(e, position(n, v), count(v));
            next.push_back(add(old[v], e));
          }
          return next;
        });
    for (Value &value : sum)
      value = finishSum(value);
    builder->forLoop(zero, size, 1, [&](Value n) {
      for (int64_t v = 0; v < vectors; ++v) {
        Value x = load(position(n, v), count(v), keep ? 1 : 0);
        Value difference = keep ? nullptr : sub(x, max[v]);
        Value e = keep ? x : log ? nullptr : exp(difference);
        store(result(difference, e, sum[v]), position(n, v), count(v));
      }
    });
  }

  MemRefType type;
  AxisView view;
  Type computed;
  bool log, alongRow;
  RowBlocks rowBlocks;
  int64_t lanes, step, columnVectors = 1, blocks = 1;
  KernelBuilder *builder = nullptr;
};

struct SoftmaxKernel
    : CPUKernelOpInterface::ExternalModel<SoftmaxKernel, lir::SoftmaxOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Softmax(cast<lir::SoftmaxOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  int64_t getNumChunks(Operation *op, const TargetInfo &target) const {
    return Softmax(cast<lir::SoftmaxOp>(op), target).chunks.count();
  }
  int64_t getScratchBytes(Operation *op, const TargetInfo &target) const {
    return Softmax(cast<lir::SoftmaxOp>(op), target).scratchBytes();
  }
};

} // namespace

void cpu::attachSoftmaxKernel(MLIRContext &context) {
  lir::SoftmaxOp::attachInterface<SoftmaxKernel>(context);
}
