//===- ForkTest.cpp - Sessions in forked children -------------------------===//

#include "Models.h"
#include "Runtime/ForkMark.h"
#include <functional>
#include <stdio.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace lambent::test;

namespace {

/// What `work` returns in a child; negative: the signal that it died of.
int inChild(const std::function<int()> &work) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(60); // a child that hangs dies of it
    _exit(work());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

unsigned countThreads() {
  unsigned threads = 0;
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  while (file && fgets(line, sizeof(line), file))
    sscanf(line, "Threads: %u", &threads);
  if (file)
    fclose(file);
  return threads;
}

class Fork : public testing::TestWithParam<unsigned> {
protected:
  void SetUp() override {
    LambentModule *module;
    ASSERT_EQ(take(lambent_module_create(&model, nullptr, nullptr, &module)),
              "");
    LambentSessionOptions options = {sizeof(options), nullptr, GetParam(), 0};
    ASSERT_EQ(take(lambent_session_create(module, &options, &session)), "");
    lambent_module_destroy(module);
    ASSERT_TRUE(runs());
  }
  void TearDown() override { lambent_session_destroy(session); }

  bool runs() {
    Tensor input(5.0f), output;
    return !lambent_session_run(session, &input.tensor, 1, &output.tensor, 1,
                                nullptr) &&
           output.data == expectedOutput(input);
  }
  void destroy() {
    lambent_session_destroy(session);
    session = nullptr;
  }

  LambentModel model = makeTwoLayers();
  LambentSession *session = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Threads, Fork, testing::Values(1, 2, 4, 16));

TEST_P(Fork, aChildDestroysWhatItInherits) {
  EXPECT_EQ(inChild([&] {
              destroy();
              return 0;
            }),
            0);
  EXPECT_TRUE(runs());
}

TEST_P(Fork, aChildRunsOnThreadsOfItsOwn) {
  EXPECT_EQ(inChild([&] {
              if (countThreads() != 1)
                return 1;
              for (int i = 0; i < 50; ++i)
                if (!runs())
                  return 2;
              if (countThreads() != GetParam())
                return 3;
              destroy();
              // A thread that was joined may be seen for a moment more.
              while (countThreads() != 1)
                usleep(1000);
              return 0;
            }),
            0);
  EXPECT_TRUE(runs());
}

TEST_P(Fork, aChildRunsFromSeveralThreads) {
  EXPECT_EQ(inChild([&] {
              std::atomic<int> wrong{0};
              std::vector<std::thread> threads;
              for (int i = 0; i < 4; ++i)
                threads.emplace_back([&] {
                  for (int round = 0; round < 50; ++round)
                    wrong += !runs();
                });
              for (std::thread &thread : threads)
                thread.join();
              destroy();
              return wrong.load();
            }),
            0);
}

TEST_P(Fork, aGrandchildDoesToo) {
  EXPECT_EQ(inChild([&] {
              if (!runs())
                return 1;
              int inner = inChild([&] {
                if (!runs())
                  return 2;
                destroy();
                return 0;
              });
              if (inner)
                return 3;
              return runs() ? 0 : 4;
            }),
            0);
}

TEST(ForkMark, tellsAChildFromItsParent) {
  lambent::runtime::ForkMark mark;
  ASSERT_EQ(take(mark.create()), "");
  EXPECT_TRUE(mark.isHome());
  EXPECT_FALSE(mark.beginAdopting());
  EXPECT_EQ(inChild([&] {
              if (mark.isHome() || !mark.beginAdopting())
                return 1;
              if (mark.isHome() || mark.beginAdopting())
                return 2;
              mark.finishAdopting();
              return mark.isHome() ? 0 : 3;
            }),
            0);
  EXPECT_TRUE(mark.isHome());
}

} // namespace
