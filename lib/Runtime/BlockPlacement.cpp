//===- BlockPlacement.cpp - Places blocks in one arena --------------------===//
//
// Greedy: the largest block first, each into the smallest gap that holds it
// between those placed blocks that are needed at the same time. Where that is
// far from the most that is needed at once, the blocks of most bytes times
// layers come first instead. An attempt is quadratic, but what it does for each
// pair is one comparison without a branch.
//
//===----------------------------------------------------------------------===//

#include "BlockPlacement.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

/// A cache line, and as wide as the widest vector.
static constexpr uint64_t alignment = 64;

namespace {

/// A block that waits for its place.
struct Waiting {
  uint64_t bytes; ///< a multiple of the alignment
  double weight;  ///< the heaviest is placed first
  uint32_t first, last, index;
};

/// The blocks that have their places, by offset.
class Places {
public:
  ~Places() { free(memory); }
  bool reserve(uint64_t count) {
    constexpr uint64_t each = 2 * sizeof(uint64_t) + 3 * sizeof(uint32_t);
    memory = static_cast<char *>(malloc((count + 1) * each));
    if (!memory)
      return false;
    begins = reinterpret_cast<uint64_t *>(memory);
    ends = begins + count;
    firsts = reinterpret_cast<uint32_t *>(ends + count);
    lasts = firsts + count;
    neighbours = lasts + count;
    return true;
  }
  void clear() { size = 0; }
  uint64_t place(const Waiting &block) {
    uint64_t offset = findOffset(block);
    insert(block, offset);
    return offset;
  }

private:
  uint64_t findOffset(const Waiting &block) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; ++i) {
      neighbours[count] = i;
      count += (firsts[i] <= block.last) & (block.first <= lasts[i]);
    }
    uint64_t end = 0, smallest = UINT64_MAX, offset = 0;
    for (uint32_t i = 0; i < count; ++i) {
      uint64_t begin = begins[neighbours[i]];
      if (begin > end && begin - end >= block.bytes && begin - end < smallest) {
        smallest = begin - end;
        offset = end;
      }
      if (ends[neighbours[i]] > end)
        end = ends[neighbours[i]];
    }
    return smallest == UINT64_MAX ? end : offset;
  }

  void insert(const Waiting &block, uint64_t offset) {
    uint32_t low = 0, high = size;
    while (low < high) {
      uint32_t middle = low + (high - low) / 2;
      if (begins[middle] <= offset)
        low = middle + 1;
      else
        high = middle;
    }
    put(begins, low, offset);
    put(ends, low, offset + block.bytes);
    put(firsts, low, block.first);
    put(lasts, low, block.last);
    ++size;
  }
  template <typename T> void put(T *list, uint32_t at, T value) {
    memmove(list + at + 1, list + at, (size - at) * sizeof(T));
    list[at] = value;
  }

  char *memory = nullptr;
  uint64_t *begins = nullptr, *ends = nullptr;
  uint32_t *firsts = nullptr, *lasts = nullptr, *neighbours = nullptr;
  uint32_t size = 0;
};

/// Memory that one malloc gave.
template <typename T> struct List {
  explicit List(uint64_t count)
      : items(static_cast<T *>(malloc((count + 1) * sizeof(T)))) {}
  List(const List &) = delete;
  ~List() { free(items); }
  T *items;
};

} // namespace

/// Heaviest first; what is left is decided by the order of the layers.
static int compare(const void *left, const void *right) {
  auto &a = *static_cast<const Waiting *>(left);
  auto &b = *static_cast<const Waiting *>(right);
  if (a.weight != b.weight)
    return a.weight > b.weight ? -1 : 1;
  if (a.first != b.first)
    return a.first < b.first ? -1 : 1;
  return a.index < b.index ? -1 : 1;
}

/// Places all in the order of their weights; `offsets` is by index. The bytes
/// that they take.
static uint64_t placeAll(Waiting *waiting, uint32_t count, Places &places,
                         uint64_t *offsets) {
  qsort(waiting, count, sizeof(Waiting), compare);
  places.clear();
  uint64_t arena = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t offset = places.place(waiting[i]);
    offsets[waiting[i].index] = offset;
    if (offset + waiting[i].bytes > arena)
      arena = offset + waiting[i].bytes;
  }
  return arena;
}

namespace {
/// Memory that begins or ends to be needed.
struct Event {
  uint64_t time;
  int64_t bytes; ///< below 0 where it ends
};
} // namespace

static int compareEvents(const void *left, const void *right) {
  uint64_t a = static_cast<const Event *>(left)->time;
  uint64_t b = static_cast<const Event *>(right)->time;
  return a < b ? -1 : a > b;
}

/// The most that is needed at once: no arena can be smaller. `events` is room
/// for two each.
static uint64_t getLivePeak(const Waiting *waiting, uint32_t count,
                            Event *events) {
  for (uint32_t i = 0; i < count; ++i) {
    auto bytes = static_cast<int64_t>(waiting[i].bytes);
    events[2 * i] = {waiting[i].first, bytes};
    events[2 * i + 1] = {uint64_t(waiting[i].last) + 1, -bytes};
  }
  qsort(events, 2 * size_t(count), sizeof(Event), compareEvents);
  int64_t live = 0, peak = 0;
  for (uint64_t i = 0; i < 2 * uint64_t(count); ++i) {
    live += events[i].bytes;
    bool isLast =
        i + 1 == 2 * uint64_t(count) || events[i + 1].time != events[i].time;
    if (isLast && live > peak)
      peak = live;
  }
  return static_cast<uint64_t>(peak);
}

/// Those of `blocks` that need a place, by size. False where no memory could
/// hold them.
static bool collect(Block *blocks, uint32_t count, Waiting *waiting,
                    uint32_t &size) {
  uint64_t sum = 0;
  size = 0;
  for (uint32_t i = 0; i < count; ++i) {
    blocks[i].offset = 0;
    if (!blocks[i].bytes)
      continue;
    if (blocks[i].bytes > INT64_MAX - alignment)
      return false;
    uint64_t bytes = (blocks[i].bytes + alignment - 1) / alignment * alignment;
    sum += bytes;
    if (sum > INT64_MAX)
      return false;
    waiting[size++] = {bytes, static_cast<double>(bytes), blocks[i].first,
                       blocks[i].last, i};
  }
  return true;
}

LambentStatus *placeBlocks(Block *blocks, uint32_t count, uint64_t &arena) {
  arena = 0;
  List<Waiting> waiting(count);
  List<Event> events(2 * uint64_t(count));
  List<uint64_t> offsets(count), others(count);
  Places places;
  if (!waiting.items || !events.items || !offsets.items || !others.items ||
      !places.reserve(count))
    return makeOutOfMemory("a plan of the arena", count * sizeof(Waiting));
  uint32_t size;
  if (!collect(blocks, count, waiting.items, size))
    return makeOutOfMemory("the arena", INT64_MAX);
  arena = placeAll(waiting.items, size, places, offsets.items);
  const uint64_t *best = offsets.items;
  uint64_t peak = getLivePeak(waiting.items, size, events.items);
  if (arena > peak + peak / 16) {
    for (uint32_t i = 0; i < size; ++i) {
      Waiting &each = waiting.items[i];
      each.weight *= static_cast<double>(each.last - each.first) + 1;
    }
    uint64_t other = placeAll(waiting.items, size, places, others.items);
    if (other < arena) {
      arena = other;
      best = others.items;
    }
  }
  for (uint32_t i = 0; i < size; ++i)
    blocks[waiting.items[i].index].offset = best[waiting.items[i].index];
  return nullptr;
}

} // namespace lambent::runtime
