//===- TuneCPU.h - Measures this machine's CPU ------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_TUNING_TUNECPU_H
#define LAMBENT_TOOLS_TUNING_TUNECPU_H

#include "Budget.h"

namespace lambent::driver {

/// Measures this machine, searches for the loops that it runs fastest, and
/// writes what it found to `output`, or to where it is kept where that is
/// empty. Prints what it measured, or what is wrong; returns an exit status.
int tuneCPU(const Budget &budget, const std::string &output);

} // namespace lambent::driver

#endif
