//===- QuantizeWrapperTest.cpp - Profiles and quantizations from C++ ------===//

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include "gtest/gtest.h"
#include <cmath>
#include <filesystem>
#include <map>

using namespace lambent::test;

namespace {

/// y = x w with matrices of f32[n, 4] and f32[4, 4].
class QuantizeWrapper : public testing::Test {
protected:
  QuantizeWrapper()
      : bytes(makeBytes()), source(lambent::ModelSource::fromMemory(
                                bytes.data(), bytes.size(), "product")) {
    std::string pattern = testing::TempDir() + "lambent-XXXXXX";
    folder = mkdtemp(pattern.data());
    for (int i = 0; i < 8; ++i)
      values.push_back(float(i - 3) / 4);
  }
  ~QuantizeWrapper() override { std::filesystem::remove_all(folder); }

  static std::string makeBytes() {
    std::vector<float> w;
    for (int i = 0; i < 16; ++i)
      w.push_back(float(i % 5 - 2) / 8);
    return productModel(-1, w);
  }
  lambent::Tensor input() { return {values.data(), {2, 4}}; }
  std::string file(const char *name) const { return folder + "/" + name; }

  /// Writes a profile of one sample.
  void writeProfile() {
    auto profile = lambent::Profile::create(source);
    ASSERT_TRUE(profile) << profile.message();
    auto status = profile->addSample({input()}, "first");
    ASSERT_TRUE(status) << status.message();
    status = profile->write(file("p.json"));
    ASSERT_TRUE(status) << status.message();
  }

