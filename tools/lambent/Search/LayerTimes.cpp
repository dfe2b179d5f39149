//===- LayerTimes.cpp - What the layers of a search take ------------------===//

#include "LayerTimes.h"
#include "../Measurement.h"
#include "../Report.h"

namespace lambent::driver {

/// Whether the CPU adds up products of bf16, which a compilation for it says.
static bool hasBF16(const LambentModel &model) {
  std::string features = "," + std::string(model.cpu_features) + ",";
  return features.find(",avx512bf16,") != std::string::npos;
}

int measureTimes(const std::string &path, const std::string &sample,
                 const ModelOptions &options, std::vector<SearchLayer> &layers,
                 std::optional<double> SearchLayer::*place, double &runMs,
                 bool *multipliesBF16) {
  PreparedModel prepared;
  if (int status = prepareModel(path, sample, false, options, prepared))
    return status;
  MeasurementOptions how;
  how.threads = 1;
  how.seconds = 1;
  how.layers = true;
  Measurement measured;
  if (int status = measure(prepared, how, measured))
    return status;
  runMs = measured.medianMs();
  const LambentModel &model = prepared.description();
  if (multipliesBF16)
    *multipliesBF16 = hasBF16(model);
  for (size_t i = 0; i < measured.layerMs.size(); ++i) {
    // "conv1+relu1": one of the nodes is the product.
    std::string names = "+" + std::string(model.layers[i].name) + "+";
    for (SearchLayer &layer : layers)
      if (names.find("+" + layer.node + "+") != std::string::npos)
        layer.*place = (layer.*place).value_or(0) + measured.layerMs[i];
  }
  return Done;
}

} // namespace lambent::driver
