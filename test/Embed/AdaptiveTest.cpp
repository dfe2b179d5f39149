//===- AdaptiveTest.cpp - Sessions that compile for sizes they often see --===//

#include "OnnxBytes.h"
#include "lambent-c/adaptive.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <unistd.h>

using namespace lambent::test;

namespace {

std::string take(LambentStatus *status) {
  std::string text = lambent_status_message(status);
  lambent_status_destroy(status);
  return text;
}

struct Destroy {
  void operator()(LambentAdaptiveSession *session) const {
    lambent_adaptive_session_destroy(session);
  }
};
using Session = std::unique_ptr<LambentAdaptiveSession, Destroy>;

/// x + weights, for any number of rows of four.
const std::string model = binaryModel("Add", {-1, 4}, floatBytes(1, 2, 3, 4));

LambentModelSource inMemory() {
  LambentModelSource source = {};
  source.size = sizeof(source);
  source.data = model.data();
  source.data_size = model.size();
  return source;
}

LambentAdaptiveOptions makeOptions() {
  LambentAdaptiveOptions options = {};
  options.size = sizeof(options);
  options.threads = 1;
  options.frequent = 3;
  options.trials = 2;
  options.most_versions = 2;
  return options;
}

Session create(const LambentModelSource &source,
               const LambentAdaptiveOptions &options = makeOptions()) {
  LambentAdaptiveSession *session = nullptr;
  EXPECT_EQ(take(lambent_adaptive_session_create(&source, nullptr, &options,
                                                 &session)),
            "");
  return Session(session);
}

LambentTensor makeTensor(std::vector<float> &data, std::vector<int64_t> &dims) {
  return {data.data(), {LAMBENT_DEVICE_CPU, 0}, 2, {LAMBENT_FLOAT, 32, 1},
          dims.data(), nullptr, 0};
}

/// What a run on so many rows says.
std::vector<float> run(LambentAdaptiveSession *session, int64_t rows) {
  std::vector<float> x(rows * 4), y(rows * 4);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i) / 3;
  std::vector<int64_t> dims{rows, 4};
  LambentTensor in = makeTensor(x, dims), out = makeTensor(y, dims);
  EXPECT_EQ(
      take(lambent_adaptive_session_run(session, &in, 1, &out, 1, nullptr)),
      "");
  return y;
}

/// Runs until a version for these sizes would have taken over.
void runOften(LambentAdaptiveSession *session, int64_t rows) {
  std::vector<float> first = run(session, rows);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(run(session, rows), first);
    lambent_adaptive_session_wait(session);
  }
}

TEST(AdaptiveSession, compilesForSizesThatComeOften) {
  Session session = create(inMemory());
  ASSERT_TRUE(session);
  EXPECT_EQ(lambent_adaptive_session_model(session.get())->num_symbols, 1u);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 0u);
  runOften(session.get(), 5);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 1u);
  run(session.get(), 6);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 1u);
}

TEST(AdaptiveSession, keepsTheVersionsUsedLast) {
  Session session = create(inMemory());
  for (int64_t rows : {5, 6, 7})
    runOften(session.get(), rows);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 2u);
}

TEST(AdaptiveSession, neverUsesAVersionThatSaysSomethingElse) {
  // The file changes behind the session's back.
  auto path = std::filesystem::temp_directory_path() /
              ("adaptive-" + std::to_string(getpid()) + ".onnx");
  auto write = [&](const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  write(model);
  LambentModelSource source = {};
  source.size = sizeof(source);
  std::string name = path.string();
  source.path = name.c_str();
  Session session = create(source);
  std::filesystem::remove(path);
  write(binaryModel("Add", {-1, 4}, floatBytes(1, 2, 3, 5)));
  runOften(session.get(), 5);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 0u);
  std::filesystem::remove(path);
}

TEST(AdaptiveSession, hasNoVersionsWhereAllIsBound) {
  std::string bound = binaryModel("Add", {5, 4}, floatBytes(1, 2, 3, 4));
  LambentModelSource source = inMemory();
  source.data = bound.data();
  source.data_size = bound.size();
  Session session = create(source);
  runOften(session.get(), 5);
  EXPECT_EQ(lambent_adaptive_session_count_versions(session.get()), 0u);
}

TEST(AdaptiveSession, runsFromManyThreads) {
  Session session = create(inMemory());
  std::vector<std::vector<float>> expected;
  for (int64_t rows = 0; rows < 6; ++rows)
    expected.push_back(run(session.get(), rows));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 60; ++i)
        EXPECT_EQ(run(session.get(), i % 6), expected[i % 6]);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(AdaptiveSession, endsWhileItCompiles) {
  Session session = create(inMemory());
  for (int i = 0; i < 3; ++i)
    run(session.get(), 5);
}

TEST(AdaptiveSession, refusesWrongArguments) {
  LambentAdaptiveSession *session = nullptr;
  EXPECT_EQ(take(lambent_adaptive_session_create(nullptr, nullptr, nullptr,
                                                 &session)),
            "lambent_adaptive_session_create: expected a value for 'source', "
            "but got a null pointer");
  LambentModelSource source = inMemory();
  LambentAdaptiveOptions options = makeOptions();
  options.size = 8;
  EXPECT_EQ(take(lambent_adaptive_session_create(&source, nullptr, &options,
                                                 &session)),
            "LambentAdaptiveOptions.size is 8, but expected at least " +
                std::to_string(sizeof(options)));
  EXPECT_EQ(take(lambent_adaptive_session_run(nullptr, nullptr, 0, nullptr, 0,
                                              nullptr)),
            "lambent_adaptive_session_run: expected a value for 'session', "
            "but got a null pointer");
  EXPECT_EQ(lambent_adaptive_session_model(nullptr), nullptr);
  EXPECT_EQ(lambent_adaptive_session_count_versions(nullptr), 0u);
  lambent_adaptive_session_wait(nullptr);
  lambent_adaptive_session_destroy(nullptr);
  // What is wrong with a run is said as by any session.
  Session made = create(inMemory());
  EXPECT_NE(take(lambent_adaptive_session_run(made.get(), nullptr, 0, nullptr,
                                              0, nullptr)),
            "");
}

} // namespace
