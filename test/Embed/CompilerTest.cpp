//===- CompilerTest.cpp - Compiling through the C API and its C++ wrapper -===//

#include "SmallModel.h"
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <thread>

using namespace lambent::test;

namespace {

TEST(Compiler, compilesFromMemory) {
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_TRUE(module) << module.message();
  EXPECT_STREQ(module->model().inputs[0].name, "x");
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
}

TEST(Compiler, asksForExternalData) {
  std::string model = binaryModel("Mul", {4}, "", "w.bin"), asked;
  auto source = lambent::ModelSource::fromMemory(
      model.data(), model.size(), "memory.onnx",
      [&](const std::string &location, uint64_t &size) -> const void * {
        asked = location;
        size = weights.size();
        return weights.data();
      });
  auto module = lambent::compile(source);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(asked, "w.bin");
  EXPECT_EQ(run(*module), (std::vector<float>{10, 40, 90, 160}));
}

TEST(Compiler, bindsOpenDims) {
  std::string model = binaryModel("Add", {-1}, weights);
  auto open = lambent::compile(inMemory(model));
  ASSERT_TRUE(open) << open.message();
  EXPECT_EQ(open->model().num_symbols, 1u);
  EXPECT_EQ(run(*open), (std::vector<float>{11, 22, 33, 44}));
  lambent::CompileOptions options;
  options.dims = {{"n", 4}};
  auto module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
  options.dims.clear();
  options.shapes = {{"x", {4}}};
  module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
}

TEST(Compiler, takesConstants) {
  std::string model = reshapeModel();
  auto open = lambent::compile(inMemory(model));
  ASSERT_TRUE(open) << open.message(); // a run decides
  EXPECT_EQ(open->model().num_epochs, 2u);

  lambent::CompileOptions options;
  std::vector<int64_t> shape = {2, 2};
  options.constants = {{"w", lambent::Tensor(shape.data(), {2})}};
  auto module = lambent::compile(inMemory(model), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(module->model().num_inputs, 2u);
  // The value was copied, and that of a run is not read.
  shape = {-7, 12};
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(context) << context.message();
  std::vector<float> x = {10, 20, 30, 40}, y(4);
  lambent::Status status = context->run(
      {lambent::Tensor(x.data(), {4}), lambent::Tensor(shape.data(), {2})},
      {lambent::Tensor(y.data(), {2, 2})});
  EXPECT_TRUE(status) << status.message();
  EXPECT_EQ(x, y);
}

/// An application that was built with the first version of the header.
TEST(Compiler, takesOptionsOfOldHeaders) {
  std::string model = binaryModel("Add", {4}, weights);
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  LambentCompileOptions options;
  memset(&options, 0xff, sizeof(options));
  memset(&options, 0, offsetof(LambentCompileOptions, constants));
  options.size = offsetof(LambentCompileOptions, constants);
  LambentModule *module = nullptr;
  lambent::Status status(lambent_compile(&source, &options, &module));
  EXPECT_TRUE(status) << status.message();
  lambent_module_destroy(module);
  options.size -= 8;
  status = lambent::Status(lambent_compile(&source, &options, &module));
  EXPECT_EQ(status.message(),
            "LambentCompileOptions.size is 72, but expected at least 80");
}

TEST(Compiler, infersShapes) {
  std::string model = binaryModel("Add", {4}, weights);
  auto module = lambent::compile(inMemory(model));
  ASSERT_TRUE(module) << module.message();
  auto session = lambent::Session::create(*module);
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(session && context);
  float *none = nullptr;
  for (int64_t size : {4, 5}) {
    auto inSession = session->inferShapes({lambent::Tensor(none, {size})});
    auto inContext = context->inferShapes({lambent::Tensor(none, {size})});
    ASSERT_EQ(bool(inSession), size == 4);
    ASSERT_EQ(bool(inContext), size == 4);
    if (size == 4) {
      std::vector<std::vector<int64_t>> expected = {{4}};
      EXPECT_EQ(*inSession, expected);
      EXPECT_EQ(*inContext, expected);
    } else {
      EXPECT_EQ(inSession.message(),
                "input 'x': expected f32[4], but got f32[5]");
    }
  }
}

TEST(Compiler, reportsProgress) {
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  unsigned calls = 0;
  options.progress = [&](const std::string &phase, uint32_t done,
                         uint32_t total) {
    ++calls;
    EXPECT_NE(phase, "");
    EXPECT_LE(done, total);
  };
  ASSERT_TRUE(lambent::compile(inMemory(model), options));
  EXPECT_GT(calls, 0u);
}

TEST(Compiler, makesNoThreadForOne) {
  auto countThreads = [] {
    std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  std::string model = binaryModel("Add", {4}, weights);
  lambent::CompileOptions options;
  options.threads = 1;
  ptrdiff_t most = 0, before = countThreads();
  options.progress = [&](const std::string &, uint32_t, uint32_t) {
    most = std::max(most, countThreads());
  };
  ASSERT_TRUE(lambent::compile(inMemory(model), options));
  EXPECT_EQ(most, before);
}

TEST(Compiler, summarizes) {
  std::string model = binaryModel("Add", {-1, 4}, weights);
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  const LambentModelSummary *summary = nullptr;
  lambent::Status status(lambent_summarize(&source, &summary));
  ASSERT_TRUE(status) << status.message();
  EXPECT_STREQ(summary->producer, "test");
  EXPECT_EQ(summary->ir_version, 8);
  EXPECT_EQ(summary->weight_bytes, 16u);
  ASSERT_EQ(summary->num_inputs, 1u);
  EXPECT_STREQ(summary->inputs[0].name, "x");
  ASSERT_EQ(summary->inputs[0].rank, 2u);
  EXPECT_EQ(summary->inputs[0].dims[0], -1);
  EXPECT_STREQ(summary->inputs[0].dim_names[0], "n");
  EXPECT_EQ(summary->inputs[0].dims[1], 4);
  ASSERT_EQ(summary->num_op_counts, 1u);
  EXPECT_STREQ(summary->op_counts[0].name, "Add");
  EXPECT_EQ(summary->op_counts[0].value, 1);
  ASSERT_EQ(summary->num_opsets, 1u);
  EXPECT_EQ(summary->opsets[0].value, 17);
  lambent_model_summary_destroy(summary);
}

TEST(Compiler, compilesOnSeveralThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      std::string model = binaryModel(i % 2 ? "Add" : "Mul", {4}, weights);
      auto module = lambent::compile(inMemory(model));
      wrong += !module || run(*module)[3] != (i % 2 ? 44.0f : 160.0f);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Compiler, versionsAgree) {
  EXPECT_EQ(lambent_api_version(), LAMBENT_API_VERSION);
  EXPECT_STREQ(lambent_version(), "0.1.0");
}

} // namespace
