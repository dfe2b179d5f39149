//===- RangeSquaredError.cpp - The range of least squared error -----------===//
//
// What rounding costs, within the range, grows with its width; what is cut off
// shrinks. Both are integrals over the histogram's intervals.
//
//===----------------------------------------------------------------------===//

#include "RangeSearch.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;

/// An antiderivative of (t - round(t))^2.
static double integrateRounding(double t) {
  double nearest = std::floor(t + 0.5), rest = t - nearest;
  return nearest / 12 + rest * rest * rest / 3;
}

static double cube(double x) { return x * x * x; }

double lambent::quantization::estimateSquaredError(const Histogram &histogram,
                                                   const QuantizedForm &form) {
  double scale = form.scale,
         least = scale * double(form.least - form.zeroPoint),
         most = scale * double(form.most - form.zeroPoint);
  double result = 0, all = 0;
  double before =
      integrateRounding(std::clamp(histogram.lowest, least, most) / scale);
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    double begin = histogram.lowest + histogram.width * double(i),
           end = begin + histogram.width;
    double integral = 0;
    if (begin < least)
      integral +=
          (cube(least - begin) - cube(least - std::min(end, least))) / 3;
    if (end > most)
      integral += (cube(end - most) - cube(std::max(begin, most) - most)) / 3;
    double behind = integrateRounding(std::clamp(end, least, most) / scale);
    integral += cube(scale) * (behind - before);
    before = behind;
    result += double(histogram.counts[i]) * (integral / histogram.width);
    all += double(histogram.counts[i]);
  }
  return result / all;
}

namespace {

class ErrorSearch {
public:
  ErrorSearch(const TensorProfile &tensor, const RangeOptions &options)
      : tensor(tensor), options(options),
        all(widenToSchema({tensor.least, tensor.most}, options.schema,
                          options.bits)) {}

  Range run() {
    if (isByMagnitude(tensor, options.schema))
      return search(/*movesLeast=*/true, /*movesMost=*/true, all);
    Range range = all;
    constexpr int mostRounds = 4;
    for (int round = 0; round < mostRounds; ++round) {
      Range next = search(false, true, range);
      if (all.least < 0)
        next = search(true, false, next);
      if (next == range)
        break;
      range = next;
    }
    return range;
  }

private:
  double measure(Range range) const {
    return estimateSquaredError(
        tensor.histogram,
        chooseForm(range, options.schema, /*isSigned=*/false, options.bits));
  }

  /// The best of parts of the whole range, for the ends that move; of two alike
  /// the wider one.
  Range search(bool movesLeast, bool movesMost, Range from) const {
    constexpr int parts = 256;
    Range best = from;
    double least = HUGE_VAL;
    for (int part = parts; part > 0; --part) {
      double share = double(part) / parts;
      Range range = {movesLeast ? all.least * share : from.least,
                     movesMost ? all.most * share : from.most};
      double error = measure(range);
      if (error < least) {
        least = error;
        best = range;
      }
    }
    return best;
  }

  const TensorProfile &tensor;
  const RangeOptions &options;
  Range all;
};

} // namespace

Range lambent::quantization::findBySquaredError(const TensorProfile &tensor,
                                                const RangeOptions &options) {
  return ErrorSearch(tensor, options).run();
}
