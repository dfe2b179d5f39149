//===- Softmax.cpp - Softmax and its logarithm along one dim --------------===//
//
// y = exp(x - max) / sum exp(x - max), or x - max - log(sum). Along the last
// dim, short rows have a lane each (RowTile) and stay in registers. Longer ones
// go through three phases, a block of rows at a time in L1: maxima,
// exponentials and their sums, scaling. Along another dim each lane has its own
// row.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"
#include "Kernels.h"
#include "Lanes.h"
#include "RowTile.h"
#include "Rows.h"
#include "llvm/Support/MathExtras.h"

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
        log(op.getLog()), mayOverlap(!target.hasFMA) {
    alongRow = view.inner == 1;
    fullLanes = target.getLanes(computed);
    lanes = alongRow ? fitLanes(target.getSumLanes(computed), view.size)
                     : fitLanes(fullLanes, view.inner);
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    constexpr int64_t cost = 8;
    if (alongRow) {
      findTile();
      if (tileLanes) {
        chunks = Chunks::cut(view.outer.ceilDiv(tileLanes),
                             view.size * tileLanes * cost);
        return;
      }
      row = {view.size, step, false};
      row.unrolled = view.size.isNumber() && row.vectors() <= unrolledVectors;
      rowBlocks = RowBlocks::cut(view.outer, view.size, view.size * cost);
      chunks = rowBlocks.chunks;
      return;
    }
    columnVectors = maxColumnVectors;
    if (view.inner.isNumber())
      columnVectors =
          std::min(columnVectors, view.inner.ceilDiv(step).getNumber());
    blocks = view.inner.ceilDiv(columnVectors * step);
    chunks = Chunks::cut(view.outer * blocks,
                         view.size * columnVectors * step * cost);
  }

  void emit(KernelBuilder &builder) {
    this->builder = &builder;
    if (tileLanes)
      chunks.forEachItem(builder, [&](Value item) { emitTiles(item); });
    else if (alongRow)
      rowBlocks.forEachBlock(builder, [&](Value first, Value last) {
        row.unrolled ? emitShortRows(first, last) : emitRows(first, last);
      });
    else
      chunks.forEachItem(builder, [&](Value item) { emitColumnItem(item); });
  }

  /// A maximum and a finished sum for each row of a block, and what short rows
  /// keep of their elements.
  int64_t scratchBytes() const {
    if (!alongRow || tileLanes)
      return 0;
    int64_t elements = 2 * numSlots();
    if (row.unrolled)
      elements += rowBlocks.perBlock * scratchPerRow();
    return elements * computed.getIntOrFloatBitWidth() / 8;
  }

  Chunks chunks;

