//===- SearchPage.cpp - A search as a page that a person reads ------------===//

#include "../LayerReport/Markup.h"
#include "SearchReport.h"
#include <algorithm>

namespace lambent::driver {

static constexpr char style[] = R"(
body{font:14px/1.45 system-ui,sans-serif;color:#1c1c1c;margin:24px;max-width:1100px}
h1{font-size:20px;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:16px 0}
td,th{padding:2px 10px;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left;overflow-wrap:anywhere}
tr.float td{color:#a33}
svg text{font:11px system-ui,sans-serif;fill:#444}
)";

/// A point for each set of layers that was measured: time saved from left to
/// right, the score from below, and a line where the goal is.
static std::string drawPoints(const SearchResult &result,
                              const ModelScore &score) {
  constexpr double width = 640, height = 320, margin = 50;
  double right = 1e-9, low = result.goal, high = result.goal;
  for (const SearchPoint &point : result.points) {
    right = std::max(right, point.savedMs);
    low = std::min(low, point.score);
    high = std::max(high, point.score);
  }
  double span = high > low ? high - low : 1;
  auto x = [&](double ms) {
    return decimals(margin + ms / right * (width - 2 * margin), 1);
  };
  auto y = [&](double value) {
    return decimals(
        height - margin - (value - low) / span * (height - 2 * margin), 1);
  };
  auto text = [](const std::string &atX, const std::string &atY,
                 const std::string &words, const char *anchor) {
    return "<text x=\"" + atX + "\" y=\"" + atY + "\" text-anchor=\"" + anchor +
           "\">" + escapeMarkup(words) + "</text>\n";
  };
  std::string goal = y(result.goal),
              svg = "<svg width=\"" + decimals(width, 0) + "\" height=\"" +
                    decimals(height, 0) + "\">\n<line x1=\"" + x(0) +
                    "\" x2=\"" + x(right) + "\" y1=\"" + goal + "\" y2=\"" +
                    goal + "\" stroke=\"#a33\" stroke-dasharray=\"4 3\"/>\n";
  svg += text(x(0), goal, "goal " + score.show(result.goal), "start");
  for (const SearchPoint &point : result.points)
    svg += "<circle r=\"4\" cx=\"" + x(point.savedMs) + "\" cy=\"" +
           y(point.score) + "\" fill=\"" +
           (point.score >= result.goal ? "#2a6" : "#a33") + "\"><title>" +
           escapeMarkup(std::to_string(point.count) + " layers, " +
                        msText(point.savedMs) + " ms saved, " +
                        score.show(point.score)) +
           "</title></circle>\n";
  std::string bottom = decimals(height - margin / 3, 0);
  svg += text(x(0), bottom, "0", "middle");
  svg += text(x(right), bottom, msText(right) + " ms saved", "end");
  svg += text(decimals(margin / 5, 0), y(high), score.show(high), "start");
  svg += text(decimals(margin / 5, 0), y(low), score.show(low), "start");
  return svg + "</svg>\n";
}

std::string writeSearchPage(const SearchResult &result,
                            const ModelScore &score) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"><title>" +
      escapeMarkup(result.model) + "</title><style>" + style +
      "</style></head><body>\n<h1>" + escapeMarkup(result.model) +
      "</h1>\n<p>" + std::to_string(result.countQuantized()) + " of " +
      std::to_string(result.layers.size()) + " layers are quantized, " +
      std::to_string(result.countBF16()) +
      " multiplied in bf16: " + escapeMarkup(score.show(result.score)) + ", " +
      escapeMarkup(score.show(result.goal)) + " asked for. A run takes " +
      msText(result.ms) + " ms, " + msText(result.floatMs) +
      " in float: " + decimals(100 * result.shareSaved(), 0) +
      " % saved, on one thread.</p>\n" + drawPoints(result, score) +
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
