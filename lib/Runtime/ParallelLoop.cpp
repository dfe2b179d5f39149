//===- ParallelLoop.cpp - A loop on the threads of a pool -----------------===//

#include "lambent/Runtime/ParallelLoop.h"
#include "ThreadPool.h"

namespace lambent::runtime {

void runLoop(LambentThreadPool *given, int64_t count,
             void (*body)(void *argument, int64_t i), void *argument) {
  struct Loop {
    void (*body)(void *argument, int64_t i);
    void *argument;
  } loop{body, argument};
  auto compute = [](void *argument, int64_t begin, int64_t end, unsigned) {
    auto *loop = static_cast<Loop *>(argument);
    for (int64_t i = begin; i < end; ++i)
      loop->body(loop->argument, i);
  };
  ThreadPool *pool = unwrap(given);
  ThreadPool::Region *region =
      pool && pool->size() > 1 && count > 1 ? pool->open() : nullptr;
  if (!region)
    return compute(&loop, 0, count, 0);
  pool->run(region, compute, &loop, count);
  pool->close(region);
}

} // namespace lambent::runtime
