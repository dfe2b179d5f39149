//===- FmaPeak.h - What one core's multipliers can do -----------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_FMAPEAK_H
#define LAMBENT_TOOLS_FMAPEAK_H

namespace lambent::driver {

/// The f32 multiply-add rate of this core in GFLOP/s (a multiply-add counts
/// two), measured now, over some 20 ms, in the widest vectors it has.
double measureFmaPeak();

} // namespace lambent::driver

#endif
