//===- TensorStatistics.cpp - What a tensor holds, in numbers -------------===//

#include "TensorStatistics.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;
using llvm::ArrayRef;

int lambent::quantization::chooseExponent(double least, double most) {
  // An f32 has 24 binary digits, the smallest is 2^-149.
  constexpr int digits = 24, leastExponent = -126;
  double magnitude = std::max(std::fabs(least), std::fabs(most));
  int exponent = magnitude > 0 ? std::max(std::ilogb(magnitude), leastExponent)
                               : leastExponent;
  exponent -= digits - 1;
  while (findBin(most, exponent) - findBin(least, exponent) >=
         int64_t(Histogram::mostBins))
    ++exponent;
  return exponent;
}

int64_t lambent::quantization::findBin(double value, int exponent) {
  // Exact: only the exponent changes.
  return static_cast<int64_t>(std::floor(std::ldexp(value, -exponent)));
}

static int getExponent(const Histogram &histogram) {
  return std::ilogb(histogram.width);
}

/// Intervals of a width of 2^exponent for values from `least` to `most`,
/// without counts.
static Histogram makeEmpty(double least, double most, int exponent) {
  int64_t first = findBin(least, exponent);
  Histogram result;
  result.width = std::ldexp(1.0, exponent);
  result.lowest = std::ldexp(double(first), exponent);
  result.counts.resize(size_t(findBin(most, exponent) - first + 1));
  return result;
}

/// Each interval of `from` lies in one of `into`.
static void addCounts(Histogram &into, const Histogram &from) {
  int exponent = getExponent(from), shift = getExponent(into) - exponent;
  int64_t first = findBin(from.lowest, exponent),
          target = findBin(into.lowest, getExponent(into));
  for (size_t i = 0; i < from.counts.size(); ++i) {
    int64_t bin = first + int64_t(i);
    // An index has at most 25 binary digits.
    into.counts[size_t((bin >> std::min(shift, 62)) - target)] +=
        from.counts[i];
  }
}

Histogram lambent::quantization::rebin(const Histogram &histogram, double least,
                                       double most) {
  // An interval whose values are counted cannot be cut.
  int exponent = std::max(chooseExponent(least, most), getExponent(histogram));
  Histogram result = makeEmpty(least, most, exponent);
  addCounts(result, histogram);
  return result;
}

/// Counts finite elements, which the histogram's intervals cover.
static void countElements(Histogram &histogram, ArrayRef<float> elements) {
  double inverse = 1 / histogram.width;
  int64_t first = findBin(histogram.lowest, getExponent(histogram));
  for (float element : elements) {
    double scaled = double(element) * inverse;
    auto bin = static_cast<int64_t>(scaled); // towards 0
    bin -= double(bin) > scaled;
    ++histogram.counts[size_t(bin - first)];
  }
}

/// Describes the channels of a dense tensor of `outer` x `count` x `inner`.
static std::vector<ChannelProfile> describeChannels(ArrayRef<float> elements,
                                                    size_t outer, size_t count,
                                                    size_t inner) {
  std::vector<ChannelProfile> channels(count, {HUGE_VAL, -HUGE_VAL, 0});
  const float *element = elements.data();
  for (size_t i = 0; i < outer; ++i)
    for (ChannelProfile &channel : channels) {
      float least = element[0], most = element[0];
      double sum = 0;
      for (const float *end = element + inner; element != end; ++element) {
        least = std::min(least, *element);
        most = std::max(most, *element);
        sum += *element;
      }
      channel.least = std::min(channel.least, double(least));
      channel.most = std::max(channel.most, double(most));
      channel.sum += sum;
    }
  return channels;
}

TensorProfile lambent::quantization::describeTensor(ArrayRef<int64_t> dims,
                                                    ArrayRef<float> elements,
                                                    int64_t axis) {
  TensorProfile result;
  float least = elements.front(), most = elements.front();
  for (float element : elements) {
    least = std::min(least, element);
    most = std::max(most, element);
    result.sum += element;
    result.sumOfSquares += double(element) * element;
  }
  result.least = least;
  result.most = most;
  result.elements = elements.size();
  result.histogram = makeEmpty(least, most, chooseExponent(least, most));
  countElements(result.histogram, elements);

  result.channelAxis = axis == 0 ? 1 : axis;
  size_t position = size_t(axis < 0 ? int64_t(dims.size()) + axis : axis);
  if (axis == 0 || position >= dims.size())
    return result;
  auto multiply = [](ArrayRef<int64_t> sizes) {
    size_t product = 1;
    for (int64_t size : sizes)
      product *= size_t(size);
    return product;
  };
  result.channels = describeChannels(
      elements, multiply(dims.take_front(position)), size_t(dims[position]),
      multiply(dims.drop_front(position + 1)));
  return result;
}

void lambent::quantization::mergeTensor(TensorProfile &into,
                                        const TensorProfile &from) {
  if (from.elements == 0)
    return;
  if (into.elements == 0) {
    into = from;
    return;
  }
  into.least = std::min(into.least, from.least);
  into.most = std::max(into.most, from.most);
  into.sum += from.sum;
  into.sumOfSquares += from.sumOfSquares;
  into.elements += from.elements;
  into.histogram = rebin(into.histogram, into.least, into.most);
  addCounts(into.histogram, from.histogram);
  if (into.channelAxis != from.channelAxis ||
      into.channels.size() != from.channels.size()) {
    into.channels.clear();
    return;
  }
  for (auto [channel, other] : llvm::zip(into.channels, from.channels)) {
    channel.least = std::min(channel.least, other.least);
    channel.most = std::max(channel.most, other.most);
    channel.sum += other.sum;
  }
}
