//===- Speeds.cpp - What time follows from --------------------------------===//

#include "Speeds.h"
#include "../FmaPeak.h"
#include "ReadSpeed.h"
#include <algorithm>

namespace lambent::driver {

/// The frequency at which a core of two multiply-adds a cycle has this peak.
static double getFrequency(double flops, uint64_t vectorBytes) {
  double perCycle = 2 * 2 * static_cast<double>(vectorBytes / sizeof(float));
  return perCycle > 0 ? flops / perCycle : 0;
}

const MemoryLevel &Speeds::getLevel(double bytes) const {
  for (const MemoryLevel &level : levels)
    if (bytes <= level.bytes)
      return level;
  return levels.back();
}

Speeds getDescribedSpeeds(const LambentModel &model) {
  const LambentTuning &tuning = model.tuning;
  auto level = [](const char *name, uint64_t bytes, uint64_t speed) {
    return MemoryLevel{name, static_cast<double>(bytes),
                       static_cast<double>(speed) * 1e-9};
  };
  Speeds speeds;
  speeds.origin = std::string("of the CPU description ") + tuning.description;
  speeds.peakGflops = static_cast<double>(tuning.flops) * 1e-9;
  speeds.cyclesPerSecond =
      getFrequency(static_cast<double>(tuning.flops), tuning.vector_bytes);
  speeds.levels = {level("L2", tuning.l2_bytes, tuning.l2_speed),
                   level("L3", tuning.l3_bytes, tuning.l3_speed),
                   level("memory", 0, tuning.memory_speed)};
  return speeds;
}

Speeds measureSpeeds(const LambentModel &model, unsigned threads,
                     double peakGflops) {
  Speeds speeds;
  speeds.origin = "measured";
  speeds.threads = threads;
  speeds.peakGflops = peakGflops * threads;
  speeds.cyclesPerSecond =
      getFrequency(measureFmaPeak(model.tuning.vector_bytes) * 1e9,
                   model.tuning.vector_bytes);
  uint64_t l2 = getCacheBytes(2), l3 = getCacheBytes(3);
  if (!l2)
    l2 = model.tuning.l2_bytes;
  auto measure = [&](const char *name, uint64_t capacity, uint64_t buffer) {
    speeds.levels.push_back({name, static_cast<double>(capacity),
                             measureReadSpeed(threads, buffer)});
  };
  // Half of L2, several times as much, and far beyond L3: all threads' buffers
  // together in the levels that they share.
  measure("L2", l2, l2 / 2);
  if (l3 > l2)
    measure("L3", l3, std::max(2 * l2, std::min(l3 / 4, 4 * l2) / threads));
  constexpr uint64_t leastFar = 64 << 20, mostFar = 512 << 20;
  measure("memory", 0,
          std::clamp(3 * std::max(l2, l3), leastFar, mostFar) / threads);
  return speeds;
}

} // namespace lambent::driver
