//===- Status.h - What a failed call of the runtime returns -----*- C++ -*-===//
//
// The runtime returns `LambentStatus *`, null for success, through and through:
// the C API hands it on as it is. lib/Runtime uses nothing that lives in
// libstdc++ (no new, no std::string), so that an artefact needs only the C
// library; a test reads the archive's undefined symbols.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_STATUS_H
#define LAMBENT_RUNTIME_STATUS_H

#include "lambent-c/runtime.h"
#include <string.h>

namespace lambent::runtime {

/// A failure whose message is formatted as by printf.
[[nodiscard, gnu::format(printf, 1, 2)]] LambentStatus *
makeError(const char *format, ...);

/// As makeError, for what this build or machine cannot do.
[[nodiscard, gnu::format(printf, 1, 2)]] LambentStatus *
makeUnsupported(const char *format, ...);

/// Memory ran out: `what` names the thing that needed it.
[[nodiscard]] LambentStatus *makeOutOfMemory(const char *what, uint64_t bytes);

/// Copies a structure that a caller filled in; what a null pointer stands for
/// is all zeros. A structure of an application that was built with an older
/// header is shorter, but not than `leastSize`: what it lacks is zero.
template <typename T>
[[nodiscard]] LambentStatus *readStructure(const T *given, const char *name,
                                           T &structure,
                                           size_t leastSize = sizeof(T)) {
  structure = {};
  if (given && given->size < leastSize)
    return makeError("%s.size is %zu, but expected at least %zu", name,
                     given->size, leastSize);
  if (given)
    memcpy(&structure, given,
           given->size < sizeof(T) ? given->size : sizeof(T));
  return nullptr;
}

} // namespace lambent::runtime

#endif
