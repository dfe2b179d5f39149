//===- SessionTest.cpp - Running a model from many threads ----------------===//

#include "Models.h"
#include <atomic>
#include <thread>

using namespace lambent::test;

namespace {

TEST(Session, runsFromManyThreadsAtOnce) {
  LambentModel model = makeTwoLayers();
  LambentModule *module;
  ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)), "");
  for (uint32_t poolThreads : {0u, 1u, 3u}) {
    LambentSessionOptions options = {sizeof(options), nullptr, poolThreads, 0};
    LambentSession *session;
    ASSERT_EQ(take(lambent_session_create(module, &options, &session)), "");
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&, i] {
        Tensor input(static_cast<float>(i)), output;
        auto expected = expectedOutput(input);
        for (int round = 0; round < 100; ++round) {
          std::fill(output.data.begin(), output.data.end(), 0.0f);
          wrong += !take(lambent_session_run(session, &input.tensor, 1,
                                             &output.tensor, 1, nullptr))
                        .empty();
          wrong += output.data != expected;
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(wrong, 0);
    lambent_session_destroy(session);
  }
  lambent_module_destroy(module);
}

TEST(Session, reportsWrongTensors) {
  LambentModel model = makeTwoLayers();
  LambentModule *module;
  LambentSession *session;
  ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)), "");
  ASSERT_EQ(take(lambent_session_create(module, nullptr, &session)), "");
  lambent_module_destroy(module);
  EXPECT_EQ(take(lambent_session_run(session, nullptr, 0, nullptr, 0, nullptr)),
            "expected 1 inputs, but got 0");
  lambent_session_destroy(session);
}

} // namespace
