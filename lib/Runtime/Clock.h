//===- Clock.h - Steady time ------------------------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CLOCK_H
#define LAMBENT_RUNTIME_CLOCK_H

#include <stdint.h>
#include <time.h>

namespace lambent::runtime {

/// Nanoseconds since some fixed moment; never runs backwards.
inline uint64_t getNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u +
         static_cast<uint64_t>(now.tv_nsec);
}

} // namespace lambent::runtime

#endif
