//===- LayerRows.h - What is known of each layer ----------------*- C++ -*-===//
//
// Two roofs bound a layer's time: its arithmetic at the multiply-add peak, and
// its bytes at the speed of the memory that holds them. The higher one binds.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_LAYERROWS_H
#define LAMBENT_TOOLS_LAYERREPORT_LAYERROWS_H

#include "Speeds.h"
#include <optional>

namespace lambent::driver {

struct LayerRow {
  const LambentLayerInfo *info = nullptr;
  double gflop = 0, mbytes = 0;
  /// "multiply-adds", "L2", "L3" or "memory", with the least time that it
  /// allows; "" and nothing where it is not known.
  std::string roof;
  std::optional<double> roofMs;
  /// Nothing where it is not predicted; `basis` says from what it is, or why
  /// it isn't.
  std::optional<double> predictedMs;
  std::string basis;
  std::optional<double> measuredMs;

  /// The chosen variant with its parameters, or the kernel where there is one
  /// way only.
  std::string algorithm() const;
  /// What was measured, or else predicted.
  std::optional<double> ms() const {
    return measuredMs ? measuredMs : predictedMs;
  }
  /// By `ms`: the roof's share of the time, GFLOP/s, GB/s.
  std::optional<double> shareOfRoof() const;
  std::optional<double> gflops() const;
  std::optional<double> gbPerSecond() const;
};

/// The models that a layer calls, one after the other; none where it calls
/// none, or the description does not tell.
std::vector<const LambentModel *> findBodies(const LambentModel &model,
                                             size_t layer);

/// What a layer does in a run.
struct LayerWork {
  uint64_t flops = 0, bytes = 0;
};

/// `layerMs` are the measured times, and `work` what a run did, where sizes are
/// open, too; or both are empty.
std::vector<LayerRow> makeLayerRows(const LambentModel &model,
                                    const Speeds &speeds,
                                    const std::vector<double> &layerMs,
                                    const std::vector<LayerWork> &work);

} // namespace lambent::driver

#endif
