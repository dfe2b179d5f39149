//===- Rows.cpp - Loops along a row of constant size
//--------------------------===//
//
// See Rows.h.
//
//===--------------------------------------------------------------------------===//

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
