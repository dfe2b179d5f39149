//===- CancellationTest.cpp - Runs that end early -------------------------===//

#include "Models.h"
#include <atomic>
#include <chrono>
#include <thread>

using namespace lambent::test;

namespace {

using Clock = std::chrono::steady_clock;

/// Chunks computed by the model below.
std::atomic<int64_t> computed;

/// A layer of so many chunks of a millisecond that it takes an hour.
void computeLong(LambentCall *call) {
  auto kernel = [](void *const *, int64_t begin, int64_t end, void *) {
    for (int64_t i = begin; i < end; ++i, ++computed)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  call->parallel_for(call, 0, kernel, nullptr, 3600000);
  call->parallel_for(call, 1, kernel, nullptr, 3600000);
}

class CancellationTest : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override {
    model.run = computeLong;
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    LambentSessionOptions options = {};
    options.size = sizeof(options);
    options.threads = GetParam();
    ASSERT_EQ(take(lambent_session_create(module, &options, &session)), "");
    ASSERT_EQ(take(lambent_cancellation_create(&cancellation)), "");
    computed = 0;
  }
  void TearDown() override {
    lambent_cancellation_destroy(cancellation);
    lambent_session_destroy(session);
    lambent_module_destroy(module);
  }
  /// Whether the run was cancelled.
  bool isCancelled() {
    LambentRunOptions options = {};
    options.size = sizeof(options);
    options.cancellation = cancellation;
    LambentStatus *status = lambent_session_run(session, &input.tensor, 1,
                                                &output.tensor, 1, &options);
    bool result = lambent_status_code(status) == LAMBENT_STATUS_CANCELLED;
    EXPECT_EQ(take(status),
              result ? "the run was cancelled, or its time is up" : "");
    return result;
  }

  LambentModel model = makeTwoLayers();
  LambentModule *module = nullptr;
  LambentSession *session = nullptr;
  LambentCancellation *cancellation = nullptr;
  Tensor input{-3.0f}, output;
};

INSTANTIATE_TEST_SUITE_P(Threads, CancellationTest, testing::Values(1, 2, 5));

TEST_P(CancellationTest, endsFromAnotherThread) {
  Clock::time_point asked;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    asked = Clock::now();
    lambent_cancellation_cancel(cancellation);
  });
  EXPECT_TRUE(isCancelled());
  auto took = Clock::now() - asked;
  other.join();
  EXPECT_LT(took, std::chrono::minutes(1)); // of an hour
  EXPECT_GT(computed, 0);
  EXPECT_TRUE(lambent_cancellation_is_due(cancellation));
}

TEST_P(CancellationTest, endsAtADeadline) {
  lambent_cancellation_set_deadline(cancellation, 30000000);
  EXPECT_FALSE(lambent_cancellation_is_due(cancellation));
  EXPECT_TRUE(isCancelled());
  EXPECT_GT(computed, 0);
}

TEST_P(CancellationTest, computesNothingOnceItIsDue) {
  lambent_cancellation_cancel(cancellation);
  EXPECT_TRUE(isCancelled());
  lambent_cancellation_set_deadline(cancellation, UINT64_MAX);
  EXPECT_TRUE(isCancelled());
  EXPECT_EQ(computed, 0);
}

TEST_P(CancellationTest, leavesARunAloneThatEndsBefore) {
  LambentModel short_model = makeTwoLayers();
  lambent_session_destroy(session);
  lambent_module_destroy(module);
  ASSERT_EQ(
      take(lambent_module_create(&short_model, nullptr, nullptr, &module)), "");
  ASSERT_EQ(take(lambent_session_create(module, nullptr, &session)), "");
  lambent_cancellation_set_deadline(cancellation, uint64_t(3600) * 1000000000);
  EXPECT_FALSE(isCancelled());
  EXPECT_EQ(output.data, expectedOutput(input));
  lambent_cancellation_set_deadline(cancellation, 0);
  EXPECT_TRUE(isCancelled());
  lambent_cancellation_set_deadline(cancellation, UINT64_MAX);
  EXPECT_FALSE(isCancelled());
}

TEST(Cancellation, takesNull) {
  lambent_cancellation_cancel(nullptr);
  lambent_cancellation_set_deadline(nullptr, 0);
  lambent_cancellation_destroy(nullptr);
  EXPECT_EQ(lambent_cancellation_is_due(nullptr), 0);
  EXPECT_EQ(take(lambent_cancellation_create(nullptr)),
            "lambent_cancellation_create: expected a value for 'cancellation', "
            "but got a null pointer");
}

} // namespace
