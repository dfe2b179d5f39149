//===- Report.cpp - What the driver tells the user ------------------------===//

#include "Report.h"
#include <cstdio>
#include <unistd.h>

namespace lambent::driver {

int reportError(std::string_view message) {
  std::fflush(stdout); // what was printed before stands before
  // A terminal's last line may still show how far a compilation is.
  if (isatty(STDERR_FILENO))
    std::fputs("\r\033[K", stderr);
  while (!message.empty()) {
    size_t end = message.find('\n');
    std::string_view line = message.substr(0, end);
    std::fprintf(stderr, "lambent: error: %.*s\n",
                 static_cast<int>(line.size()), line.data());
    message.remove_prefix(end == std::string_view::npos ? message.size()
                                                        : end + 1);
  }
  return Error;
}

int reportStatus(LambentStatus *status) {
  if (!status)
    return Done;
  reportError(lambent_status_message(status));
  int exitStatus = lambent_status_code(status) == LAMBENT_STATUS_UNSUPPORTED
                       ? Unsupported
                       : Error;
  lambent_status_destroy(status);
  return exitStatus;
}

std::string quoted(std::string_view value) {
  constexpr size_t limit = 200;
  std::string result = "'";
  for (char c : value.substr(0, limit)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += '?';
    else
      result += c;
  }
  if (value.size() > limit)
    result += "...";
  return result + "'";
}

} // namespace lambent::driver