private:
  /// Rows get a lane each where vectors along them would be mostly empty.
  void findTile() {
    // Measured: from 32 elements on, the horizontal ends cost less than the
    // transposes.
    constexpr int64_t shortest = 2, longest = 31, fewestRows = 4;
    int64_t fitting = fitLanes(fullLanes, view.outer);
    // The last tile has a constant number of rows.
    if (areNumbers({view.outer, view.size}) &&
        view.size.getNumber() >= shortest && view.size.getNumber() <= longest &&
        fitting >= fewestRows)
      tileLanes = fitting;
  }
  /// How far the rows' sums lie from their maxima in scratch memory, aligned.
  int64_t numSlots() const {
    return llvm::alignTo(rowBlocks.perBlock, slotLanes());
  }
  int64_t slotLanes() const { return 512 / computed.getIntOrFloatBitWidth(); }
  /// Whether a short row's last vector overlaps the one before it, for there
  /// are no partial stores. Sums take other lanes then: not on CPUs that are to
  /// round as others do.
  bool overlaps() const { return mayOverlap && view.size.getNumber() >= step; }
  /// What short rows keep for the last phase waits in the output, or in scratch
  /// memory where that would round it, or where rows end in partial vectors:
  /// loads that touch bytes of a partial or overlapping store wait for it.
  bool keepsInOutput() const {
    return type.getElementType() == computed && view.size.isMultipleOf(step);
  }
  /// Elements that a row has in scratch memory.
  int64_t scratchPerRow() const {
    return keepsInOutput() ? 0 : row.vectors() * step;
  }

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
  Value inRow(Value x, Value count) {
    return lanes ? keepLanes(*builder, x, count, neutral(Combine::QuickMax))
                 : x;
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

  void emitTiles(Value item) {
    int64_t rows = view.outer.getNumber(), full = rows / tileLanes,
            rest = rows % tileLanes;
    if (rest == 0)
      emitTile(item, tileLanes);
    else if (full == 0)
      emitTile(item, rest);
    else
      builder->ifThen(
          builder->lessThan(item, builder->i64(full)),
          [&] { emitTile(item, tileLanes); }, [&] { emitTile(item, rest); });
  }

  /// `rows` rows of one item.
  void emitTile(Value item, int64_t rows) {
    RowTile tile(*builder, tileLanes, computed.getIntOrFloatBitWidth(),
                 view.size.getNumber(), rows);
    Value start = builder->mul(item, view.size * tileLanes);
    SmallVector<Value> differences, exponentials, results;
    SmallVector<Value> elements = tile.load(
        type.getElementType(), builder->getBuffer(0), start,
        [&](Value vector) { return convertFloat(*builder, vector, computed); });
    Value max = combineAll(*builder, Combine::QuickMax, elements);
    for (Value element : elements) {
      differences.push_back(sub(element, max));
      exponentials.push_back(exp(differences.back()));
    }
    Value finished =
        finishSum(combineAll(*builder, Combine::Sum, exponentials));
    for (auto [difference, exponential] :
         llvm::zip_equal(differences, exponentials))
      results.push_back(result(difference, exponential, finished));
    tile.store(results, builder->getBuffer(1), start, [&](Value vector) {
      return convertFloat(*builder, vector, type.getElementType());
    });
  }

  /// body(position of the row's first element, the row's slot in scratch
  /// memory) for rows [first, last).
  void forEachRow(Value first, Value last,
                  function_ref<void(Value start, Value slot)> body) {
    builder->forLoop(first, last, 1, [&](Value index) {
      body(builder->mul(index, view.size), builder->sub(index, first));
    });
  }
  void storeSlot(Value value, Value slot, int64_t which) {
    builder->store(value, builder->getScratch(),
                   builder->add(slot, which * numSlots()));
  }
  Value loadSlot(Value slot, int64_t which) {
    return builder->broadcast(
        builder->load(computed, builder->getScratch(),
                      builder->add(slot, which * numSlots())),
        lanes);
  }
  /// Finishes the sums of a block, many at once: a logarithm of its own for
  /// each row takes as long as a short row does.
  void finishSums() {
    int64_t wide = std::min(fullLanes, slotLanes());
    for (int64_t slot = 0; slot < rowBlocks.perBlock; slot += wide) {
      Value position = builder->i64(numSlots() + slot);
      Value sums =
          builder->loadVector(computed, wide, builder->getScratch(), position);
      builder->storeVector(finishSum(sums), builder->getScratch(), position);
    }
  }

  /// Rows of a few vectors. Lanes that the last vector has in common with the
  /// one before it are left out of the sum.
  void emitShortRows(Value first, Value last) {
    auto offset = [&](int64_t v) {
      return overlaps() ? std::min(v * step, view.size.getNumber() - step)
                        : v * step;
    };
    auto valid = [&](int64_t v) -> Value {
      return overlaps() ? nullptr : row.count(*builder, v);
    };
    auto element = [&](Value start, int64_t v) {
      return inRow(load(builder->add(start, offset(v)), valid(v)), valid(v));
    };
    // Where vector v of a row waits: a buffer and a position.
    auto waiting = [&](Value start, Value slot, int64_t v) {
      if (keepsInOutput())
        return std::pair(builder->getBuffer(1), builder->add(start, offset(v)));
      return std::pair(builder->getScratch(),
                       builder->add(builder->mul(slot, scratchPerRow()),
                                    2 * numSlots() + v * step));
    };
    forEachRow(first, last, [&](Value start, Value slot) {
      SmallVector<Value> values;
      for (int64_t v = 0; v < row.vectors(); ++v)
        values.push_back(element(start, v));
      Value max = combineAll(*builder, Combine::QuickMax, values);
      storeSlot(scalar(Combine::QuickMax, max), slot, 0);
    });
    forEachRow(first, last, [&](Value start, Value slot) {
      Value max = loadSlot(slot, 0);
      SmallVector<Value> values;
      for (int64_t v = 0; v < row.vectors(); ++v) {
        Value difference = sub(element(start, v), max), e = exp(difference);
        auto [buffer, position] = waiting(start, slot, v);
        builder->storeVector(log ? difference : e, buffer, position);
        int64_t repeated = v * step - offset(v);
        values.push_back(
            repeated > 0
                ? keepLanes(*builder, neutral(Combine::Sum),
                            builder->i64(repeated), e)
                : e);
      }
      Value sum = combineAll(*builder, Combine::Sum, values);
      storeSlot(scalar(Combine::Sum, sum), slot, 1);
    });
    finishSums();
    forEachRow(first, last, [&](Value start, Value slot) {
      Value finished = loadSlot(slot, 1);
      SmallVector<Value> kept;
      for (int64_t v = 0; v < row.vectors(); ++v) {
        auto [buffer, position] = waiting(start, slot, v);
        kept.push_back(builder->loadVector(computed, lanes, buffer, position));
      }
      for (auto [v, value] : llvm::enumerate(kept))
        store(result(value, value, finished), builder->add(start, offset(v)),
              valid(v));
    });
  }

  void emitRows(Value first, Value last) {
    // Exponentials wait in the output unless that would round them.
    bool keep = !log && type.getElementType() == computed;
    auto element = [&](Value start, Value offset, Value valid) {
      return inRow(load(builder->add(start, offset), valid), valid);
    };
    forEachRow(first, last, [&](Value start, Value slot) {
      Value max =
          row.reduce(*builder, Combine::QuickMax, neutral(Combine::QuickMax),
                     [&](Value offset, Value valid) {
                       return element(start, offset, valid);
                     });
      storeSlot(scalar(Combine::QuickMax, max), slot, 0);
    });
    forEachRow(first, last, [&](Value start, Value slot) {
      Value max = loadSlot(slot, 0);
      Value sum =
          row.reduce(*builder, Combine::Sum, neutral(Combine::Sum),
                     [&](Value offset, Value valid) {
                       Value e = exp(sub(element(start, offset, valid), max));
                       if (keep)
                         store(e, builder->add(start, offset), valid);
                       return e;
                     });
      storeSlot(scalar(Combine::Sum, sum), slot, 1);
    });
    finishSums();
    forEachRow(first, last, [&](Value start, Value slot) {
      Value max = keep ? nullptr : loadSlot(slot, 0),
            finished = loadSlot(slot, 1);
      row.forEach(*builder, 4, [&](Value offset, Value valid) {
        Value position = builder->add(start, offset);
        Value x = load(position, valid, keep ? 1 : 0);
        Value difference = keep ? nullptr : sub(x, max);
        Value e = keep ? x : log ? nullptr : exp(difference);
        store(result(difference, e, finished), position, valid);
      });
    });
  }

  void emitColumnItem(Value item) {
    SmallVector<Value> parts = builder->delinearize(item, Sizes{view.outer, blocks});
    int64_t perBlock = columnVectors * step;
    Size full = view.inner.floorDiv(perBlock);
    Value start = builder->add(builder->mul(parts[0], view.size * view.inner),
                               builder->mul(parts[1], perBlock));
    if (full == blocks)
      emitColumns(start, columnVectors, nullptr);
    else if (full.is(0))
      emitColumns(start, columnVectors, builder->value(view.inner));
    else
      builder->ifThen(
          builder->lessThan(parts[1], builder->value(full)),
          [&] { emitColumns(start, columnVectors, nullptr); },
          [&] {
            Size rest = view.inner - full * perBlock;
            emitColumns(start,
                        rest.isNumber() ? rest.ceilDiv(step).getNumber()
                                        : columnVectors,
                        builder->value(rest));
          });
  }

  /// The rows of `width` neighbouring columns from `start` on, of as many as
  /// the vectors have lanes where it is null.
  void emitColumns(Value start, int64_t vectors, Value width) {
    auto count = [&](int64_t v) -> Value {
      return width ? builder->sub(width, builder->i64(v * step)) : nullptr;
    };
    auto position = [&](Value index, int64_t v) {
      return builder->add(builder->add(start, builder->mul(index, view.inner)),
                          v * step);
    };
    bool keep = !log && type.getElementType() == computed;
    Value zero = builder->i64(0), size = builder->value(view.size);
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
  bool mayOverlap; ///< the last vector of a row and the one before it
  Row row{1, 1};
  RowBlocks rowBlocks;
  int64_t tileLanes = 0; ///< short rows that are worked on together
  int64_t fullLanes, lanes, step, columnVectors = 1;
  Size blocks = 1;
  KernelBuilder *builder = nullptr;
};

struct SoftmaxKernel
    : CPUKernelOpInterface::ExternalModel<SoftmaxKernel, lir::SoftmaxOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    Softmax(cast<lir::SoftmaxOp>(op), builder.getTarget()).emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
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
