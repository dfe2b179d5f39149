//===- TransposeTile.cpp - Transposes a square of elements in registers ---===//
//
// An element's place is row bits and column bits. A shuffle of two rows that
// differ in row bit k rotates that bit through a group of neighbouring column
// bits: the row bit enters the group at its low or high end and another column
// bit leaves it and becomes row bit k. Stages are chosen so that every row bit
// enters; which row then holds what is known at compile time and costs nothing.
//
//===----------------------------------------------------------------------===//

#include "TransposeTile.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent::cpu;

namespace {
/// What each bit of a place stands for: bits 0.. are the original column's,
/// `log`.. the original row's.
struct Places {
  SmallVector<unsigned> column, row;
};
} // namespace

/// One stage: rows that differ in row bit `k` exchange it with column bits
/// [low, high]. At `enterLow` the row bit becomes column bit `low`, the bits
/// move up and bit `high` leaves (unpack); else it becomes `high` and `low`
/// leaves (the even lanes of both, then the odd ones).
static void rotate(KernelBuilder &builder, SmallVector<Value> &rows,
                   Places &places, unsigned k, unsigned low, unsigned high,
                   bool enterLow) {
  int64_t n = rows.size();
  unsigned leaving = enterLow ? high : low;
  // The source of column j in the result whose new row bit is `half`.
  auto source = [&](int64_t j, int64_t half) {
    int64_t column = j & ~((int64_t(2) << high) - (int64_t(1) << low)), from;
    if (enterLow) {
      from = (j >> low) & 1;
      for (unsigned bit = low; bit < high; ++bit)
        column |= ((j >> (bit + 1)) & 1) << bit;
      column |= half << high;
    } else {
      from = (j >> high) & 1;
      for (unsigned bit = low + 1; bit <= high; ++bit)
        column |= ((j >> (bit - 1)) & 1) << bit;
      column |= half << low;
    }
    return from * n + column;
  };
  SmallVector<int64_t> masks[2];
  for (int64_t half = 0; half < 2; ++half)
    for (int64_t j = 0; j < n; ++j)
      masks[half].push_back(source(j, half));
  for (int64_t row = 0; row < n; ++row) {
    if (row >> k & 1)
      continue;
    int64_t other = row | int64_t(1) << k;
    Value a = rows[row], b = rows[other];
    rows[row] = vector::ShuffleOp::create(builder, a, b, masks[0]);
    rows[other] = vector::ShuffleOp::create(builder, a, b, masks[1]);
  }
  unsigned entering = places.row[k];
  places.row[k] = places.column[leaving];
  if (enterLow) {
    for (unsigned bit = high; bit > low; --bit)
      places.column[bit] = places.column[bit - 1];
    places.column[low] = entering;
  } else {
    for (unsigned bit = low; bit < high; ++bit)
      places.column[bit] = places.column[bit + 1];
    places.column[high] = entering;
  }
}

SmallVector<Value> lambent::cpu::transposeTile(KernelBuilder &builder,
                                               ArrayRef<Value> input) {
  SmallVector<Value> rows(input);
  int64_t n = rows.size();
  unsigned log = llvm::Log2_64(n);
  auto type = cast<VectorType>(rows[0].getType());
  Places places;
  for (unsigned bit = 0; bit < log; ++bit) {
    places.column.push_back(bit);
    places.row.push_back(log + bit);
  }
  // Column bits below `inner` choose an element of a 128-bit lane.
  unsigned inner = std::min<unsigned>(
      log,
      llvm::Log2_64(std::max<int64_t>(1, 128 / type.getElementTypeBitWidth())));
  // Unpack the elements: bit 0 enters at the bottom and what is at the top of
  // the lane leaves; then pairs, ...
  for (unsigned bit = 0; bit < inner; ++bit)
    rotate(builder, rows, places, bit, bit, inner - 1, /*enterLow=*/true);
  // Whole lanes: the row bits enter at the top one after the other.
  for (unsigned bit = inner; bit < log; ++bit)
    rotate(builder, rows, places, bit, inner, log - 1, /*enterLow=*/false);

  // Row r now holds the elements of the original column whose bits the row bits
  // stand for.
  SmallVector<Value> result(n);
  for (int64_t row = 0; row < n; ++row) {
    int64_t column = 0;
    for (unsigned bit = 0; bit < log; ++bit)
      column |= (row >> bit & 1) << places.row[bit];
    result[column] = rows[row];
  }
  return result;
}
