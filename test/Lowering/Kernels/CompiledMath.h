//===- CompiledMath.h - Expanded math ops, compiled and run -----*- C++ -*-===//

#ifndef LAMBENT_TEST_LOWERING_KERNELS_COMPILEDMATH_H
#define LAMBENT_TEST_LOWERING_KERNELS_COMPILEDMATH_H

#include "lambent/Lowering/Kernels/MathExpansion.h"
#include <cmath>
#include <limits>
#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm
namespace llvm::orc {
class LLJIT;
}

namespace lambent::test {

/// What the code is compiled for.
struct Level {
  const char *cpu;
  MathTarget target;
  /// Of f32; 0: scalars.
  unsigned lanes;
};

/// The CPUs that functions are tested for.
llvm::ArrayRef<Level> getLevels();

/// Whether this machine can run code for `cpu`.
bool canRun(llvm::StringRef cpu);

/// A compiled function over arrays: (inputs..., output, count), count a
/// multiple of the lanes.
class CompiledMath {
public:
  /// `body` computes %r from %a and, with `inputs` = 2, %b; T stands for the
  /// type.
  CompiledMath(const Level &level, llvm::StringRef element, unsigned inputs,
               llvm::StringRef body);

  explicit operator bool() const { return entry != nullptr; }
  template <typename T>
  void operator()(const T *a, const T *b, T *result, size_t count) const {
    reinterpret_cast<void (*)(const T *, const T *, T *, int64_t)>(entry)(
        a, b, result, count);
  }

private:
  std::string source(llvm::StringRef element, unsigned inputs,
                     llvm::StringRef body) const;
  void link(llvm::StringRef cpu, std::unique_ptr<llvm::Module> code,
            std::unique_ptr<llvm::LLVMContext> context);

  unsigned step;
  std::shared_ptr<llvm::orc::LLJIT> jit; ///< shared: its header takes seconds
  void *entry = nullptr;
};

/// How far `got` is from `exact`, in units in the last place of T at `exact`.
/// Infinite if one is special and the other not, or if a zero has the wrong
/// sign.
template <typename T, typename Wide> double ulps(T got, Wide exact) {
  T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isnan(got))
    return std::isnan(rounded) && std::isnan(got) ? 0 : INFINITY;
  if (got == rounded)
    return got == 0 && exact == 0 && std::signbit(got) != std::signbit(rounded)
               ? INFINITY
           : std::isinf(got)
               ? 0
               : std::abs(
                     double((static_cast<Wide>(got) - exact) /
                            (std::nextafter(std::abs(rounded), T(INFINITY)) -
                             std::abs(rounded))));
  constexpr T largest = std::numeric_limits<T>::max();
  // One step beyond the largest number counts as one unit.
  T finite = std::isinf(got) ? std::copysign(largest, got) : got;
  Wide exactFinite =
      std::isinf(rounded) ? std::copysign(Wide(largest), exact) : exact;
  double unit = std::max(
      double(std::abs(static_cast<T>(exactFinite)) -
             std::nextafter(std::abs(static_cast<T>(exactFinite)), T(0))),
      double(std::numeric_limits<T>::denorm_min()));
  return std::abs(double((static_cast<Wide>(finite) - exactFinite) / unit)) +
         (std::isinf(got) != std::isinf(rounded));
}

/// The float of these bits.
float fromBits(uint32_t bits);

} // namespace lambent::test

#endif
