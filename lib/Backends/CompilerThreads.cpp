//===- CompilerThreads.cpp - Threads that may not be had ------------------===//

#include "lambent/Backends/CompilerThreads.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Threading.h"

using namespace lambent;
using llvm::ThreadPoolTaskGroup;

CompilerThreads::CompilerThreads(unsigned threads)
    : concurrency(llvm::hardware_concurrency(threads).compute_thread_count()),
      canGrow(concurrency > 1) {}

CompilerThreads::~CompilerThreads() {
  wait();
  {
    Lock lock(mutex);
    isEnding = true;
  }
  changed.notify_all();
  for (pthread_t worker : workers)
    pthread_join(worker, nullptr);
}

void CompilerThreads::asyncEnqueue(llvm::unique_function<void()> work,
                                   ThreadPoolTaskGroup *group) {
  {
    Lock lock(mutex);
    tasks.push_back({std::move(work), group});
    if (canGrow && tasks.size() > idle) {
      pthread_t worker;
      bool isMade = pthread_create(&worker, nullptr, runWorker, this) == 0;
      if (isMade)
        workers.push_back(worker);
      canGrow = isMade && workers.size() + 1 < concurrency;
    }
  }
  changed.notify_all();
}

void *CompilerThreads::runWorker(void *object) {
  auto *pool = static_cast<CompilerThreads *>(object);
  Lock lock(pool->mutex);
  while (!pool->isEnding) {
    if (pool->doOne(lock, nullptr))
      continue;
    ++pool->idle;
    pool->changed.wait(lock);
    --pool->idle;
  }
  return nullptr;
}

bool CompilerThreads::doOne(Lock &lock, ThreadPoolTaskGroup *group) {
  auto next = llvm::find_if(
      tasks, [&](const Task &task) { return !group || task.group == group; });
  if (next == tasks.end())
    return false;
  Task task = std::move(*next);
  tasks.erase(next);
  running.push_back(task.group);
  lock.unlock();
  task.work();
  task.work = nullptr;
  lock.lock();
  running.erase(llvm::find(running, task.group));
  changed.notify_all();
  return true;
}

bool CompilerThreads::isBusy(ThreadPoolTaskGroup *group) const {
  if (!group)
    return !tasks.empty() || !running.empty();
  return llvm::is_contained(running, group) ||
         llvm::any_of(tasks,
                      [&](const Task &task) { return task.group == group; });
}

void CompilerThreads::waitFor(ThreadPoolTaskGroup *group) {
  Lock lock(mutex);
  while (isBusy(group))
    if (!doOne(lock, group))
      changed.wait(lock);
}

void CompilerThreads::wait() { waitFor(nullptr); }

void CompilerThreads::wait(ThreadPoolTaskGroup &group) { waitFor(&group); }
