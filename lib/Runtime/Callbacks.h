//===- Callbacks.h - Calls into the application -----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CALLBACKS_H
#define LAMBENT_RUNTIME_CALLBACKS_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// What an application's functions return. They must not throw: an exception
/// ends the process in std::terminate instead of passing through code that
/// would leave a context or a region half used.
void *callAllocate(const LambentRunOptions &options, uint32_t output,
                   uint64_t bytes);
void callPool(const LambentExternalPool &pool,
              void (*task)(void *argument, uint32_t index), void *argument,
              uint32_t count);

} // namespace lambent::runtime

#endif
