//===- Sizes.h - Sizes of dims: numbers, expressions or unknown -*- C++ -*-===//
//
// A model's open dims are symbols, s0, s1, ..., numbers of at least 0 that a
// run decides. What is computed from them stays an affine expression (with
// products of symbols), so that two sizes are known to be equal, or not.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_GRAPH_IR_SIZES_H
#define LAMBENT_GRAPH_IR_SIZES_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"

#define GET_ATTRDEF_CLASSES
#include "lambent/Graph/IR/Sizes.h.inc"

namespace lambent::graph {

/// The size of a dim.
class Size {
public:
  /// A number; mlir::ShapedType::kDynamic is a size of which nothing is known.
  Size(int64_t number = mlir::ShapedType::kDynamic) : number(number) {}
  /// Null: nothing is known.
  explicit Size(mlir::AffineExpr expression);

  static Size unknown() { return {}; }
  static Size symbol(unsigned index, mlir::MLIRContext *context);

  bool isNumber() const { return !mlir::ShapedType::isDynamic(number); }
  /// A number or an expression.
  bool isKnown() const { return isNumber() || expression; }
  /// As in a shape: the number, or mlir::ShapedType::kDynamic.
  int64_t getNumber() const { return number; }
  /// Null where it is a number or unknown.
  mlir::AffineExpr getExpression() const { return expression; }
  /// Null where it is unknown.
  mlir::AffineExpr getExpression(mlir::MLIRContext *context) const;

  /// Whether both are known and the same whatever the symbols are.
  friend bool operator==(const Size &a, const Size &b) {
    return a.isKnown() && a.number == b.number && a.expression == b.expression;
  }
  friend bool operator!=(const Size &a, const Size &b) { return !(a == b); }

  // Numbers stay within 2^40 + 1 of 0; what is unknown stays so, but in a
  // product with 0.
  friend Size operator+(const Size &a, const Size &b);
  friend Size operator-(const Size &a, const Size &b);
  friend Size operator*(const Size &a, const Size &b);
  /// Rounded down. `by` is positive.
  Size floorDiv(int64_t by) const;
  /// Rounded up.
  Size ceilDiv(int64_t by) const { return (*this + (by - 1)).floorDiv(by); }

  /// Whether it is at least 0 as far as its form shows.
  bool isNotNegative() const;
  std::string toString() const;

private:
  int64_t number;
  mlir::AffineExpr expression;
};

using Sizes = llvm::SmallVector<Size>;

/// The sizes of a type's dims, as far as it says.
Sizes getSizes(mlir::RankedTensorType type);

/// The type with these sizes.
mlir::RankedTensorType makeTensorType(llvm::ArrayRef<Size> sizes,
                                      mlir::Type elementType);

SizesAttr makeSizesAttr(mlir::MLIRContext *context, llvm::ArrayRef<Size> sizes);

/// Whether all are numbers or expressions.
bool areKnown(llvm::ArrayRef<Size> sizes);

/// The sizes' product.
Size productOf(llvm::ArrayRef<Size> sizes);

/// `have` / `want` where that divides evenly whatever the symbols are; unknown
/// where it may not.
Size divideEvenly(llvm::ArrayRef<Size> have, llvm::ArrayRef<Size> want);

/// A size as an element of a list of sizes: an integer of `type`, an
/// expression, or null.
mlir::Attribute getElement(const Size &size, mlir::Type type);
/// What an element of a list of sizes stands for.
Size getSize(mlir::Attribute element);

} // namespace lambent::graph

#endif
