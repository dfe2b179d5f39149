// Several callers on one pool with plain data, for ThreadSanitizer: what a
// region's chunks wrote must be ordered before what its caller reads, and a
// late worker must not touch the next region.
#include "Runtime/ThreadPool.h"
#include <cstdio>
#include <thread>
#include <vector>

using namespace lambent::runtime;

int main() {
  ThreadPool *pool = ThreadPool::create(4);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&, caller] {
      auto *region = pool->open();
      for (int64_t round = 0; round < 400; ++round) {
        // A region of its own size each time.
        std::vector<int64_t> values(1 + (round + caller) % 40);
        auto body = [](void *argument, int64_t begin, int64_t end, unsigned) {
          for (int64_t i = begin; i < end; ++i)
            static_cast<int64_t *>(argument)[i] += i + 1;
        };
        pool->run(region, body, values.data(),
                  static_cast<int64_t>(values.size()));
        for (size_t i = 0; i < values.size(); ++i)
          wrong += values[i] != static_cast<int64_t>(i) + 1;
        // Let workers park.
        if (round % 100 == 99)
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      pool->close(region);
    });
  for (std::thread &caller : callers)
    caller.join();
  pool->destroy();
  std::printf("%d wrong\n", wrong.load());
  return wrong != 0;
}
