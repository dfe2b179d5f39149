//===- ContextTest.cpp - Running a model ----------------------------------===//

#include "Models.h"
#include <filesystem>
#include <fstream>
#include <functional>
#include <locale.h>
#include <regex>
#include <sstream>
#include <stdlib.h>

using namespace lambent::test;

namespace {

class ContextTest : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override {
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    if (GetParam()) {
      ASSERT_EQ(take(lambent_thread_pool_create(GetParam(), &pool)), "");
    }
    make(false, false);
  }
  void TearDown() override {
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    lambent_thread_pool_destroy(pool);
  }
  void make(bool times, bool trace) {
    lambent_context_destroy(context);
    LambentContextOptions options = {sizeof(options), pool, times, trace, 0, 0};
    ASSERT_EQ(take(lambent_context_create(module, &options, &context)), "");
  }
  std::string run() {
    return take(lambent_context_run(context, &input.tensor, 1, &output.tensor,
                                    1, nullptr));
  }

  LambentModel model = makeTwoLayers();
  LambentModule *module = nullptr;
  LambentThreadPool *pool = nullptr;
  LambentContext *context = nullptr;
  Tensor input{-3.0f}, output;
};

INSTANTIATE_TEST_SUITE_P(Threads, ContextTest, testing::Values(0, 1, 2, 5));

TEST_P(ContextTest, computes) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(run(), "");
    ASSERT_EQ(output.data, expectedOutput(input));
    input.data[round] += 1.0f;
  }
}

TEST_P(ContextTest, outlivesTheHandleOfItsModule) {
  lambent_module_destroy(module);
  module = nullptr;
  EXPECT_EQ(run(), "");
}

TEST_P(ContextTest, takesOneElementAsAScalar) {
  static const int64_t one = 1;
  LambentTensorInfo scalar = model.inputs[0];
  scalar.rank = 0;
  model.inputs = &scalar;
  model.run = [](LambentCall *) {};
  lambent_context_destroy(context);
  lambent_module_destroy(module);
  ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)), "");
  context = nullptr;
  make(false, false);
  input.tensor.shape = const_cast<int64_t *>(&one);
  input.tensor.ndim = 1;
  EXPECT_EQ(run(), "");
  int64_t two = 2;
  input.tensor.shape = &two;
  EXPECT_EQ(run(), "input 'x': expected f32[], but got f32[2]");
}

TEST_P(ContextTest, namesAWrongShape) {
  input.dims = {TWO_LAYERS_ROWS, TWO_LAYERS_COLUMNS, 1};
  input.tensor.shape = input.dims.data();
  input.tensor.ndim = 3;
  EXPECT_EQ(run(), "input 'x': expected f32[64x100], but got f32[64x100x1]");
}

TEST_P(ContextTest, namesAWrongType) {
  output.tensor.dtype = {LAMBENT_BOOL, 8, 1};
  EXPECT_EQ(run(), "output 'z': expected f32[64x100], but got bool[64x100]");
}

TEST_P(ContextTest, refusesStridesAndNullAndMisalignment) {
  int64_t strides[] = {1, TWO_LAYERS_ROWS};
  input.tensor.strides = strides;
  EXPECT_EQ(run(),
            "input 'x': expected a dense row-major tensor, but got strides");
  strides[0] = TWO_LAYERS_COLUMNS;
  strides[1] = 1;
  EXPECT_EQ(run(), "");
  input.tensor.byte_offset = 2;
  EXPECT_NE(
      run().find("input 'x': expected data aligned to its elements' 4 bytes"),
      std::string::npos);
  input.tensor.byte_offset = 0;
  input.tensor.device.device_type = 2;
  EXPECT_EQ(run(), "input 'x': expected CPU memory, but got device type 2");
  input.tensor.device.device_type = LAMBENT_DEVICE_CPU;
  input.tensor.data = nullptr;
  EXPECT_EQ(run(), "input 'x': expected data, but got a null pointer");
}

TEST_P(ContextTest, refusesAWrongCount) {
  EXPECT_EQ(take(lambent_context_run(context, nullptr, 0, &output.tensor, 1,
                                     nullptr)),
            "expected 1 inputs, but got 0");
  EXPECT_EQ(
      take(lambent_context_run(context, &input.tensor, 1, nullptr, 0, nullptr)),
      "expected 1 outputs, but got 0");
}

TEST_P(ContextTest, allocatesOutputsThroughTheCallback) {
  LambentTensor given = {};
  EXPECT_EQ(
      take(lambent_context_run(context, &input.tensor, 1, &given, 1, nullptr)),
      "output 'z' has no data, and no allocator was given");
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.user = output.data.data();
  options.allocate = [](void *user, uint32_t index, uint64_t bytes) -> void * {
    EXPECT_EQ(index, 0u);
    EXPECT_EQ(bytes, 4u * TWO_LAYERS_ROWS * TWO_LAYERS_COLUMNS);
    return user;
  };
  EXPECT_EQ(
      take(lambent_context_run(context, &input.tensor, 1, &given, 1, &options)),
      "");
  EXPECT_EQ(given.data, output.data.data());
  EXPECT_EQ(given.ndim, 2);
  EXPECT_EQ(given.shape[1], TWO_LAYERS_COLUMNS);
  EXPECT_EQ(output.data, expectedOutput(input));
}

