//===- Page.cpp - The report as a page that a person reads ----------------===//
//
// The script moves and marks what is there and makes no markup; what comes from
// a model is escaped here and nowhere part of a script or a style.
//
//===----------------------------------------------------------------------===//

#include "Page.h"
#include "GraphDrawing.h"
#include "Markup.h"
#include "PageStyle.h"
#include <algorithm>

namespace lambent::driver {

namespace {

/// Builds the page piece by piece.
class PageWriter {
public:
  explicit PageWriter(const LayerReport &report) : report(report) {
    for (const LayerRow &row : report.rows) {
      most = std::max(most, row.ms().value_or(0));
      sum += row.ms().value_or(0);
    }
  }

  std::string write() {
    std::string note, picture = drawGraph(report.rows, note);
    addHead();
    addHeader(note);
    page += "<main>\n<section id=\"graph\"><div id=\"bar\"><button id=\"less\" "
            "title=\"smaller\">\u2212</button><button id=\"more\" "
            "title=\"larger\">+</button><button id=\"fit\">fit</button>"
            "<span>0</span><span id=\"scale\" "
            "style=\"background:linear-gradient(90deg";
    for (double share : {0.0, 0.0225, 0.09, 0.2, 0.36, 0.7, 1.0})
      page += "," + getHeatColour(share) + " " +
              decimals(share * 100, 1) + "%";
    page += ")\"></span><span>" + msText(most) +
            " ms</span></div><div id=\"scroll\">\n" + picture +
            "</div></section>\n<div id=\"right\"><section id=\"layers\">";
    addTable();
    page += "</section><section id=\"detail\"></section></div>\n</main>\n";
    for (size_t i = 0; i < report.rows.size(); ++i)
      addDetail(i, report.rows[i]);
    page += "<script>" + std::string(pageScript) +
            "</script>\n</body>\n</html>\n";
    return std::move(page);
  }

private:
  bool isMeasured() const { return report.medianMs.has_value(); }
  void addHead();
  void addHeader(const std::string &note);
  void addSpeeds();
  void addTable();
  void addRow(size_t index, const LayerRow &row);
  void addDetail(size_t index, const LayerRow &row);
  /// The layers of what a layer calls, and of what these call.
  void addBodies(const std::vector<const LambentModel *> &bodies,
                 const std::string &prefix);
  void addVariants(const LayerRow &row);
  void addText(std::string_view text) {
    page += "<td class=\"l c\" title=\"" + escapeMarkup(text) + "\">" +
            escapeMarkup(text) + "</td>";
  }
  /// A number to sort by, as `shown` has it.
  void addNumber(std::optional<double> number, const std::string &shown) {
    page += number ? "<td data-v=\"" + decimals(number, 9) + "\">" + shown +
                         "</td>"
                   : "<td class=\"weak\">\u2013</td>";
  }
  void addNumber(std::optional<double> number, int places,
                 const char *unit = "") {
    addNumber(number, decimals(number, places) + unit);
  }
  void addTime(std::optional<double> ms) { addNumber(ms, msText(ms)); }
  void addEntry(const char *title, const std::string &markup) {
    page += std::string("<dt>") + title + "</dt><dd>" + markup + "</dd>";
  }

