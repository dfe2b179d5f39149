//===- NarrowFloats.h - f16 and bf16 by means of f32 ------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_NARROWFLOATS_H
#define LAMBENT_LOWERING_KERNELS_MATH_NARROWFLOATS_H

#include "lambent/Lowering/Kernels/MathExpansion.h"

namespace lambent::expansion {

/// Adds a pattern that computes on bf16, and with `f16` on f16, in f32, where
/// LLVM would call a library for each conversion.
void populateNarrowArithmeticPatterns(mlir::RewritePatternSet &patterns,
                                      bool f16);

/// Adds patterns that convert between f32 and bf16, and between f32 and f16
/// where the target has no instructions, by integer arithmetic: to the nearest,
/// ties to even, subnormal numbers included, which an `afn` truncation to bf16
/// may lose. f64 goes by f32 upwards only.
void populateNarrowFloatPatterns(mlir::RewritePatternSet &patterns,
                                 const MathTarget &target);

} // namespace lambent::expansion

#endif
