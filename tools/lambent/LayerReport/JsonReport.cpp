//===- JsonReport.cpp - The report for programs ---------------------------===//

#include "JsonReport.h"

namespace lambent::driver {

void addRoofMembers(JsonWriter &json, const LayerRow &row) {
  json.member("op", std::string_view(row.info->op))
      .member("algorithm", std::string_view(row.algorithm()))
      .member("gflops", row.gflops())
      .member("roof", std::string_view(row.roof))
      .member("share_of_roof", row.shareOfRoof())
      .member("predicted_ms", row.predictedMs);
}

static std::optional<double> positive(double number) {
  return number > 0 ? std::optional(number) : std::nullopt;
}

void addSpeeds(JsonWriter &json, const Speeds &speeds) {
  json.key("speeds")
      .beginObject()
      .member("origin", std::string_view(speeds.origin))
      .member("threads", static_cast<double>(speeds.threads))
      .member("peak_gflops", positive(speeds.peakGflops))
      .member("cycles_per_second", positive(speeds.cyclesPerSecond))
      .key("levels")
      .beginArray();
  for (const MemoryLevel &level : speeds.levels)
    json.beginObject()
        .member("name", std::string_view(level.name))
        .member("bytes", positive(level.bytes))
        .member("gb_per_second", positive(level.gbPerSecond))
        .endObject();
  json.endArray().endObject();
}

static void addVariants(JsonWriter &json, const LambentLayerInfo &layer) {
  json.key("variants").beginArray();
  for (uint32_t i = 0; i < layer.num_variants; ++i) {
    const LambentVariantInfo &variant = layer.variants[i];
    json.beginObject()
        .member("name", std::string_view(variant.name))
        .key("chosen")
        .truth(variant.is_chosen);
    if (*variant.algorithm) {
      json.member("algorithm", std::string_view(variant.algorithm))
          .member("cycles", positive(static_cast<double>(variant.cycles)));
      if (*variant.rejection)
        json.member("note", std::string_view(variant.rejection));
    } else {
      json.member("rejection", std::string_view(variant.rejection));
    }
    json.endObject();
  }
  json.endArray();
}

/// The layers of what a layer calls; those call more.
static void addBodies(JsonWriter &json, const LambentModel &model,
                      size_t layer) {
  std::vector<const LambentModel *> bodies = findBodies(model, layer);
  if (bodies.empty())
    return;
  json.key("bodies").beginArray();
  for (const LambentModel *body : bodies) {
    json.beginObject().key("layers").beginArray();
    for (uint32_t i = 0; i < body->num_layers; ++i) {
      const LambentLayerInfo &inner = body->layers[i];
      json.beginObject()
          .member("name", std::string_view(inner.name))
          .member("kernel", std::string_view(inner.kernel))
          .member("shapes", std::string_view(inner.shapes))
          .member("op", std::string_view(inner.op));
      addBodies(json, *body, i);
      json.endObject();
    }
    json.endArray().endObject();
  }
  json.endArray();
}

static void addLayer(JsonWriter &json, const LambentModel &model, size_t index,
                     const LayerRow &row) {
  const LambentLayerInfo &layer = *row.info;
  json.beginLine()
      .beginObject()
      .member("name", std::string_view(layer.name))
      .member("kernel", std::string_view(layer.kernel))
      .member("shapes", std::string_view(layer.shapes));
  addRoofMembers(json, row);
  json.member("predicted_from", std::string_view(row.basis))
      .member("measured_ms", row.measuredMs)
      .member("gflop", row.gflop)
      .member("mbytes", row.mbytes)
      .member("roof_ms", row.roofMs)
      .key("sources")
      .beginArray();
  for (uint32_t i = 0; i < layer.num_sources; ++i)
    json.value(static_cast<double>(layer.sources[i]));
  json.endArray();
  addVariants(json, layer);
  addBodies(json, model, index);
  json.endObject();
}

std::string writeJsonReport(const LayerReport &report) {
  const LambentModel &model = *report.model;
  JsonWriter json;
  json.beginObject()
      .member("model", std::string_view(report.title))
      .member("producer", std::string_view(model.producer))
      .member("cpu", std::string_view(model.cpu))
      .member("tuned_for", std::string_view(model.tuning.description));
  addSpeeds(json, report.speeds);
  json.member("measured_ms", report.medianMs)
      .member("predicted_ms", positive(report.sumOfPredicted()))
      .key("layers")
      .beginArray();
  for (size_t i = 0; i < report.rows.size(); ++i)
    addLayer(json, model, i, report.rows[i]);
  json.endArray().endObject();
  return json.text() + "\n";
}

} // namespace lambent::driver
