//===- RangeEntropy.cpp - The range of least divergence -------------------===//
//
// P is what the histogram says of the values, with those outside the range put
// into the intervals at its ends. Q is what is left of the values within it,
// without the others, in as many levels as there are integers: the intervals of
// a level that have values share them equally. The range is that of the least
//
//   KL(P || Q) = sum p log(p / q)
//
// The share of an interval is the same within a level, so that sums over
// prefixes give each level at once.
//
//===----------------------------------------------------------------------===//

#include "RangeSearch.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;

/// Lowers counts that one value is for, as what a constant becomes, to what is
/// beside them: it is one step off at most wherever the range ends, but alone
/// in its level it would be worth more than all others. The interval farthest
/// from 0 stays, since a range that ends before it cuts all of its values off.
static void limitFrequent(std::vector<uint64_t> &counts, size_t zero) {
  constexpr uint64_t leastShare = 20, leastRatio = 8;
  uint64_t all = 0, before = 0;
  for (uint64_t count : counts)
    all += count;
  size_t last = counts.size() - 1, farthest = 2 * zero > last ? 0 : last;
  for (size_t i = 0; i <= last; ++i) {
    if (counts[i] > all / leastShare && i != farthest) {
      auto next = std::find_if(counts.begin() + int64_t(i) + 1, counts.end(),
                               [](uint64_t count) { return count > 0; });
      uint64_t beside = std::max(before, next == counts.end() ? 0 : *next);
      if (beside > 0 && counts[i] / leastRatio > beside)
        counts[i] = beside;
    }
    before = counts[i] > 0 ? counts[i] : before;
  }
}

namespace {

class DivergenceSearch {
public:
  DivergenceSearch(const Histogram &histogram, size_t levels)
      : histogram(histogram), counts(histogram.counts), levels(levels),
        zero(size_t(-histogram.lowest / histogram.width)) {
    // Integers have an exact 0, so that many zeros, as behind a ReLU, are no
    // reason to keep small values apart.
    if (zero + 1 < counts.size())
      counts[zero] = std::min(counts[zero], counts[zero + 1]);
    limitFrequent(counts, zero);
    sums = used = products = {0};
    for (uint64_t count : counts) {
      double number = double(count);
      sums.push_back(sums.back() + number);
      used.push_back(used.back() + (count > 0));
      products.push_back(products.back() + weigh(number));
    }
  }

  /// As far to both sides of 0 as there are values: ends that move apart from
  /// one another cut a side off where values crowd at 0.
  Range run() const {
    double least = HUGE_VAL;
    size_t bestFirst = 0, bestLast = counts.size();
    for (size_t reach = std::max(zero, counts.size() - zero); reach > 0;
         --reach) {
      size_t first = zero - std::min(zero, reach),
             last = std::min(counts.size(), zero + reach);
      if (last - first < levels)
        break;
      // Of two alike the wider one.
      double divergence = measure(first, last);
      if (divergence < least) {
        least = divergence;
        bestFirst = first;
        bestLast = last;
      }
    }
    return {histogram.lowest + histogram.width * double(bestFirst),
            histogram.lowest + histogram.width * double(bestLast)};
  }

private:
  static double weigh(double count) {
    return count > 0 ? count * std::log(count) : 0;
  }

  /// KL(P || Q) for the intervals from `first` to before `last`.
  double measure(size_t first, size_t last) const {
    double all = sums.back(), inside = sums[last] - sums[first];
    double below = sums[first], above = all - sums[last];
    size_t width = last - first;
    if (inside == 0 || (below > 0 && counts[first] == 0) ||
        (above > 0 && counts[last - 1] == 0))
      return HUGE_VAL;
    // sum p log p, with what is outside at the ends.
    double result = products[last] - products[first];
    double low = double(counts[first]), high = double(counts[last - 1]);
    if (width == 1) {
      result += weigh(low + below + above) - weigh(low);
    } else {
      result += weigh(low + below) - weigh(low);
      result += weigh(high + above) - weigh(high);
    }
    for (size_t level = 0; level < levels; ++level) {
      size_t begin = first + level * width / levels,
             end = first + (level + 1) * width / levels;
      double sum = sums[end] - sums[begin], intervals = used[end] - used[begin];
      if (sum == 0)
        continue;
      double weight = sum;
      weight += begin == first ? below : 0;
      weight += end == last ? above : 0;
      result -= weight * std::log(sum / intervals);
    }
    return (result + all * std::log(inside / all)) / all;
  }

  const Histogram &histogram;
  std::vector<uint64_t> counts;
  size_t levels, zero;
  /// Over the intervals before each: counts, those that are not 0, and n log n.
  std::vector<double> sums, used, products;
};

} // namespace

Range lambent::quantization::findByEntropy(const Histogram &histogram,
                                           size_t levels) {
  size_t count = histogram.counts.size();
  if (count <= levels) // nothing gets lost
    return {histogram.lowest,
            histogram.lowest + histogram.width * double(count)};
  return DivergenceSearch(histogram, levels).run();
}
