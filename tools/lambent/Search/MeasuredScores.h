//===- MeasuredScores.h - What a search has measured ------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_MEASUREDSCORES_H
#define LAMBENT_TOOLS_SEARCH_MEASUREDSCORES_H

#include <map>
#include <optional>
#include <string>

namespace lambent::driver {

/// Scores by what layers are: a 0 for each in float, a 1 for each that is
/// quantized, a 2 for each of bf16. In a file that outlives a search that was
/// ended.
class MeasuredScores {
public:
  /// `about` is all that scores depend on: a file of another search counts for
  /// nothing, and is replaced.
  MeasuredScores(std::string path, const std::string &about);

  std::optional<double> find(const std::string &layers) const;
  /// Prints what is wrong; returns an exit status.
  int add(const std::string &layers, double score);
  void remove();

private:
  std::string path, header;
  std::map<std::string, double> scores;
};

} // namespace lambent::driver

#endif
