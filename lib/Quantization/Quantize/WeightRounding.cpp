//===- WeightRounding.cpp - Round a matrix by what it is multiplied with --===//
//
// Group after group along the sum: targets take what errors before the group
// ask for, scales follow from the targets, and each index is rounded after
// those before it. Then scales and indices are chosen again, given all others,
// as long as that pays (coordinate descent on e^T H e).
//
//===----------------------------------------------------------------------===//

#include "../WideCode.h"
#include "RoundedStrip.h"
#include <cstring>

using namespace llvm;

namespace lambent::quantization {

/// A row in registers, which sums stay in.
using Lanes = float __attribute__((vector_size(sizeof(ColumnRow))));

LAMBENT_WIDE_CODE
void addRows(ColumnRow &row, ArrayRef<float> factors, const ColumnRow *rows) {
  Lanes sums = {};
  for (size_t j = 0; j < factors.size(); ++j) {
    Lanes other;
    std::memcpy(&other, rows[j], sizeof other);
    sums += factors[j] * other;
  }
  for (int64_t n = 0; n < roundedColumns; ++n)
    row[n] += sums[n];
}

/// As many columns of so many rows are summed in registers.
using HalfLanes = float __attribute__((vector_size(sizeof(ColumnRow) / 2)));
constexpr int64_t tileRows = 6, halfColumns = roundedColumns / 2;

/// rows[i] += sum_j factors[i * stride + j] * others[j] of a tile's rows
LAMBENT_WIDE_CODE
static void addTile(ColumnRow *rows, const float *factors, int64_t stride,
                    const ColumnRow *others, int64_t count) {
  for (int64_t half = 0; half < roundedColumns; half += halfColumns) {
    HalfLanes sums[tileRows] = {};
    for (int64_t j = 0; j < count; ++j) {
      HalfLanes other;
      std::memcpy(&other, &others[j][half], sizeof other);
      for (int64_t i = 0; i < tileRows; ++i)
        sums[i] += factors[i * stride + j] * other;
    }
    for (int64_t i = 0; i < tileRows; ++i)
      for (int64_t n = 0; n < halfColumns; ++n)
        rows[i][half + n] += sums[i][n];
  }
}

void RoundedStrip::read(const SummedMatrix &matrix, int64_t column,
                        int64_t columns) {
  for (int64_t k = 0; k < sums; ++k)
    for (int64_t n = 0; n < roundedColumns; ++n)
      weights[k][n] = n < columns ? matrix.get(k, column + n) : 0;
}

void RoundedStrip::round(const WeightGrid &grid, int64_t k,
                         const ColumnRow &target) {
  grid.round(k, target, rounded[k]);
  for (int64_t n = 0; n < roundedColumns; ++n)
    errors[k][n] = weights[k][n] - rounded[k][n];
}

void RoundingNoise::add(const SummedMatrix &matrix, int64_t column,
                        int64_t columns, const ColumnRow *rounded) {
  for (int64_t k = 0; k < matrix.sums; ++k)
    for (int64_t n = 0; n < columns; ++n) {
      double weight = double(matrix.get(k, column + n));
      double error = weight - double(rounded[k][n]);
      signal += weight * weight;
      noise += error * error;
    }
}

namespace {

/// How many errors are read from the nearest cache for a whole group.
constexpr int64_t nearErrors = 64;

/// The targets of a group as if its own indices could become any numbers.
void findTargets(RoundedStrip &strip, const ErrorFeedback &feedback,
                 int64_t first, int64_t end) {
  for (int64_t k = first; k < end; ++k)
    std::copy_n(strip.weights[k], roundedColumns, strip.targets[k]);
  for (int64_t j = 0; j < first; j += nearErrors)
    for (int64_t k = first; k < end; ++k)
      addRows(strip.targets[k],
              feedback.getFactors(k).slice(
                  size_t(j), size_t(std::min(nearErrors, first - j))),
              &strip.errors[j]);
}

void roundGroup(RoundedStrip &strip, WeightGrid &grid,
                const ErrorFeedback &feedback, int64_t first, int64_t end) {
  findTargets(strip, feedback, first, end);
  // `rounded` holds the best numbers for the group until it is rounded.
  for (int64_t k = first; k < end; ++k) {
    std::copy_n(strip.targets[k], roundedColumns, strip.rounded[k]);
    addRows(strip.rounded[k], feedback.getFactors(k).slice(size_t(first)),
            &strip.errors[first]);
    for (int64_t n = 0; n < roundedColumns; ++n)
      strip.errors[k][n] = strip.weights[k][n] - strip.rounded[k][n];
  }
  grid.chooseScales(
      first / grid.getGroup(),
      feedback.getImportance().slice(size_t(first), size_t(end - first)),
      &strip.rounded[first]);
  for (int64_t k = first; k < end; ++k) {
    addRows(strip.targets[k], feedback.getFactors(k).slice(size_t(first)),
            &strip.errors[first]);
    strip.round(grid, k, strip.targets[k]);
  }
}

} // namespace

void findGradients(const RoundedStrip &strip, const ErrorFeedback &feedback,
                   int64_t first, int64_t end, ColumnRow *gradients) {
  for (int64_t k = first; k < end; ++k)
    std::fill_n(gradients[k - first], roundedColumns, 0.0f);
  // All of some rows of H, one piece after the other, as memory likes it.
  int64_t k = first;
  for (; k + tileRows <= end; k += tileRows)
    for (int64_t j = 0; j < strip.sums; j += nearErrors)
      addTile(gradients + (k - first), &feedback.getMoments(k)[size_t(j)],
              strip.sums, &strip.errors[j],
              std::min(nearErrors, strip.sums - j));
  for (; k < end; ++k)
    for (int64_t j = 0; j < strip.sums; j += nearErrors)
      addRows(gradients[k - first],
              feedback.getMoments(k).slice(
                  size_t(j), size_t(std::min(nearErrors, strip.sums - j))),
              &strip.errors[j]);
}

namespace {

/// The factor of a group's scales with which its integers r cost least:
/// 1 + r^T H e / r^T H r.
void fitScales(RoundedStrip &strip, WeightGrid &grid,
               const ErrorFeedback &feedback, int64_t first, int64_t end,
               const ColumnRow *gradients) {
  ColumnRow asked = {}, square = {}, factor;
  for (int64_t k = first; k < end; ++k) {
    ColumnRow product = {};
    addRows(product,
            feedback.getMoments(k).slice(size_t(first), size_t(end - first)),
            &strip.rounded[first]);
    for (int64_t n = 0; n < roundedColumns; ++n) {
      asked[n] += strip.rounded[k][n] * gradients[k - first][n];
      square[n] += strip.rounded[k][n] * product[n];
    }
  }
  for (int64_t n = 0; n < roundedColumns; ++n)
    factor[n] = square[n] > 0 ? 1 + asked[n] / square[n] : 1;
  grid.stretchScales(first / grid.getGroup(), factor);
  for (int64_t k = first; k < end; ++k) {
    ColumnRow target;
    for (int64_t n = 0; n < roundedColumns; ++n)
      target[n] = strip.rounded[k][n] * factor[n];
    strip.round(grid, k, target);
  }
}

/// A group given all others: its scales, then each index, whose error is best
/// what its gradient asks for. The cost falls or stays.
void roundGroupAgain(RoundedStrip &strip, WeightGrid &grid,
                     const ErrorFeedback &feedback, int64_t first, int64_t end,
                     ColumnRow *gradients) {
  if (grid.hasScales()) {
    findGradients(strip, feedback, first, end, gradients);
    fitScales(strip, grid, feedback, first, end, gradients);
  }
  findGradients(strip, feedback, first, end, gradients);
  for (int64_t k = first; k < end; ++k) {
    ArrayRef<float> moments = feedback.getMoments(k);
    ColumnRow target, change;
    for (int64_t n = 0; n < roundedColumns; ++n) {
      change[n] = strip.rounded[k][n];
      target[n] = change[n] + gradients[k - first][n] / moments[size_t(k)];
    }
    strip.round(grid, k, target);
    for (int64_t n = 0; n < roundedColumns; ++n)
      change[n] -= strip.rounded[k][n];
    for (int64_t j = k + 1; j < end; ++j)
      addRows(gradients[j - first], moments[size_t(j)], &change);
  }
}

/// How often all groups are rounded again: more change few of them.
constexpr int passes = 4;

} // namespace

void roundByFeedback(RoundedStrip &strip, WeightGrid &grid,
                     const ErrorFeedback &feedback) {
  for (int64_t first = 0; first < strip.sums; first += grid.getGroup())
    roundGroup(strip, grid, feedback, first,
               std::min(strip.sums, first + grid.getGroup()));
}

void roundAgain(RoundedStrip &strip, WeightGrid &grid,
                const ErrorFeedback &feedback, ColumnRow *gradients) {
  for (int pass = 0; pass < passes; ++pass)
    for (int64_t first = 0; first < strip.sums; first += grid.getGroup())
      roundGroupAgain(strip, grid, feedback, first,
                      std::min(strip.sums, first + grid.getGroup()), gradients);
}

RoundingNoise roundMatrix(const SummedMatrix &matrix, WeightGrid &grid,
                          const ErrorFeedback *feedback) {
  RoundingNoise result;
  RoundedStrip strip(matrix.sums);
  std::unique_ptr<ColumnRow[]> gradients(
      new ColumnRow[size_t(std::min(grid.getGroup(), matrix.sums))]);
  std::vector<float> ones(size_t(matrix.sums), 1.0f);
  for (int64_t column = 0; column < matrix.columns; column += roundedColumns) {
    int64_t columns = std::min(roundedColumns, matrix.columns - column);
    strip.read(matrix, column, columns);
    if (feedback) {
      feedback->closeGaps(strip.weights.get());
      roundByFeedback(strip, grid, *feedback);
      roundAgain(strip, grid, *feedback, gradients.get());
    } else {
      for (int64_t first = 0; first < matrix.sums; first += grid.getGroup()) {
        int64_t end = std::min(matrix.sums, first + grid.getGroup());
        grid.chooseScales(
            first / grid.getGroup(),
            ArrayRef(ones).slice(size_t(first), size_t(end - first)),
            &strip.weights[first]);
        for (int64_t k = first; k < end; ++k)
          strip.round(grid, k, strip.weights[k]);
      }
    }
    grid.keep(column, columns, strip.rounded.get());
    result.add(matrix, column, columns, strip.rounded.get());
  }
  return result;
}

} // namespace lambent::quantization
