//===- WinogradError.cpp - What a Winograd form errs on a filter ----------===//

#include "lambent/Lowering/Kernels/Winograd.h"
#include <cmath>
#include <limits>
#include <random>

using namespace lambent::kernels;

namespace {

constexpr int64_t kTiles = 8, kChannels = 4;

/// One number of each tile.
template <typename T> using Tiles = std::array<T, kTiles>;

/// LinearTransform's steps in f32.
struct TileArithmetic {
  using Floats = Tiles<float>;

  Floats multiply(Fraction factor, const Floats &x) {
    return map([f = float(factor.toDouble())](float a, float) { return f * a; },
               x, x);
  }
  Floats multiplyAdd(Fraction factor, const Floats &x, const Floats &sum) {
    return map(
        [f = float(factor.toDouble())](float a, float b) { return f * a + b; },
        x, sum);
  }
  Floats add(const Floats &a, const Floats &b) {
    return map([](float a, float b) { return a + b; }, a, b);
  }
  Floats subtract(const Floats &a, const Floats &b) {
    return map([](float a, float b) { return a - b; }, a, b);
  }

private:
  template <typename Function>
  Floats map(Function function, const Floats &a, const Floats &b) {
    Floats result;
    for (int64_t i = 0; i < kTiles; ++i)
      result[i] = function(a[i], b[i]);
    return result;
  }
};

/// Winograd's way beside the direct one, channel by channel.
class Comparison {
public:
  Comparison(const WinogradForms &forms, int64_t channels);

  /// Adds the products of one input channel: `filters` holds the taps of each
  /// output channel.
  void add(std::mt19937 &random, llvm::ArrayRef<const float *> filters);
  double getError() const;

private:
  /// Applies `along[0]` along y and `along[1]` along x.
  std::vector<Tiles<float>>
  transform(const std::vector<Tiles<float>> &grid, int64_t height,
            int64_t width, const std::array<LinearTransform, 2> &along) const;

  WinogradForms forms;
  std::array<WinogradMatrices, 2> matrices;
  std::array<LinearTransform, 2> input, output;
  int64_t height, width;                         ///< of a tile's input
  std::vector<double> weights;                   ///< of each tap in each point
  std::vector<std::vector<Tiles<float>>> sums;   ///< [channel][point]
  std::vector<std::vector<Tiles<double>>> exact; ///< [channel][output]
};

} // namespace

Comparison::Comparison(const WinogradForms &forms, int64_t channels)
    : forms(forms), matrices{WinogradMatrices(forms[0]),
                             WinogradMatrices(forms[1])},
      input{LinearTransform(matrices[0].input),
            LinearTransform(matrices[1].input)},
      output{LinearTransform(matrices[0].output),
             LinearTransform(matrices[1].output)},
      height(forms[0].getPoints()), width(forms[1].getPoints()),
      sums(channels, std::vector<Tiles<float>>(height * width)),
      exact(channels,
            std::vector<Tiles<double>>(forms[0].outputs * forms[1].outputs)) {
  for (int64_t p = 0; p < height * width; ++p)
    for (int64_t y = 0; y < forms[0].taps; ++y)
      for (int64_t x = 0; x < forms[1].taps; ++x)
        weights.push_back(matrices[0].filter.at(p / width, y).toDouble() *
                          matrices[1].filter.at(p % width, x).toDouble());
}

std::vector<Tiles<float>>
Comparison::transform(const std::vector<Tiles<float>> &grid, int64_t height,
                      int64_t width,
                      const std::array<LinearTransform, 2> &along) const {
  std::vector<llvm::SmallVector<Tiles<float>>> columns;
  for (int64_t x = 0; x < width; ++x) {
    llvm::SmallVector<Tiles<float>> column;
    for (int64_t y = 0; y < height; ++y)
      column.push_back(grid[y * width + x]);
    columns.push_back(along[0].apply<Tiles<float>>(column, TileArithmetic()));
  }
  std::vector<Tiles<float>> result;
  for (size_t y = 0; y < columns.front().size(); ++y) {
    llvm::SmallVector<Tiles<float>> row;
    for (auto &column : columns)
      row.push_back(column[y]);
    auto values = along[1].apply<Tiles<float>>(row, TileArithmetic());
    result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

void Comparison::add(std::mt19937 &random,
                     llvm::ArrayRef<const float *> filters) {
  std::vector<Tiles<float>> data(height * width);
  for (Tiles<float> &values : data)
    for (float &value : values)
      value = std::max(0.0f, float(random()) / float(1u << 31) - 1);
  std::vector<Tiles<float>> points = transform(data, height, width, input);
  int64_t columns = forms[1].taps, taps = forms[0].taps * columns;
  for (auto [channel, filter] : llvm::enumerate(filters)) {
    for (int64_t p = 0; p < height * width; ++p) {
      double weight = 0;
      for (int64_t tap = 0; tap < taps; ++tap)
        weight += weights[p * taps + tap] * filter[tap];
      for (int64_t i = 0; i < kTiles; ++i)
        sums[channel][p][i] += float(weight) * points[p][i];
    }
    for (auto [place, sum] : llvm::enumerate(exact[channel]))
      for (int64_t tap = 0; tap < taps; ++tap) {
        int64_t y = place / forms[1].outputs + tap / columns,
                x = place % forms[1].outputs + tap % columns;
        for (int64_t i = 0; i < kTiles; ++i)
          sum[i] += double(filter[tap]) * data[y * width + x][i];
      }
  }
}

double Comparison::getError() const {
  double errors = 0, deviations = 0;
  for (auto [channel, products] : llvm::enumerate(sums)) {
    auto results = transform(products, height, width, output);
    double count = kTiles * double(results.size()), mean = 0;
    for (const Tiles<double> &values : exact[channel])
      for (double value : values)
        mean += value / count;
    for (auto [place, values] : llvm::enumerate(exact[channel]))
      for (int64_t i = 0; i < kTiles; ++i) {
        errors += std::pow(results[place][i] - values[i], 2);
        deviations += std::pow(values[i] - mean, 2);
      }
  }
  return deviations > 0 ? std::sqrt(errors / deviations)
                        : std::numeric_limits<double>::quiet_NaN();
}

double lambent::kernels::measureWinogradError(const WinogradForms &forms,
                                              llvm::ArrayRef<float> filter,
                                              int64_t outputChannels,
                                              int64_t inputChannels) {
  int64_t taps = forms[0].taps * forms[1].taps,
          channels = std::min(kChannels, outputChannels);
  Comparison comparison(forms, channels);
  std::mt19937 random(1);
  for (int64_t i = 0; i < inputChannels; ++i) {
    llvm::SmallVector<const float *> filters;
    for (int64_t c = 0; c < channels; ++c)
      filters.push_back(filter.data() +
                        (c * outputChannels / channels * inputChannels + i) *
                            taps);
    comparison.add(random, filters);
  }
  return comparison.getError();
}
