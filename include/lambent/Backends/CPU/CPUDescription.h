//===- CPUDescription.h - How a family of CPUs computes best ----*- C++ -*-===//
//
// What a CPU can do says TargetInfo; how fast it does it differs between CPUs
// of the same features. A description holds the measured facts that tiles,
// chunks, loops and predictions of time follow from. It changes a result's bits
// only where another algorithm is faster. Two descriptions of one name are
// equal: so is their code.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_CPUDESCRIPTION_H
#define LAMBENT_BACKENDS_CPU_CPUDESCRIPTION_H

#include "lambent/Backends/CPU/CacheSizes.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

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

/// A cycle is the time of two vector multiply-adds.
struct CPUDescription {
  std::string name = "generic"; ///< "zen", "rapids-l3-16m", "tuned-zen-1a2b3c"

  //===-- Caches of data, as one core sees them ---------------------------===//

  int64_t l1Bytes = 32 << 10, l1Ways = 8;
  int64_t l2Bytes = 1 << 20;
  int64_t l3Bytes = 0; ///< 0: not known
  int64_t l2BytesPerCycle = 32, l3BytesPerCycle = 16;

  //===-- Arithmetic ------------------------------------------------------===//

  int64_t loadsPerCycle = 2;
  int64_t multiplyLatency = 4; ///< cycles that a chain's next one waits
  /// Multiply-adds of f32 that one of pairs of bf16 takes as long as.
  int64_t pairSlowness = 1;
  /// Whether arithmetic on half of a 512-bit vector takes half the time.
  bool halvesVectors = false;

  //===-- Loops of products -----------------------------------------------===//

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

  //===-- Speeds of one core, alone; 0 where nothing was measured ---------===//

  int64_t flops = 0; ///< f32 multiply-adds a second, each counting two
  /// Bytes that it reads in a second.
  int64_t l2Speed = 0, l3Speed = 0, memorySpeed = 0;

  /// The description of a CPU by LLVM's name; "generic" for one that is not
  /// known.
  static CPUDescription find(llvm::StringRef cpu);
  /// The same with other caches, which the name then says: "zen-l2-512k".
  CPUDescription withCaches(const CacheSizes &sizes) const;

  /// What a file says of a CPU by LLVM's name; its own name then follows from
  /// that, "tuned-zen-1a2b3c". The error says what is wrong, without a file's
  /// name.
  static llvm::Expected<CPUDescription> parse(llvm::StringRef text,
                                              llvm::StringRef cpu);
  std::string write(llvm::StringRef cpu) const;

  /// Bytes after which the sets of L1 repeat.
  int64_t getSetPeriod() const { return l1Bytes / l1Ways; }
  /// Rows of lhs that fall on one set of L1 and stay there while a panel passes
  /// by.
  int64_t getCachedRowsPerSet() const;
};

/// A right-hand side of this many bytes comes from beyond L2: in a model, other
/// layers' weights have passed by since it was read last.
constexpr int64_t kFarBytes = 256 << 10;

} // namespace lambent::cpu

#endif
