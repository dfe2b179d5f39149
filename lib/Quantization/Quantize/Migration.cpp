//===- Migration.cpp - By how much channels are divided -------------------===//
//
// With steps dx of the tensor and dw[n] of the columns of its readers' weights,
// whose roundings are off by step^2 / 12 each in the mean of squares, factors s
// leave in a product
//
//   dx^2 / 12 sum_c s[c]^2 |W[c]|^2 + sum_c E[x[c]^2] / s[c]^2 sum_n dw[n]^2 /
//   12
//
// and dx^2 / 12 sum_c s[c]^2 in what others read of the tensor. Each of these
// is measured by the squares of what it is part of, as if channels were
// independent. The profile has no squares of channels: what is left of the
// tensor's beside their means goes to them by the squares of their ranges.
//
//===----------------------------------------------------------------------===//

#include "Migration.h"
#include "ChannelGrid.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

/// Gives channels of zeros the least of the others: they are of no weight, and
/// are not to stand out.
void raiseZeros(std::vector<double> &magnitudes) {
  double least = INFINITY;
  for (double magnitude : magnitudes)
    if (magnitude > 0)
      least = std::min(least, magnitude);
  for (double &magnitude : magnitudes)
    if (!(magnitude > 0))
      magnitude = std::isfinite(least) ? least : 1;
}

/// The share of the noise that may be left: a channel that reaches to the end
/// of the range has no room for what samples did not show.
constexpr double worthwhile = 0.5;

class Chooser {
public:
  explicit Chooser(const MigratedTensor &tensor)
      : tensor(tensor), count(tensor.profile.channels.size()), rows(count, 0) {
    for (const ChannelProfile &channel : tensor.profile.channels)
      inputs.push_back(
          std::max(std::fabs(channel.least), std::fabs(channel.most)));
    for (const MigrationReader &reader : tensor.readers)
      forEach(reader, [&](double value, size_t c, size_t) {
        rows[c] = std::max(rows[c], std::fabs(value));
      });
    raiseZeros(inputs);
    raiseZeros(rows);
    squares = estimateSquares();
  }

  /// max|x|^strength / max|W|^(1 - strength)
  std::vector<double> getFactors(double strength) const {
    std::vector<double> factors;
    for (size_t c = 0; c < count; ++c) {
      double factor =
          std::pow(inputs[c], strength) / std::pow(rows[c], 1 - strength);
      // Extremes would lose small numbers; a NaN is refused by a later step.
      factors.push_back(
          std::isfinite(factor) ? std::min(std::max(factor, 1e-4), 1e4) : 1);
    }
    return factors;
  }

  /// The noise beside the signal, of all readers.
  double getNoise(ArrayRef<double> factors) const {
    Range range;
    for (size_t c = 0; c < count; ++c) {
      const ChannelProfile &channel = tensor.profile.channels[c];
      range.least = std::min(range.least, channel.least / factors[c]);
      range.most = std::max(range.most, channel.most / factors[c]);
    }
    range = widenToSchema(range, tensor.range.schema, tensor.range.bits);
    double step = (range.most - range.least) /
                  double((int64_t(1) << tensor.range.bits) - 1);
    double noise = 0;
    for (const MigrationReader &reader : tensor.readers)
      noise += getNoise(reader, factors, step);
    if (tensor.hasOtherReaders) {
      double lost = 0, signal = 0;
      for (size_t c = 0; c < count; ++c) {
        lost += step * step * factors[c] * factors[c];
        signal += squares[c];
      }
      noise += lost / signal;
    }
    return noise;
  }

private:
  template <typename See>
  void forEach(const MigrationReader &reader, See see) const {
    for (size_t i = 0; i < reader.matrix.offsets.size(); ++i)
      see(reader.values.elements[size_t(reader.matrix.offsets[i])],
          size_t(reader.matrix.inputs[i]), i / size_t(reader.matrix.sums));
  }

  double getNoise(const MigrationReader &reader, ArrayRef<double> factors,
                  double step) const {
    std::vector<double> largest(size_t(reader.matrix.channels), 0);
    double lost = 0, signal = 0;
    forEach(reader, [&](double value, size_t c, size_t n) {
      double scaled = value * factors[c];
      largest[n] = std::max(largest[n], std::fabs(scaled));
      lost += scaled * scaled * step * step;
      signal += value * value * squares[c];
    });
    if (tensor.isPerTensor)
      largest.assign(largest.size(), *max_element(largest));
    forEach(reader, [&](double, size_t c, size_t n) {
      double weightStep = largest[n] / mostWeightInteger / factors[c];
      lost += weightStep * weightStep * squares[c];
    });
    return lost / signal;
  }

  /// E[x^2] of each channel.
  std::vector<double> estimateSquares() const {
    double perChannel = double(tensor.profile.elements) / double(count);
    std::vector<double> means, spreads;
    double rest = tensor.profile.sumOfSquares / perChannel, spread = 0;
    for (const ChannelProfile &channel : tensor.profile.channels) {
      double mean = channel.sum / perChannel,
             width = channel.most - channel.least;
      means.push_back(mean * mean);
      spreads.push_back(width * width);
      rest -= means.back();
      spread += spreads.back();
    }
    std::vector<double> result;
    for (size_t c = 0; c < count; ++c)
      result.push_back(
          means[c] +
          (spread > 0 ? std::max(rest, 0.0) * spreads[c] / spread : 0));
    return result;
  }

  const MigratedTensor &tensor;
  const size_t count;
  std::vector<double> inputs, rows, squares;
};

} // namespace

std::vector<double> chooseMigration(const MigratedTensor &tensor,
                                    const MigrationStrength &strength) {
  Chooser chooser(tensor);
  if (strength.number)
    return chooser.getFactors(*strength.number);
  std::vector<double> best;
  double least =
      worthwhile *
      chooser.getNoise(std::vector<double>(tensor.profile.channels.size(), 1));
  for (int percent = 30; percent <= 100; percent += 5) {
    std::vector<double> factors = chooser.getFactors(percent / 100.0);
    double noise = chooser.getNoise(factors);
    if (!(noise < least))
      continue;
    least = noise;
    best = std::move(factors);
  }
  return best;
}

} // namespace lambent::quantization
