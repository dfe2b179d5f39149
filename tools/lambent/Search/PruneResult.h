//===- PruneResult.h - What a search among zeros found ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_PRUNERESULT_H
#define LAMBENT_TOOLS_SEARCH_PRUNERESULT_H

#include "PruneSearch.h"

namespace lambent::driver {

struct PruneResult {
  std::string model;
  double goal = 0;
  std::string goalOption; ///< that gave it
  std::vector<PruneLayer> layers;
  std::vector<SearchPoint> points; ///< what was measured on the way
  double score = 0;
  double denseMs = 0, ms = 0; ///< a run on one thread
  std::string details;        ///< of the pruning, JSON

  size_t countPruned() const;
  double shareSaved() const { return denseMs > 0 ? 1 - ms / denseMs : 0; }
};

/// Prints what came of a search.
void printResult(const PruneResult &result, const ModelScore &score);

/// Writes it to a file, in the form that its name ends in (.json or .html).
/// Prints what is wrong; returns an exit status.
int writePruneReport(const std::string &path, const PruneResult &result,
                     const ModelScore &score);

} // namespace lambent::driver

#endif
