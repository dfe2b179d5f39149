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

/// What ended where --time-limit is over.
inline constexpr std::string_view timeIsUp =
    "the time that --time-limit gives is up";

/// Prints `message` as one line of errors; returns ExitStatus::Error.
int reportError(std::string_view message);

/// Prints a line that has no effect on the exit status.
void reportWarning(std::string_view message);

/// Prints the messages of a status, destroys it and returns the exit status
/// that it calls for; Done for null.
int reportStatus(LambentStatus *status);

/// A name or another text of a model as one line that a terminal shows as it
/// is: these come from files that anyone may have written.
std::string shown(std::string_view text);

/// The same in quotes, with an end that is not too far away.
std::string quoted(std::string_view value);

} // namespace lambent::driver

#endif
