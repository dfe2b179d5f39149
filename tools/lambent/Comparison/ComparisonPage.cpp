//===- ComparisonPage.cpp - A comparison as a page ------------------------===//
//
// Bars over the nodes in their order, and a table. Nothing moves: there is no
// script. What comes from a model is escaped.
//
//===----------------------------------------------------------------------===//

#include "../LayerReport/Markup.h"
#include "../Report.h"
#include "Comparison.h"
#include <algorithm>

namespace lambent::driver {

static constexpr char style[] = R"(
*{box-sizing:border-box}
body{margin:0 16px 16px;font:13px/1.4 system-ui,sans-serif;color:#1c1c1c;background:#fff}
h1{font-size:17px;margin:12px 0 4px;overflow-wrap:anywhere}
p{margin:2px 0;color:#444;max-width:150ch;overflow-wrap:anywhere}
table{border-collapse:collapse;margin-top:12px;font-variant-numeric:tabular-nums;font-size:12px}
th,td{padding:3px 8px;text-align:right;white-space:nowrap;border-bottom:1px solid #eee}
th{position:sticky;top:0;background:#f1f1f1;border-bottom:1px solid #ccc;font-weight:600}
th.l,td.l{text-align:left}
td.c{max-width:40ch;overflow:hidden;text-overflow:ellipsis}
td.b{padding:0 8px;min-width:200px}
td.b span{display:block;height:10px;background:#198754}
tr.low td.b span{background:#dc3545}
tr.low td{background:#fdf1f2}
tr.first td{font-weight:600}
.weak{color:#777}
)";

/// A name or nothing, cut where the column ends.
static std::string makeCell(const std::string &text) {
  return "<td class=\"l c\" title=\"" + escapeMarkup(text) + "\">" +
         escapeMarkup(text) + "</td>";
}

static std::string makeNumber(std::optional<double> number, int places) {
  return number ? "<td>" + decimals(number, places) + "</td>"
                : "<td class=\"weak\">\u2013</td>";
}

static std::string makeScientific(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "<td>%.4g</td>", number);
  return text;
}

static std::string makeRow(const Comparison &comparison,
                           const ComparedTensor &tensor) {
  constexpr double mostDb = 120; // about what f32 gives
  const TensorDifference &difference = tensor.difference;
  double share =
      std::clamp(difference.sqnr().value_or(mostDb) / mostDb, 0.0, 1.0);
  std::string classes = comparison.isBelow(tensor) ? "low" : "";
  if (&tensor == comparison.findFirst())
    classes += " first";
  std::string problem = !difference.shapes.empty()
                            ? "shapes " + difference.shapes
                        : difference.isUnlike  ? "NaN or Inf in one of both"
                        : difference.isExact() ? "exact"
                                               : "";
  return "<tr class=\"" + classes + "\">" + makeCell(tensor.node) +
         makeCell(tensor.op) + makeCell(tensor.name) +
         makeCell(difference.shape) +
         (problem.empty() ? makeNumber(difference.sqnr(), 1)
                          : "<td>" + escapeMarkup(problem) + "</td>") +
         "<td class=\"b\"><span style=\"width:" + decimals(share * 100, 1) +
         "%\"></span></td>" + makeScientific(difference.largest) +
         makeScientific(difference.largestValue) +
         makeNumber(difference.cosine(), 7) + "</tr>\n";
}

static std::string describe(const ComparedTensor *tensor) {
  if (!tensor)
    return "none";
  return "<b>" + escapeMarkup(tensor->name) + "</b> of node " +
         escapeMarkup(tensor->node) + " (" + escapeMarkup(tensor->op) + ")";
}

std::string writePage(const Comparison &comparison) {
  std::string title = escapeMarkup(comparison.first) + " and " +
                      escapeMarkup(comparison.second);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
      "charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\">\n<title>" +
      title + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" +
      title + "</h1>\n<p>" + std::to_string(comparison.tensors.size()) +
      (comparison.tensors.size() == 1 ? " tensor on " : " tensors on ") +
      std::to_string(comparison.samples) +
      (comparison.samples == 1 ? " sample" : " samples") + ". First below " +
      decimals(comparison.threshold, 1) +
      " dB: " + describe(comparison.findFirst()) +
      ". Farthest off: " + describe(comparison.findWorst()) +
      ".</p>\n<table><thead><tr><th class=\"l\">node</th><th "
      "class=\"l\">op</th><th class=\"l\">tensor</th><th "
      "class=\"l\">shape</th><th>SQNR dB</th><th></th><th>largest "
      "difference</th><th>largest value</th><th>cosine</th></tr></thead>\n"
      "<tbody>\n";
  for (const ComparedTensor &tensor : comparison.tensors)
    page += makeRow(comparison, tensor);
  return page + "</tbody></table>\n</body>\n</html>\n";
}

} // namespace lambent::driver
