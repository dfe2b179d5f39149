//===- ThreadPool.h - A fork-join pool that never waits for a sleeper -----===//
//
// A parallel region is a range of chunks in one atomic word. The caller claims
// chunks from its front, workers from its back (so that with two threads each
// keeps its half of the data from layer to layer), and the caller returns when
// all claimed chunks are done. Hence a worker that sleeps, or whose core
// someone else took, costs nothing: the caller takes its chunks, too. Idle
// workers spin for a while and then park in the kernel.
//
// Why a late worker does no harm: it first claims, by a compare-and-swap on the
// range, and only then reads what the region is. A successful claim means that
// the region now in the slot has that chunk, and the slot cannot be reused
// before the chunk is done.
//
// A forked child has none of the workers. The first caller there starts its
// own; what other threads of the parent were computing at the fork is nobody's.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_THREADPOOL_H
#define LAMBENT_RUNTIME_THREADPOOL_H

#include "ForkMark.h"
#include <atomic>
#include <pthread.h>

namespace lambent::runtime {

/// CPUs that this process may use: its affinity mask, cut by the cgroup's
/// quota.
unsigned getUsableCpus();

class ThreadPool {
public:
  /// Computes chunks [begin, end). `worker` is 0 for the caller and below
  /// size() for all.
  using Body = void (*)(void *argument, int64_t begin, int64_t end,
                        unsigned worker);

  /// A caller's place in the pool, for one run or longer. Used by one thread at
  /// a time.
  struct Region {
    /// Unclaimed chunks: begin in the low half, end in the high half.
    alignas(64) std::atomic<uint64_t> range{0};
    /// Chunks computed.
    alignas(64) std::atomic<uint64_t> done{0};
    /// This and the rest is written before `range` opens, read after a claim.
    alignas(64) Body body = nullptr;
    void *argument = nullptr;
    /// The number of chunk 0 of `range`.
    int64_t base = 0;
  };

  /// Null when memory ran out. When the system gives fewer threads than asked
  /// for, the pool works with those.
  static ThreadPool *create(unsigned threads);
  static ThreadPool *create(const LambentExternalPool &external);
  void destroy();

  /// Threads that may work on one region, the caller included.
  unsigned size() const { return numThreads; }

  /// Takes a place; null when all are taken, or while a forked child starts its
  /// workers: the caller then works alone.
  Region *open();
  void close(Region *region);

  /// Calls body for all chunks and returns when all are done.
  void run(Region *region, Body body, void *argument, int64_t chunks);

private:
  enum : unsigned { maxRegions = 64 };
  struct Worker {
    /// 1: sleeps on this word. Whoever clears it lowers parkedCount.
    alignas(64) std::atomic<uint32_t> parked{0};
    unsigned index = 0;
    ThreadPool *pool = nullptr;
    pthread_t thread{};
  };

  ThreadPool() = default;
  void startWorkers();
  void adopt();
  void work(Region *region, unsigned worker);
  bool help(unsigned worker);
  bool hasWork();
  void park(Worker &worker);
  void wake(int64_t count);
  void waitForDone(Region *region, uint64_t chunks);
  void workerLoop(Worker &worker);

  Region regions[maxRegions];
  /// Bit i: regions[i] is taken.
  alignas(64) std::atomic<uint64_t> openRegions{0};
  alignas(64) std::atomic<uint32_t> parkedCount{0};
  std::atomic<bool> stop{false};
  unsigned numThreads = 1;
  unsigned numWorkers = 0;
  uint64_t spinNanoseconds = 0;
  Worker *workers = nullptr;
  ForkMark mark; ///< of the process that has the workers
  LambentExternalPool external{};
};

inline ThreadPool *unwrap(LambentThreadPool *pool) {
  return reinterpret_cast<ThreadPool *>(pool);
}

} // namespace lambent::runtime

#endif
