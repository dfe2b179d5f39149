//===- NarrowFloats.h - f16 and bf16 by means of f32 ------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_KERNELS_MATH_NARROWFLOATS_H
#define LAMBENT_LOWERING_KERNELS_MATH_NARROWFLOATS_H

#include "mlir/IR/PatternMatch.h"

namespace lambent::expansion {

/// Adds a pattern that computes on bf16, and with `f16` on f16, in f32, where
/// LLVM would call a library for each conversion.
void populateNarrowArithmeticPatterns(mlir::RewritePatternSet &patterns,
                                      bool f16);

/// Adds patterns that convert between f32 and bf16, and with `f16` between f32
/// and f16, by integer arithmetic: to the nearest, ties to even, subnormal
/// numbers included. f64 goes by f32 upwards only.
void populateNarrowFloatPatterns(mlir::RewritePatternSet &patterns, bool f16);

} // namespace lambent::expansion

#endif
