//===- TuneModel.h - Searches for a model's fastest kernels -----*- C++ -*-===//

#ifndef LAMBENT_TOOLS_TUNING_TUNEMODEL_H
#define LAMBENT_TOOLS_TUNING_TUNEMODEL_H

#include "../Options.h"
#include "Budget.h"

namespace lambent::driver {

struct ModelTuning {
  std::string model, inputFolder;
  std::string output; ///< a file for choices; empty: where they are kept
  uint32_t threads = 0;
  Budget budget;
};

/// Measures candidates for the model's kernels and keeps the fastest, after
/// each round. Prints what was gained, or what is wrong; returns an exit
/// status.
int tuneModel(const ModelTuning &how, ModelOptions options);

} // namespace lambent::driver

#endif
