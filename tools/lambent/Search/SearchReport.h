//===- SearchReport.h - What a search found ---------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHREPORT_H
#define LAMBENT_TOOLS_SEARCH_SEARCHREPORT_H

#include "SearchTask.h"

namespace lambent::driver {

struct SearchResult : SearchOutcome {
  std::vector<SearchLayer> layers;

  size_t countQuantized() const;
  size_t countBF16() const;
};

/// Prints what came of a search.
void printResult(const SearchResult &result, const ModelScore &score);

/// Writes it to a file, in the form that its name ends in (.json or .html).
/// Prints what is wrong; returns an exit status.
int writeSearchReport(const std::string &path, const SearchResult &result,
                      const ModelScore &score);

/// The page: a table of the layers, and the scores beside the time saved.
std::string writeSearchPage(const SearchResult &result,
                            const ModelScore &score);

} // namespace lambent::driver

#endif
