//===- MachineSpeeds.cpp - How fast this machine computes and reads -------===//

#include "MachineSpeeds.h"
#include "../FmaPeak.h"
#include "../LayerReport/ReadSpeed.h"
#include <algorithm>
#include <system_error>
#include <thread>

namespace lambent::driver {

/// The peaks of so many threads at once, together.
static double measurePeaks(unsigned threads) {
  std::vector<double> peaks(threads);
  std::vector<std::thread> others;
  try {
    for (unsigned i = 1; i < threads; ++i)
      others.emplace_back([&peaks, i] { peaks[i] = measureFmaPeak(); });
  } catch (const std::system_error &) {
    // Those that there are.
  }
  peaks[0] = measureFmaPeak();
  for (std::thread &other : others)
    other.join();
  double sum = 0;
  for (double peak : peaks)
    sum += peak;
  return sum;
}

MachineSpeeds MachineSpeeds::measure(const LambentCpuDescription &caches) {
  MachineSpeeds speeds;
  speeds.threads = std::max(1u, std::thread::hardware_concurrency());
  unsigned all = speeds.threads;
  speeds.peak = {"multiply-adds", "GFLOP/s", measureFmaPeak(),
                 measurePeaks(all)};
  auto read = [&](const char *what, auto getBytes) {
    return MachineSpeed{what, "GB/s", measureReadSpeed(1, getBytes(1)),
                        measureReadSpeed(all, getBytes(all))};
  };
  uint64_t l1 = caches.l1_bytes, l2 = caches.l2_bytes, l3 = caches.l3_bytes;
  speeds.l1 = read("L1", [&](uint64_t) { return l1 / 2; });
  speeds.l2 = read("L2", [&](uint64_t) { return l2 / 2; });
  // L3 is shared: all threads' buffers lie in it together.
  speeds.l3.what = "L3";
  speeds.l3.unit = "GB/s";
  if (l3 > l2)
    speeds.l3 = read("L3", [&](uint64_t threads) {
      return std::max(2 * l2, std::min(l3 / 4, 4 * l2) / threads);
    });
  constexpr uint64_t leastFar = 64 << 20, mostFar = 512 << 20;
  uint64_t far = std::clamp(3 * std::max(l2, l3), leastFar, mostFar);
  speeds.memory =
      read("memory", [&](uint64_t threads) { return far / threads; });
  return speeds;
}

} // namespace lambent::driver
