//===- SearchReport.h - What a search found ---------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHREPORT_H
#define LAMBENT_TOOLS_SEARCH_SEARCHREPORT_H

#include "ModelScore.h"
#include "PrecisionSearch.h"

namespace lambent::driver {

struct SearchResult {
  std::string model;
  double goal = 0;
  std::string goalOption; ///< that gave it
  std::vector<SearchLayer> layers;
  std::vector<SearchPoint> points; ///< what was measured on the way
  double score = 0;
  double floatMs = 0, ms = 0; ///< a run on one thread
  std::string details;        ///< of the quantization, JSON

  size_t countQuantized() const;
  size_t countBF16() const;
  double shareSaved() const { return floatMs > 0 ? 1 - ms / floatMs : 0; }
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
