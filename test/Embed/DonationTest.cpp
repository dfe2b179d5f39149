//===- DonationTest.cpp - Outputs in the memory of inputs -----------------===//

#include "OnnxBytes.h"
#include "lambent-c/adaptive.h"
#include "lambent-c/lambent.hpp"
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

using namespace lambent::test;

namespace {

/// y = Concat(x, z) along dim 1, f32[2, n, 3] and f32[2, 1, 3].
std::string growingModel() {
  Message axis = Message().text(1, "axis").number(3, 1).number(20, 2);
  Message node = Message()
                     .text(1, "x")
                     .text(1, "z")
                     .text(2, "y")
                     .text(4, "Concat")
                     .message(5, axis);
  Message anyShape = Message().number(1, 1);
  Message graph = Message()
                      .message(1, node)
                      .text(2, "graph")
                      .message(11, floatValue("x", {2, -1, 3}))
                      .message(11, floatValue("z", {2, 1, 3}))
                      .message(12, Message().text(1, "y").message(
                                       2, Message().message(1, anyShape)));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().number(2, 17))
      .bytes;
}

/// y = Concat(x, z), y in the memory of x.
class GrowingOutput : public testing::Test {
protected:
  static constexpr int64_t room = 4;

  void SetUp() override {
    lambent::CompileOptions options;
    options.donations = {{"x", "y"}};
    auto module = lambent::compile(
        lambent::ModelSource::fromMemory(bytes.data(), bytes.size()), options);
    ASSERT_TRUE(module) << module.message();
    description = module->model();
    auto made = lambent::Context::create(*module);
    ASSERT_TRUE(made) << made.message();
    context.emplace(std::move(*made));
  }
  lambent::Tensor rows(float *data, int64_t count,
                       std::vector<int64_t> strides = {room * 3, 3, 1}) {
    return lambent::Tensor(data, {2, count, 3}).withStrides(std::move(strides));
  }
  std::string run(const lambent::Tensor &x, const lambent::Tensor &y) {
    return context->run({x, lambent::Tensor(added, {2, 1, 3})}, {y}).message();
  }

  std::string bytes = growingModel();
  std::optional<lambent::Context> context; ///< keeps the module
  LambentModel description = {};
  std::vector<float> memory = std::vector<float>(2 * room * 3, -1.0f);
  float added[6] = {1, 2, 3, 4, 5, 6};
};

TEST_F(GrowingOutput, getsNewRowsBehindTheOld) {
  std::vector<float> expected = memory;
  for (int64_t past = 0; past < room; ++past) {
    for (int64_t i = 0; i < 6; ++i) {
      added[i] = static_cast<float>(10 * past + i);
      expected[static_cast<size_t>(i / 3 * room * 3 + past * 3 + i % 3)] =
          added[i];
    }
    ASSERT_EQ(run(rows(memory.data(), past), rows(memory.data(), past + 1)),
              "");
    ASSERT_EQ(memory, expected) << past;
  }
}

TEST_F(GrowingOutput, needsRoom) {
  EXPECT_EQ(run(rows(memory.data(), room), rows(memory.data(), room + 1)),
            "input 'x': expected memory with room for 5 along dim 1, as output "
            "'y' needs, but its strides say 4");
  // Dense: that of the input, and no more.
  EXPECT_EQ(run(rows(memory.data(), 2, {}), rows(memory.data(), 3, {})),
            "input 'x': expected memory with room for 3 along dim 1, as output "
            "'y' needs, but its strides say 2");
}

TEST_F(GrowingOutput, liesWhereTheInputLies) {
  std::vector<float> other(memory.size());
  EXPECT_EQ(run(rows(memory.data(), 1), rows(other.data(), 2)),
            "output 'y': expected the memory of input 'x', which is donated to "
            "it, but got another address");
  EXPECT_EQ(run(rows(memory.data(), 1), rows(nullptr, 2)),
            "output 'y': expected the memory of input 'x', which is donated to "
            "it, but got no data");
  EXPECT_EQ(run(rows(memory.data(), 1), rows(memory.data(), 2, {6, 3, 1})),
            "output 'y': expected strides of memory with room for 4 along dim "
            "1");
  EXPECT_EQ(run(rows(memory.data(), 2, {12, 1, 2}), rows(memory.data(), 3)),
            "input 'x': expected strides of memory with room for 4 along dim "
            "1");
  EXPECT_EQ(run(rows(memory.data(), 1), rows(memory.data(), 3)),
            "output 'y': expected f32[2x2x3], but got f32[2x3x3]");
}

