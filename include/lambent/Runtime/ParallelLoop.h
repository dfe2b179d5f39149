//===- ParallelLoop.h - A loop on the threads of a pool ---------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_PARALLELLOOP_H
#define LAMBENT_RUNTIME_PARALLELLOOP_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Calls body(argument, i) for each i below count, in any order and several at
/// once where a pool is given, and returns when all have returned.
void runLoop(LambentThreadPool *pool, int64_t count,
             void (*body)(void *argument, int64_t i), void *argument);

} // namespace lambent::runtime

#endif
