//===- FmaPeak.h - What one core's multipliers can do -----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_FMAPEAK_H
#define LAMBENT_TOOLS_FMAPEAK_H

#include <cstdint>

namespace lambent::driver {

/// The f32 multiply-add rate of this core in GFLOP/s (a multiply-add counts
/// two), measured now, over some 20 ms, in the fastest vectors that it has and
/// that are at most so wide.
double measureFmaPeak(uint64_t mostBytes = 64);

} // namespace lambent::driver

#endif
