//===- LayerTimes.h - What the layers of a search take ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_LAYERTIMES_H
#define LAMBENT_TOOLS_SEARCH_LAYERTIMES_H

#include "../CompileRequest.h"
#include "PrecisionSearch.h"

namespace lambent::driver {

/// Measures the model at `path` on one thread, `runMs` for a run; gives layers
/// their times through `place`. Prints what is wrong; returns an exit status.
int measureTimes(const std::string &path, const std::string &sample,
                 const ModelOptions &options, std::vector<SearchLayer> &layers,
                 std::optional<double> SearchLayer::*place, double &runMs,
                 bool *multipliesBF16 = nullptr);

} // namespace lambent::driver

#endif
