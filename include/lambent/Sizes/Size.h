//===- Size.h - A size: a number, an expression or unknown ------*- C++ -*-===//
//
// A model's open dims are symbols, s0, s1, ..., numbers of at least 0 that a
// run decides. What is computed from them stays an affine expression (with
// products and quotients of symbols), so that two sizes are known to be equal,
// or not.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_SIZES_SIZE_H
#define LAMBENT_SIZES_SIZE_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"

namespace lambent {

/// The size of a dim, or what follows from sizes: a stride, a number of bytes.
class Size {
public:
  /// A number; mlir::ShapedType::kDynamic is a size of which nothing is known.
  Size(int64_t number = mlir::ShapedType::kDynamic) : number(number) {}
  /// Null: nothing is known.
  explicit Size(mlir::AffineExpr expression);

  static Size unknown() { return {}; }
  static Size symbol(unsigned index, mlir::MLIRContext *context);

  bool isNumber() const { return !mlir::ShapedType::isDynamic(number); }
  /// Whether it is this number in every run.
  bool is(int64_t value) const { return isNumber() && number == value; }
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
  friend llvm::hash_code hash_value(const Size &size) {
    return llvm::hash_combine(size.number, size.expression);
  }

  // Numbers stay within 2^60 + 1 of 0; what is unknown stays so, but in a
  // product with 0.
  friend Size operator+(const Size &a, const Size &b);
  friend Size operator-(const Size &a, const Size &b);
  friend Size operator*(const Size &a, const Size &b);
  Size &operator*=(const Size &by) { return *this = *this * by; }
  Size &operator+=(const Size &other) { return *this = *this + other; }
  /// Rounded down. `by` is positive.
  Size floorDiv(int64_t by) const;
  /// The same by an expression that is positive in every run.
  Size floorDiv(const Size &by) const;
  /// Rounded up.
  Size ceilDiv(int64_t by) const { return (*this + (by - 1)).floorDiv(by); }
  /// The least multiple of `by` that is not below.
  Size alignTo(int64_t by) const { return ceilDiv(by) * by; }
  /// What is left of a division by a number.
  Size mod(int64_t by) const { return *this - floorDiv(by) * by; }

  /// Whether it is a multiple of `by` in every run, as far as its form shows.
  bool isMultipleOf(int64_t by) const { return mod(by).is(0); }
  /// Whether it is at least 0 in every run, as far as its form shows.
  bool isNotNegative() const;
  /// What it is where every symbol is 64: a guess, for choices that any answer
  /// makes right.
  int64_t estimate() const;
  std::string toString() const;

private:
  int64_t number;
  mlir::AffineExpr expression;
};

using Sizes = llvm::SmallVector<Size>;

inline llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Size &size) {
  return os << size.toString();
}
inline mlir::Diagnostic &operator<<(mlir::Diagnostic &diagnostic,
                                    const Size &size) {
  return diagnostic << size.toString();
}

/// Numbers as sizes.
Sizes toSizes(llvm::ArrayRef<int64_t> numbers);
/// As in a shape: numbers, and mlir::ShapedType::kDynamic for what is open.
llvm::SmallVector<int64_t> getNumbers(llvm::ArrayRef<Size> sizes);

/// Whether all are numbers or expressions.
bool areKnown(llvm::ArrayRef<Size> sizes);
/// Whether all are numbers.
bool areNumbers(llvm::ArrayRef<Size> sizes);

/// The sizes' product.
Size productOf(llvm::ArrayRef<Size> sizes);

/// `have` / `want` where that divides evenly whatever the symbols are; unknown
/// where it may not.
Size divideEvenly(llvm::ArrayRef<Size> have, llvm::ArrayRef<Size> want);

/// The smaller and the larger of two sizes, as an expression where runs differ
/// in which it is. Unknown where that expression would be too long.
Size min(const Size &a, const Size &b);
Size max(const Size &a, const Size &b);
/// What sizes become that broadcast: where one is 1 the other, and else both,
/// which are equal. It is one term, whatever the sizes are.
Size broadcast(const Size &a, const Size &b);
/// 1 where a size is above 0, else 0.
Size indicatePositive(const Size &size);

/// `have` / `want` where no run leaves a remainder; unknown where one may.
Size divideWhole(const Size &have, const Size &want);

/// "[s0, s1 * 2, ?, 768]".
mlir::ParseResult parseSizeList(mlir::AsmParser &parser, Sizes &sizes);
mlir::ParseResult parseSize(mlir::AsmParser &parser, Size &size);
void printSizeList(mlir::AsmPrinter &printer, llvm::ArrayRef<Size> sizes);

} // namespace lambent

#endif
