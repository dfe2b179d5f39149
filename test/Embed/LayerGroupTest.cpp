//===- LayerGroupTest.cpp - Layers that a run computes together -----------===//

#include "Runtime/LayerGroup.h"
#include <gtest/gtest.h>
#include <tuple>
#include <vector>

using namespace lambent::runtime;

namespace {

using Piece = std::tuple<int64_t, int64_t, int64_t>;

/// The layers of a model, each with what it says of waiting.
struct Layers {
  explicit Layers(std::vector<uint32_t> waits) : infos(waits.size()) {
    for (size_t i = 0; i < waits.size(); ++i)
      infos[i].waits = waits[i];
    model.layers = infos.data();
    model.num_layers = uint32_t(infos.size());
    EXPECT_EQ(LayerGroup::create(model, &group), nullptr);
  }
  ~Layers() {
    if (group)
      group->destroy();
  }

  std::vector<Piece> getPieces(int64_t begin, int64_t end) const {
    std::vector<Piece> pieces;
    group->forEachLayer(
        begin, end,
        [&](const LayerGroup::Layer &layer, int64_t from, int64_t to) {
          pieces.push_back({layer.index, from, to});
        });
    return pieces;
  }

  std::vector<LambentLayerInfo> infos;
  LambentModel model = {};
  LayerGroup *group = nullptr;
};

TEST(LayerGroup, IsMadeOnlyForLayersThatWait) {
  EXPECT_EQ(Layers({0, 0}).group, nullptr);
  EXPECT_NE(Layers({0, 2, 0}).group, nullptr);
}

TEST(LayerGroup, CutsChunksAtTheEndsOfLayers) {
  Layers layers({2, 2, 2, 0});
  void *buffers[2] = {};
  layers.group->addWaiting(0, nullptr, buffers, 2, 3);
  layers.group->addWaiting(1, nullptr, buffers, 2, 0);
  layers.group->addWaiting(2, nullptr, buffers, 2, 4);
  layers.group->add(3, nullptr, buffers, 1);
  EXPECT_EQ(layers.group->countChunks(), 8);
  EXPECT_EQ(layers.getPieces(0, 8),
            (std::vector<Piece>{{0, 0, 3}, {2, 0, 4}, {3, 0, 1}}));
  EXPECT_EQ(layers.getPieces(2, 5), (std::vector<Piece>{{0, 2, 3}, {2, 0, 2}}));
  EXPECT_EQ(layers.getPieces(6, 7), (std::vector<Piece>{{2, 3, 4}}));
}

TEST(LayerGroup, KeepsTheBuffersOfLayersThatWait) {
  Layers layers({2, 1, 0});
  int64_t numbers[3] = {};
  void *buffers[2] = {&numbers[0], &numbers[1]};
  layers.group->addWaiting(0, nullptr, buffers, 2, 1);
  buffers[0] = &numbers[2];
  layers.group->addWaiting(1, nullptr, buffers, 1, 1);
  buffers[0] = nullptr;
  std::vector<void *> found;
  layers.group->forEachLayer(
      0, 2, [&](const LayerGroup::Layer &layer, int64_t, int64_t) {
        found.push_back(layer.buffers[0]);
      });
  EXPECT_EQ(found, (std::vector<void *>{&numbers[0], &numbers[2]}));
  layers.group->clear();
  EXPECT_TRUE(layers.group->isEmpty());
  EXPECT_EQ(layers.group->countChunks(), 0);
}

} // namespace
