//===- Status.cpp - What a failed call of the runtime returns -------------===//

#include "lambent/Runtime/Status.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The message follows the structure in the same allocation.
struct LambentStatus {
  LambentStatusCode code;
  const char *message;
};

namespace lambent::runtime {

/// Returned when even the status cannot be allocated; never freed.
static const LambentStatus outOfMemory = {LAMBENT_STATUS_ERROR,
                                          "out of memory"};

/// A status whose message takes `length` bytes, or null. `text` is where they
/// go.
static LambentStatus *allocateStatus(LambentStatusCode code, size_t length,
                                     char *&text) {
  auto *status =
      static_cast<LambentStatus *>(malloc(sizeof(LambentStatus) + length + 1));
  if (!status)
    return nullptr;
  text = reinterpret_cast<char *>(status + 1);
  *status = {code, text};
  return status;
}

/// As lambent_printable, with the ends of lines left.
static size_t printLines(const char *lines, char *text, size_t size) {
  size_t written = 0;
  while (true) {
    size_t length = strcspn(lines, "\n");
    written += lambent_printable(lines, length, text ? text + written : nullptr,
                                 text ? size - written : 0);
    lines += length;
    if (!*lines)
      return written;
    ++lines;
    if (text)
      text[written] = '\n';
    ++written;
  }
}

LambentStatus *makeLines(LambentStatusCode code, const char *lines) {
  size_t length = printLines(lines, nullptr, 0);
  char *text;
  LambentStatus *status = allocateStatus(code, length, text);
  if (!status)
    return const_cast<LambentStatus *>(&outOfMemory);
  printLines(lines, text, length + 1);
  return status;
}

static LambentStatus *makeStatus(LambentStatusCode code, const char *format,
                                 va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int given = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  size_t size = given < 0 ? 1 : size_t(given) + 1;
  auto *message = static_cast<char *>(malloc(size));
  if (!message)
    return const_cast<LambentStatus *>(&outOfMemory);
  message[0] = 0;
  vsnprintf(message, size, format, arguments);
  // The end of a line in it comes from a name: it is escaped like the rest.
  size_t length = lambent_printable(message, size - 1, nullptr, 0);
  char *text;
  LambentStatus *status = allocateStatus(code, length, text);
  if (status)
    lambent_printable(message, size - 1, text, length + 1);
  free(message);
  return status ? status : const_cast<LambentStatus *>(&outOfMemory);
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

LambentStatus *makeCancelled(const char *message) {
  return makeLines(LAMBENT_STATUS_CANCELLED, message);
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