TEST_F(GrowingOutput, hasSoundTables) {
  std::vector<LambentTensorInfo> inputs, outputs;
  std::vector<LambentSymbolInfo> symbols;
  auto isDamagedBy = [&](auto damage) {
    const LambentModel &whole = description;
    inputs.assign(whole.inputs, whole.inputs + whole.num_inputs);
    outputs.assign(whole.outputs, whole.outputs + whole.num_outputs);
    symbols.assign(whole.symbols, whole.symbols + whole.num_symbols);
    LambentModel model = whole;
    model.inputs = inputs.data();
    model.outputs = outputs.data();
    model.symbols = symbols.data();
    damage();
    LambentModule *module = nullptr;
    lambent::Status status(
        lambent_module_create(&model, nullptr, nullptr, &module));
    lambent_module_destroy(module);
    EXPECT_TRUE(status ||
                status.message() ==
                    "'model' is damaged: its description is not complete")
        << status.message();
    return !status;
  };
  EXPECT_FALSE(isDamagedBy([] {}));
  // An input and an output that name each other.
  EXPECT_TRUE(isDamagedBy([&] { inputs[0].donated = 2; }));
  EXPECT_TRUE(isDamagedBy([&] { inputs[0].donated = 0; }));
  EXPECT_TRUE(isDamagedBy([&] { outputs[0].donated = 2; }));
  EXPECT_TRUE(isDamagedBy([&] { outputs[0].donated = 9; }));
  // They grow along one dim of both.
  EXPECT_TRUE(isDamagedBy([&] { inputs[0].grown = 1; }));
  EXPECT_TRUE(isDamagedBy([&] { inputs[0].grown = outputs[0].grown = 4; }));
  EXPECT_TRUE(isDamagedBy([&] { inputs[0].room = -1; }));
  EXPECT_TRUE(isDamagedBy([&] { outputs[0].room = 1000; }));
  // The symbol that says how much room there is.
  auto findSpare = [&]() -> LambentSymbolInfo & {
    return *std::find_if(symbols.begin(), symbols.end(),
                         [](auto &symbol) { return symbol.is_spare; });
  };
  EXPECT_TRUE(isDamagedBy([&] { findSpare().input = 1; }));
  EXPECT_TRUE(isDamagedBy([&] { findSpare().input = 2; }));
  EXPECT_TRUE(isDamagedBy([&] { findSpare().dim = 0; }));
  EXPECT_TRUE(isDamagedBy([&] { findSpare().dim = -1; }));
  EXPECT_TRUE(isDamagedBy([&] { findSpare().epoch = 1; }));
}

TEST_F(GrowingOutput, takesInputsOfNoMoreElements) {
  auto create = [](const LambentTensorInfo *infos, uint32_t count) {
    LambentTensorSet *set = nullptr;
    lambent::Status status(lambent_tensor_set_create(infos, count, &set));
    EXPECT_TRUE(status) << status.message();
    return set;
  };
  LambentTensorSet *inputs = create(description.inputs, 2),
                   *outputs = create(description.outputs, 1);
  auto donate = [&](LambentTensorSet *from, LambentTensorSet *to) {
    return lambent::Status(lambent_tensor_set_donate(&description, from, to))
        .message();
  };
  EXPECT_EQ(donate(outputs, outputs),
            "lambent_tensor_set_donate: expected the model's inputs and "
            "outputs");
  EXPECT_EQ(donate(inputs, inputs),
            "lambent_tensor_set_donate: expected the model's inputs and "
            "outputs");
  LambentTensorInfo flat = description.outputs[0];
  flat.rank = 2;
  LambentTensorSet *unlike = create(&flat, 1);
  EXPECT_EQ(donate(inputs, unlike),
            "input 'x': expected no more elements than output 'y' has, which "
            "takes its memory");
  lambent_tensor_set_destroy(inputs);
  lambent_tensor_set_destroy(outputs);
  lambent_tensor_set_destroy(unlike);
}

