//===- Supervision.h - Limits that hold whatever happens --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SUPERVISION_H
#define LAMBENT_TOOLS_SUPERVISION_H

#include "Limits.h"
#include <functional>
#include <string>

namespace lambent::driver {

/// Does `work`, in a process of its own where there are limits, and returns its
/// exit status. The library keeps to the limits itself where it can; a process
/// that does not end in time, or that ends for want of memory, is ended here,
/// with a message, and what it was writing beside `output` is removed.
int supervise(const Limits &limits, const std::string &output,
              const std::function<int()> &work);

} // namespace lambent::driver

#endif
