//===- MeasuredScores.h - What a search has measured ------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_MEASUREDSCORES_H
#define LAMBENT_TOOLS_SEARCH_MEASUREDSCORES_H

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lambent::driver {

/// Scores by the layers that are quantized, in a file that outlives a search
/// that was ended.
class MeasuredScores {
public:
  /// `about` is all that scores depend on: a file of another search counts for
  /// nothing, and is replaced.
  MeasuredScores(std::string path, const std::string &about);

  std::optional<double> find(const std::vector<bool> &quantized) const;
  /// Prints what is wrong; returns an exit status.
  int add(const std::vector<bool> &quantized, double score);
  void remove();

private:
  std::string path, header;
  std::map<std::string, double> scores; ///< by a 0 or 1 for each layer
};

} // namespace lambent::driver

#endif
