//===- Report.h - What the driver tells the user ----------------*- C++ -*-===//
//
// The one place that writes messages to standard error and turns a status of
// the C API into an exit status: 0 done, 1 error, 3 something unsupported.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_REPORT_H
#define LAMBENT_TOOLS_REPORT_H

#include "lambent-c/runtime.h"
#include <string>
#include <string_view>

namespace lambent::driver {

enum ExitStatus { Done = 0, Error = 1, Unsupported = 3 };

/// Prints each line of `message` as an error; returns ExitStatus::Error.
int reportError(std::string_view message);

/// Prints the messages of a status, destroys it and returns the exit status
/// that it calls for; Done for null.
int reportStatus(LambentStatus *status);

/// `value` in quotes, with control characters made visible and an end that
/// is not too far away: names come from files that anyone may have written.
std::string quoted(std::string_view value);

} // namespace lambent::driver

#endif
