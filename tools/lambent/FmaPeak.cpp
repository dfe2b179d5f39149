//===- FmaPeak.cpp - What one core's multipliers can do -------------------===//
//
// Independent chains of multiply-adds in registers: as many as cover latency
// times issue rate on every core we know (4 cycles x 2 ports, so 8 or more).
//
//===----------------------------------------------------------------------===//

#include "FmaPeak.h"
#include <algorithm>
#include <chrono>
#include <cstdint>

#ifdef __clang__
#pragma clang fp contract(fast)
#endif

namespace lambent::driver {

static constexpr int chains = 12;
static constexpr int64_t steps = 200'000;

// The empty asm statement keeps the value in its register and the chain alive.
#if defined(__x86_64__)
#define LAMBENT_KEEP(value) asm volatile("" : "+v"(value))
#else
#define LAMBENT_KEEP(value) asm volatile("" : "+w"(value))
#endif

#define LAMBENT_FMA_CHAINS(NAME, BYTES, ATTRIBUTES)                            \
  ATTRIBUTES static void NAME() {                                              \
    typedef float Vector __attribute__((vector_size(BYTES)));                  \
    Vector sums[chains] = {};                                                  \
    Vector factor = {}, term = {};                                             \
    LAMBENT_KEEP(factor);                                                      \
    LAMBENT_KEEP(term);                                                        \
    for (int64_t i = 0; i < steps; ++i) {                                      \
      _Pragma("GCC unroll 12") for (int j = 0; j < chains; ++j) {              \
        sums[j] = sums[j] * factor + term;                                     \
        LAMBENT_KEEP(sums[j]);                                                 \
      }                                                                        \
    }                                                                          \
  }

#if defined(__x86_64__)
LAMBENT_FMA_CHAINS(runSse, 16, )
LAMBENT_FMA_CHAINS(runAvx2, 32, __attribute__((target("avx2,fma"))))
LAMBENT_FMA_CHAINS(runAvx512, 64, __attribute__((target("avx512f"))))
#else
LAMBENT_FMA_CHAINS(runBaseline, 16, )
#endif

static double measure(void (*run)(), int lanes) {
  double best = 0;
  for (int i = 0; i < 8; ++i) {
    auto start = std::chrono::steady_clock::now();
    run();
    std::chrono::duration<double, std::nano> time =
        std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * lanes * chains * steps / time.count());
  }
  return best;
}

double measureFmaPeak(uint64_t mostBytes) {
#if defined(__x86_64__)
  double peak = measure(runSse, 4);
  if (mostBytes >= 32 && __builtin_cpu_supports("avx2") &&
      __builtin_cpu_supports("fma"))
    peak = std::max(peak, measure(runAvx2, 8));
  if (mostBytes >= 64 && __builtin_cpu_supports("avx512f"))
    peak = std::max(peak, measure(runAvx512, 16));
  return peak;
#else
  (void)mostBytes;
  return measure(runBaseline, 4);
#endif
}

} // namespace lambent::driver
