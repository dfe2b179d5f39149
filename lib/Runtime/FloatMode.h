//===- FloatMode.h - How a thread computes with floats ----------*- C++ -*-===//
//
// Arithmetic on denormal numbers takes a hundred cycles and more on many CPUs,
// and gates, masks and the tails of softmax are full of them. While a model
// computes, they read as 0 and results that would be denormal become 0, unless
// it was compiled with strict accuracy or the caller wants them kept. Rounding
// is to nearest and no exception traps, whatever the application has chosen.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_FLOATMODE_H
#define LAMBENT_RUNTIME_FLOATMODE_H

#include <stdint.h>

namespace lambent::runtime {

/// Sets the calling thread's mode and restores what was there. Where a thread
/// has the mode already this costs a few cycles.
class FloatMode {
public:
  explicit FloatMode(bool keepsDenormals)
      : saved(read()), wanted(keepsDenormals ? standard : standard | flush) {
    if ((saved & ~raised) != wanted)
      write(wanted);
  }
  ~FloatMode() {
    if ((saved & ~raised) != wanted)
      write(saved);
  }
  FloatMode(const FloatMode &) = delete;
  FloatMode &operator=(const FloatMode &) = delete;

private:
#if defined(__x86_64__)
  // MXCSR: all exceptions masked; flush to zero and denormals are zero; the
  // flags of what was raised (Intel SDM, volume 1, 10.2.3).
  enum : uint32_t { standard = 0x1F80, flush = 0x8040, raised = 0x3F };
  static uint32_t read() { return __builtin_ia32_stmxcsr(); }
  static void write(uint32_t mode) { __builtin_ia32_ldmxcsr(mode); }
  uint32_t saved, wanted;
#elif defined(__aarch64__)
  // FPCR: nothing trapped; FZ, which does both (Arm ARM, C5.2.8).
  enum : uint64_t { standard = 0, flush = uint64_t(1) << 24, raised = 0 };
  static uint64_t read() {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void write(uint64_t mode) {
    __asm__ volatile("msr fpcr, %0" ::"r"(mode));
  }
  uint64_t saved, wanted;
#else
  enum : uint32_t { standard = 0, flush = 0, raised = 0 };
  static uint32_t read() { return 0; }
  static void write(uint32_t) {}
  uint32_t saved, wanted;
#endif
};

} // namespace lambent::runtime

#endif
