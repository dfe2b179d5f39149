//===- CPUSpeed.cpp - How fast a core of a family of CPUs is --------------===//

#include "lambent/Backends/CPU/CPUSpeed.h"

using namespace lambent::cpu;

/// An EPYC 9004 (Zen 4) at 3.7 GHz; L3 of one complex.
static constexpr CPUSpeed zen{.flops = 118'000'000'000,
                              .l3Bytes = 32 << 20,
                              .l2 = 118'000'000'000,
                              .l3 = 102'000'000'000,
                              .memory = 27'000'000'000};

static constexpr CPUSpeed unknown{};

const CPUSpeed &CPUSpeed::find(const CPUDescription &description) {
  return description.name == "zen" ? zen : unknown;
}
