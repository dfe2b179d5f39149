//===- Status.cpp - What a failed call of the runtime returns -------------===//

#include "lambent/Runtime/Status.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/// The message follows the structure in the same allocation.
struct LambentStatus {
  LambentStatusCode code;
  const char *message;
};

namespace lambent::runtime {

/// Returned when even the status cannot be allocated; never freed.
static const LambentStatus outOfMemory = {LAMBENT_STATUS_ERROR,
                                          "out of memory"};

static LambentStatus *makeStatus(LambentStatusCode code, const char *format,
                                 va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length < 0)
    length = 0;
  auto *status =
      static_cast<LambentStatus *>(malloc(sizeof(LambentStatus) + length + 1));
  if (!status)
    return const_cast<LambentStatus *>(&outOfMemory);
  char *text = reinterpret_cast<char *>(status + 1);
  text[0] = 0;
  vsnprintf(text, length + 1, format, arguments);
  status->code = code;
  status->message = text;
  return status;
}

LambentStatus *makeError(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  LambentStatus *status = makeStatus(LAMBENT_STATUS_ERROR, format, arguments);
  va_end(arguments);
  return status;
}

LambentStatus *makeUnsupported(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  LambentStatus *status =
      makeStatus(LAMBENT_STATUS_UNSUPPORTED, format, arguments);
  va_end(arguments);
  return status;
}

LambentStatus *makeOutOfMemory(const char *what, uint64_t bytes) {
  return makeError("out of memory: %s needs %llu bytes", what,
                   static_cast<unsigned long long>(bytes));
}

} // namespace lambent::runtime

LambentStatusCode lambent_status_code(const LambentStatus *status) {
  return status ? status->code : LAMBENT_STATUS_OK;
}

const char *lambent_status_message(const LambentStatus *status) {
  return status ? status->message : "";
}

void lambent_status_destroy(LambentStatus *status) {
  if (status != &lambent::runtime::outOfMemory)
    free(status);
}

uint32_t lambent_api_version(void) { return LAMBENT_API_VERSION; }

const char *lambent_version(void) { return LAMBENT_VERSION; }
