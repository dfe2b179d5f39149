//===- Range.cpp - Which values of a tensor integers stand for ------------===//

#include "lambent/Quantization/Range.h"
#include "RangeSearch.h"
#include "TensorStatistics.h"
#include <algorithm>
#include <cfloat>
#include <cmath>

using namespace lambent::quantization;

//===-- Schemas -----------------------------------------------------------===//

/// The largest signed integer.
static double getMost(unsigned bits) { return std::ldexp(1.0, bits - 1) - 1; }

static bool isUnsigned(Range range, Schema schema) {
  return schema == Schema::SymmetricWithUInt8 && range.least >= 0;
}

/// A scale as an f32, which models keep it in.
static double roundScale(double scale) {
  return std::max(static_cast<float>(scale), FLT_MIN);
}

Range lambent::quantization::widenToSchema(Range range, Schema schema,
                                           unsigned bits) {
  range = {std::min(range.least, 0.0), std::max(range.most, 0.0)};
  if (schema == Schema::Asymmetric || isUnsigned(range, schema))
    return range;
  double magnitude = std::max(-range.least, range.most), most = getMost(bits);
  if (schema == Schema::SymmetricWithPower2Scale && magnitude > 0) {
    int exponent;
    double fraction = std::frexp(magnitude / most, &exponent);
    exponent -= fraction == 0.5;
    // An f32 has no larger power of two.
    magnitude = std::ldexp(most, std::min(exponent, FLT_MAX_EXP - 1));
  }
  return {-magnitude, magnitude};
}

QuantizedForm lambent::quantization::chooseForm(Range range, Schema schema,
                                                bool isSigned, unsigned bits) {
  range = widenToSchema(range, schema, bits);
  int64_t steps = (int64_t(1) << bits) - 1, most = int64_t(getMost(bits));
  double width = range.most - range.least;
  if (isUnsigned(range, schema))
    return {width > 0 ? roundScale(width / double(steps)) : 1, 0, 0, steps};
  if (schema != Schema::Asymmetric)
    return {width > 0 ? roundScale(range.most / double(most)) : 1, 0, -most,
            most};
  int64_t first = isSigned ? -most - 1 : 0;
  if (width == 0)
    return {1, 0, first, first + steps};
  double scale = roundScale(width / double(steps));
  int64_t zeroPoint =
      first + std::min(int64_t(std::nearbyint(-range.least / scale)), steps);
  return {scale, zeroPoint, first, first + steps};
}

//===-- Methods -----------------------------------------------------------===//

bool lambent::quantization::isByMagnitude(const TensorProfile &tensor,
                                          Schema schema) {
  return schema != Schema::Asymmetric &&
         !isUnsigned({tensor.least, tensor.most}, schema);
}

Histogram lambent::quantization::foldAtZero(const TensorProfile &tensor) {
  double magnitude = std::max(-tensor.least, tensor.most);
  Histogram both = rebin(tensor.histogram, -magnitude, magnitude);
  size_t zero = size_t(-both.lowest / both.width);
  Histogram result{0, both.width, {}};
  result.counts.resize(std::max(both.counts.size() - zero, zero));
  for (size_t i = 0; i < both.counts.size(); ++i)
    result.counts[i < zero ? zero - 1 - i : i - zero] += both.counts[i];
  return result;
}

/// The value that so many elements are not above, where those of an interval
/// are spread evenly over it.
static double findQuantile(const Histogram &histogram, double rank) {
  double before = 0;
  for (auto [index, count] : llvm::enumerate(histogram.counts)) {
    if (count > 0 && before + double(count) >= rank)
      return histogram.lowest +
             histogram.width *
                 (double(index) + std::max(rank - before, 0.0) / double(count));
    before += double(count);
  }
  return histogram.lowest + histogram.width * double(histogram.counts.size());
}

static Range findByPercentile(const TensorProfile &tensor, Schema schema,
                              double percentile) {
  double outside = double(tensor.elements) * (1 - percentile / 100);
  if (isByMagnitude(tensor, schema)) {
    double magnitude =
        findQuantile(foldAtZero(tensor), double(tensor.elements) - outside);
    return {-magnitude, magnitude};
  }
  return {
      findQuantile(tensor.histogram, outside / 2),
      findQuantile(tensor.histogram, double(tensor.elements) - outside / 2)};
}

static Range findByEntropy(const TensorProfile &tensor, Schema schema,
                           unsigned bits) {
  size_t levels = size_t(1) << bits;
  if (isByMagnitude(tensor, schema)) {
    Range range = findByEntropy(foldAtZero(tensor), levels / 2);
    return {-range.most, range.most};
  }
  return findByEntropy(rebin(tensor.histogram, std::min(tensor.least, 0.0),
                             std::max(tensor.most, 0.0)),
                       levels);
}

static Range findRange(const TensorProfile &tensor,
                       const RangeOptions &options) {
  // Of a tensor that was changed the ends alone are known.
  if (tensor.histogram.counts.empty())
    return {tensor.least, tensor.most};
  switch (options.method) {
  case RangeMethod::MinMax:
    break;
  case RangeMethod::Percentile:
    return findByPercentile(tensor, options.schema, options.percentile);
  case RangeMethod::Entropy:
    return findByEntropy(tensor, options.schema, options.bits);
  case RangeMethod::MeanSquaredError:
    return findBySquaredError(tensor, options);
  }
  return {tensor.least, tensor.most};
}

Range lambent::quantization::chooseRange(const TensorProfile &tensor,
                                         const RangeOptions &options) {
  Range range = findRange(tensor, options);
  // Intervals reach beyond the values that were seen.
  range = {std::max(range.least, tensor.least),
           std::min(range.most, tensor.most)};
  return widenToSchema(range, options.schema, options.bits);
}
