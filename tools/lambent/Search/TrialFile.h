//===- TrialFile.h - The model that a search measures -----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_TRIALFILE_H
#define LAMBENT_TOOLS_SEARCH_TRIALFILE_H

#include <string>
#include <vector>

namespace lambent::driver {

/// The model that is measured, beside the output, since it may be large. It is
/// removed in the end; what waits for a search that a signal ends does so, too.
class TrialFile {
public:
  explicit TrialFile(const std::string &output) : path(list(output).front()) {}
  ~TrialFile();
  /// The file, and that of its weights where it has one.
  static std::vector<std::string> list(const std::string &output);

  const std::string path;
};

/// Shows on a terminal how far a search is, or that it is at its end.
void showMeasured(size_t done, size_t total);
void hideProgress();

} // namespace lambent::driver

#endif
