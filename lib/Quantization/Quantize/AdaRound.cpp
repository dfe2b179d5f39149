//===- AdaRound.cpp - Round a matrix up or down, all weights at once ------===//
//
// AdaRound (M. Nagel et al., arXiv 2004.10568) on the objective e^T H e, which
// moments of samples give. It starts where rounding one index after the other
// ends: each weight is between the two numbers around the one that the errors
// of all others ask for, w' = q + (H e)[k] / H[k, k], and begins half way from
// where w' lies to what it was rounded to. From the fractions alone, as in the
// paper, it ends higher in as many steps. What it ends with is rounded again as
// what it starts with was, since weights may then need another number than
// these two.
//
//===----------------------------------------------------------------------===//

#include "AdaRound.h"
#include "GridNumbers.h"
#include "Relaxation.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// Strips that are held at once, of 6 MB each at 8,192 sums: for as many
/// threads.
constexpr int64_t mostStrips = 16;

/// What a strip became, and what that costs each column.
struct Result {
  std::vector<GridScales> scales; ///< of each group
  std::unique_ptr<ColumnRow[]> rounded;
  double costs[roundedColumns];
};

class StripRounder {
public:
  StripRounder(const SummedMatrix &matrix, IntegerGrid &grid,
               const ErrorFeedback &feedback, int64_t column)
      : matrix(matrix), grid(grid), feedback(feedback), column(column),
        columns(std::min(roundedColumns, matrix.columns - column)),
        strip(matrix.sums), gradients(new ColumnRow[size_t(matrix.sums)]) {}

  /// To the nearest, then one index after the other.
  void begin() {
    strip.read(matrix, column, columns);
    grid.chooseNearestScales(column, columns, strip.weights.get());
    for (int64_t k = 0; k < matrix.sums; ++k)
      grid.round(k, strip.weights[k], strip.rounded[k]);
    feedback.closeGaps(strip.weights.get());
    for (int64_t k = 0; k < matrix.sums; ++k)
      for (int64_t n = 0; n < roundedColumns; ++n)
        strip.errors[k][n] = strip.weights[k][n] - strip.rounded[k][n];
    best.rounded.reset(new ColumnRow[size_t(matrix.sums)]);
    std::fill_n(best.costs, roundedColumns, HUGE_VAL);
    compare();
    roundByFeedback(strip, grid, feedback);
    roundAgain(strip, grid, feedback, gradients.get());
    compare();
    scales = getScales();
  }

  /// All weights together. Neither changes the grid nor asks for its scales, so
  /// that several strips may do this at once.
  void roundTogether() {
    RelaxedStrip relaxed(matrix.sums);
    findGradients(strip, feedback, 0, matrix.sums, gradients.get());
    for (int64_t k = 0; k < matrix.sums; ++k)
      placeBetween(k, relaxed);
    relax(strip, feedback, relaxed);
    for (int64_t k = 0; k < matrix.sums; ++k)
      for (int64_t n = 0; n < roundedColumns; ++n) {
        float added = relaxed.shares[k][n] * relaxed.steps[k][n];
        strip.rounded[k][n] = relaxed.lower[k][n] + added;
      }
  }

  /// Hands the grid what costs least.
  void end(RoundingNoise &noise) {
    setScales(scales);
    for (int64_t k = 0; k < matrix.sums; ++k) {
      ColumnRow target;
      std::copy_n(strip.rounded[k], roundedColumns, target);
      strip.round(grid, k, target);
    }
    roundAgain(strip, grid, feedback, gradients.get());
    compare();
    setScales(best.scales);
    grid.keep(column, columns, best.rounded.get());
    noise.add(matrix, column, columns, best.rounded.get());
  }

private:
  std::vector<GridScales> getScales() const {
    std::vector<GridScales> result;
    for (int64_t first = 0; first < matrix.sums; first += grid.getGroup())
      result.push_back(grid.getScales(first / grid.getGroup()));
    return result;
  }
  void setScales(ArrayRef<GridScales> given) {
    for (auto [group, values] : enumerate(given))
      grid.setScales(int64_t(group), values);
  }

  /// Takes what the strip became where that costs less.
  void compare() {
    findGradients(strip, feedback, 0, matrix.sums, gradients.get());
    double costs[roundedColumns] = {};
    for (int64_t k = 0; k < matrix.sums; ++k)
      for (int64_t n = 0; n < roundedColumns; ++n)
        costs[n] += double(strip.errors[k][n]) * double(gradients[k][n]);
    std::vector<GridScales> found = getScales();
    best.scales.resize(found.size());
    for (int64_t n = 0; n < roundedColumns; ++n) {
      if (!(costs[n] < best.costs[n]))
        continue;
      best.costs[n] = costs[n];
      for (size_t group = 0; group < found.size(); ++group) {
        best.scales[group].scale[n] = found[group].scale[n];
        best.scales[group].zero[n] = found[group].zero[n];
      }
      for (int64_t k = 0; k < matrix.sums; ++k)
        best.rounded[k][n] = strip.rounded[k][n];
    }
  }

  void placeBetween(int64_t k, RelaxedStrip &relaxed) const {
    const GridScales &group = scales[size_t(k / grid.getGroup())];
    IntegerRange range = grid.getRange(group);
    float moment = feedback.getMoments(k)[size_t(k)];
    for (int64_t n = 0; n < roundedColumns; ++n) {
      float step = group.scale[n], chosen = strip.rounded[k][n] / step;
      float target = chosen + gradients[k][n] / (moment * step);
      float lower =
          clamp(std::floor(target), range.least[n], range.most[n] - 1);
      relaxed.steps[k][n] = step;
      relaxed.lower[k][n] = lower * step;
      relaxed.shares[k][n] =
          (clamp(target - lower, 0, 1) + clamp(chosen - lower, 0, 1)) / 2;
    }
  }

  const SummedMatrix &matrix;
  IntegerGrid &grid;
  const ErrorFeedback &feedback;
  const int64_t column, columns;
  RoundedStrip strip;
  std::unique_ptr<ColumnRow[]> gradients;
  std::vector<GridScales> scales; ///< that weights are rounded with together
  Result best;
};

} // namespace

RoundingNoise roundTogether(const SummedMatrix &matrix, IntegerGrid &grid,
                            const ErrorFeedback &feedback,
                            SampleRunner &samples) {
  RoundingNoise noise;
  for (int64_t first = 0; first < matrix.columns;
       first += mostStrips * roundedColumns) {
    int64_t end = std::min(matrix.columns, first + mostStrips * roundedColumns);
    std::vector<StripRounder> strips;
    for (int64_t column = first; column < end; column += roundedColumns)
      strips.emplace_back(matrix, grid, feedback, column).begin();
    samples.forEach(int64_t(strips.size()),
                    [&](int64_t i) { strips[size_t(i)].roundTogether(); });
    for (StripRounder &strip : strips)
      strip.end(noise);
  }
  return noise;
}

} // namespace lambent::quantization
