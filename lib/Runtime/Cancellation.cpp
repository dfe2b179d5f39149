//===- Cancellation.cpp - End work from outside ---------------------------===//

#include "Cancellation.h"
#include "lambent/Runtime/Arguments.h"
#include <new>
#include <stdlib.h>

namespace lambent::runtime {

void Cancellation::setDeadline(uint64_t nanoseconds) {
  uint64_t at;
  if (nanoseconds == UINT64_MAX ||
      __builtin_add_overflow(getNanoseconds(), nanoseconds, &at))
    at = never;
  deadline.store(at, std::memory_order_relaxed);
}

} // namespace lambent::runtime

//===----------------------------------------------------------------------===//
// The C API
//===----------------------------------------------------------------------===//

using namespace lambent::runtime;

static Cancellation *unwrap(LambentCancellation *cancellation) {
  return reinterpret_cast<Cancellation *>(cancellation);
}

LambentStatus *lambent_cancellation_create(LambentCancellation **cancellation) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"cancellation", cancellation}}))
    return status;
  void *memory = malloc(sizeof(Cancellation));
  *cancellation = reinterpret_cast<LambentCancellation *>(memory);
  if (!memory)
    return makeOutOfMemory("a cancellation", sizeof(Cancellation));
  new (memory) Cancellation();
  return nullptr;
}

void lambent_cancellation_cancel(LambentCancellation *cancellation) {
  if (cancellation)
    unwrap(cancellation)->cancel();
}

void lambent_cancellation_set_deadline(LambentCancellation *cancellation,
                                       uint64_t nanoseconds) {
  if (cancellation)
    unwrap(cancellation)->setDeadline(nanoseconds);
}

int lambent_cancellation_is_due(const LambentCancellation *cancellation) {
  return cancellation && lambent::runtime::unwrap(cancellation)->isDue();
}

void lambent_cancellation_destroy(LambentCancellation *cancellation) {
  free(cancellation);
}
