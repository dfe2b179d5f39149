//===- Rows.cpp - Loops along a row ---------------------------------------===//
//
// See Rows.h.
//
//===----------------------------------------------------------------------===//

#include "Rows.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent::cpu;

AxisView AxisView::get(MemRefType type, int64_t axis, int64_t count) {
  AxisView view;
  for (auto [dim, size] : llvm::enumerate(lir::getSizes(type)))
    (int64_t(dim) < axis           ? view.outer
     : int64_t(dim) < axis + count ? view.size
                                   : view.inner) *= size;
  return view;
}

int64_t Row::numAccumulators() const {
  constexpr int64_t most = 4;
  return size.isNumber()
             ? std::clamp<int64_t>(size.getNumber() / step, 1, most)
             : most;
}

Value Row::count(KernelBuilder &builder, int64_t index) const {
  int64_t left = size.getNumber() - index * step;
  return left < step ? builder.i64(left) : nullptr;
}

SmallVector<Value>
Row::fold(KernelBuilder &builder, ArrayRef<Value> accumulators,
          function_ref<Value(Value, Value, Value)> body) const {
  SmallVector<Value> carried(accumulators);
  int64_t turn = carried.size() * step;
  Size looped = unrolled ? Size(0) : size.floorDiv(turn) * turn;
  carried = builder.forLoop(
      builder.i64(0), builder.value(looped), turn, carried,
      [&](Value at, ValueRange values) {
        SmallVector<Value> next;
        for (auto [i, value] : llvm::enumerate(values))
          next.push_back(
              body(builder.add(at, int64_t(i) * step), nullptr, value));
        return next;
      });
  if (size.isNumber()) {
    for (int64_t at = looped.getNumber(), i = 0; at < size.getNumber();
         at += step, ++i)
      carried[i % carried.size()] =
          body(builder.i64(at), count(builder, at / step),
               carried[i % carried.size()]);
    return carried;
  }
  Size full = size.floorDiv(step) * step;
  carried[0] = builder.forLoop(builder.value(looped), builder.value(full), step,
                               carried[0], [&](Value at, ValueRange values) {
                                 return SmallVector<Value>{
                                     body(at, nullptr, values[0])};
                               })[0];
  if (full != size)
    carried[0] =
        body(builder.value(full), builder.value(size - full), carried[0]);
  return carried;
}

void Row::forEach(KernelBuilder &builder, int64_t unroll,
                  function_ref<void(Value, Value)> body) const {
  int64_t turn = unroll * step;
  Size looped = unrolled ? Size(0) : size.floorDiv(turn) * turn;
  builder.forLoop(builder.i64(0), builder.value(looped), turn, [&](Value at) {
    for (int64_t i = 0; i < unroll; ++i)
      body(builder.add(at, i * step), nullptr);
  });
  if (size.isNumber()) {
    for (int64_t at = looped.getNumber(); at < size.getNumber(); at += step)
      body(builder.i64(at), count(builder, at / step));
    return;
  }
  Size full = size.floorDiv(step) * step;
  builder.forLoop(builder.value(looped), builder.value(full), step,
                  [&](Value at) { body(at, nullptr); });
  if (full != size)
    body(builder.value(full), builder.value(size - full));
}

Value Row::reduce(KernelBuilder &builder, Combine kind, Value neutral,
                  function_ref<Value(Value, Value)> term) const {
  SmallVector<Value> values;
  if (unrolled) {
    for (int64_t v = 0; v < vectors(); ++v)
      values.push_back(term(builder.i64(v * step), count(builder, v)));
    return combineAll(builder, kind, values);
  }
  values.assign(numAccumulators(), neutral);
  values = fold(builder, values, [&](Value at, Value count, Value carried) {
    return combine(builder, kind, carried, term(at, count));
  });
  return combineAll(builder, kind, values);
}

RowBlocks RowBlocks::cut(const Size &rows, const Size &size,
                         const Size &cost) {
  // A block's rows stay in L1 between the phases.
  constexpr int64_t elements = 4096, most = 16;
  int64_t perBlock = std::clamp<int64_t>(
      elements / std::max<int64_t>(size.estimate(), 1), 1, most);
  if (rows.isNumber())
    perBlock = std::min(perBlock, std::max<int64_t>(rows.getNumber(), 1));
  return {rows, perBlock, Chunks::cut(rows.ceilDiv(perBlock), cost * perBlock)};
}

void RowBlocks::forEachBlock(KernelBuilder &builder,
                             function_ref<void(Value, Value)> body) const {
  chunks.forEachItem(builder, [&](Value item) {
    Value first = builder.mul(item, perBlock);
    body(first, builder.min(builder.add(first, perBlock), builder.value(rows)));
  });
}
