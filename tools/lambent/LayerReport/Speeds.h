//===- Speeds.h - What time follows from ------------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_SPEEDS_H
#define LAMBENT_TOOLS_LAYERREPORT_SPEEDS_H

#include "lambent-c/model.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// A place that data comes from.
struct MemoryLevel {
  std::string name;
  double bytes = 0;       ///< that it holds; 0: not known
  double gbPerSecond = 0; ///< of all threads; 0: not known
};

/// How fast so many threads compute and read; what is not known is 0.
struct Speeds {
  std::string origin; ///< "measured" or whose they are
  unsigned threads = 1;
  double peakGflops = 0;      ///< multiply-adds, of all threads
  double cyclesPerSecond = 0; ///< of one core with two multiply-adds in each
  std::vector<MemoryLevel> levels; ///< L2, L3, memory

  /// Where so many bytes that are used again and again lie: the last level
  /// holds any.
  const MemoryLevel &getLevel(double bytes) const;
};

/// Those of one core as the CPU description that the model was tuned for has
/// them.
Speeds getDescribedSpeeds(const LambentModel &model);

/// Those of this machine, measured now, but for the peak of one core, in
/// GFLOP/s.
Speeds measureSpeeds(const LambentModel &model, unsigned threads,
                     double peakGflops);

} // namespace lambent::driver

#endif
