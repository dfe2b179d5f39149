//===- Chunks.cpp - How a kernel's work is cut for the thread pool --------===//
//
// See Chunks.h.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"

using namespace mlir;
using namespace lambent::cpu;

int64_t lambent::cpu::countElements(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

Chunks Chunks::cut(int64_t items, int64_t itemCost) {
  // 16k element operations take about 2 us, four times what handing a chunk
  // out costs; more than 64 chunks balance no better.
  constexpr int64_t smallest = 16384, most = 64;
  items = std::max<int64_t>(items, 1);
  int64_t byCost = (smallest + itemCost) / std::max<int64_t>(itemCost, 1);
  int64_t byCount = (items + most - 1) / most;
  return {items, std::clamp<int64_t>(std::max(byCost, byCount), 1, items)};
}

void Chunks::forEachItem(KernelBuilder &builder,
                         function_ref<void(Value item)> body) const {
  if (items == 1) {
    body(builder.i64(0));
    return;
  }
  Value first = builder.mul(builder.getBegin(), itemsPerChunk);
  Value last = builder.min(builder.mul(builder.getEnd(), itemsPerChunk),
                           builder.i64(items));
  builder.forLoop(first, last, 1, body);
}
