//===- LayerReport.cpp - What the compiler chose, and what it takes -------===//

#include "LayerReport.h"
#include "../Report.h"
#include "../WholeFile.h"
#include "JsonReport.h"
#include "Page.h"

namespace lambent::driver {

double LayerReport::sumOfMeasured() const {
  double sum = 0;
  for (const LayerRow &row : rows)
    sum += row.measuredMs.value_or(0);
  return sum;
}

double LayerReport::sumOfPredicted() const {
  double sum = 0;
  for (const LayerRow &row : rows)
    sum += row.predictedMs.value_or(0);
  return sum;
}

Option reportOption() {
  return {"--report", "FILE",
          "Also write what the compiler chose for each layer and why, and what "
          "it takes: its nodes, shapes, algorithm, what was rejected, time, "
          "work, bytes, and the roof that binds. JSON where FILE ends in "
          ".json, a page with a graph and a table where it ends in .html."};
}

using Writer = std::string (*)(const LayerReport &);

/// Null for a name of another ending.
static Writer findWriter(const std::string &path) {
  static constexpr std::pair<std::string_view, Writer> writers[] = {
      {".json", writeJsonReport}, {".html", writePage}};
  for (const auto &[ending, writer] : writers)
    if (path.size() > ending.size() &&
        path.compare(path.size() - ending.size(), ending.size(), ending) == 0)
      return writer;
  return nullptr;
}

bool mayWriteReport(const std::string &path) {
  if (!findWriter(path)) {
    reportError("expected a name that ends in .json or .html for --report, but "
                "got " +
                driver::quoted(path));
    return false;
  }
  return checkPlace(path) == Done;
}

int writeReport(const std::string &path, const LayerReport &report) {
  return writeWholeFile(path, findWriter(path)(report));
}

} // namespace lambent::driver
