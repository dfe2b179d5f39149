//===- RoundingTest.cpp - Rounding by samples, as applications use it -----===//

#include "OnnxBytes.h"
#include "lambent-c/quantize.h"
#include "gtest/gtest.h"
#include <filesystem>
#include <fstream>

using namespace lambent::test;

namespace {

std::string take(LambentStatus *status) {
  std::string message = status ? lambent_status_message(status) : "";
  lambent_status_destroy(status);
  return message;
}

/// y = x * w with matrices of f32[1, 4] and f32[4, 1].
class Rounding : public testing::Test {
protected:
  void SetUp() override {
    bytes = productModel(1, {1, 2, 3, 4});
    source.size = sizeof source;
    source.path = "product";
    source.data = bytes.data();
    source.data_size = bytes.size();
    std::string pattern = testing::TempDir() + "lambent-XXXXXX";
    folder = mkdtemp(pattern.data());
    input.data = values;
    input.device.device_type = LAMBENT_DEVICE_CPU;
    input.ndim = 2;
    input.dtype = {LAMBENT_FLOAT, 32, 1};
    input.shape = dims;
    sample = {"first", &input, 1};
    samples.size = sizeof samples;
    samples.count = 1;
    samples.user = this;
    samples.read = [](void *user, uint64_t, LambentSample *read) {
      auto &self = *static_cast<Rounding *>(user);
      *read = self.sample;
      return self.failure;
    };
    options.size = sizeof options;
    options.numbers = "int4-weights";
    options.rounding = "gptq";
    options.samples = &samples;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string quantize() {
    return take(lambent_quantize_to_file(
        &source, &options, (folder + "/q.onnx").c_str(), nullptr));
  }

  std::string readFile() const {
    std::ifstream file(folder + "/q.onnx", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string bytes, folder;
  LambentModelSource source = {};
  float values[4] = {1, 2, 3, 4};
  int64_t dims[2] = {1, 4};
  LambentTensor input = {};
  LambentSample sample = {};
  int failure = 0;
  LambentSampleSet samples = {};
  LambentQuantizeOptions options = {};
};

TEST_F(Rounding, WritesAModel) {
  EXPECT_EQ(quantize(), "");
  EXPECT_TRUE(std::filesystem::exists(folder + "/q.onnx"));
}

TEST_F(Rounding, IsTheSameOnAnyThreads) {
  std::vector<float> weights(4 * 300); // several strips of columns
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = float(i * 7919 % 211) - 105;
  bytes = productModel(1, weights);
  source.data = bytes.data();
  source.data_size = bytes.size();
  options.rounding = "adaround";
  EXPECT_EQ(quantize(), "");
  std::string alone = readFile();
  EXPECT_NE(alone, "");
  ASSERT_EQ(take(lambent_thread_pool_create(3, &samples.pool)), "");
  EXPECT_EQ(quantize(), "");
  EXPECT_EQ(readFile(), alone);
  lambent_thread_pool_destroy(samples.pool);
}

TEST_F(Rounding, NeedsSamples) {
  options.samples = nullptr;
  EXPECT_EQ(quantize(), "rounding by gptq needs samples");
  options.rounding = "adaround";
  EXPECT_EQ(quantize(), "rounding by adaround needs samples");
  options.samples = &samples;
  samples.count = 0;
  EXPECT_EQ(quantize(), "expected samples in LambentSampleSet, but got none");
  samples.count = 1;
  samples.read = nullptr;
  EXPECT_NE(quantize().find("read"), std::string::npos);
}

TEST_F(Rounding, TakesLayersOfBF16) {
  options.rounding = nullptr;
  options.samples = nullptr;
  options.numbers = "bf16";
  EXPECT_EQ(quantize(), "");
  const char *names[] = {nullptr};
  options.num_bf16 = 1;
  EXPECT_NE(quantize().find("bf16"), std::string::npos);
  options.bf16 = names;
  EXPECT_EQ(quantize(), "a node that is multiplied in bf16 needs a name");
  names[0] = "y";
  EXPECT_EQ(quantize(), "layers that are bf16 in place of integers are for "
                        "int8 and int16, but got bf16");
  // A caller of before has no such members.
  options.size = offsetof(LambentQuantizeOptions, bf16);
  EXPECT_EQ(quantize(), "");
}

TEST_F(Rounding, NamesSamples) {
  failure = 1;
  EXPECT_EQ(quantize(), "sample 1 of 1 cannot be read");
  failure = 0;
  sample.name = nullptr;
  EXPECT_EQ(quantize(), "sample 1 of 1: expected a name and inputs, but got a "
                        "null pointer");
  sample.name = "first";
  sample.num_inputs = 0;
  EXPECT_EQ(quantize(), "sample 'first': expected 1 inputs, but got 0");
  EXPECT_FALSE(std::filesystem::exists(folder + "/q.onnx"));
}

TEST_F(Rounding, CompilationsRoundToTheNearest) {
  LambentCompileOptions how = {};
  how.size = sizeof how;
  how.quantize = &options;
  LambentModule *module = nullptr;
  EXPECT_EQ(take(lambent_compile(&source, &how, &module)),
            "rounding by gptq needs samples");
}

} // namespace
