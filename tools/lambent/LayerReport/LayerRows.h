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

/// `layerMs` are the measured times, or empty.
std::vector<LayerRow> makeLayerRows(const LambentModel &model,
                                    const Speeds &speeds,
                                    const std::vector<double> &layerMs);

} // namespace lambent::driver

#endif
