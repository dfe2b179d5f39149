//===- MachineSpeeds.h - How fast this machine computes and reads -*- C++ -*-=//

#ifndef LAMBENT_TOOLS_TUNING_MACHINESPEEDS_H
#define LAMBENT_TOOLS_TUNING_MACHINESPEEDS_H

#include "lambent-c/tuning.h"
#include <string>
#include <vector>

namespace lambent::driver {

/// A speed of one core alone, and of all together.
struct MachineSpeed {
  std::string what, unit;
  double one = 0, all = 0;
};

struct MachineSpeeds {
  unsigned threads = 1;
  MachineSpeed peak, l1, l2, l3, memory;

  /// Measures now, over a second or two.
  static MachineSpeeds measure(const LambentCpuDescription &caches);
  std::vector<const MachineSpeed *> list() const {
    return {&peak, &l1, &l2, &l3, &memory};
  }
};

} // namespace lambent::driver

#endif
