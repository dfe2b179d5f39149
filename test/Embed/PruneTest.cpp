//===- PruneTest.cpp - Pruned models, as applications use them ------------===//

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include "gtest/gtest.h"
#include <filesystem>

using namespace lambent::test;

namespace {

/// y = x w with matrices of f32[n, 4] and f32[4, 300].
class Prune : public testing::Test {
protected:
  Prune()
      : bytes(makeBytes()), source(lambent::ModelSource::fromMemory(
                                bytes.data(), bytes.size(), "product")) {
    std::string pattern = testing::TempDir() + "lambent-XXXXXX";
    folder = mkdtemp(pattern.data());
    for (int i = 0; i < 32; ++i)
      values.push_back(float(i * 7 % 11 - 5) / 4);
    options.zeros = 50;
  }
  ~Prune() override { std::filesystem::remove_all(folder); }

  static std::string makeBytes() {
    std::vector<float> w;
    for (int i = 0; i < 1200; ++i)
      w.push_back(float(i % 17 - 8) / 8 + 0.01f);
    return productModel(-1, w);
  }
  std::string file(const char *name) const { return folder + "/" + name; }
  /// The report, or what is wrong.
  std::string prune(const char *name = "p.onnx") {
    auto report = lambent::pruneToFile(source, options, file(name));
    return report ? *report : report.message();
  }

  std::string bytes, folder;
  lambent::ModelSource source;
  std::vector<float> values;
  lambent::PruneOptions options;
};

TEST_F(Prune, WritesModels) {
  EXPECT_NE(prune().find("\"zeros\": 600"), std::string::npos);
  auto nodes =
      lambent::listNodes(lambent::ModelSource::fromFile(file("p.onnx")));
  ASSERT_TRUE(nodes) << nodes.message();
  EXPECT_EQ(nodes->size(), 1u);
  options.zeros = 0;
  options.layers = {{"the_node", 75}};
  EXPECT_NE(prune().find("\"zeros\": 900"), std::string::npos);
  options.structure = "2:4";
  EXPECT_EQ(prune(), "the structure 2:4 has one share of zeros for all layers, "
                     "but node 'the_node' has its own");
}

TEST_F(Prune, ReadsSamples) {
  options.method = "reconstruct";
  EXPECT_EQ(prune(), "the method reconstruct needs samples");
  options.samples.emplace();
  options.samples->count = 2;
  options.samples->read = [&](uint64_t index) {
    return std::optional(lambent::Sample{"sample " + std::to_string(index),
                                         {{values.data(), {8, 4}}}});
  };
  EXPECT_NE(prune().find("\"output_snr_db\""), std::string::npos);
  options.samples->read = [](uint64_t) { return std::nullopt; };
  EXPECT_EQ(prune(), "sample 1 of 2 cannot be read");
}

TEST_F(Prune, TakesMasks) {
  EXPECT_NE(prune("mask.onnx").find("\"zeros\": 600"), std::string::npos);
  auto mask = lambent::ModelSource::fromFile(file("mask.onnx"));
  options.mask = &mask;
  EXPECT_EQ(prune(), "a mask says which weights become 0: there is no "
                     "percentage, structure or method beside it");
  options.zeros = 0;
  EXPECT_NE(prune().find("\"zeros\": 600"), std::string::npos);
  auto none = lambent::ModelSource::fromFile(file("none.onnx"));
  options.mask = &none;
  EXPECT_NE(prune().find("none.onnx"), std::string::npos);
}

TEST_F(Prune, ListsLayers) {
  std::string path = file("p.onnx");
  LambentModelSource from = source.get();
  LambentPruneOptions c = {};
  c.size = sizeof c;
  c.structure = "1x32";
  c.zeros = 50;
  const LambentPruneReport *report = nullptr;
  ASSERT_EQ(lambent_prune_to_file(&from, &c, path.c_str(), &report), nullptr);
  std::string seen;
  auto see = [](void *user, const LambentPrunedLayer *layer) {
    *static_cast<std::string *>(user) +=
        std::string(layer->node) + " " + layer->op + " " +
        std::to_string(layer->zeros) + " of " + std::to_string(layer->weights);
    EXPECT_EQ(layer->reason, nullptr);
  };
  lambent_prune_report_list(report, see, &seen);
  EXPECT_EQ(seen.rfind("the_node MatMul 6", 0), 0u) << seen;
  lambent_prune_report_destroy(report);
  lambent_prune_report_list(nullptr, see, &seen);
  EXPECT_EQ(lambent_prune_report_json(nullptr), nullptr);
}

TEST_F(Prune, RefusesNull) {
  std::string path = file("p.onnx");
  LambentModelSource from = source.get();
  LambentPruneOptions c = {};
  c.size = sizeof c;
  c.zeros = 50;
  auto message = [&] {
    LambentStatus *status =
        lambent_prune_to_file(&from, &c, path.c_str(), nullptr);
    std::string text = status ? lambent_status_message(status) : "";
    lambent_status_destroy(status);
    return text;
  };
  c.num_keep = 1;
  EXPECT_NE(message().find("keep"), std::string::npos);
  const char *names[] = {nullptr};
  c.keep = names;
  EXPECT_EQ(message(), "a node that stays as it is needs a name");
  c.num_keep = 0;
  c.num_layers = 1;
  EXPECT_NE(message().find("layers"), std::string::npos);
  LambentLayerZeros layers[] = {{nullptr, 50}};
  c.layers = layers;
  EXPECT_EQ(message(), "a node that has a share of zeros needs a name");
}

} // namespace
