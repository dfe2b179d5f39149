//===- Callbacks.cpp - Calls into the application -------------------------===//
//
// Nothing here could catch an exception: that takes the C++ library, which the
// runtime does without. This file is compiled without unwind tables instead, so
// that the search for a handler ends here and the C++ library terminates. For
// the same reason its calls must stay calls and not become jumps.
//
//===----------------------------------------------------------------------===//

#include "Callbacks.h"

namespace lambent::runtime {

void *callAllocate(const LambentRunOptions &options, uint32_t output,
                   uint64_t bytes) {
  return options.allocate(options.user, output, bytes);
}

void callPool(const LambentExternalPool &pool,
              void (*task)(void *argument, uint32_t index), void *argument,
              uint32_t count) {
  pool.run(pool.user, task, argument, count);
}

} // namespace lambent::runtime
