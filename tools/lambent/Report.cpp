//===- Report.cpp - What the driver tells the user ------------------------===//

#include "Report.h"
#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace lambent::driver {

/// The beginning and the end of what may hold an attribute of megabytes: the
/// end says what to do.
static std::string shortened(std::string_view message) {
  constexpr size_t most = 4000, begin = 3000, end = 500;
  if (message.size() <= most)
    return shown(message);
  return shown(message.substr(0, begin)) + " ... (" +
         std::to_string(message.size()) + " bytes in all) ... " +
         shown(message.substr(message.size() - end));
}

static void print(const char *kind, std::string_view message) {
  std::fflush(stdout); // what was printed before stands before
  // A terminal's last line may still show how far a compilation is.
  if (isatty(STDERR_FILENO))
    std::fputs("\r\033[K", stderr);
  std::fprintf(stderr, "lambent: %s: %s\n", kind, shortened(message).c_str());
}

int reportError(std::string_view message) {
  print("error", message);
  return Error;
}

void reportWarning(std::string_view message) { print("warning", message); }

int reportStatus(LambentStatus *status) {
  if (!status)
    return Done;
  std::string_view message = lambent_status_message(status);
  if (lambent_status_code(status) == LAMBENT_STATUS_CANCELLED)
    message = timeIsUp; // the one thing here that cancels
  while (!message.empty()) {
    size_t end = std::min(message.find('\n'), message.size());
    reportError(message.substr(0, end));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  int exitStatus = lambent_status_code(status) == LAMBENT_STATUS_UNSUPPORTED
                       ? Unsupported
                       : Error;
  lambent_status_destroy(status);
  return exitStatus;
}

std::string shown(std::string_view text) {
  std::string result(lambent_printable(text.data(), text.size(), nullptr, 0),
                     '\0');
  lambent_printable(text.data(), text.size(), result.data(), result.size() + 1);
  return result;
}

std::string quoted(std::string_view value) {
  constexpr size_t limit = 200;
  return "'" + shown(value.substr(0, limit)) +
         (value.size() > limit ? "...'" : "'");
}

} // namespace lambent::driver
