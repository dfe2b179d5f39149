//===- CompilerThreads.h - Threads that may not be had ----------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_COMPILERTHREADS_H
#define LAMBENT_BACKENDS_COMPILERTHREADS_H

#include "llvm/Support/ThreadPool.h"
#include <condition_variable>
#include <deque>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace lambent {

/// A thread pool for LLVM and MLIR that works with as many threads as the
/// system gives. LLVM's own ends the process where a thread cannot be made,
/// which is not the business of a library. Whoever waits works on what is
/// waiting; so no thread is needed at all.
class CompilerThreads : public llvm::ThreadPoolInterface {
public:
  /// `threads` work at once, the one that waits included; 0: one for each core.
  /// They are made when there is work for them.
  explicit CompilerThreads(unsigned threads);
  CompilerThreads(const CompilerThreads &) = delete;
  ~CompilerThreads() override;

  void wait() override;
  void wait(llvm::ThreadPoolTaskGroup &group) override;
  unsigned getMaxConcurrency() const override { return concurrency; }

private:
  struct Task {
    llvm::unique_function<void()> work;
    llvm::ThreadPoolTaskGroup *group;
  };
  using Lock = std::unique_lock<std::mutex>;

  void asyncEnqueue(llvm::unique_function<void()> work,
                    llvm::ThreadPoolTaskGroup *group) override;
  static void *runWorker(void *pool);
  /// Does the oldest task of a group, or of all for null; unlocks meanwhile.
  /// False where none waits.
  bool doOne(Lock &lock, llvm::ThreadPoolTaskGroup *group);
  void waitFor(llvm::ThreadPoolTaskGroup *group);
  /// Whether tasks of a group, or any for null, wait or run.
  bool isBusy(llvm::ThreadPoolTaskGroup *group) const;

  const unsigned concurrency;
  std::mutex mutex;
  std::condition_variable changed; ///< a task came, a task ended, or the end
  std::deque<Task> tasks;
  std::vector<llvm::ThreadPoolTaskGroup *> running; ///< of each, or null
  std::vector<pthread_t> workers;
  unsigned idle = 0;
  bool canGrow, isEnding = false;
};

} // namespace lambent

#endif
