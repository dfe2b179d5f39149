//===- CPUDescription.cpp - How a family of CPUs computes best ------------===//

#include "lambent/Backends/CPU/CPUDescription.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent::cpu;

/// Measured on a Zen 4: prefetching panels and unrolling gain nothing.
static constexpr CPUDescription zen{.name = "zen"};

/// Sapphire, Emerald and Granite Rapids. L3 answers late and gives 30 GB/s a
/// core; a loop of one step reaches 85 to 95 % of the peak. Their tile units are
/// what TileSpeed says by itself: there are no others yet.
static constexpr CPUDescription rapids{.name = "rapids",
                                       .l1Bytes = 48 << 10,
                                       .l2Bytes = 2 << 20,
                                       .cachedRowsPerSet = 14,
                                       .keepsPanels = true,
                                       .prefetchStreams = 2,
                                       .depthUnroll = 8};

static constexpr CPUDescription generic{.name = "generic"};

const CPUDescription &CPUDescription::find(llvm::StringRef cpu) {
  if (cpu.starts_with("znver"))
    return zen;
  constexpr llvm::StringRef rapidsNames[] = {
      "sapphirerapids", "emeraldrapids", "graniterapids", "graniterapids-d"};
  return llvm::is_contained(rapidsNames, cpu) ? rapids : generic;
}
