//===- ThreadPoolTest.cpp - The fork-join pool ----------------------------===//

#include "Runtime/ThreadPool.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

using namespace lambent::runtime;

namespace {

struct Pool {
  explicit Pool(unsigned threads) : pool(ThreadPool::create(threads)) {}
  ~Pool() { pool->destroy(); }
  ThreadPool *operator->() const { return pool; }
  ThreadPool *pool;
};

/// Counts how often each chunk was computed.
struct Counts {
  explicit Counts(size_t chunks) : counts(chunks) {}
  static void body(void *self, int64_t begin, int64_t end, unsigned) {
    for (int64_t i = begin; i < end; ++i)
      static_cast<Counts *>(self)->counts[i].fetch_add(
          1, std::memory_order_relaxed);
  }
  bool allAre(int expected) const {
    return std::all_of(counts.begin(), counts.end(),
                       [&](const auto &count) { return count == expected; });
  }
  std::vector<std::atomic<int>> counts;
};

TEST(ThreadPool, computesEveryChunkOnce) {
  for (unsigned threads : {1u, 2u, 3u, 16u}) {
    Pool pool(threads);
    for (int64_t chunks : {0, 1, 2, 3, 7, 64, 1000}) {
      Counts counts(chunks);
      auto *region = pool->open();
      for (int round = 0; round < 50; ++round)
        pool->run(region, Counts::body, &counts, chunks);
      pool->close(region);
      EXPECT_TRUE(counts.allAre(50))
          << threads << " threads, " << chunks << " chunks";
    }
  }
}

TEST(ThreadPool, workersSeeWhatTheCallerWroteAndBack) {
  Pool pool(4);
  auto *region = pool->open();
  // Plain memory: a missing ordering is a race that ThreadSanitizer sees.
  std::vector<int64_t> values(256);
  for (int64_t round = 0; round < 2000; ++round) {
    auto increment = [](void *data, int64_t begin, int64_t end, unsigned) {
      for (int64_t i = begin; i < end; ++i)
        ++static_cast<int64_t *>(data)[i];
    };
    pool->run(region, increment, values.data(), 256);
    values[0] += 1;
  }
  pool->close(region);
  EXPECT_EQ(values[0], 4000);
  EXPECT_EQ(std::count(values.begin() + 1, values.end(), 2000), 255);
}

TEST(ThreadPool, servesSeveralCallersAtOnce) {
  Pool pool(3);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Counts counts(37);
        auto *region = pool->open();
        pool->run(region, Counts::body, &counts, 37);
        pool->close(region);
        wrong += !counts.allAre(1);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, callersWithoutAPlaceWorkAlone) {
  Pool pool(2);
  std::vector<ThreadPool::Region *> taken;
  while (auto *region = pool->open())
    taken.push_back(region);
  EXPECT_EQ(taken.size(), 64u);
  Counts counts(10);
  pool->run(nullptr, Counts::body, &counts, 10);
  EXPECT_TRUE(counts.allAre(1));
  for (auto *region : taken)
    pool->close(region);
}

TEST(ThreadPool, workersParkAndWakeAgain) {
  Pool pool(2);
  auto *region = pool->open();
  Counts counts(8);
  for (int round = 0; round < 5; ++round) {
    // Far longer than they spin.
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    pool->run(region, Counts::body, &counts, 8);
  }
  pool->close(region);
  EXPECT_TRUE(counts.allAre(5));
}

TEST(ThreadPool, workerIndicesStayBelowTheSize) {
  Pool pool(5);
  std::atomic<unsigned> largest{0};
  auto *region = pool->open();
  auto body = [](void *self, int64_t, int64_t, unsigned worker) {
    auto &largest = *static_cast<std::atomic<unsigned> *>(self);
    unsigned seen = largest;
    while (worker > seen && !largest.compare_exchange_weak(seen, worker)) {
    }
  };
  for (int round = 0; round < 100; ++round)
    pool->run(region, body, &largest, 100);
  pool->close(region);
  EXPECT_LT(largest, pool->size());
}

TEST(ThreadPool, takesAnApplicationsPool) {
  LambentExternalPool external = {};
  external.size = sizeof(external);
  external.threads = 3;
  external.run = [](void *, void (*task)(void *, uint32_t), void *argument,
                    uint32_t count) {
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < count; ++i)
      threads.emplace_back(task, argument, i);
    for (std::thread &thread : threads)
      thread.join();
  };
  LambentThreadPool *pool;
  ASSERT_EQ(lambent_thread_pool_wrap(&external, &pool), nullptr);
  EXPECT_EQ(lambent_thread_pool_size(pool), 3u);
  Counts counts(100);
  auto *region = unwrap(pool)->open();
  unwrap(pool)->run(region, Counts::body, &counts, 100);
  unwrap(pool)->close(region);
  EXPECT_TRUE(counts.allAre(1));
  lambent_thread_pool_destroy(pool);
}

TEST(ThreadPool, refusesAnIncompleteExternalPool) {
  LambentThreadPool *pool;
  LambentExternalPool external = {};
  external.size = sizeof(external);
  LambentStatus *status = lambent_thread_pool_wrap(&external, &pool);
  EXPECT_STREQ(lambent_status_message(status),
               "an external pool needs its size, a number of threads and a run "
               "function");
  lambent_status_destroy(status);
}

TEST(ThreadPool, refusesAbsurdSizes) {
  LambentThreadPool *pool;
  LambentStatus *status = lambent_thread_pool_create(1u << 30, &pool);
  EXPECT_STREQ(
      lambent_status_message(status),
      "a pool of 1073741824 threads is more than the 1024 that are allowed");
  lambent_status_destroy(status);
}

} // namespace
