//===- CPUSpeed.h - How fast a core of a family of CPUs is ------*- C++ -*-===//
//
// Measured, for predictions of time alone: no choice follows from it.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_CPUSPEED_H
#define LAMBENT_BACKENDS_CPU_CPUSPEED_H

#include "lambent/Backends/CPU/CPUDescription.h"

namespace lambent::cpu {

/// Of one core, alone; 0 where nothing was measured.
struct CPUSpeed {
  int64_t flops = 0;   ///< f32 multiply-adds a second, each counting two
  int64_t l3Bytes = 0; ///< of the cache that it shares
  /// Bytes that it reads in a second.
  int64_t l2 = 0, l3 = 0, memory = 0;

  static const CPUSpeed &find(const CPUDescription &description);
};

} // namespace lambent::cpu

#endif
