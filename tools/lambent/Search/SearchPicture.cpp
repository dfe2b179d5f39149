//===- SearchPicture.cpp - The error beside the time saved ----------------===//

#include "SearchPicture.h"
#include "../LayerReport/Markup.h"
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

std::string drawSearch(const std::vector<SearchPoint> &points, double goalScore,
                       const std::string &counted, const ModelScore &score) {
  constexpr double width = 640, height = 320, margin = 50;
  double right = 1e-9, low = goalScore, high = goalScore;
  for (const SearchPoint &point : points) {
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
  std::string goal = y(goalScore),
              svg = "<svg width=\"" + decimals(width, 0) + "\" height=\"" +
                    decimals(height, 0) + "\">\n<line x1=\"" + x(0) +
                    "\" x2=\"" + x(right) + "\" y1=\"" + goal + "\" y2=\"" +
                    goal + "\" stroke=\"#a33\" stroke-dasharray=\"4 3\"/>\n";
  svg += text(x(0), goal, "goal " + score.show(goalScore), "start");
  for (const SearchPoint &point : points)
    svg += "<circle r=\"4\" cx=\"" + x(point.savedMs) + "\" cy=\"" +
           y(point.score) + "\" fill=\"" +
           (point.score >= goalScore ? "#2a6" : "#a33") + "\"><title>" +
           escapeMarkup(std::to_string(point.count) + " " + counted + ", " +
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

std::string beginSearchPage(const std::string &title) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
         "charset=\"utf-8\"><title>" +
         escapeMarkup(title) + "</title><style>" + style +
         "</style></head><body>\n<h1>" + escapeMarkup(title) + "</h1>\n";
}

} // namespace lambent::driver
