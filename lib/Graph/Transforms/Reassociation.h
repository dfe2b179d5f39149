//===- Reassociation.h - What constants may be merged -----------*- C++ -*-===//
//
// The one rule for all passes that rewrite arithmetic on constants.
//
// --accuracy=strict: every operation of the model is rounded as it stands, but
// for products that are fused with a sum. Rewrites are exact for every input,
// signed zeros, infinities and NaN included: x - 0, x / 2, x * 1. Patterns that
// merge constants, move them into weights, or find a compound op in its pieces
// are not even added.
//
// By default constants merge where that changes results by about as much as
// another order of the operations would. Three things would not:
//
// * A product that compensates: (x * a) * b overflows or underflows in between
//   where x * (a * b) does not. Then one factor is huge or the product tiny, so
//   no factor may exceed 2^q and no product may lie below 2^-2q, q being a
//   quarter of the type's exponents (31 for f32) and at least 7.
// * A sum that cancels: (x + a) + b rounds x to the grid of a, and (x + 2^23) -
//   2^23 is how models round to integers. With p bits of mantissa, addends up
//   to 2^(p/2) have a grid finer than 2^-(p/2), and merge if none exceeds the
//   sum by 2^(p/3) or more, of vectors with one number per channel the largest
//   sum: in some channel a shift may happen to cancel a bias. Larger addends
//   must be within 2^(p/3) of the sum in their own channel, and of each other,
//   as a sum on a coarse grid swallows small addends.
// * A step behind it: floor, a conversion to integers or a comparison turns the
//   last bit of x / 49 into a whole unit. Quotients and factors stay as they
//   are where a step sees them.
//
// Sums of one op (a convolution, a product, a reduction) have no order in ONNX,
// and are added up as is fastest, also in strict.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_REASSOCIATION_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_REASSOCIATION_H

#include "TensorBuilder.h"

namespace lambent::graph {

/// What the rule allows by default for arithmetic in one float type.
class Reassociation {
public:
  explicit Reassociation(const llvm::fltSemantics &semantics);

  /// (x * a) * b -> x * (a * b), by the largest magnitudes of the factors and
  /// of their products.
  bool allowsProduct(double a, double b, double product) const;
  /// (x + a) + b -> x + (a + b). The vectors have one size.
  bool allowsSum(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b) const;
  /// (x + a) . w -> x . w + a . w, by the largest magnitude of a: the sum of
  /// products could cancel.
  bool allowsShift(double a) const;
  /// x / c -> x * (1 / c)
  bool allowsReciprocal(double divisor) const;

private:
  double largestFactor, smallestProduct, largestRatio, largestShift,
      smallestNormal, largestNumber;
};

/// Whether `value` (a tensor, or a scalar inside an element-wise region)
/// reaches, through element-wise ops and ops that move elements, an operation
/// that jumps: rounding to integers, a comparison with other numbers than 0.
bool reachesStep(mlir::Value value);

/// A vector of numbers, one or one per channel. Without elements it stands for
/// a scale of 1 or a shift of 0.
struct Numbers {
  llvm::SmallVector<double> elements;
  explicit operator bool() const { return !elements.empty(); }
};

/// Carries out what TensorBuilder would build, on numbers, and remembers
/// whether the rule allows all of it.
class CheckedArithmetic {
public:
  using Vector = Numbers;
  explicit CheckedArithmetic(mlir::Type elementType)
      : rule(mlir::cast<mlir::FloatType>(elementType).getFloatSemantics()) {}

  Numbers mul(const Numbers &a, const Numbers &b);
  Numbers div(const Numbers &a, const Numbers &b);
  Numbers add(const Numbers &a, const Numbers &b);
  Numbers sub(const Numbers &a, const Numbers &b);
  Numbers splat(mlir::Type, llvm::ArrayRef<int64_t>, double value) {
    return {{value}};
  }
  /// The elements of a constant; not allowed where they are unknown.
  Numbers toVector(mlir::Value constant);
  /// Weights times `scale`.
  void scaleWeights(mlir::Value weights, const Numbers &scale);
  /// Products with x + shift.
  void shiftInput(const Numbers &shift);

  bool isAllowed() const { return allowed; }

private:
  Reassociation rule;
  bool allowed = true;
};

} // namespace lambent::graph

#endif
