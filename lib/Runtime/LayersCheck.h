//===- LayersCheck.h - Does what a model says of layers hold? ---*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_LAYERSCHECK_H
#define LAMBENT_RUNTIME_LAYERSCHECK_H

#include "lambent-c/model.h"

namespace lambent::runtime {

/// Whether all texts and lists about its layers are there, and a layer's
/// sources come before it.
bool areLayersSound(const LambentModel &model);

} // namespace lambent::runtime

#endif