  std::string bytes, folder;
  lambent::ModelSource source;
  std::vector<float> values;
};

TEST_F(QuantizeWrapper, ListsForms) {
  lambent::QuantizeOptions options;
  options.numbers = "int4-weights";
  auto layers = lambent::listLayerForms(source, options);
  ASSERT_TRUE(layers) << layers.message();
  ASSERT_EQ(layers->size(), 1u);
  EXPECT_EQ((*layers)[0].op, "MatMul");
  EXPECT_FALSE((*layers)[0].noIntegers);
  EXPECT_EQ((*layers)[0].noBF16, "weights alone become narrow");
  options.numbers = "bf16";
  layers = lambent::listLayerForms(source, options);
  ASSERT_TRUE(layers) << layers.message();
  EXPECT_EQ((*layers)[0].noIntegers, "bf16 alone is asked for");
  EXPECT_FALSE((*layers)[0].noBF16);
  options.keepFirst = 1;
  layers = lambent::listLayerForms(source, options);
  ASSERT_TRUE(layers) << layers.message();
  EXPECT_TRUE(layers->empty());
  options.keep = {"none"};
  layers = lambent::listLayerForms(source, options);
  EXPECT_FALSE(layers);
  EXPECT_NE(layers.message().find("it has no node 'none' to keep in float"),
            std::string::npos);
}

TEST_F(QuantizeWrapper, ListsNodes) {
  auto nodes = lambent::listNodes(source);
  ASSERT_TRUE(nodes) << nodes.message();
  ASSERT_EQ(nodes->size(), 1u);
  EXPECT_EQ((*nodes)[0].op, "MatMul");
  EXPECT_EQ((*nodes)[0].inputs, (std::vector<std::string>{"x", "w"}));
  auto none = lambent::listNodes(lambent::ModelSource::fromFile("none.onnx"));
  EXPECT_FALSE(none);
  EXPECT_NE(none.message().find("none.onnx"), std::string::npos);
}

TEST_F(QuantizeWrapper, ShowsTensors) {
  auto observer = lambent::Observer::create(source, {}, {"y", "none"});
  ASSERT_TRUE(observer) << observer.message();
  std::map<std::string, std::vector<int64_t>> seen;
  auto status =
      observer->run({input()}, [&](const lambent::ObservedTensor &tensor) {
        seen[tensor.name] = tensor.dims;
        EXPECT_EQ(tensor.count, 8u);
        EXPECT_TRUE(std::isfinite(tensor.elements[7]));
      });
  EXPECT_TRUE(status) << status.message();
  EXPECT_EQ(seen, (std::map<std::string, std::vector<int64_t>>{{"y", {2, 4}}}));
  EXPECT_EQ(observer->run({}, nullptr).message(),
            "expected 1 inputs, but got 0");
}

TEST_F(QuantizeWrapper, CollectsProfiles) {
  auto profile = lambent::Profile::create(source);
  ASSERT_TRUE(profile) << profile.message();
  EXPECT_TRUE(profile->addSample({input()}, "first"));
  EXPECT_EQ(profile->addSample({}, "second").message(),
            "sample 'second': expected 1 inputs, but got 0");
  EXPECT_TRUE(profile->write(file("p.json")));
  EXPECT_TRUE(profile->merge(file("p.json")));
  EXPECT_EQ(profile->numSamples(), 2u);
  EXPECT_EQ(profile->numTensors(), 2u);
  EXPECT_FALSE(profile->merge(file("none.json")));
}

TEST_F(QuantizeWrapper, WritesModels) {
  writeProfile();
  lambent::QuantizeOptions options;
  options.profile = file("p.json");
  auto report = lambent::quantizeToFile(source, options, file("q.onnx"));
  ASSERT_TRUE(report) << report.message();
  EXPECT_NE(report->find("\"numbers\": \"int8\""), std::string::npos);
  auto nodes =
      lambent::listNodes(lambent::ModelSource::fromFile(file("q.onnx")));
  ASSERT_TRUE(nodes) << nodes.message();
  EXPECT_EQ(nodes->size(), 4u);
  options.keep = {"none"};
  report = lambent::quantizeToFile(source, options, file("q.onnx"));
  EXPECT_NE(report.message().find("it has no node 'none' to keep in float"),
            std::string::npos);
  options.keep.clear();
  options.migration = "much";
  report = lambent::quantizeToFile(source, options, file("q.onnx"));
  EXPECT_EQ(report.message(), "expected auto or a number above 0 to 1 as the "
                              "migration, but got 'much'");
}

TEST_F(QuantizeWrapper, ReadsSamples) {
  writeProfile();
  lambent::QuantizeOptions options;
  options.profile = file("p.json");
  options.rounding = "gptq";
  std::vector<uint64_t> asked;
  options.samples.emplace();
  options.samples->count = 3;
  options.samples->read =
      [&](uint64_t index) -> std::optional<lambent::Sample> {
    asked.push_back(index);
    return lambent::Sample{"sample " + std::to_string(index), {input()}};
  };
  auto report = lambent::quantizeToFile(source, options, file("q.onnx"));
  ASSERT_TRUE(report) << report.message();
  EXPECT_EQ(asked, (std::vector<uint64_t>{0, 1, 2}));
  options.samples->read = [](uint64_t) { return std::nullopt; };
  report = lambent::quantizeToFile(source, options, file("q.onnx"));
  EXPECT_EQ(report.message(), "sample 1 of 3 cannot be read");
  options.samples->read = nullptr;
  EXPECT_FALSE(lambent::quantizeToFile(source, options, file("q.onnx")));
}

TEST_F(QuantizeWrapper, CompilesQuantizedModels) {
  writeProfile();
  lambent::CompileOptions how;
  how.quantize.emplace();
  how.quantize->profile = file("p.json");
  auto quantized = lambent::compile(source, how),
       exact = lambent::compile(source);
  ASSERT_TRUE(quantized) << quantized.message();
  ASSERT_TRUE(exact) << exact.message();
  std::vector<float> results[2];
  for (int i : {0, 1}) {
    auto session = lambent::Session::create(i ? *exact : *quantized, 1);
    ASSERT_TRUE(session) << session.message();
    results[i].resize(8);
    auto status =
        session->run({input()}, {lambent::Tensor(results[i].data(), {2, 4})});
    ASSERT_TRUE(status) << status.message();
  }
  EXPECT_NE(results[0], results[1]);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_NEAR(results[0][i], results[1][i], 0.01);
}

} // namespace
