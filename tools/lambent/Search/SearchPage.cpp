//===- SearchPage.cpp - A search as a page that a person reads ------------===//

#include "../LayerReport/Markup.h"
#include "SearchPicture.h"
#include "SearchReport.h"

namespace lambent::driver {

std::string writeSearchPage(const SearchResult &result,
                            const ModelScore &score) {
  std::string page =
      beginSearchPage(result.model) + "<p>" +
      std::to_string(result.countQuantized()) + " of " +
      std::to_string(result.layers.size()) + " layers are quantized, " +
      std::to_string(result.countBF16()) +
      " multiplied in bf16: " + describeOutcome(result, "in float", score) +
      "</p>\n" + drawSearch(result.points, result.goal, "layers", score) +
      "<table><tr><th>layer<th>op<th>numbers<th>alone<th>float, "
      "ms<th>quantized, ms<th>bf16, ms</tr>\n";
  for (const SearchLayer &layer : result.layers) {
    std::string numbers = layer.isQuantized ? "quantized"
                          : layer.isBF16    ? "bf16"
                                            : "float";
    std::optional<double> alone = layer.isBF16 ? layer.bf16Alone : layer.alone;
    page += "<tr class=\"" + numbers + "\"><td>" + escapeMarkup(layer.node) +
            "<td>" + escapeMarkup(layer.op) + "<td>" + numbers + "<td>" +
            (alone ? escapeMarkup(score.show(*alone)) : "");
    for (std::optional<double> ms :
         {layer.floatMs, layer.quantizedMs, layer.bf16Ms})
      page += "<td>" + (ms ? msText(ms) : "");
    page += "</tr>\n";
  }
  return page + "</table>\n</body></html>\n";
}

} // namespace lambent::driver
