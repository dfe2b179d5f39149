//===- PruneResult.cpp - What a search among zeros found ------------------===//

#include "PruneResult.h"
#include "../LayerReport/Markup.h"
#include "../Report.h"
#include "../WholeFile.h"
#include "SearchPicture.h"
#include <algorithm>
#include <cstdio>

namespace lambent::driver {

static double getPercent(const PruneLayer &layer) {
  return layer.rung < 0 ? 0 : pruneLadder[layer.rung];
}

size_t PruneResult::countPruned() const {
  return std::ranges::count_if(
      layers, [](const PruneLayer &layer) { return layer.rung >= 0; });
}

void printResult(const PruneResult &result, const ModelScore &score) {
  std::printf("pruned       %zu of %zu layers\n", result.countPruned(),
              result.layers.size());
  printOutcome(result, "dense", score);
  for (double percent : pruneLadder) {
    bool isAny = false;
    for (const PruneLayer &layer : result.layers)
      if (getPercent(layer) == percent) {
        if (!isAny)
          std::printf("%2.0f %%        ", percent);
        std::printf(" %s", shown(layer.node).c_str());
        isAny = true;
      }
    if (isAny)
      std::printf("\n");
  }
}

static std::string writeJson(const PruneResult &result) {
  JsonWriter json;
  beginOutcome(json, result, "dense_ms");
  for (const PruneLayer &layer : result.layers) {
    json.beginLine()
        .beginObject()
        .member("node", std::string_view(layer.node))
        .member("op", std::string_view(layer.op))
        .member("percent", getPercent(layer))
        .member("dense_ms", layer.denseMs)
        .key("levels")
        .beginArray();
    for (size_t i = 0; i < std::size(pruneLadder); ++i)
      json.beginObject()
          .member("percent", pruneLadder[i])
          .member("ms", layer.ms[i])
          .member("score_alone", layer.alone[i])
          .endObject();
    json.endArray().endObject();
  }
  return endOutcome(json, result, "steps", "pruning");
}

static std::string writePage(const PruneResult &result,
                             const ModelScore &score) {
  std::string page =
      beginSearchPage(result.model) + "<p>" +
      std::to_string(result.countPruned()) + " of " +
      std::to_string(result.layers.size()) +
      " layers are pruned: " + describeOutcome(result, "dense", score) +
      "</p>\n" + drawSearch(result.points, result.goal, "steps", score) +
      "<table><tr><th>layer<th>op<th>zeros, %<th>dense, ms";
  for (double percent : pruneLadder)
    page += "<th>" + decimals(percent, 0) + " %, ms<th>alone";
  page += "</tr>\n";
  for (const PruneLayer &layer : result.layers) {
    page += std::string("<tr") + (layer.rung < 0 ? " class=\"float\"" : "") +
            "><td>" + escapeMarkup(layer.node) + "<td>" +
            escapeMarkup(layer.op) + "<td>" + decimals(getPercent(layer), 0) +
            "<td>" + (layer.denseMs ? msText(*layer.denseMs) : "");
    for (size_t i = 0; i < std::size(pruneLadder); ++i)
      page += "<td>" + (layer.ms[i] ? msText(*layer.ms[i]) : "") + "<td>" +
              (layer.alone[i] ? escapeMarkup(score.show(*layer.alone[i])) : "");
    page += "</tr>\n";
  }
  return page + "</table>\n</body></html>\n";
}

int writePruneReport(const std::string &path, const PruneResult &result,
                     const ModelScore &score) {
  return writeWholeFile(path, path.ends_with(".json")
                                  ? writeJson(result)
                                  : writePage(result, score));
}

} // namespace lambent::driver