TEST(EmptyOutput, isDescribedWithoutMemory) {
  static const int64_t dims[] = {0, 3};
  LambentTensorInfo info = makeInfo("z", LAMBENT_FLOAT, 32, 2, dims);
  LambentModel model = makeTwoLayers();
  model.outputs = &info;
  model.run = [](LambentCall *) {};
  LambentModule *module;
  LambentContext *context;
  ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)), "");
  ASSERT_EQ(take(lambent_context_create(module, nullptr, &context)), "");
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.allocate = [](void *, uint32_t, uint64_t) -> void * {
    ADD_FAILURE() << "there is nothing to allocate";
    return nullptr;
  };
  Tensor input(1.0f);
  LambentTensor output = {};
  EXPECT_EQ(take(lambent_context_run(context, &input.tensor, 1, &output, 1,
                                     &options)),
            "");
  EXPECT_EQ(output.data, nullptr);
  EXPECT_EQ(output.dtype.lanes, 1);
  EXPECT_EQ(output.ndim, 2);
  EXPECT_EQ(output.shape, dims);
  lambent_context_destroy(context);
  lambent_module_destroy(module);
}

TEST_P(ContextTest, runsOnceAtATime) {
  struct Again {
    std::function<std::string()> run;
    void *memory;
    std::string message;
  } again = {[this] { return run(); }, output.data.data(), ""};
  LambentTensor given = {};
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.user = &again;
  options.allocate = [](void *user, uint32_t, uint64_t) -> void * {
    auto *again = static_cast<Again *>(user);
    again->message = again->run();
    return again->memory;
  };
  EXPECT_EQ(
      take(lambent_context_run(context, &input.tensor, 1, &given, 1, &options)),
      "");
  EXPECT_EQ(again.message, "this context is in use by another thread: each "
                           "concurrent run needs its own");
}

TEST_P(ContextTest, reportsTheFirstFault) {
  lambent_context_destroy(context);
  lambent_module_destroy(module);
  const LambentCheckInfo checks[] = {{0, 0, "a number below 5"},
                                     {1, 0, "an even number"}};
  model.num_checks = 2;
  model.checks = checks;
  // Faults are what the input says.
  model.run = [](LambentCall *call) {
    auto *input = static_cast<const float *>(call->inputs[0]);
    for (int i = 0; i < 2; ++i)
      call->faults[i] = {input[i] != 0, int64_t(input[i])};
  };
  ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)), "");
  LambentContextOptions options = {sizeof(options), pool, 0, 0, 0, 0};
  ASSERT_EQ(take(lambent_context_create(module, &options, &context)), "");
  input.data[0] = 8;
  input.data[1] = 9;
  EXPECT_EQ(run(), "layer 'scale+add': expected a number below 5, but got 8");
  input.data[0] = 0;
  EXPECT_EQ(run(), "layer '\"square\"': expected an even number, but got 9");
  input.data[1] = 0;
  EXPECT_EQ(run(), "");
}

TEST_P(ContextTest, measuresLayers) {
  EXPECT_EQ(lambent_context_layer_times(context), nullptr);
  make(true, false);
  ASSERT_EQ(run(), "");
  const uint64_t *times = lambent_context_layer_times(context);
  ASSERT_NE(times, nullptr);
  EXPECT_GT(times[0], 0u);
  EXPECT_GT(times[1], 0u);
}

TEST_P(ContextTest, writesATrace) {
  std::string path = testing::TempDir() + "/trace.json";
  EXPECT_EQ(take(lambent_context_write_trace(context, path.c_str())),
            "this context does not collect a trace");
  make(false, true);
  ASSERT_EQ(run(), "");
  ASSERT_EQ(take(lambent_context_write_trace(context, path.c_str())), "");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_NE(text.str().find("\"name\":\"scale+add\",\"cat\":\"layer\",\"args\":"
                            "{\"kernel\":\"elementwise\""),
            std::string::npos);
  EXPECT_NE(text.str().find("\"name\":\"\\\"square\\\"\""), std::string::npos);
  EXPECT_EQ(
      take(lambent_context_write_trace(context, "/no/such/folder/t.json")),
      "cannot write '/no/such/folder/t.json': No such file or directory");
}

/// The C library's file for a locale that writes 1,5: few machines have one.
void addCommaLocale(const std::string &name) {
  static const char bytes[] = "\x14\x11\x03\x20\x06\0\0\0\x20\0\0\0\x22\0\0\0"
                              "\x23\0\0\0\x24\0\0\0\x28\0\0\0\x2c\0\0\0"
                              ",\0\0\0,\0\0\0\0\0\0\0UTF-8";
  std::string folder = testing::TempDir() + "/locales/" + name;
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/LC_NUMERIC", std::ios::binary)
      .write(bytes, sizeof(bytes));
  setenv("LOCPATH", (testing::TempDir() + "/locales").c_str(), 1);
}

TEST_P(ContextTest, writesNumbersOfJsonInAnyLocale) {
  addCommaLocale("comma");
  ASSERT_NE(setlocale(LC_NUMERIC, "comma"), nullptr);
  char number[8];
  snprintf(number, sizeof(number), "%.1f", 1.5);
  EXPECT_STREQ(number, "1,5");
  std::string path = testing::TempDir() + "/trace.json";
  make(false, true);
  EXPECT_EQ(run(), "");
  EXPECT_EQ(take(lambent_context_write_trace(context, path.c_str())), "");
  setlocale(LC_NUMERIC, "C");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_TRUE(std::regex_search(
      text.str(),
      std::regex(
          "\"ts\":[0-9]+\\.[0-9]{3},\"dur\":[0-9]+\\.[0-9]{3},\"name\"")));
}

} // namespace
