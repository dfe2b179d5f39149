//===- PruneResult.h - What a search among zeros found ----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_PRUNERESULT_H
#define LAMBENT_TOOLS_SEARCH_PRUNERESULT_H

#include "PruneSearch.h"
#include "SearchTask.h"

namespace lambent::driver {

struct PruneResult : SearchOutcome {
  std::vector<PruneLayer> layers;

  size_t countPruned() const;
};

/// Prints what came of a search.
void printResult(const PruneResult &result, const ModelScore &score);

/// Writes it to a file, in the form that its name ends in (.json or .html).
/// Prints what is wrong; returns an exit status.
int writePruneReport(const std::string &path, const PruneResult &result,
                     const ModelScore &score);

} // namespace lambent::driver

#endif
