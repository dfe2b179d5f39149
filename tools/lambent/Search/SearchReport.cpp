//===- SearchReport.cpp - What a search found -----------------------------===//

#include "SearchReport.h"
#include "../Json.h"
#include "../Report.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace lambent::driver {

size_t SearchResult::countQuantized() const {
  return std::ranges::count_if(
      layers, [](const SearchLayer &layer) { return layer.isQuantized; });
}

size_t SearchResult::countBF16() const {
  return std::ranges::count_if(
      layers, [](const SearchLayer &layer) { return layer.isBF16; });
}

/// A line of those layers that `isListed` names; none where there are none.
static void printLayers(const SearchResult &result, const char *title,
                        bool (*isListed)(const SearchLayer &layer)) {
  if (!std::ranges::any_of(result.layers, isListed))
    return;
  std::printf("%-12s", title);
  for (const SearchLayer &layer : result.layers)
    if (isListed(layer))
      std::printf(" %s", shown(layer.node).c_str());
  std::printf("\n");
}

void printResult(const SearchResult &result, const ModelScore &score) {
  std::printf("quantized    %zu of %zu layers\n"
              "score        %s, %s asked for\n"
              "time         %.3f ms, %.3f in float: %.0f %% saved, 1 thread\n",
              result.countQuantized(), result.layers.size(),
              score.show(result.score).c_str(), score.show(result.goal).c_str(),
              result.ms, result.floatMs, 100 * result.shareSaved());
  printLayers(result, "in bf16",
              [](const SearchLayer &layer) { return layer.isBF16; });
  printLayers(result, "in float", [](const SearchLayer &layer) {
    return !layer.isQuantized && !layer.isBF16;
  });
}

static std::string writeJson(const SearchResult &result) {
  JsonWriter json;
  json.beginObject()
      .member("model", std::string_view(result.model))
      .member("goal", result.goal)
      .member("goal_option", std::string_view(result.goalOption))
      .member("score", result.score)
      .member("float_ms", result.floatMs)
      .member("ms", result.ms)
      .key("layers")
      .beginArray();
  for (const SearchLayer &layer : result.layers)
    json.beginLine()
        .beginObject()
        .member("node", std::string_view(layer.node))
        .member("op", std::string_view(layer.op))
        .key("quantized")
        .truth(layer.isQuantized)
        .member("score_alone", layer.alone)
        .key("bf16")
        .truth(layer.isBF16)
        .member("bf16_alone", layer.bf16Alone)
        .member("float_ms", layer.floatMs)
        .member("quantized_ms", layer.quantizedMs)
        .member("bf16_ms", layer.bf16Ms)
        .endObject();
  json.endArray().key("points").beginArray();
  for (const SearchPoint &point : result.points)
    json.beginLine()
        .beginObject()
        .member("quantized", static_cast<double>(point.count))
        .member("saved_ms", point.savedMs)
        .member("score", point.score)
        .endObject();
  json.endArray();
  return json.text() + ",\n\"quantization\":" + result.details + "}\n";
}

int writeSearchReport(const std::string &path, const SearchResult &result,
                      const ModelScore &score) {
  std::ofstream file(path, std::ios::binary);
  file << (path.ends_with(".json") ? writeJson(result)
                                   : writeSearchPage(result, score));
  file.close();
  return file ? int(Done)
              : reportError("cannot write " + quoted(path) + ": " +
                            std::strerror(errno));
}

} // namespace lambent::driver
