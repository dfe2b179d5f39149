//===- CompilerOptionsTest.cpp - Limits, caches and what is inside
//---------===//

#include "OnnxBytes.h"
#include "lambent-c/lambent.hpp"
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string.h>
#include <unistd.h>

using namespace lambent::test;

namespace {

class CompilerOptions : public testing::Test {
protected:
  std::string model = binaryModel("Add", {4}, floatBytes(1, 2, 3, 4));
  lambent::CompileOptions options;

  lambent::ModelSource source() const {
    return lambent::ModelSource::fromMemory(model.data(), model.size(),
                                            "memory.onnx");
  }
  static std::vector<float> run(lambent::Module &module) {
    auto context = lambent::Context::create(module);
    EXPECT_TRUE(context) << context.message();
    std::vector<float> x = {10, 20, 30, 40}, y(4);
    lambent::Status status = context->run({lambent::Tensor(x.data(), {4})},
                                          {lambent::Tensor(y.data(), {4})});
    EXPECT_TRUE(status) << status.message();
    return y;
  }
};

TEST_F(CompilerOptions, endFromAnotherCall) {
  // Whenever the cancellation comes, the compilation ends with its code.
  for (const char *last : {"import", "optimize", "lower", "pack", "compile"}) {
    auto cancellation = lambent::Cancellation::create();
    ASSERT_TRUE(cancellation) << cancellation.message();
    options.cancellation = &*cancellation;
    options.progress = [&](const std::string &phase, uint32_t, uint32_t) {
      if (phase == last)
        cancellation->cancel();
    };
    auto module = lambent::compile(source(), options);
    EXPECT_FALSE(module);
    EXPECT_EQ(module.code(), LAMBENT_STATUS_CANCELLED) << last;
    EXPECT_EQ(module.message(),
              "the compilation was cancelled, or its time is up");
  }
}

TEST_F(CompilerOptions, aDeadlineThatIsFarDoesNotMatter) {
  auto cancellation = lambent::Cancellation::create();
  ASSERT_TRUE(cancellation) << cancellation.message();
  cancellation->setDeadline(uint64_t(3600) * 1000000000);
  options.cancellation = &*cancellation;
  auto module = lambent::compile(source(), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
  cancellation->setDeadline(0);
  EXPECT_EQ(lambent::compile(source(), options).code(),
            LAMBENT_STATUS_CANCELLED);
}

TEST_F(CompilerOptions, memoryIsLimited) {
  options.maxMemory = 8;
  auto module = lambent::compile(source(), options);
  EXPECT_FALSE(module);
  EXPECT_EQ(module.code(), LAMBENT_STATUS_ERROR);
  EXPECT_NE(module.message().find("of the model take"), std::string::npos)
      << module.message();
  EXPECT_NE(module.message().find("more than the 8 that are allowed"),
            std::string::npos);
  options.maxMemory = 1 << 20;
  EXPECT_TRUE(lambent::compile(source(), options));
}

TEST_F(CompilerOptions, keepsCompiledModels) {
  std::filesystem::path folder =
      testing::TempDir() + "lambent-cache." + std::to_string(getpid());
  options.cacheFolder = folder.string();
  for (int round = 0; round < 2; ++round) {
    auto module = lambent::compile(source(), options);
    ASSERT_TRUE(module) << module.message();
    EXPECT_EQ(run(*module), (std::vector<float>{11, 22, 33, 44}));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}),
              1);
  }
  // What was kept is held to the limits, too.
  options.maxMemory = 8;
  EXPECT_NE(lambent::compile(source(), options)
                .message()
                .find("more than the 8 that are allowed"),
            std::string::npos);
  options.maxMemory = 0;
  // A second model is too much for so small a cache: the older one goes.
  options.cacheBytes = std::filesystem::directory_iterator(folder)->file_size();
  options.cacheBytes += options.cacheBytes / 2;
  std::string first =
      std::filesystem::directory_iterator(folder)->path().string();
  model = binaryModel("Mul", {4}, floatBytes(1, 2, 3, 4));
  auto module = lambent::compile(source(), options);
  ASSERT_TRUE(module) << module.message();
  EXPECT_EQ(run(*module), (std::vector<float>{10, 40, 90, 160}));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_FALSE(std::filesystem::exists(first));
  std::filesystem::remove_all(folder);
}

TEST_F(CompilerOptions, showWhatIsInside) {
  options.extraOutputs = {"w", "x"};
  auto module = lambent::compile(source(), options);
  ASSERT_TRUE(module) << module.message();
  ASSERT_EQ(module->model().num_outputs, 3u);
  EXPECT_STREQ(module->model().outputs[1].name, "w");
  auto context = lambent::Context::create(*module);
  ASSERT_TRUE(context) << context.message();
  std::vector<float> x = {10, 20, 30, 40}, y(4), w(4), again(4);
  lambent::Status status = context->run({lambent::Tensor(x.data(), {4})},
                                        {lambent::Tensor(y.data(), {4}),
                                         lambent::Tensor(w.data(), {4}),
                                         lambent::Tensor(again.data(), {4})});
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(w, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(again, x);
}

TEST_F(CompilerOptions, aReportHasKindsAndJson) {
  model = binaryModel("Bogus", {4}, floatBytes(1, 2, 3, 4));
  // get() points into the source, which has to live as long.
  lambent::ModelSource holder = source();
  LambentModelSource from = holder.get();
  const LambentCheckReport *report = nullptr;
  lambent::Status status(lambent_check(&from, nullptr, &report));
  ASSERT_TRUE(status) << status.message();
  ASSERT_EQ(report->num_nodes, 1u);
  ASSERT_EQ(report->num_kinds, 1u);
  EXPECT_EQ(report->kinds[0], 0u);
  EXPECT_NE(strstr(lambent_check_report_json(report), "\"op\":\"Bogus\""),
            nullptr);
  lambent_check_report_destroy(report);
  EXPECT_EQ(lambent_check_report_json(nullptr), nullptr);
}

TEST_F(CompilerOptions, aCompiledModelSaysWhereItCameFrom) {
  auto module = lambent::compile(source());
  ASSERT_TRUE(module) << module.message();
  const LambentModelSummary *origin = nullptr;
  lambent::Status status(lambent_model_origin(&module->model(), &origin));
  ASSERT_TRUE(status) << status.message();
  EXPECT_GT(origin->num_opsets, 0u);
  lambent_model_summary_destroy(origin);

  LambentModel damaged = module->model();
  damaged.metadata = "{";
  damaged.metadata_bytes = 1;
  status = lambent::Status(lambent_model_origin(&damaged, &origin));
  EXPECT_FALSE(status);
  EXPECT_EQ(origin, nullptr);
}

TEST(Operators, areListed) {
  std::vector<std::pair<std::string, int64_t>> ops;
  auto add = [](void *user, const char *op, int64_t since) {
    static_cast<decltype(ops) *>(user)->emplace_back(op, since);
  };
  lambent_list_operators(add, &ops);
  EXPECT_TRUE(std::is_sorted(ops.begin(), ops.end()));
  EXPECT_EQ(std::count_if(ops.begin(), ops.end(),
                          [](const auto &row) { return row.first == "Relu"; }),
            1);
  lambent_list_operators(nullptr, nullptr);
}

} // namespace
