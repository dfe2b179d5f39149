//===- Supervision.h - Limits that hold whatever happens --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SUPERVISION_H
#define LAMBENT_TOOLS_SUPERVISION_H

#include "Limits.h"
#include <functional>
#include <string>
#include <vector>

namespace lambent::driver {

/// What is known of work that may end before it is done.
struct SupervisedWork {
  std::string output; ///< what it writes, first beside that
  /// Files that must not outlive it.
  std::vector<std::string> temporary;
  bool watchesClock; ///< it ends by itself soon after its time is up
};

/// Does the work, in a process of its own where there are limits or temporary
/// files, and returns its exit status. The library keeps to the limits itself
/// where it can; a process that does not end in time, or that ends for want of
/// memory, is ended here, with a message. What it was writing beside its output
/// and temporary files are removed, whatever signal ended it.
int supervise(const Limits &limits, const SupervisedWork &work,
              const std::function<int()> &body);

} // namespace lambent::driver

#endif
