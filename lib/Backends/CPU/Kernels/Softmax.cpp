//===- Softmax.cpp - Softmax and its logarithm along one dim
//------------------===//
//
// y = exp(x - max) / sum exp(x - max), or x - max - log(sum). Along the last
// dim a row that fits registers is read once; a longer one is walked three
// times, from L1. Along another dim each lane has its own row.
//
//===--------------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "Rows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Vectors of a row that are kept in registers; with their exponentials they
/// leave room for the polynomial.
constexpr int64_t registerVectors = 8;
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
      chunks = Chunks::cut(view.outer, view.size * cost);
      return;
    }
    columnVectors = std::min(maxColumnVectors, (view.inner + step - 1) / step);
    blocks = (view.inner + columnVectors * step - 1) / (columnVectors * step);
    chunks = Chunks::cut(view.outer * blocks,
                         view.size * columnVectors * step * cost);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    if (type.getNumElements() == 0)
      return;
    chunks.forEachItem(builder, [&](Value item) {
      if (!alongRow)
        emitColumnItem(item);
      else if (lanes && view.size <= registerVectors * lanes)
        emitShortRow(builder.mul(item, view.size));
      else
        emitLongRow(builder.mul(item, view.size));
    });
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
               ? keepLanes(*builder, x, valid, neutral(Combine::Max))
               : x;
  }
  Value countOf(int64_t valid) {
    return valid < step ? builder->i64(valid) : nullptr;
  }
  /// A row's accumulators to one number in all lanes.
  Value total(Combine kind, ArrayRef<Value> accumulators) {
    Value all = combineAll(*builder, kind, accumulators);
    return lanes ? builder->broadcast(combineLanes(*builder, kind, all), lanes)
                 : all;
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

  void emitShortRow(Value start) {
    Row row{view.size, step};
    SmallVector<Value> x, e;
    for (int64_t v = 0; v < row.vectors(); ++v)
      x.push_back(
          inRow(load(builder->add(start, v * step), countOf(row.valid(v))),
                row.valid(v)));
    Value max = total(Combine::Max, x);
    for (Value &value : x) {
      value = sub(value, max);
      e.push_back(exp(value));
    }
    Value finished = finishSum(total(Combine::Sum, e));
    for (int64_t v = 0; v < row.vectors(); ++v)
      store(result(x[v], e[v], finished), builder->add(start, v * step),
            countOf(row.valid(v)));
  }

  void emitLongRow(Value start) {
    Row row{view.size, step};
    auto at = [&](Value offset) { return builder->add(start, offset); };
    // Exponentials wait in the output unless that would round them.
    bool keep = !log && type.getElementType() == computed;
    SmallVector<Value> accumulators(
        std::clamp<int64_t>(row.fullVectors(), 1, 4), neutral(Combine::Max));
    Value max =
        total(Combine::Max,
              row.fold(*builder, accumulators,
                       [&](Value offset, int64_t valid, Value carried) {
                         return combine(
                             *builder, Combine::Max, carried,
                             inRow(load(at(offset), countOf(valid)), valid));
                       }));
    accumulators.assign(accumulators.size(), neutral(Combine::Sum));
    Value sum = total(
        Combine::Sum,
        row.fold(*builder, accumulators,
                 [&](Value offset, int64_t valid, Value carried) {
                   Value e = exp(sub(
                       inRow(load(at(offset), countOf(valid)), valid), max));
                   if (keep)
                     store(e, at(offset), countOf(valid));
                   return add(carried, e);
                 }));
    Value finished = finishSum(sum);
    row.forEach(*builder, 4, [&](Value offset, int64_t valid) {
      Value x = load(at(offset), countOf(valid), keep ? 1 : 0);
      Value difference = keep ? nullptr : sub(x, max);
      Value e = keep ? x : log ? nullptr : exp(difference);
      store(result(difference, e, finished), at(offset), countOf(valid));
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
        zero, size, 1, Values(vectors, neutral(Combine::Max)),
        [&](Value n, ValueRange old) {
          Values next;
          for (int64_t v = 0; v < vectors; ++v)
            next.push_back(combine(*builder, Combine::Max, old[v],
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
};

} // namespace

void cpu::attachSoftmaxKernel(MLIRContext &context) {
  lir::SoftmaxOp::attachInterface<SoftmaxKernel>(context);
}
