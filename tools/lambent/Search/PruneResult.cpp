//===- PruneResult.cpp - What a search among zeros found ------------------===//

#include "PruneResult.h"
#include "../Json.h"
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
  std::printf("pruned       %zu of %zu layers\n"
              "score        %s, %s asked for\n"
              "time         %.3f ms, %.3f dense: %.0f %% saved, 1 thread\n",
              result.countPruned(), result.layers.size(),
              score.show(result.score).c_str(), score.show(result.goal).c_str(),
              result.ms, result.denseMs, 100 * result.shareSaved());
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
  json.beginObject()
      .member("model", std::string_view(result.model))
      .member("goal", result.goal)
      .member("goal_option", std::string_view(result.goalOption))
      .member("score", result.score)
      .member("dense_ms", result.denseMs)
      .member("ms", result.ms)
      .key("layers")
      .beginArray();
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
  json.endArray().key("points").beginArray();
  for (const SearchPoint &point : result.points)
    json.beginLine()
        .beginObject()
        .member("steps", static_cast<double>(point.count))
        .member("saved_ms", point.savedMs)
        .member("score", point.score)
        .endObject();
  json.endArray();
  return json.text() + ",\n\"pruning\":" + result.details + "}\n";
}

static std::string writePage(const PruneResult &result,
                             const ModelScore &score) {
  std::string page =
      beginSearchPage(result.model) + "<p>" +
      std::to_string(result.countPruned()) + " of " +
      std::to_string(result.layers.size()) +
      " layers are pruned: " + escapeMarkup(score.show(result.score)) + ", " +
      escapeMarkup(score.show(result.goal)) + " asked for. A run takes " +
      msText(result.ms) + " ms, " + msText(result.denseMs) +
      " dense: " + decimals(100 * result.shareSaved(), 0) +
      " % saved, on one thread.</p>\n" +
      drawSearch(result.points, result.goal, "steps", score) +
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
