//===- Chunks.cpp - How a kernel's work is cut for the thread pool --------===//
//
// See Chunks.h.
//
//===----------------------------------------------------------------------===//

#include "Chunks.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// The number of pieces of `each` that `count` things fall into.
static Size countPieces(const Size &count, const Size &each) {
  return (count + each - 1).floorDiv(each);
}

Chunks Chunks::cut(const Size &items, const Size &itemCost) {
  // 16k element operations take about 2 us, four times what handing a chunk
  // out costs; more than 64 chunks balance no better.
  constexpr int64_t smallest = 16384, most = 64;
  if (items.isNumber() && itemCost.isNumber()) {
    int64_t count = std::max<int64_t>(items.getNumber(), 1),
            cost = itemCost.getNumber();
    int64_t byCost = (smallest + cost) / std::max<int64_t>(cost, 1);
    int64_t byCount = (count + most - 1) / most;
    return {count, std::clamp<int64_t>(std::max(byCost, byCount), 1, count)};
  }
  // The sum of both is at most twice the larger one, and an expression.
  Size byCost = itemCost.isNumber()
                    ? Size(smallest / std::max<int64_t>(itemCost.getNumber(), 1))
                    : Size(smallest).floorDiv(itemCost + 1);
  return {items, byCost + items.floorDiv(most) + 1};
}

Size Chunks::count() const { return countPieces(items, itemsPerChunk); }

void Chunks::forEachItem(KernelBuilder &builder,
                         function_ref<void(Value item)> body) const {
  if (items.is(1)) {
    body(builder.i64(0));
    return;
  }
  Value first = builder.mul(builder.getBegin(), itemsPerChunk);
  Value last = builder.min(builder.mul(builder.getEnd(), itemsPerChunk),
                           builder.value(items));
  builder.forLoop(first, last, 1, body);
}
