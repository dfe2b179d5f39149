//===- Block.cpp - Numbers rounded in blocks that share an exponent -------===//
//
// An item is a block, or, where vectors run along the dims behind the axis, a
// block for each lane. Its largest magnitude decides how its elements are
// rounded (BlockRounding), which are then read once more.
//
//===----------------------------------------------------------------------===//

#include "BlockRounding.h"
#include "Chunks.h"
#include "Kernels.h"
#include "Rows.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class RoundBlocks {
public:
  RoundBlocks(lir::RoundBlocksOp op, const TargetInfo &target)
      : format(*findBlockFormat(op.getFormat().str().c_str())),
        up(op.getScale() == "up"),
        view(AxisView::get(cast<MemRefType>(op.getInput().getType()),
                           op.getAxis())) {
    view.outer = view.outer * op.getGroups();
    view.size = view.size.floorDiv(op.getGroups());
    if (view.size.is(1)) // every number is a block
      view = {1, 1, view.outer * view.inner};
    alongRow = view.inner.is(1);
    int64_t full = target.getLanes(Float32Type::get(op.getContext()));
    lanes = fitLanes(std::min<int64_t>(full, format.size),
                     alongRow ? view.size : view.inner);
    if (lanes == 1)
      lanes = 0;
    step = std::max<int64_t>(lanes, 1);
    blocks = view.size.ceilDiv(format.size);
    columns = alongRow ? Size(1) : view.inner.ceilDiv(step);
    constexpr int64_t cost = 8;
    chunks = Chunks::cut(view.outer * blocks * columns,
                         Size(cost * format.size * (alongRow ? 1 : step)));
  }

  void emit(KernelBuilder &kernel) {
    builder = &kernel;
    chunks.forEachItem(kernel, [&](Value item) {
      SmallVector<Value> place =
          kernel.delinearize(item, Sizes{view.outer, blocks, columns});
      Value first = kernel.mul(place[1], format.size);
      Value start = kernel.mul(
          kernel.add(kernel.mul(place[0], view.size), first), view.inner);
      start = kernel.add(start, kernel.mul(place[2], step));
      if (alongRow)
        whereFull(place[1], view.size, format.size,
                  [&](Value count) { emitRow(start, count); });
      else
        whereFull(place[2], view.inner, step, [&](Value count) {
          emitColumns(start, countRows(first), count);
        });
    });
  }

  Chunks chunks;

private:
  /// body(null) for a part that has `length` of `size` elements, and for the
  /// last one, where that is shorter, body(its elements).
  void whereFull(Value part, const Size &size, int64_t length,
                 function_ref<void(Value)> body) {
    Size full = size.floorDiv(length), rest = size.mod(length);
    if (rest.is(0))
      return body(nullptr);
    if (full.is(0))
      return body(builder->value(rest));
    builder->ifThen(
        builder->lessThan(part, builder->value(full)), [&] { body(nullptr); },
        [&] { body(builder->value(rest)); });
  }

  Value countRows(Value first) {
    Value most = builder->i64(format.size);
    if (view.size.isMultipleOf(format.size))
      return most;
    return builder->min(most, builder->sub(builder->value(view.size), first));
  }

  /// Each lane as the larger of itself and its neighbour `distance` away.
  Value maxOfNeighbours(BlockRounding &rounding, Value vector,
                        int64_t distance) {
    SmallVector<int64_t> neighbours;
    for (int64_t lane = 0; lane < lanes; ++lane)
      neighbours.push_back(lane ^ distance);
    return rounding.max(vector, vector::ShuffleOp::create(*builder, vector,
                                                          vector, neighbours));
  }

  /// A block of `count` neighbours.
  void emitRow(Value start, Value count) {
    BlockRounding rounding(*builder, format, up, lanes);
    int64_t most = format.size;
    if (count)
      most = kernels::asConstant(count).value_or(most);
    SmallVector<Value> elements, counts, magnitudes;
    Value largest;
    for (int64_t at = 0; at < most; at += step) {
      counts.push_back(count ? builder->sub(count, builder->i64(at)) : nullptr);
      elements.push_back(builder->loadVector(
          builder->getF32Type(), lanes, builder->getBuffer(0),
          builder->add(start, at), counts.back()));
      Value magnitude = rounding.getMagnitude(elements.back());
      largest = largest ? rounding.max(largest, magnitude) : magnitude;
      magnitudes.push_back(magnitude);
    }
    for (int64_t distance = 1; distance < lanes; distance *= 2)
      largest = maxOfNeighbours(rounding, largest, distance);
    BlockScale scale = rounding.getScale(largest);
    for (auto [v, element] : llvm::enumerate(elements)) {
      Value pair;
      if (format.hasPairs)
        pair =
            lanes ? maxOfNeighbours(rounding, magnitudes[v], 1) : magnitudes[v];
      builder->storeVector(rounding.round(element, scale, pair),
                           builder->getBuffer(1),
                           builder->add(start, int64_t(v) * step), counts[v]);
    }
  }

  /// `rows` elements of the blocks of `count` neighbouring columns.
  void emitColumns(Value start, Value rows, Value count) {
    BlockRounding rounding(*builder, format, up, lanes);
    auto position = [&](Value row) {
      return builder->add(start, builder->mul(row, view.inner));
    };
    auto load = [&](Value row) {
      return builder->loadVector(builder->getF32Type(), lanes,
                                 builder->getBuffer(0), position(row), count);
    };
    Type bits = builder->getI32Type();
    Value zero = builder->constant(
        lanes ? Type(builder->vectorType(bits, lanes)) : bits, 0);
    Value largest = builder->forLoop(
        builder->i64(0), rows, 1, zero, [&](Value row, ValueRange carried) {
          return SmallVector<Value>{
              rounding.max(carried[0], rounding.getMagnitude(load(row)))};
        })[0];
    BlockScale scale = rounding.getScale(largest);
    auto store = [&](Value element, Value pair, Value row) {
      builder->storeVector(rounding.round(element, scale, pair),
                           builder->getBuffer(1), position(row), count);
    };
    if (!format.hasPairs) {
      builder->forLoop(builder->i64(0), rows, 1,
                       [&](Value row) { store(load(row), nullptr, row); });
      return;
    }
    Value last = builder->sub(rows, builder->i64(1));
    builder->forLoop(builder->i64(0), rows, 2, [&](Value row) {
      // The last row may be a pair with itself.
      Value other = builder->min(builder->add(row, 1), last);
      Value a = load(row), b = load(other);
      Value pair =
          rounding.max(rounding.getMagnitude(a), rounding.getMagnitude(b));
      store(a, pair, row);
      store(b, pair, other);
    });
  }

  const BlockFormat &format;
  bool up, alongRow;
  AxisView view;
  int64_t lanes, step;
  Size blocks;  ///< along the axis
  Size columns; ///< vectors behind it
  KernelBuilder *builder = nullptr;
};

struct RoundBlocksKernel
    : CPUKernelOpInterface::ExternalModel<RoundBlocksKernel,
                                          lir::RoundBlocksOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    RoundBlocks(cast<lir::RoundBlocksOp>(op), builder.getTarget())
        .emit(builder);
    return success();
  }
  bool takesOpenSizes(Operation *) const { return true; }
  Size getNumChunks(Operation *op, const TargetInfo &target) const {
    return RoundBlocks(cast<lir::RoundBlocksOp>(op), target).chunks.count();
  }
};

} // namespace

void cpu::attachBlockKernels(MLIRContext &context) {
  lir::RoundBlocksOp::attachInterface<RoundBlocksKernel>(context);
}
