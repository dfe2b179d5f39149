//===- UsableCpus.cpp - How many threads are worth starting ---------------===//

#include "ThreadPool.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace lambent::runtime {

/// The CPU quota of this process's control group (version 2), rounded up; 0:
/// none.
static unsigned getCgroupCpus() {
  int file = open("/sys/fs/cgroup/cpu.max", O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  char text[64];
  ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  if (length <= 0)
    return 0;
  text[length] = 0;
  char *rest;
  // "max 100000" has no number.
  unsigned long long quota = strtoull(text, &rest, 10);
  unsigned long long period = rest == text ? 0 : strtoull(rest, nullptr, 10);
  return period ? static_cast<unsigned>((quota + period - 1) / period) : 0;
}

unsigned getUsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned cpus = 0;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    cpus = static_cast<unsigned>(CPU_COUNT(&set));
  if (!cpus) { // more CPUs than a cpu_set_t holds
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cpus = online > 0 ? static_cast<unsigned>(online) : 1;
  }
  unsigned quota = getCgroupCpus();
  return quota && quota < cpus ? quota : cpus;
}

} // namespace lambent::runtime
