//===- FloatModeTest.cpp - Denormal numbers while a model computes --------===//

#include "Models.h"
#include <fenv.h>

using namespace lambent::test;

namespace {

constexpr int64_t kChunks = 64, kColumns = 100;
constexpr float kDenormal = 1e-39f;

/// Halves each element, in as many threads as come.
void halve(void *const *buffers, int64_t begin, int64_t end, void *) {
  auto *input = static_cast<const volatile float *>(buffers[0]);
  auto *output = static_cast<volatile float *>(buffers[1]);
  for (int64_t i = begin * kColumns; i < end * kColumns; ++i)
    output[i] = input[i] * 0.5f;
}

class FloatModeTest : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override {
    static_assert(kChunks == TWO_LAYERS_ROWS && kColumns == TWO_LAYERS_COLUMNS,
                  "the model's shape");
    model.run = [](LambentCall *call) {
      void *buffers[] = {const_cast<void *>(call->inputs[0]), call->outputs[0]};
      call->parallel_for(call, 0, halve, buffers, kChunks);
    };
    ASSERT_EQ(take(lambent_thread_pool_create(GetParam(), &pool)), "");
    input.data.assign(input.data.size(), kDenormal);
  }
  void TearDown() override { lambent_thread_pool_destroy(pool); }
  /// All elements of the output are the same; which one it is.
  float run(bool keepsDenormals) {
    LambentModule *module = nullptr;
    LambentContext *context = nullptr;
    EXPECT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    LambentContextOptions options = {};
    options.size = sizeof(options);
    options.pool = pool;
    options.keep_denormals = keepsDenormals;
    EXPECT_EQ(take(lambent_context_create(module, &options, &context)), "");
    EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1,
                                       &output.tensor, 1, nullptr)),
              "");
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    for (float value : output.data)
      EXPECT_EQ(value, output.data[0]);
    return output.data[0];
  }

  LambentModel model = makeTwoLayers();
  LambentThreadPool *pool = nullptr;
  Tensor input{0.0f}, output;
};

INSTANTIATE_TEST_SUITE_P(Threads, FloatModeTest, testing::Values(1, 2, 5));

TEST_P(FloatModeTest, flushesDenormals) { EXPECT_EQ(run(false), 0.0f); }

TEST_P(FloatModeTest, keepsThemWhereTheCallerWants) {
  EXPECT_EQ(run(true), 0.5f * kDenormal);
}

TEST_P(FloatModeTest, keepsThemInStrictModels) {
  model.keeps_denormals = 1;
  EXPECT_EQ(run(false), 0.5f * kDenormal);
}

TEST_P(FloatModeTest, leavesTheThreadAsItWas) {
  volatile float denormal = kDenormal;
  ASSERT_EQ(fesetround(FE_UPWARD), 0);
  input.data.assign(input.data.size(), 1 + 0x1p-23f);
  // To nearest, where upward would give the next number.
  EXPECT_EQ(run(true), 0.5f + 0x1p-24f);
  EXPECT_EQ(run(false), 0.5f + 0x1p-24f);
  EXPECT_EQ(fegetround(), FE_UPWARD);
  ASSERT_EQ(fesetround(FE_TONEAREST), 0);
  EXPECT_NE(denormal * 0.5f, 0.0f);
}

} // namespace
