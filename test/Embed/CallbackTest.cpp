//===- CallbackTest.cpp - Callbacks that throw ----------------------------===//
//
// They must not. What happens is defined all the same: the process ends at the
// border of the runtime, where handlers of the application's own see nothing.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <stdexcept>

using namespace lambent::test;

namespace {

class Callback : public testing::Test {
protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
  }
  void TearDown() override { lambent_module_destroy(module); }

  /// Runs, and catches what comes out.
  void run(LambentThreadPool *pool, LambentTensor &result,
           const LambentRunOptions &options) {
    LambentContextOptions contextOptions = {
        sizeof(contextOptions), pool, 0, 0, 0, 0};
    LambentContext *context = nullptr;
    Tensor input;
    try {
      lambent_status_destroy(
          lambent_context_create(module, &contextOptions, &context));
      lambent_status_destroy(lambent_context_run(context, &input.tensor, 1,
                                                 &result, 1, &options));
    } catch (...) {
      fputs("caught outside\n", stderr);
    }
    _exit(0);
  }

  LambentModel model = makeTwoLayers();
  LambentModule *module = nullptr;
};

TEST_F(Callback, allocateEndsTheProcess) {
  LambentTensor result = {};
  LambentRunOptions options = {};
  options.size = sizeof(options);
  options.allocate = [](void *, uint32_t, uint64_t) -> void * {
    throw std::runtime_error("no memory of mine");
  };
  EXPECT_DEATH(run(nullptr, result, options), "terminate.*no memory of mine");
}

TEST_F(Callback, aPoolEndsTheProcess) {
  LambentExternalPool external = {};
  external.size = sizeof(external);
  external.threads = 2;
  external.run = [](void *, void (*)(void *, uint32_t), void *, uint32_t) {
    throw std::runtime_error("no threads of mine");
  };
  LambentThreadPool *pool;
  ASSERT_EQ(take(lambent_thread_pool_wrap(&external, &pool)), "");
  Tensor output;
  LambentRunOptions options = {};
  options.size = sizeof(options);
  EXPECT_DEATH(run(pool, output.tensor, options),
               "terminate.*no threads of mine");
  lambent_thread_pool_destroy(pool);
}

} // namespace
