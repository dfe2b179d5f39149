//===- VersionsTest.cpp - A model with versions for other sizes -----------===//

#include "OpenTensors.h"

using namespace lambent::test;

namespace {

/// The model refuses 13 rows, and its fallback takes them.
class VersionsTest : public testing::Test {
protected:
  void SetUp() override {
    lenient.num_size_checks = 1;
    model.fallback = &lenient;
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
  }
  std::string make() {
    LambentContextOptions options = {sizeof(options), nullptr,
                                     /*collect_times=*/1, 0, 0, 0};
    std::string message =
        take(lambent_module_create(&model, nullptr, nullptr, &module));
    return message.empty()
               ? take(lambent_context_create(module, &options, &context))
               : message;
  }
  std::string run(const OpenCase &of) {
    std::vector<LambentTensor> inputs = of.inputs();
    outputs[0] = outputs[1] = {};
    return take(lambent_context_run(context, inputs.data(), 2, outputs, 2,
                                    &allocator.options));
  }
  void check(int64_t batch, int64_t seq) {
    OpenCase of(batch, seq);
    ASSERT_EQ(run(of), "") << batch;
    EXPECT_EQ(getShape(outputs[0]), of.doubled.dims);
    EXPECT_EQ(getData(outputs[0]), of.expectedDoubled);
    EXPECT_EQ(getData(outputs[1]), of.expectedFound);
  }

  LambentModel model = open_layers_model, lenient = open_layers_model,
               middle = open_layers_model;
  LambentModule *module = nullptr;
  LambentContext *context = nullptr;
  LambentTensor outputs[2] = {};
  Allocator allocator;
};

TEST_F(VersionsTest, runsWhatTakesTheSizes) {
  ASSERT_EQ(make(), "");
  for (int64_t batch : {2, 13, 3, 13, 13, 2})
    check(batch, 16);
}

TEST_F(VersionsTest, measuresTheFirstOnly) {
  ASSERT_EQ(make(), "");
  const uint64_t *times = lambent_context_layer_times(context);
  check(2, 512);
  EXPECT_GT(times[0] + times[1], 0u);
  check(13, 512);
  for (uint32_t i = 0; i < model.num_layers; ++i)
    EXPECT_EQ(times[i], 0u);
}

TEST_F(VersionsTest, describesOutputsOfWhatTakesTheSizes) {
  ASSERT_EQ(make(), "");
  OpenCase of(13, 16);
  std::vector<LambentTensor> inputs = of.inputs();
  int64_t dims[2][2];
  for (int i = 0; i < 2; ++i) {
    outputs[i].ndim = 2;
    outputs[i].shape = dims[i];
  }
  ASSERT_EQ(
      take(lambent_context_infer_shapes(context, inputs.data(), 2, outputs, 2)),
      "");
  EXPECT_EQ(getShape(outputs[0]), (std::vector<int64_t>{13, 16}));
}

TEST_F(VersionsTest, saysWhyTheFirstRefusesWhatNoneTakes) {
  lenient.num_size_checks = model.num_size_checks;
  ASSERT_EQ(make(), "");
  EXPECT_EQ(run(OpenCase(13, 16)),
            "layer 'double': expected a number of rows other than 13, but got "
            "batch=13");
  check(2, 16);
}

TEST_F(VersionsTest, takesOneOfSeveral) {
  middle.fallback = &lenient;
  model.fallback = &middle;
  ASSERT_EQ(make(), "");
  check(13, 16);
  check(2, 16);
}

TEST_F(VersionsTest, refusesVersionsThatCallersCanTellApart) {
  const char *message =
      "'open_layers' is damaged: its description is not complete";
  lenient.num_outputs = 1;
  EXPECT_EQ(make(), message);
  lenient = open_layers_model;
  LambentTensorInfo others[2] = {model.outputs[0], model.outputs[1]};
  others[0].type_bits = 64;
  lenient.outputs = others;
  EXPECT_EQ(make(), message);
  lenient = open_layers_model;
  lenient.weight_bytes = 64;
  EXPECT_EQ(make(), message);
  lenient = open_layers_model;
  lenient.run = nullptr;
  EXPECT_EQ(make(), message);
  lenient = open_layers_model;
  lenient.fallback = &lenient;
  EXPECT_EQ(make(), message);
}

} // namespace
