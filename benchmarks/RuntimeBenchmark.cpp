//===- RuntimeBenchmark.cpp - What the runtime itself costs ---------------===//

#include "Runtime/Clock.h"
#include "Runtime/ThreadPool.h"
#include "lambent-c/runtime.h"
#include <benchmark/benchmark.h>
#include <vector>

using namespace lambent::runtime;

/// The checksum of weights, on one thread.
static void hashWeights(benchmark::State &state) {
  std::vector<char> bytes(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state)
    benchmark::DoNotOptimize(lambent_hash64(bytes.data(), bytes.size()));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(hashWeights)->Arg(1 << 16)->Arg(32 << 20);

/// Two chunks that spin for so many ns each, on two threads: what the time is
/// above that is the region's cost.
static void runRegion(benchmark::State &state) {
  int64_t work = state.range(0);
  auto spin = [](void *work, int64_t begin, int64_t end, unsigned) {
    uint64_t stop =
        getNanoseconds() +
        static_cast<uint64_t>((end - begin) * *static_cast<int64_t *>(work));
    while (getNanoseconds() < stop) {
    }
  };
  ThreadPool *pool = ThreadPool::create(2);
  if (!pool)
    return state.SkipWithError("no threads");
  auto *region = pool->open();
  for (auto _ : state)
    pool->run(region, spin, &work, 2);
  pool->close(region);
  pool->destroy();
}
BENCHMARK(runRegion)->Arg(0)->Arg(1000)->Arg(10000)->UseRealTime();
