//===- LayersCheck.cpp - Does what a model says of layers hold? -----------===//

#include "LayersCheck.h"

namespace lambent::runtime {

static bool areVariantsComplete(const LambentLayerInfo &layer) {
  if (layer.num_variants && !layer.variants)
    return false;
  for (uint32_t i = 0; i < layer.num_variants; ++i) {
    const LambentVariantInfo &variant = layer.variants[i];
    if (!variant.name || !variant.algorithm || !variant.rejection)
      return false;
  }
  return true;
}

bool areLayersSound(const LambentModel &model) {
  if (!model.tuning.description || (model.num_layers && !model.layers))
    return false;
  for (uint32_t i = 0; i < model.num_layers; ++i) {
    const LambentLayerInfo &layer = model.layers[i];
    if (!layer.name || !layer.kernel || !layer.op || !layer.shapes ||
        !layer.choice_key || (layer.num_sources && !layer.sources) ||
        !areVariantsComplete(layer))
      return false;
    // Of a kernel, for a kernel, with buffers as many as an op has.
    if (layer.waits &&
        (layer.is_runtimes || layer.waits > UINT16_MAX ||
         i + 1 == model.num_layers || model.layers[i + 1].is_runtimes))
      return false;
    for (uint32_t j = 0; j < layer.num_sources; ++j)
      if (layer.sources[j] >= i)
        return false;
  }
  return true;
}

} // namespace lambent::runtime