  const LayerReport &report;
  double most = 0, sum = 0;
  std::string page;
};

} // namespace

void PageWriter::addHead() {
  page += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
          "charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width\">\n<meta "
          "http-equiv=\"Content-Security-Policy\" content=\"default-src "
          "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
          "<title>" +
          escapeMarkup(report.title) + ": layers</title>\n<style>" +
          pageStyle + "</style>\n</head>\n<body>\n";
}

void PageWriter::addHeader(const std::string &note) {
  const LambentModel &model = *report.model;
  double predicted = report.sumOfPredicted();
  page += "<header><h1>" + escapeMarkup(report.title) + "</h1>\n<p>" +
          std::to_string(report.rows.size()) + " layers, compiled for " +
          escapeMarkup(model.cpu) + ", tuned for " +
          escapeMarkup(model.tuning.description) + " by " +
          escapeMarkup(model.producer) + ". ";
  if (isMeasured())
    page += "<b>Measured: " + msText(report.medianMs) +
            " ms</b> a run (median, " + std::to_string(report.speeds.threads) +
            (report.speeds.threads == 1 ? " thread" : " threads") +
            "), layers one by one " + msText(report.sumOfMeasured()) +
            " ms. ";
  page += predicted > 0 ? "<b>Predicted: " + msText(predicted) +
                              " ms</b>, the sum of layers."
                        : "No time is predicted.";
  page += "</p>\n<p>";
  addSpeeds();
  if (!note.empty())
    page += " " + escapeMarkup(note);
  page += "</p></header>\n";
}

void PageWriter::addSpeeds() {
  const Speeds &speeds = report.speeds;
  page += "Roofs, " + escapeMarkup(speeds.origin) +
          (speeds.threads == 1
               ? " for one thread"
               : " for " + std::to_string(speeds.threads) + " threads") +
          ": ";
  page += speeds.peakGflops > 0
              ? "multiply-adds " + decimals(speeds.peakGflops, 1) + " GFLOP/s"
              : "multiply-adds not known";
  for (const MemoryLevel &level : speeds.levels)
    page += ", " + escapeMarkup(level.name) +
            (level.gbPerSecond > 0
                 ? " " + decimals(level.gbPerSecond, 1) + " GB/s"
                 : " not known");
  page += ". A layer's share is the least time that its roof allows over the "
          "time it takes";
  page += isMeasured() ? "." : ", which is predicted here.";
}

void PageWriter::addTable() {
  page += "<table><thead><tr><th></th><th>#</th><th class=\"l\">nodes</th><th "
          "class=\"l\">op</th><th class=\"l\">kernel</th>";
  if (isMeasured())
    page += "<th>ms</th>";
  page += "<th>predicted ms</th><th>of all</th><th class=\"l\">roof</th>"
          "<th>share</th><th>GFLOP/s</th><th>GB/s</th><th>GFLOP</th><th>MB</th>"
          "<th class=\"l\">shapes</th></tr></thead>\n<tbody>\n";
  for (size_t i = 0; i < report.rows.size(); ++i)
    addRow(i, report.rows[i]);
  page += "</tbody></table>";
}

static std::optional<double> percent(std::optional<double> share) {
  return share ? std::optional(*share * 100) : std::nullopt;
}

void PageWriter::addRow(size_t index, const LayerRow &row) {
  std::optional<double> ms = row.ms();
  page += "<tr id=\"r" + std::to_string(index) +
          "\"><td class=\"h\" data-v=\"" + decimals(ms.value_or(0), 9) +
          "\" style=\"background:" +
          getHeatColour(ms && most > 0 ? *ms / most : 0) + "\"></td>";
  addNumber(static_cast<double>(index), 0);
  addText(row.info->name);
  addText(row.info->op);
  addText(row.info->kernel);
  if (isMeasured())
    addTime(row.measuredMs);
  addTime(row.predictedMs);
  addNumber(ms && sum > 0 ? percent(*ms / sum) : std::nullopt, 1, " %");
  addText(row.roof);
  addNumber(percent(row.shareOfRoof()), 0, " %");
  addNumber(row.gflops(), 1);
  addNumber(row.gbPerSecond(), 1);
  addNumber(row.gflop, 4);
  addNumber(row.mbytes, 3);
  addText(row.info->shapes);
  page += "</tr>\n";
}

void PageWriter::addDetail(size_t index, const LayerRow &row) {
  const LambentLayerInfo &layer = *row.info;
  page += "<template id=\"d" + std::to_string(index) + "\"><h2>" +
          std::to_string(index) + ": " + escapeMarkup(layer.name) +
          "</h2><dl>";
  addEntry("kernel", escapeMarkup(layer.kernel));
  addEntry("algorithm", escapeMarkup(row.algorithm()));
  addEntry("shapes", escapeMarkup(layer.shapes));
  std::string time;
  if (row.measuredMs)
    time = "measured " + msText(row.measuredMs) + " ms, ";
  time += row.predictedMs ? "predicted " + msText(row.predictedMs) +
                                " ms, from " + escapeMarkup(row.basis)
                          : "not predicted: " + escapeMarkup(row.basis);
  addEntry("time", time);
  addEntry("roof", row.roofMs ? escapeMarkup(row.roof) + ", at least " +
                                    msText(row.roofMs) + " ms: " +
                                    decimals(percent(row.shareOfRoof()), 0) +
                                    " %"
                              : "not known");
  page += "</dl>";
  std::vector<const LambentModel *> bodies = findBodies(*report.model, index);
  if (bodies.empty())
    addVariants(row);
  addBodies(bodies, "");
  page += "</template>\n";
}

void PageWriter::addBodies(const std::vector<const LambentModel *> &bodies,
                           const std::string &prefix) {
  for (size_t i = 0; i < bodies.size(); ++i) {
    const LambentModel &body = *bodies[i];
    std::string title = bodies.size() == 1 ? "body" : i == 0 ? "then" : "else";
    page += "<h2>" + prefix + title + "</h2><table><tr><th>#</th><th "
            "class=\"l\">nodes</th><th class=\"l\">kernel</th><th "
            "class=\"l\">shapes</th></tr>";
    for (uint32_t j = 0; j < body.num_layers; ++j) {
      page += "<tr>";
      addNumber(j, 0);
      addText(body.layers[j].name);
      addText(body.layers[j].kernel);
      addText(body.layers[j].shapes);
      page += "</tr>";
    }
    page += "</table>";
    for (uint32_t j = 0; j < body.num_layers; ++j)
      addBodies(findBodies(body, j),
                prefix + title + " " + std::to_string(j) + ": ");
  }
}

/// Why a variant was chosen or not.
static std::string getOutcome(const LambentLayerInfo &layer,
                              const LambentVariantInfo &variant) {
  if (variant.is_chosen)
    return *variant.rejection ? "chosen; " + escapeMarkup(variant.rejection)
                              : "chosen";
  if (!*variant.algorithm)
    return escapeMarkup(variant.rejection);
  for (uint32_t i = 0; i < layer.num_variants; ++i)
    if (layer.variants[i].is_chosen &&
        layer.variants[i].cycles == variant.cycles)
      return "would take as long, and comes later in the table";
  return "would take longer";
}

void PageWriter::addVariants(const LayerRow &row) {
  const LambentLayerInfo &layer = *row.info;
  if (!layer.num_variants) {
    page += "<p>There is one way only to compute this.</p>";
    return;
  }
  // Where sizes are open none of its own is predicted.
  bool isGuess = !layer.cycles && !layer.bytes;
  page += "<table><tr><th class=\"l\">way</th><th>cycles";
  page += isGuess ? " at sizes of 64" : "";
  page += "</th><th class=\"l\">outcome</th></tr>";
  for (uint32_t i = 0; i < layer.num_variants; ++i) {
    const LambentVariantInfo &variant = layer.variants[i];
    bool fits = *variant.algorithm;
    page += variant.is_chosen ? "<tr class=\"chosen\">" : "<tr>";
    page += "<td class=\"l\">" +
            escapeMarkup(fits ? variant.algorithm : variant.name) +
            "</td><td>" +
            (variant.cycles ? std::to_string(variant.cycles) : "\u2013") +
            "</td><td class=\"l\">" +
            getOutcome(layer, variant) + "</td></tr>";
  }
  page += "</table>";
}

std::string writePage(const LayerReport &report) {
  return PageWriter(report).write();
}

} // namespace lambent::driver
