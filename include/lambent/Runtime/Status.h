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

namespace lambent::runtime {

/// A failure whose message is formatted as by printf, and then escaped as by
/// lambent_printable: it is one line, whatever the names in it are.
[[nodiscard, gnu::format(printf, 1, 2)]] LambentStatus *
makeError(const char *format, ...);

/// As makeError, for what this build or machine cannot do.
[[nodiscard, gnu::format(printf, 1, 2)]] LambentStatus *
makeUnsupported(const char *format, ...);

/// For work that its cancellation ended.
[[nodiscard]] LambentStatus *makeCancelled(const char *message);

/// A failure with several messages, a line each: these are escaped as
/// lambent_printable does, with the ends of lines left.
[[nodiscard]] LambentStatus *makeLines(LambentStatusCode code,
                                       const char *lines);

/// Memory ran out: `what` names the thing that needed it.
[[nodiscard]] LambentStatus *makeOutOfMemory(const char *what, uint64_t bytes);

} // namespace lambent::runtime

#endif
