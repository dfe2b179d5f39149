//===- Magnitude.cpp - The smallest weights become 0 ----------------------===//

#include "PrunedWeights.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

void pruneByMagnitude(PrunedWeights &weights, double share,
                      const ZeroStructure &structure) {
  int64_t sums = weights.getSums(),
          channels = weights.getChannels() / weights.getGroups();
  std::vector<float> costs(size_t(channels * sums));
  for (int64_t first = 0; first < weights.getChannels(); first += channels) {
    for (int64_t n = 0; n < channels; ++n)
      for (int64_t k = 0; k < sums; ++k) {
        float weight = weights.at(first + n, k);
        costs[size_t(n * sums + k)] = weight * weight;
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
