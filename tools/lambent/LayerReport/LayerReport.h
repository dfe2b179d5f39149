//===- LayerReport.h - What the compiler chose, and what it takes -*- C++ -*-=//

#ifndef LAMBENT_TOOLS_LAYERREPORT_LAYERREPORT_H
#define LAMBENT_TOOLS_LAYERREPORT_LAYERREPORT_H

#include "../Arguments.h"
#include "LayerRows.h"

namespace lambent::driver {

struct LayerReport {
  std::string title; ///< the file that was compiled or measured
  const LambentModel *model;
  Speeds speeds;
  std::vector<LayerRow> rows;
  std::optional<double> medianMs; ///< of a run, where it was measured
  /// The sum of what layers take.
  double sumOfMeasured() const;
  double sumOfPredicted() const;
};

/// --report
Option reportOption();

/// Whether a file of this name is a report, .json or .html, in a folder that is
/// there. Prints what is wrong.
bool mayWriteReport(const std::string &path);

/// Writes the report in the form that the file's name ends in. Prints what is
/// wrong; returns an exit status.
int writeReport(const std::string &path, const LayerReport &report);

} // namespace lambent::driver

#endif
