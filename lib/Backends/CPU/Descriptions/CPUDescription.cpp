//===- CPUDescription.cpp - How a family of CPUs computes best ------------===//

#include "lambent/Backends/CPU/CPUDescription.h"
#include "Families.h"
#include <algorithm>

using namespace lambent::cpu;

CPUDescription CPUDescription::find(llvm::StringRef cpu) {
  for (auto describe : {describeZen, describeRapids})
    if (auto description = describe(cpu))
      return *description;
  return describeGeneric();
}

/// "512k", "32m".
static std::string getSizeText(int64_t bytes) {
  constexpr int64_t kilo = 1 << 10, mega = 1 << 20;
  if (bytes && bytes % mega == 0)
    return std::to_string(bytes / mega) + "m";
  if (bytes && bytes % kilo == 0)
    return std::to_string(bytes / kilo) + "k";
  return std::to_string(bytes);
}

CPUDescription CPUDescription::withCaches(const CacheSizes &sizes) const {
  CPUDescription result = *this;
  if (sizes.l1Bytes != l1Bytes || sizes.l1Ways != l1Ways)
    result.name += "-l1-" + getSizeText(sizes.l1Bytes) + "-" +
                   std::to_string(sizes.l1Ways);
  if (sizes.l2Bytes != l2Bytes)
    result.name += "-l2-" + getSizeText(sizes.l2Bytes);
  if (sizes.l3Bytes != l3Bytes)
    result.name += "-l3-" + getSizeText(sizes.l3Bytes);
  result.l1Bytes = sizes.l1Bytes;
  result.l1Ways = sizes.l1Ways;
  result.l2Bytes = sizes.l2Bytes;
  result.l3Bytes = sizes.l3Bytes;
  return result;
}

int64_t CPUDescription::getCachedRowsPerSet() const {
  // Two ways are the passing rhs's. That is measured with eight ways, where 7
  // rows lose a fifth. With twelve, 14 rows reach 97 % of the peak: what goes
  // comes back from L2 in time.
  constexpr int64_t manyWays = 12;
  return l1Ways >= manyWays ? l1Ways + 2 : std::max<int64_t>(1, l1Ways - 2);
}
