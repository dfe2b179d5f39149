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

void printResult(const SearchResult &result, const ModelScore &score) {
  std::printf("quantized    %zu of %zu layers\n"
              "score        %s, %s asked for\n"
              "time         %.3f ms, %.3f in float: %.0f %% saved, 1 thread\n",
              result.countQuantized(), result.layers.size(),
              score.show(result.score).c_str(), score.show(result.goal).c_str(),
              result.ms, result.floatMs, 100 * result.shareSaved());
  if (result.countQuantized() == result.layers.size())
    return;
  std::printf("in float    ");
  for (const SearchLayer &layer : result.layers)
    if (!layer.isQuantized)
      std::printf(" %s", shown(layer.node).c_str());
  std::printf("\n");
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
        .member("float_ms", layer.floatMs)
        .member("quantized_ms", layer.quantizedMs)
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
