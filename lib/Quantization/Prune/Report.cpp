//===- Report.cpp - What became of each product, as JSON ------------------===//

#include "lambent/Quantization/PruneReport.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace lambent::quantization {

/// Names of a model may hold anything, but JSON holds UTF-8.
static std::string toText(StringRef name) {
  return json::isUTF8(name) ? name.str() : json::fixUTF8(name);
}

static double getShare(int64_t zeros, int64_t weights) {
  return weights ? double(zeros) / double(weights) : 0;
}

std::string formatReport(const PruneReport &report) {
  int64_t weights = 0, zeros = 0;
  for (const PrunedLayer &layer : report.layers) {
    weights += layer.weights;
    zeros += layer.zeros;
  }
  std::string text;
  raw_string_ostream stream(text);
  json::OStream out(stream, /*IndentSize=*/1);
  out.object([&] {
    out.attribute("weights", weights);
    out.attribute("zeros", zeros);
    out.attributeArray("layers", [&] {
      for (const PrunedLayer &layer : report.layers)
        out.object([&] {
          out.attribute("node", toText(layer.node));
          out.attribute("op", layer.op);
          if (!layer.reason.empty())
            out.attribute("reason", toText(layer.reason));
          out.attribute("weights", layer.weights);
          out.attribute("zeros", layer.zeros);
          out.attribute("share", getShare(layer.zeros, layer.weights));
          if (layer.weightSnr != 0)
            out.attribute("weight_snr_db", layer.weightSnr);
          if (layer.outputSnr)
            out.attribute("output_snr_db", *layer.outputSnr);
          if (!layer.whyMagnitude.empty())
            out.attribute("by_magnitude", toText(layer.whyMagnitude));
        });
    });
  });
  return text;
}

} // namespace lambent::quantization
