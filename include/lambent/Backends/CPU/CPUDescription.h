//===- CPUDescription.h - How a family of CPUs computes best ----*- C++ -*-===//
//
// What a CPU can do says TargetInfo; how fast it does it differs between CPUs
// of the same features. A description holds the measured facts that tiles,
// chunks and loops follow from. It changes a result's bits only where another
// algorithm is faster.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_CPUDESCRIPTION_H
#define LAMBENT_BACKENDS_CPU_CPUDESCRIPTION_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace lambent::cpu {

/// How fast a unit that multiplies tiles is, in cycles of its own clock.
struct TileSpeed {
  /// Of one instruction: a row more takes `row` cycles, no fewer than `least`.
  double base = 4, row = 0.75, least = 9.3;
  /// The part of that speed which whole products reach.
  double share = 0.65;
  /// Cycles of multiply-adds on vectors in one of its own: it heats the core.
  double slowdown = 1.34;
  /// Bytes a cycle that tiles are read at.
  double l2 = 68, l3 = 11;
};

struct CPUDescription {
  llvm::StringRef name; ///< "zen4"
  int64_t l1Bytes = 32 << 10; ///< of data, one core
  int64_t l2Bytes = 1 << 20;  ///< one core
  /// Rows of lhs a multiple of 4096 bytes apart that stay in L1 while a panel
  /// passes by.
  int64_t cachedRowsPerSet = 6;
  /// Whether a panel that comes from beyond L2 is used for all rows before the
  /// next one comes: L3 is slow.
  bool keepsPanels = false;
  /// Streams, each in pages of its own, by which a product fetches its next
  /// panel into L2; 0: the hardware does it as well.
  int64_t prefetchStreams = 0;
  /// Steps of k that one trip of a product's loop takes.
  int64_t depthUnroll = 1;
  /// Where it has such a unit.
  TileSpeed tiles = {};

  /// The description of a CPU by LLVM's name; "generic" for one that is not
  /// known.
  static const CPUDescription &find(llvm::StringRef cpu);
};

/// A right-hand side of this many bytes comes from beyond L2: in a model, other
/// layers' weights have passed by since it was read last.
constexpr int64_t kFarBytes = 256 << 10;

} // namespace lambent::cpu

#endif
