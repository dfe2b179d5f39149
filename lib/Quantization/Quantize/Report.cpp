//===- Report.cpp - What became of each product, as JSON ------------------===//

#include "lambent/Quantization/Quantize.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <map>

using namespace llvm;

namespace lambent::quantization {

namespace {
/// The layers of one op.
struct TypeSummary {
  int64_t quantized = 0, floats = 0, weights = 0;
  double saturated = 0, worstSqnr = INFINITY;
};
} // namespace

/// Names of a model may hold anything, but JSON holds UTF-8.
static std::string toText(StringRef name) {
  return json::isUTF8(name) ? name.str() : json::fixUTF8(name);
}

static void writeLayer(json::OStream &out, const QuantizedLayer &layer) {
  out.object([&] {
    out.attribute("node", toText(layer.node));
    out.attribute("op", layer.op);
    out.attribute("numbers", layer.numbers);
    if (!layer.reason.empty())
      out.attribute("reason", toText(layer.reason));
    out.attributeArray("inputs", [&] {
      for (const QuantizedLayer::Input &input : layer.inputs)
        out.object([&] {
          out.attribute("tensor", toText(input.tensor));
          out.attribute("least", input.range.least);
          out.attribute("most", input.range.most);
          out.attribute("saturated", input.saturated);
          if (input.isZero)
            out.attribute("only_zeros", true);
        });
    });
    if (layer.weightSqnr != 0)
      out.attribute("weight_sqnr_db", layer.weightSqnr);
    if (layer.zeroScales != 0)
      out.attribute("weight_scales_of_zeros", layer.zeroScales);
    if (!layer.whyNearest.empty())
      out.attribute("rounded_to_nearest", layer.whyNearest);
  });
}

std::string formatReport(const QuantizeReport &report) {
  std::map<std::string, TypeSummary> types;
  for (const QuantizedLayer &layer : report.layers) {
    TypeSummary &type = types[layer.op];
    ++(layer.numbers == "float" ? type.floats : type.quantized);
    for (const QuantizedLayer::Input &input : layer.inputs)
      type.saturated = std::max(type.saturated, input.saturated);
    if (layer.weightSqnr != 0) {
      ++type.weights;
      type.worstSqnr = std::min(type.worstSqnr, layer.weightSqnr);
    }
  }
  std::string text;
  raw_string_ostream stream(text);
  json::OStream out(stream, /*IndentSize=*/1);
  out.object([&] {
    out.attributeObject("types", [&] {
      for (const auto &[op, type] : types)
        out.attributeObject(op, [&] {
          out.attribute("quantized", type.quantized);
          out.attribute("float", type.floats);
          out.attribute("most_saturated", type.saturated);
          if (type.weights)
            out.attribute("worst_weight_sqnr_db", type.worstSqnr);
        });
    });
    out.attribute("float_bytes", int64_t(report.floatBytes));
    out.attribute("quantized_bytes", int64_t(report.quantizedBytes));
    out.attributeArray("layers", [&] {
      for (const QuantizedLayer &layer : report.layers)
        writeLayer(out, layer);
    });
  });
  return text;
}

} // namespace lambent::quantization
