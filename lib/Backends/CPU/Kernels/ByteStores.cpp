//===- ByteStores.cpp - Stores a tile's bytes, four registers at once -----===//

#include "ByteStores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Lanes of i32 that fill a register.
static int64_t getFullLanes(KernelBuilder &builder) {
  return builder.getTarget().getLanes(builder.getI32Type());
}

/// The same bytes in a full register, whose other lanes hold anything.
static RoundedBytes fill(KernelBuilder &builder, RoundedBytes bytes) {
  int64_t full = getFullLanes(builder), lanes = bytes.getLanes();
  if (lanes == full)
    return bytes;
  SmallVector<int64_t> from;
  for (int64_t i = 0; i < full; ++i)
    from.push_back(i < lanes ? i : vector::ShuffleOp::kPoisonIndex);
  bytes.rounded =
      builder.create<vector::ShuffleOp>(bytes.rounded, bytes.rounded, from);
  return bytes;
}

void ByteStores::store(Value vector, Value row, int64_t column, Value count) {
  auto lookup =
      builder.getTarget().hasVBMI ? builder.findLookup(vector) : std::nullopt;
  auto bytes = RoundedBytes::match(lookup ? lookup->places : vector);
  std::optional<int64_t> known =
      count
          ? kernels::asConstant(count)
          : std::optional(cast<VectorType>(vector.getType()).getNumElements());
  if (!bytes || !known || bytes->getLanes() > getFullLanes(builder)) {
    builder.storeVector(vector, base, builder.add(row, column), count);
    return;
  }
  if (!waiting.empty() && (waiting.front().zero != bytes->zero ||
                           waiting.front().isUnsigned != bytes->isUnsigned ||
                           table != (lookup ? lookup->table : nullptr)))
    flush();
  table = lookup ? lookup->table : nullptr;
  waiting.push_back(*bytes);
  places.push_back({row, column, std::min(*known, bytes->getLanes())});
  if (waiting.size() == 4)
    flush();
}

void ByteStores::storePart(Value bytes, int64_t first, int64_t count,
                           const Place &place) {
  // Powers of two, the largest first: a mask costs more.
  for (int64_t column = place.column; count > 0;) {
    int64_t size = int64_t(llvm::bit_floor(uint64_t(count)));
    Value part = bytes;
    if (size == 1)
      part = builder.create<vector::ExtractOp>(bytes, first);
    else if (size < cast<VectorType>(bytes.getType()).getNumElements())
      part = builder.create<vector::ExtractStridedSliceOp>(
          bytes, ArrayRef(first), ArrayRef(size), ArrayRef<int64_t>(1));
    builder.storeVector(part, base, builder.add(place.row, column));
    first += size;
    column += size;
    count -= size;
  }
}

void ByteStores::flush() {
  if (waiting.empty())
    return;
  int64_t lanes = getFullLanes(builder);
  for (RoundedBytes &bytes : waiting)
    bytes = fill(builder, bytes);
  Value packed = packBytes(builder, waiting);
  if (table)
    packed = builder.lookUp({packed, table});
  for (size_t i = 0, next; i < places.size(); i = next) {
    // Neighbours that fill their lanes go together with the next one.
    int64_t count = places[i].lanes;
    for (next = i + 1; next < places.size() && count % lanes == 0 &&
                       places[next].row == places[i].row &&
                       places[next].column == places[i].column + count;
         ++next)
      count += places[next].lanes;
    storePart(packed, int64_t(i) * lanes, count, places[i]);
  }
  waiting.clear();
  places.clear();
}
