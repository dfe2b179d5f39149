//===- LayerGroup.h - Layers that a run computes together -------*- C++ -*-===//
//
// Layers that do not depend on one another wait until the last of them comes
// (LambentLayerInfo.waits). Their chunks are then dealt out as if they were one
// kernel's, so that no thread waits for the end of each layer.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_LAYERGROUP_H
#define LAMBENT_RUNTIME_LAYERGROUP_H

#include "lambent-c/model.h"
#include "lambent-c/runtime.h"

namespace lambent::runtime {

class LayerGroup {
public:
  struct Layer {
    int64_t index;
    LambentKernel kernel;
    void *const *buffers;
    int64_t end; ///< behind its chunks, among those of the group
  };

  /// Room for the groups of a model; null where no layer waits.
  static LambentStatus *create(const LambentModel &model, LayerGroup **group);
  void destroy();

  bool isEmpty() const { return count == 0; }
  void clear() { count = kept = 0; }
  /// A layer whose buffers are used before its caller goes on.
  void add(int64_t index, LambentKernel kernel, void *const *buffers,
           int64_t chunks);
  /// A layer that waits, with its first `numBuffers` buffers.
  void addWaiting(int64_t index, LambentKernel kernel, void *const *buffers,
                  uint32_t numBuffers, int64_t chunks);
  int64_t countChunks() const { return count ? layers[count - 1].end : 0; }

  /// Calls body(layer, begin, end) for the chunks of each layer that are among
  /// chunks [begin, end) of the group.
  template <typename Body>
  void forEachLayer(int64_t begin, int64_t end, Body body) const {
    int64_t first = 0;
    for (uint32_t i = 0; i < count && first < end; first = layers[i++].end) {
      int64_t from = begin > first ? begin : first,
              to = end < layers[i].end ? end : layers[i].end;
      if (from < to)
        body(layers[i], from - first, to - first);
    }
  }

private:
  Layer *layers;
  void **buffers; ///< those of layers that wait
  uint32_t count, kept;
};

} // namespace lambent::runtime

#endif
