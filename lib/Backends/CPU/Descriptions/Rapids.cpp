//===- Rapids.cpp - Intel's Sapphire, Emerald and Granite Rapids ----------===//
//
// L3 answers late and gives 30 GB/s a core: a panel is kept for all rows, and
// the next one fetched while it is used. A loop of one step reaches 85 to 95 %
// of the peak. One port of two adds up pairs of bf16. Their tile units are what
// TileSpeed says by itself: there are no others yet. 512-bit vectors: 256-bit
// ones reach 54 % of their peak. Speeds are not here, for those that were
// measured are of virtual machines whose clocks differ.
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent::cpu;

std::optional<CPUDescription>
lambent::cpu::describeRapids(llvm::StringRef cpu) {
  constexpr llvm::StringRef names[] = {"sapphirerapids", "emeraldrapids",
                                       "graniterapids", "graniterapids-d"};
  if (!llvm::is_contained(names, cpu))
    return std::nullopt;
  return CPUDescription{.name = "rapids",
                        .l1Bytes = 48 << 10,
                        .l1Ways = 12,
                        .l2Bytes = 2 << 20,
                        .pairSlowness = 2,
                        .keepsPanels = true,
                        .prefetchStreams = 2,
                        .depthUnroll = 8};
}