TEST(State, isReplaced) {
  std::string model = binaryModel("Add", {4}, floatBytes(1, 2, 3, 4));
  lambent::CompileOptions options;
  options.donations = {{"x", "y"}};
  auto module = lambent::compile(
      lambent::ModelSource::fromMemory(model.data(), model.size()), options);
  ASSERT_TRUE(module) << module.message();
  auto session = lambent::Session::create(*module, /*threads=*/2);
  ASSERT_TRUE(session) << session.message();
  std::vector<float> state = {10, 20, 30, 40}, other(4);
  lambent::Tensor tensor(state.data(), {4});
  for (int i = 0; i < 2; ++i) {
    lambent::Status status = session->run({tensor}, {tensor});
    ASSERT_TRUE(status) << status.message();
  }
  EXPECT_EQ(state, (std::vector<float>{12, 24, 36, 48}));
  EXPECT_EQ(
      session->run({tensor}, {lambent::Tensor(other.data(), {4})}).message(),
      "output 'y': expected the memory of input 'x', which is donated to "
      "it, but got another address");
  lambent::Tensor part = tensor.withStrides({2});
  EXPECT_EQ(session->run({part}, {part}).message(),
            "output 'y': expected a dense row-major tensor, but got strides");
  EXPECT_EQ(session->run({part}, {tensor}).message(),
            "input 'x': expected a dense row-major tensor, but got strides");
}

LambentModelSource inMemory(const std::string &model) {
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  return source;
}

TEST(State, isNeverThatOfATrial) {
  std::string model = binaryModel("Add", {-1, 4}, floatBytes(1, 2, 3, 4));
  LambentModelSource source = inMemory(model);
  LambentDonation donation = {"x", "y"};
  LambentCompileOptions options = {};
  options.size = sizeof(options);
  options.donations = &donation;
  options.num_donations = 1;
  LambentAdaptiveOptions adaptive = {};
  adaptive.size = sizeof(adaptive);
  adaptive.threads = adaptive.frequent = adaptive.trials = 1;
  LambentAdaptiveSession *session = nullptr;
  lambent::Status status(
      lambent_adaptive_session_create(&source, &options, &adaptive, &session));
  ASSERT_TRUE(status) << status.message();
  std::vector<float> state(8);
  lambent::Tensor view(state.data(), {2, 4});
  for (int i = 0; i < 6; ++i) {
    LambentTensor in = view.get(), out = view.get();
    status = lambent::Status(
        lambent_adaptive_session_run(session, &in, 1, &out, 1, nullptr));
    EXPECT_TRUE(status) << status.message();
    lambent_adaptive_session_wait(session);
  }
  EXPECT_EQ(lambent_adaptive_session_count_versions(session), 0u);
  EXPECT_EQ(state, (std::vector<float>{6, 12, 18, 24, 6, 12, 18, 24}));
  lambent_adaptive_session_destroy(session);
}

TEST(Donations, needNames) {
  std::string model = growingModel();
  LambentModelSource source = inMemory(model);
  LambentCompileOptions options = {};
  options.size = sizeof(options);
  options.num_donations = 1;
  auto compile = [&] {
    LambentModule *module = nullptr;
    lambent::Status status(lambent_compile(&source, &options, &module));
    lambent_module_destroy(module);
    return status.message();
  };
  EXPECT_EQ(compile(), "LambentCompileOptions: expected a value for "
                       "'donations', but got a null pointer");
  LambentDonation donation = {"x", nullptr};
  options.donations = &donation;
  EXPECT_EQ(compile(), "a donation needs the names of an input and an output");
  options.num_donations = 0;
  options.reserved = 1;
  EXPECT_EQ(compile(), "LambentCompileOptions.reserved: expected 0, but got 1");
}

} // namespace
