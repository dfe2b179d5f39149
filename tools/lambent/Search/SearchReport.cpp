//===- SearchReport.cpp - What a search found -----------------------------===//

#include "SearchReport.h"
#include "../Report.h"
#include "../WholeFile.h"
#include <algorithm>
#include <cstdio>

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
  std::printf("quantized    %zu of %zu layers\n", result.countQuantized(),
              result.layers.size());
  printOutcome(result, "in float", score);
  printLayers(result, "in bf16",
              [](const SearchLayer &layer) { return layer.isBF16; });
  printLayers(result, "in float", [](const SearchLayer &layer) {
    return !layer.isQuantized && !layer.isBF16;
  });
}

static std::string writeJson(const SearchResult &result) {
  JsonWriter json;
  beginOutcome(json, result, "float_ms");
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
  return endOutcome(json, result, "quantized", "quantization");
}

int writeSearchReport(const std::string &path, const SearchResult &result,
                      const ModelScore &score) {
  return writeWholeFile(path, path.ends_with(".json")
                                  ? writeJson(result)
                                  : writeSearchPage(result, score));
}

} // namespace lambent::driver
