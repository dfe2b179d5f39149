//===- Magnitude.cpp - The smallest weights become 0 ----------------------===//

#include "PrunedWeights.h"
#include <algorithm>
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

void pruneByMagnitude(PrunedWeights &weights, double share,
                      const ZeroStructure &structure) {
  int64_t sums = weights.getSums(),
          channels = weights.getChannels() / weights.getGroups();
  std::vector<float> costs(size_t(channels * sums));
  // As shares of the largest, so that no square overflows.
  float largest = 0;
  for (int64_t n = 0; n < weights.getChannels(); ++n)
    for (int64_t k = 0; k < sums; ++k)
      largest = std::max(largest, std::fabs(weights.at(n, k)));
  for (int64_t first = 0; first < weights.getChannels(); first += channels) {
    for (int64_t n = 0; n < channels; ++n)
      for (int64_t k = 0; k < sums; ++k) {
        double weight =
            largest > 0 ? weights.at(first + n, k) / double(largest) : 0;
        costs[size_t(n * sums + k)] = float(weight * weight);
      }
    std::vector<char> zeros =
        chooseZeros(costs, sums, weights.getTaps(),
                    std::llround(share * double(costs.size())), structure);
    for (int64_t n = 0; n < channels; ++n)
      for (int64_t k = 0; k < sums; ++k)
        if (zeros[size_t(n * sums + k)])
          weights.at(first + n, k) = 0;
  }
}

} // namespace lambent::quantization
