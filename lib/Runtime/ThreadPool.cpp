//===- ThreadPool.cpp - A fork-join pool that never waits for a sleeper ---===//

#include "ThreadPool.h"
#include "Callbacks.h"
#include "Clock.h"
#include "lambent/Runtime/Arguments.h"
#include <limits.h>
#include <linux/futex.h>
#include <new>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lambent::runtime {

/// How long an idle worker spins before it parks. Longer than a layer that runs
/// on one thread, short for a battery.
static constexpr uint64_t spinTime = 400'000;
/// The same when there are more threads than CPUs: a spinning worker then holds
/// a CPU that another thread needs.
static constexpr uint64_t crowdedSpinTime = 5'000;

static inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

static void waitOnWord(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAIT_PRIVATE,
          expected, nullptr, nullptr, 0);
}

static void wakeWord(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAKE_PRIVATE, 1,
          nullptr, nullptr, 0);
}

static uint64_t makeRange(uint64_t begin, uint64_t end) {
  return begin | end << 32;
}

//===----------------------------------------------------------------------===//
// Making and ending a pool
//===----------------------------------------------------------------------===//

ThreadPool *ThreadPool::create(unsigned threads) {
  unsigned cpus = getUsableCpus();
  if (threads == 0)
    threads = cpus;
  void *memory = aligned_alloc(alignof(ThreadPool), sizeof(ThreadPool));
  if (!memory)
    return nullptr;
  auto *pool = new (memory) ThreadPool();
  pool->numThreads = threads;
  pool->spinNanoseconds = threads > cpus ? crowdedSpinTime : spinTime;
  if (threads == 1)
    return pool;
  pool->workers = static_cast<Worker *>(
      aligned_alloc(alignof(Worker), sizeof(Worker) * (threads - 1)));
  LambentStatus *status = pool->mark.create();
  if (!pool->workers || status) {
    lambent_status_destroy(status);
    pool->destroy();
    return nullptr;
  }
  pool->startWorkers();
  return pool;
}

