//===- CacheSizes.cpp - The caches of the machine at hand -----------------===//
//
// Intel's leaf 4 and AMD's 0x8000001d list caches in the same form. Each vendor
// has nothing in the other's leaf.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/CPU/CacheSizes.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

using namespace lambent::cpu;

/// The bits `low` to `high` of a register.
static uint32_t getBits(uint32_t value, unsigned low, unsigned high) {
  return (value >> low) & ((uint64_t(1) << (high - low + 1)) - 1);
}

static CacheSizes readLeaf(uint32_t leaf, CacheSizes::CPUID cpuid) {
  enum { None = 0, Instructions = 2 };
  constexpr uint32_t mostCaches = 8;
  CacheSizes sizes;
  for (uint32_t i = 0; i < mostCaches; ++i) {
    auto [eax, ebx, ecx, edx] = cpuid(leaf, i);
    uint32_t kind = getBits(eax, 0, 4), level = getBits(eax, 5, 7);
    if (kind == None)
      break;
    if (kind == Instructions)
      continue;
    int64_t ways = int64_t(getBits(ebx, 22, 31)) + 1;
    int64_t lineBytes = int64_t(getBits(ebx, 0, 11)) + 1,
            partitions = int64_t(getBits(ebx, 12, 21)) + 1,
            sets = int64_t(ecx) + 1;
    int64_t bytes = ways * partitions * lineBytes * sets;
    if (level == 1) {
      sizes.l1Bytes = bytes;
      sizes.l1Ways = ways;
    } else if (level == 2) {
      sizes.l2Bytes = bytes;
    } else if (level == 3) {
      sizes.l3Bytes = bytes;
    }
  }
  return sizes;
}

bool CacheSizes::isPlausible() const {
  constexpr int64_t kilo = 1 << 10, mega = 1 << 20;
  return l1Bytes >= 8 * kilo && l1Bytes <= mega && l1Ways >= 1 &&
         l1Ways <= 64 && l1Bytes % l1Ways == 0 && l2Bytes >= l1Bytes &&
         l2Bytes <= 64 * mega && (l3Bytes == 0 || l3Bytes >= l2Bytes) &&
         l3Bytes <= 4096 * mega;
}

std::optional<CacheSizes> CacheSizes::read(CPUID cpuid) {
  constexpr uint32_t intel = 4, extended = 0x80000000, amd = 0x8000001d;
  CacheSizes sizes;
  if (cpuid(0, 0)[0] >= intel)
    sizes = readLeaf(intel, cpuid);
  if (sizes == CacheSizes() && cpuid(extended, 0)[0] >= amd)
    sizes = readLeaf(amd, cpuid);
  return sizes.isPlausible() ? std::optional(sizes) : std::nullopt;
}

std::optional<CacheSizes> CacheSizes::detect() {
#ifdef __x86_64__
  // Once: the cores of one machine may differ, and a process must not.
  static const std::optional<CacheSizes> sizes = read([](uint32_t leaf,
                                                         uint32_t subleaf) {
    std::array<uint32_t, 4> result{};
    __cpuid_count(leaf, subleaf, result[0], result[1], result[2], result[3]);
    return result;
  });
  return sizes;
#else
  return std::nullopt;
#endif
}
