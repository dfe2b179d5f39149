//===- GraphDrawing.cpp - The layers as a picture -------------------------===//

#include "GraphDrawing.h"
#include "GraphLayout.h"
#include "Markup.h"
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lambent::driver {

static constexpr double nodeHeight = 36, rankHeight = 58, top = 8;

std::string getHeatColour(double share) {
  // Light yellow, orange, dark red; by the root, so that short layers differ.
  struct Stop {
    double at, red, green, blue;
  };
  static constexpr Stop stops[] = {{0, 250, 250, 245},
                                   {0.3, 254, 227, 145},
                                   {0.6, 254, 153, 41},
                                   {1, 204, 51, 17}};
  double x = std::sqrt(std::clamp(share, 0.0, 1.0));
  const Stop *next = stops + 1;
  while (next->at < x)
    ++next;
  const Stop &last = next[-1];
  double part = (x - last.at) / (next->at - last.at);
  auto mix = [&](double a, double b) {
    return static_cast<unsigned>(std::lround(a + part * (b - a)));
  };
  char text[16];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", mix(last.red, next->red),
                mix(last.green, next->green), mix(last.blue, next->blue));
  return text;
}

namespace {

class Drawing {
public:
  Drawing(const std::vector<LayerRow> &rows, GraphLayout layout)
      : rows(rows), layout(std::move(layout)) {
    for (const LayerRow &row : rows)
      most = std::max(most, row.ms().value_or(0));
  }

  std::string draw() {
    char size[160];
    double height = top * 2 + layout.numRanks * rankHeight;
    std::snprintf(size, sizeof size,
                  "<svg id=\"g\" xmlns=\"http://www.w3.org/2000/svg\" "
                  "viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\">\n",
                  layout.width, height, layout.width, height);
    text = size;
    // What is left of a letter at the edge is cut: fonts differ.
    text += "<clipPath id=\"c\"><rect width=\"" +
            decimals(GraphLayout::nodeWidth - 4, 0) + "\" height=\"" +
            decimals(nodeHeight, 0) + "\"/></clipPath>\n";
    for (const GraphLink &link : layout.links)
      addLink(link);
    for (size_t i = 0; i < rows.size(); ++i)
      addNode(rows[i], layout.places[i]);
    return text + "</svg>\n";
  }

private:
  static double getTop(const GraphPlace &place) {
    return top + place.rank * rankHeight;
  }

  void addLink(const GraphLink &link) {
    const GraphPlace &from = layout.places[link.from],
                     &to = layout.places[link.to];
    double begin = getTop(from) + nodeHeight, end = getTop(to),
           middle = (begin + end) / 2;
    char path[200];
    // A line goes on through the ranks that it passes.
    double start = from.layer < 0 ? getTop(from) : begin;
    if (std::abs(from.x - to.x) < 0.5)
      std::snprintf(path, sizeof path, "M%.1f %.0fV%.0f", from.x, start, end);
    else
      std::snprintf(path, sizeof path,
                    "M%.1f %.0fV%.0fC%.1f %.0f %.1f %.0f %.1f %.0f", from.x,
                    start, begin, from.x, middle, to.x, middle, to.x, end);
    text += "<path class=\"w" + std::to_string(link.writer);
    if (to.layer >= 0)
      text += " r" + std::to_string(to.layer);
    text += "\" d=\"" + std::string(path) + "\"/>\n";
  }

  void addNode(const LayerRow &row, const GraphPlace &place) {
    std::optional<double> ms = row.ms();
    double share = ms && most > 0 ? *ms / most : 0;
    constexpr size_t mostLetters = 28;
    std::string time = ms ? msText(ms) + " ms" : "";
    std::string kernel = shorten(row.info->kernel, mostLetters - time.size());
    char group[160];
    std::snprintf(group, sizeof group,
                  "<g id=\"n%d\" class=\"%s\" transform=\"translate(%.1f "
                  "%.0f)\">",
                  place.layer,
                  share > 0.5 ? "n hot"
                  : ms        ? "n"
                              : "n none",
                  place.x - GraphLayout::nodeWidth / 2, getTop(place));
    text += group;
    text += "<title>" + escapeMarkup(row.info->name) + "\n" +
            escapeMarkup(row.info->kernel) + "</title>";
    char box[160];
    std::snprintf(box, sizeof box,
                  "<rect width=\"%.0f\" height=\"%.0f\" rx=\"3\" fill=\"%s\"/>",
                  GraphLayout::nodeWidth, nodeHeight,
                  getHeatColour(share).c_str());
    text += box;
    text += "<g clip-path=\"url(#c)\"><text x=\"6\" y=\"14\">" +
            escapeMarkup(shorten(row.info->name, mostLetters)) + "</text>";
    text += "<text class=\"k\" x=\"6\" y=\"29\">" + escapeMarkup(kernel) +
            "</text></g><text class=\"t\" x=\"" +
            decimals(GraphLayout::nodeWidth - 6, 0) + "\" y=\"29\">" + time +
            "</text></g>\n";
  }

  const std::vector<LayerRow> &rows;
  GraphLayout layout;
  double most = 0;
  std::string text;
};

} // namespace

std::string drawGraph(const std::vector<LayerRow> &rows, std::string &note) {
  std::vector<std::vector<unsigned>> sources;
  for (const LayerRow &row : rows)
    sources.emplace_back(row.info->sources,
                         row.info->sources + row.info->num_sources);
  GraphLayout layout = GraphLayout::create(sources);
  if (layout.numLeftOut)
    note = std::to_string(layout.numLeftOut) +
           " edges that pass many layers are not drawn.";
  return Drawing(rows, std::move(layout)).draw();
}

} // namespace lambent::driver
