//===- JsonReport.h - The report for programs -------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_JSONREPORT_H
#define LAMBENT_TOOLS_LAYERREPORT_JSONREPORT_H

#include "../Json.h"
#include "LayerReport.h"

namespace lambent::driver {

/// One JSON object, a line a layer.
std::string writeJsonReport(const LayerReport &report);

/// The member "speeds": what roofs follow from.
void addSpeeds(JsonWriter &json, const Speeds &speeds);

/// What follows from the roofs, as members of a layer's object: op, algorithm,
/// gflops, roof, share_of_roof, predicted_ms.
void addRoofMembers(JsonWriter &json, const LayerRow &row);

} // namespace lambent::driver

#endif
