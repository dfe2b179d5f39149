//===- MathExpansion.h - Elementary functions as plain arithmetic ---------===//
//
// Generated code has no libm, so every `math` op that is not one instruction
// becomes polynomials in arith ops. lib/Lowering/Kernels/README.md gives the
// accuracy of each function and how its coefficients were found.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_MATHEXPANSION_H
#define LAMBENT_LOWERING_KERNELS_MATHEXPANSION_H

#include "mlir/IR/PatternMatch.h"
#include <functional>

namespace lambent {

/// What the expansion may use of the target.
struct MathTarget {
  /// A fused multiply-add instruction. Without it `math.fma` would call libm,
  /// so fused products become two ops.
  bool hasFMA = true;
  /// Instructions for floor, ceil, trunc and roundeven (SSE4.1, NEON, PTX).
  bool hasRound = true;
  /// Instructions for conversions of f16 (F16C, NEON, PTX).
  bool hasF16Conversions = true;
  /// Emits x * 2^floor(n), rounded once, for any n of x's type, infinite ones
  /// included; returns null where the target has no such instruction for x's
  /// type. Unset: two multiplications, of an n that is integral and in [-1100,
  /// 1100].
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value x,
                            mlir::Value n)>
      scaleByPowerOfTwo;
  /// Emits the integer nearest to x, ties to even, and what x is above it, 0
  /// where x is infinite; returns nulls where the target has no such
  /// instructions for x's type. For types that it takes, scaleByPowerOfTwo is
  /// set and takes them, too.
  std::function<std::pair<mlir::Value, mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value x)>
      splitNearest;
  /// Emits x - floor(x), which is 0 of infinite x; returns null where the
  /// target has no such instruction for x's type.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value x)>
      fraction;
  /// Emits the bf16 nearest to x of f32, of two the even one, and 0 for
  /// denormal numbers; returns null where the target has no such instruction
  /// for x's type.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::Value x)>
      roundToBF16 = nullptr;
};

/// Adds one pattern per math op that generated code cannot execute as it is.
/// They take scalars and vectors of f32 and f64; f16 and bf16 compute in f32.
/// Other types do not match. An exp that may be approximate (`afn`) is a
/// shorter one where the target can, and a truncation to bf16 that may be takes
/// the target's instruction, which may lose denormal numbers.
void populateMathApproximationPatterns(mlir::RewritePatternSet &patterns,
                                       const MathTarget &target = {});

/// Rewrites every math op below `root`. Fails with a diagnostic at each op that
/// would still need a library.
llvm::LogicalResult expandMath(mlir::Operation *root,
                               const MathTarget &target = {});

/// Makes i16 of bf16, in types and constants below `root`. After expandMath
/// code only moves bf16; LLVM takes some of these moves apart, and then converts
/// by calls of a library.
void storeBF16AsBits(mlir::Operation *root);

} // namespace lambent

#endif
