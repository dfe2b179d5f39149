//===- ReadSpeed.h - How fast this machine reads memory ---------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_READSPEED_H
#define LAMBENT_TOOLS_LAYERREPORT_READSPEED_H

#include <cstdint>

namespace lambent::driver {

/// The bytes of a data cache that a core of this machine has or shares; 0 where
/// the system does not say.
uint64_t getCacheBytes(int level);

/// Gigabytes a second that so many threads read together, measured now over
/// some 20 ms, each again and again from a buffer of its own of so many bytes;
/// 0 where there is no memory for that.
double measureReadSpeed(unsigned threads, uint64_t bytes);

} // namespace lambent::driver

#endif
