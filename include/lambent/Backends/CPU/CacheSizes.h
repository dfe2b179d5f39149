//===- CacheSizes.h - The caches of the machine at hand ---------*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_CPU_CACHESIZES_H
#define LAMBENT_BACKENDS_CPU_CACHESIZES_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <array>
#include <cstdint>
#include <optional>

namespace lambent::cpu {

/// Caches of data, as one core sees them.
struct CacheSizes {
  int64_t l1Bytes = 0, l1Ways = 0;
  int64_t l2Bytes = 0;
  int64_t l3Bytes = 0; ///< 0: there is none
  bool operator==(const CacheSizes &) const = default;

  /// Whether there is a CPU that has such.
  bool isPlausible() const;

  /// Those of this machine; nothing where it does not say, or says what no CPU
  /// has, as some virtual ones do.
  static std::optional<CacheSizes> detect();

  /// What `cpuid` says of a leaf and a subleaf: eax, ebx, ecx, edx.
  using CPUID = llvm::function_ref<std::array<uint32_t, 4>(uint32_t, uint32_t)>;
  static std::optional<CacheSizes> read(CPUID cpuid);
};

} // namespace lambent::cpu

#endif
