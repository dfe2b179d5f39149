//===- Cancellation.h - End work from outside -------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CANCELLATION_H
#define LAMBENT_RUNTIME_CANCELLATION_H

#include "Clock.h"
#include "lambent-c/runtime.h"
#include <atomic>

namespace lambent::runtime {

/// Two words that any thread, and a signal handler, may set.
class Cancellation {
public:
  void cancel() { isCancelled.store(true, std::memory_order_relaxed); }
  void setDeadline(uint64_t nanoseconds);
  bool isDue() const {
    if (isCancelled.load(std::memory_order_relaxed))
      return true;
    uint64_t at = deadline.load(std::memory_order_relaxed);
    return at != never && getNanoseconds() >= at;
  }

private:
  enum : uint64_t { never = UINT64_MAX };
  std::atomic<uint64_t> deadline{never}; ///< on the steady clock
  std::atomic<bool> isCancelled{false};
};

inline const Cancellation *unwrap(const LambentCancellation *cancellation) {
  return reinterpret_cast<const Cancellation *>(cancellation);
}

/// One run's view of a cancellation: once it has stopped, it stays so, whatever
/// deadline is set afterwards, so that no layer reads what another left out.
class RunStop {
public:
  explicit RunStop(const Cancellation *cancellation)
      : cancellation(cancellation) {}
  /// Whether there is anything that could stop the run.
  bool isPossible() const { return cancellation != nullptr; }
  bool hasStopped() const { return stopped.load(std::memory_order_relaxed); }
  /// Whether to stop now.
  bool check() {
    if (!cancellation)
      return false;
    if (!hasStopped() && cancellation->isDue())
      stopped.store(true, std::memory_order_relaxed);
    return hasStopped();
  }

private:
  const Cancellation *cancellation;
  std::atomic<bool> stopped{false};
};

} // namespace lambent::runtime

#endif
