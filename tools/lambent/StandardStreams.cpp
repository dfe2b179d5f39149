//===- StandardStreams.cpp - Standard output, from start to end -----------===//

#include "StandardStreams.h"
#include "Report.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace lambent::driver {

void fillStandardStreams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0)
      // The lowest free number; reading and writing fail.
      (void)open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int closeStandardOutput(int status) {
  errno = 0;
  bool failed = std::fflush(stdout) != 0;
  if (std::ferror(stdout)) {
    failed = true;
    // A stream forgets why an earlier write failed; another one tells.
    if (!errno)
      (void)!write(STDOUT_FILENO, "\n", 1);
  }
  // Some file systems say only now that there is no space.
  failed |= close(STDOUT_FILENO) != 0;
  if (!failed)
    return status;
  std::string reason = errno ? std::string(": ") + std::strerror(errno) : "";
  reportError("cannot write to standard output" + reason);
  return status ? status : Error;
}

} // namespace lambent::driver
