//===- Measurement.h - How fast a model runs --------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_MEASUREMENT_H
#define LAMBENT_TOOLS_MEASUREMENT_H

#include "LayerReport/LayerRows.h"
#include "Model.h"
#include <optional>
#include <string>

namespace lambent::driver {

struct Measurement {
  uint32_t threads = 0;
  bool isCold = false;         ///< other work took the caches before each run
  std::vector<double> runMs;   ///< of each timed run, sorted
  std::vector<double> layerMs; ///< median of each layer; empty if not asked
  std::vector<LayerWork> work; ///< of a run, of each layer
  double peakGflops = 0;       ///< of one core, measured
  double peakRssMb = 0;        ///< before `speeds` were measured
  std::optional<Speeds> speeds; ///< with `layerMs`

  double minMs() const { return runMs.front(); }
  double medianMs() const { return runMs[runMs.size() / 2]; }
  /// Of all layers. 0: the run's sizes are another version's, or there is no
  /// arithmetic.
  double flops() const;
  /// The share of the peak of all threads that so many FLOPs in so many
  /// milliseconds are.
  double shareOfPeak(double flops, double ms) const {
    return ms > 0 ? flops / (ms * 1e6 * peakGflops * threads) : 0;
  }
};

struct MeasurementOptions {
  uint32_t threads = 0;
  double seconds = 2;
  bool layers = false;
  bool isCold = false; ///< other work takes the caches before each run
  std::string trace; ///< a file for a Chrome trace, or empty
};

/// Times runs for so many seconds, at least one, after one that warms up.
/// Prints what is wrong; returns an exit status.
int measure(PreparedModel &model, const MeasurementOptions &options,
            Measurement &result);

} // namespace lambent::driver

#endif
