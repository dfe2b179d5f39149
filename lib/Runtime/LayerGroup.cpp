//===- LayerGroup.cpp - Layers that a run computes together ---------------===//

#include "LayerGroup.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

LambentStatus *LayerGroup::create(const LambentModel &model,
                                  LayerGroup **result) {
  uint64_t mostLayers = 0, mostBuffers = 0, numLayers = 0, numBuffers = 0;
  for (uint32_t i = 0; i < model.num_layers; ++i) {
    uint32_t waits = model.layers[i].waits;
    numLayers = waits ? numLayers + 1 : 0;
    numBuffers = waits ? numBuffers + waits : 0;
    mostLayers = numLayers > mostLayers ? numLayers : mostLayers;
    mostBuffers = numBuffers > mostBuffers ? numBuffers : mostBuffers;
  }
  *result = nullptr;
  if (!mostLayers)
    return nullptr;
  // With the one that does not wait.
  uint64_t layerBytes = (mostLayers + 1) * sizeof(Layer),
           bytes =
               sizeof(LayerGroup) + layerBytes + mostBuffers * sizeof(void *);
  auto *group = static_cast<LayerGroup *>(malloc(bytes));
  if (!group)
    return makeOutOfMemory("layers that wait", bytes);
  group->layers = reinterpret_cast<Layer *>(group + 1);
  group->buffers = reinterpret_cast<void **>(group->layers + mostLayers + 1);
  group->clear();
  *result = group;
  return nullptr;
}

void LayerGroup::destroy() { free(this); }

void LayerGroup::add(int64_t index, LambentKernel kernel,
                     void *const *ownBuffers, int64_t chunks) {
  int64_t end = countChunks() + chunks;
  layers[count++] = {index, kernel, ownBuffers, end};
}

void LayerGroup::addWaiting(int64_t index, LambentKernel kernel,
                            void *const *given, uint32_t numBuffers,
                            int64_t chunks) {
  memcpy(buffers + kept, given, numBuffers * sizeof(void *));
  add(index, kernel, buffers + kept, chunks);
  kept += numBuffers;
}

} // namespace lambent::runtime
