//===- Rows.cpp - Loops along a row of constant size ----------------------===//
//
// See Rows.h.
//
//===----------------------------------------------------------------------===//

#include "Rows.h"

using namespace mlir;
using namespace lambent::cpu;

AxisView AxisView::get(MemRefType type, int64_t axis, int64_t count) {
  AxisView view;
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    (int64_t(dim) < axis           ? view.outer
     : int64_t(dim) < axis + count ? view.size
                                   : view.inner) *= size;
  return view;
}

SmallVector<Value>
Row::fold(KernelBuilder &builder, ArrayRef<Value> accumulators,
          function_ref<Value(Value, int64_t, Value)> body) const {
  SmallVector<Value> carried(accumulators);
  int64_t turn = carried.size() * step,
          looped = unrolled ? 0 : size / turn * turn;
  carried = builder.forLoop(
      builder.i64(0), builder.i64(looped), turn, carried,
      [&](Value at, ValueRange values) {
        SmallVector<Value> next;
        for (auto [i, value] : llvm::enumerate(values))
          next.push_back(body(builder.add(at, int64_t(i) * step), step, value));
        return next;
      });
  for (int64_t at = looped, i = 0; at < size; at += step, ++i)
    carried[i % carried.size()] =
        body(builder.i64(at), std::min(step, size - at),
             carried[i % carried.size()]);
  return carried;
}

void Row::forEach(KernelBuilder &builder, int64_t unroll,
                  function_ref<void(Value, int64_t)> body) const {
  int64_t turn = unroll * step, looped = unrolled ? 0 : size / turn * turn;
  builder.forLoop(builder.i64(0), builder.i64(looped), turn, [&](Value at) {
    for (int64_t i = 0; i < unroll; ++i)
      body(builder.add(at, i * step), step);
  });
  for (int64_t at = looped; at < size; at += step)
    body(builder.i64(at), std::min(step, size - at));
}

Value Row::reduce(KernelBuilder &builder, Combine kind, Value neutral,
                  function_ref<Value(Value, int64_t)> term) const {
  SmallVector<Value> values;
  if (unrolled) {
    for (int64_t v = 0; v < vectors(); ++v)
      values.push_back(term(builder.i64(v * step), valid(v)));
    return combineAll(builder, kind, values);
  }
  values.assign(std::clamp<int64_t>(fullVectors(), 1, 4), neutral);
  values = fold(builder, values, [&](Value at, int64_t valid, Value carried) {
    return combine(builder, kind, carried, term(at, valid));
  });
  return combineAll(builder, kind, values);
}

RowBlocks RowBlocks::cut(int64_t rows, int64_t size, int64_t cost) {
  // A block's rows stay in L1 between the phases.
  constexpr int64_t elements = 4096, most = 16;
  int64_t perBlock =
      std::clamp<int64_t>(elements / std::max<int64_t>(size, 1), 1, most);
  perBlock = std::min(perBlock, std::max<int64_t>(rows, 1));
  return {rows, perBlock,
          Chunks::cut((rows + perBlock - 1) / perBlock, perBlock * cost)};
}

void RowBlocks::forEachBlock(KernelBuilder &builder,
                             function_ref<void(Value, Value)> body) const {
  chunks.forEachItem(builder, [&](Value item) {
    Value first = builder.mul(item, perBlock);
    body(first, builder.min(builder.add(first, perBlock), builder.i64(rows)));
  });
}
