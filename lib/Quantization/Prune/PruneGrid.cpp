//===- PruneGrid.cpp - Any number, or 0 where that costs least ------------===//

#include "PruneGrid.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

/// Indices that get their zeros at once.
static constexpr int64_t adaptedSums = 128;

PruneGrid::PruneGrid(int64_t sums, int64_t taps, double share,
                     const ZeroStructure &structure, ArrayRef<float> factors,
                     MutableArrayRef<float> result)
    : sums(sums), taps(taps), share(share), structure(structure),
      factors(factors), result(result), group(adaptedSums),
      stays(new ColumnRow[size_t(sums)]) {
  int64_t inputs = std::max(structure.of, structure.inputs);
  if (inputs == 1)
    return;
  // All input channels that belong together at all taps.
  int64_t whole = inputs * taps;
  group = (adaptedSums + whole - 1) / whole * whole;
}

void PruneGrid::chooseScales(int64_t index, ArrayRef<float> importance,
                             const ColumnRow *rows) {
  int64_t columns = std::min(roundedColumns, int64_t(factors.size()) - strip);
  int64_t count = int64_t(importance.size());
  std::vector<float> costs;
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t k = 0; k < count; ++k) {
      float lost = rows[k][n] * factors[size_t(strip + n)];
      costs.push_back(importance[size_t(k)] * lost * lost);
    }
  // What a group is off by, the next one makes up for.
  decided += columns * count;
  int64_t wanted = std::llround(share * double(decided)) - zeros;
  std::vector<char> chosen = chooseZeros(costs, count, taps, wanted, structure);
  for (int64_t k = 0; k < count; ++k)
    for (int64_t n = 0; n < roundedColumns; ++n) {
      bool isZero = n >= columns || chosen[size_t(n * count + k)];
      stays[size_t(index * group + k)][n] = isZero ? 0 : 1;
      zeros += isZero && n < columns;
    }
}

void PruneGrid::round(int64_t index, const ColumnRow &row,
                      ColumnRow &rounded) const {
  const ColumnRow &stay = stays[size_t(index)];
  for (int64_t n = 0; n < roundedColumns; ++n)
    rounded[n] = row[n] * stay[n];
}

void PruneGrid::stretchScales(int64_t, ColumnRow &factor) {
  std::fill_n(factor, roundedColumns, 1.0f);
}

void PruneGrid::keep(int64_t column, int64_t columns,
                     const ColumnRow *rounded) {
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t k = 0; k < sums; ++k)
      result[size_t((column + n) * sums + k)] =
          stays[size_t(k)][n] ? rounded[k][n] : 0;
  strip = column + columns;
}

} // namespace lambent::quantization