void ThreadPool::startWorkers() {
  numWorkers = 0;
  // Workers take no signals: those belong to the application's threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (unsigned i = 0; i + 1 < numThreads; ++i) {
    auto *worker = new (&workers[i]) Worker();
    worker->index = i + 1;
    worker->pool = this;
    auto entry = [](void *self) -> void * {
      auto *worker = static_cast<Worker *>(self);
      worker->pool->workerLoop(*worker);
      return nullptr;
    };
    if (pthread_create(&worker->thread, nullptr, entry, worker))
      break;
    ++numWorkers;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Makes a forked child's copy of the pool as good as new.
void ThreadPool::adopt() {
  for (Region &region : regions)
    region.range.store(0);
  openRegions.store(0);
  parkedCount.store(0);
  startWorkers();
  mark.finishAdopting();
}

ThreadPool *ThreadPool::create(const LambentExternalPool &external) {
  ThreadPool *pool = create(1);
  if (!pool)
    return nullptr;
  pool->numThreads = external.threads;
  pool->external = external;
  return pool;
}

void ThreadPool::destroy() {
  // A forked child has no workers to wait for.
  if (numWorkers && mark.isHome()) {
    stop.store(true);
    wake(INT64_MAX);
    for (unsigned i = 0; i < numWorkers; ++i)
      pthread_join(workers[i].thread, nullptr);
  }
  free(workers);
  this->~ThreadPool();
  free(this);
}

//===----------------------------------------------------------------------===//
// The caller
//===----------------------------------------------------------------------===//

ThreadPool::Region *ThreadPool::open() {
  if (workers && !mark.isHome()) {
    if (!mark.beginAdopting())
      return nullptr;
    adopt();
  }
  uint64_t taken = openRegions.load(std::memory_order_relaxed);
  while (~taken) {
    unsigned free = __builtin_ctzll(~taken);
    if (openRegions.compare_exchange_weak(taken, taken | uint64_t(1) << free))
      return &regions[free];
  }
  return nullptr;
}

void ThreadPool::close(Region *region) {
  openRegions.fetch_and(~(uint64_t(1) << (region - regions)));
}

void ThreadPool::run(Region *region, Body body, void *argument,
                     int64_t chunks) {
  if (chunks <= 0)
    return;
  if (chunks == 1 || numThreads == 1 || !region)
    return body(argument, 0, chunks, 0);
  // A range's halves have 32 bits.
  for (int64_t base = 0; base < chunks; base += INT32_MAX) {
    uint64_t count = chunks - base < INT32_MAX ? chunks - base : INT32_MAX;
    region->body = body;
    region->argument = argument;
    region->base = base;
    region->done.store(0, std::memory_order_relaxed);
    // Sequentially consistent, as the load that follows and their counterparts
    // in park: either we see that a worker parked, or it sees the range.
    region->range.store(makeRange(0, count));
    if (external.run) {
      struct Task {
        ThreadPool *pool;
        Region *region;
      } task{this, region};
      auto entry = [](void *argument, uint32_t index) {
        auto *task = static_cast<Task *>(argument);
        // A worker's number chooses its scratch memory. Chunks that a wrong one
        // leaves are the caller's.
        if (index < task->pool->numThreads)
          task->pool->work(task->region, index);
      };
      callPool(external, entry, &task,
               count < numThreads ? static_cast<uint32_t>(count) : numThreads);
    } else if (parkedCount.load()) {
      wake(static_cast<int64_t>(count) - 1);
    }
    work(region, 0);
    waitForDone(region, count);
  }
}

/// Claims and computes chunks until none are left.
void ThreadPool::work(Region *region, unsigned worker) {
  uint64_t range = region->range.load(std::memory_order_relaxed);
  for (;;) {
    uint64_t begin = range & UINT32_MAX, end = range >> 32;
    if (begin >= end)
      return;
    // Many small chunks are claimed by the handful, fewer towards the end, so
    // that all finish together.
    uint64_t count = (end - begin) / (4 * uint64_t(numThreads));
    count = count ? count : 1;
    uint64_t first = worker == 0 ? begin : end - count;
    uint64_t rest = worker == 0 ? makeRange(begin + count, end)
                                : makeRange(begin, end - count);
    if (!region->range.compare_exchange_weak(
            range, rest, std::memory_order_acquire, std::memory_order_relaxed))
      continue;
    int64_t base = region->base + static_cast<int64_t>(first);
    region->body(region->argument, base, base + static_cast<int64_t>(count),
                 worker);
    region->done.fetch_add(count, std::memory_order_release);
    range = region->range.load(std::memory_order_relaxed);
  }
}

/// Waits for chunks that others claimed. Their thread may need this very CPU:
/// spin, then yield, then sleep.
void ThreadPool::waitForDone(Region *region, uint64_t chunks) {
  for (unsigned i = 0; region->done.load(std::memory_order_acquire) != chunks;
       ++i) {
    if (i < 2000)
      relax();
    else if (i < 2200)
      sched_yield();
    else {
      timespec pause = {0, 20'000};
      nanosleep(&pause, nullptr);
    }
  }
}

void ThreadPool::wake(int64_t count) {
  for (unsigned i = 0; i < numWorkers && count > 0; ++i) {
    if (workers[i].parked.load() && workers[i].parked.exchange(0)) {
      parkedCount.fetch_sub(1);
      wakeWord(workers[i].parked);
      --count;
    }
  }
}

//===----------------------------------------------------------------------===//
// The workers
//===----------------------------------------------------------------------===//

void ThreadPool::workerLoop(Worker &worker) {
  uint64_t idleSince = 0;
  for (unsigned i = 0; !stop.load(std::memory_order_relaxed); ++i) {
    if (help(worker.index)) {
      idleSince = 0;
      continue;
    }
    relax();
    if (i % 64)
      continue;
    uint64_t now = getNanoseconds();
    if (!idleSince)
      idleSince = now;
    if (now - idleSince >= spinNanoseconds) {
      park(worker);
      idleSince = 0;
    }
  }
}

/// Works on every region that has unclaimed chunks; false if there was none.
bool ThreadPool::help(unsigned worker) {
  bool worked = false;
  uint64_t open = openRegions.load(std::memory_order_relaxed);
  for (; open; open &= open - 1) {
    Region &region = regions[__builtin_ctzll(open)];
    uint64_t range = region.range.load(std::memory_order_relaxed);
    if ((range & UINT32_MAX) >= range >> 32)
      continue;
    work(&region, worker);
    worked = true;
  }
  return worked;
}

bool ThreadPool::hasWork() {
  for (uint64_t open = openRegions.load(); open; open &= open - 1) {
    uint64_t range = regions[__builtin_ctzll(open)].range.load();
    if ((range & UINT32_MAX) < range >> 32)
      return true;
  }
  return false;
}

void ThreadPool::park(Worker &worker) {
  worker.parked.store(1);
  parkedCount.fetch_add(1);
  if (hasWork() || stop.load()) {
    if (worker.parked.exchange(0))
      parkedCount.fetch_sub(1);
    return;
  }
  while (worker.parked.load())
    waitOnWord(worker.parked, 1);
}

} // namespace lambent::runtime

//===----------------------------------------------------------------------===//
// The C API
//===----------------------------------------------------------------------===//

using namespace lambent::runtime;

LambentStatus *lambent_thread_pool_create(uint32_t threads,
                                          LambentThreadPool **pool) {
  if (LambentStatus *status = requireArguments(__func__, {{"pool", pool}}))
    return status;
  *pool = nullptr;
  enum : uint32_t { maxThreads = 1024 };
  if (threads > maxThreads)
    return makeError(
        "a pool of %u threads is more than the %u that are allowed", threads,
        +maxThreads);
  *pool = reinterpret_cast<LambentThreadPool *>(ThreadPool::create(threads));
  return *pool ? nullptr : makeOutOfMemory("a thread pool", sizeof(ThreadPool));
}

LambentStatus *lambent_thread_pool_wrap(const LambentExternalPool *external,
                                        LambentThreadPool **pool) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"external", external}, {"pool", pool}}))
    return status;
  *pool = nullptr;
  if (external->size < sizeof(LambentExternalPool) || !external->run ||
      !external->threads)
    return makeError("an external pool needs its size, a number of threads and "
                     "a run function");
  *pool = reinterpret_cast<LambentThreadPool *>(ThreadPool::create(*external));
  return *pool ? nullptr : makeOutOfMemory("a thread pool", sizeof(ThreadPool));
}

uint32_t lambent_thread_pool_size(const LambentThreadPool *pool) {
  return pool ? reinterpret_cast<const ThreadPool *>(pool)->size() : 0;
}

void lambent_thread_pool_destroy(LambentThreadPool *pool) {
  if (pool)
    unwrap(pool)->destroy();
}
