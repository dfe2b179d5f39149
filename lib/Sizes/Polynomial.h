//===- Polynomial.h - The one form of expressions ---------------*- C++ -*-===//

#ifndef LAMBENT_LIB_SIZES_POLYNOMIAL_H
#define LAMBENT_LIB_SIZES_POLYNOMIAL_H

#include "lambent/Sizes/Size.h"
#include "llvm/ADT/DenseMap.h"
#include <map>
#include <memory>
#include <string>

namespace lambent {

/// What may be beyond 64 bits before it is bounded.
using Wide = __int128;

/// Numbers in expressions are no further from 0.
inline constexpr int64_t mostCounted = int64_t(1) << 60;

/// Expressions in one form: a sum of products of atoms. An atom is a symbol or
/// a division. Equal sums have equal expressions, whatever they were made of.
class Polynomial {
public:
  /// Ordered as text, which does not depend on where expressions lie in memory.
  /// Copies share the text: that of a quotient of quotients is long.
  struct Atom {
    std::shared_ptr<const std::string> text;
    mlir::AffineExpr expression;
    bool operator<(const Atom &other) const {
      return expression != other.expression && *text < *other.text;
    }
    bool operator==(const Atom &other) const {
      return expression == other.expression;
    }
  };
  using Atoms = std::vector<Atom>; ///< sorted
  using Terms = std::map<Atoms, int64_t>;

  Polynomial() = default;
  explicit Polynomial(int64_t number) { addTerm({}, number); }
  explicit Polynomial(const Atom &atom) { addTerm({atom}, 1); }
  explicit Polynomial(const Size &size) {
    AtomsOfExpressions known;
    if (size.isNumber())
      addTerm({}, size.getNumber());
    else
      add(size.getExpression(), {}, 1, known);
  }

  static Polynomial unknown() {
    Polynomial result;
    result.isTooLarge = true;
    return result;
  }
  /// Whether numbers and terms stayed within bounds.
  bool isKnown() const { return !isTooLarge; }

  void add(const Polynomial &other, int64_t factor) {
    isTooLarge |= other.isTooLarge;
    for (const auto &[atoms, count] : other.terms)
      addTerm(atoms, Wide(count) * factor);
  }
  Polynomial plus(const Polynomial &other, int64_t factor = 1) const {
    Polynomial sum = *this;
    sum.add(other, factor);
    return sum;
  }
  Polynomial plus(int64_t number) const { return plus(Polynomial(number)); }
  Polynomial negate() const { return Polynomial().plus(*this, -1); }
  Polynomial times(const Polynomial &other) const;
  /// The same where an atom is a number.
  Polynomial substitute(mlir::AffineExpr atom, int64_t value) const;
  /// Rounded down.
  Polynomial floorDiv(int64_t by, mlir::MLIRContext *context) const;
  /// The same of a division and perhaps a number; nothing for other forms.
  std::optional<Polynomial> mergeFloorDiv(int64_t by,
                                          mlir::MLIRContext *context) const;
  /// The quotient where nothing is left, whatever the symbols are.
  std::optional<Polynomial> divide(const Polynomial &by) const;

  /// Unknown where numbers became too large.
  Size toSize(mlir::MLIRContext *context) const;

  /// How often each product counts, never 0; the first is the constant.
  const Terms &getTerms() const { return terms; }
  void addTerm(const Atoms &atoms, Wide count);
  /// The term that decides which of two polynomials is larger where symbols
  /// are: of the most atoms, and the last of those. There is one.
  Terms::const_iterator getLeadingTerm() const;

private:
  /// An atom is in many terms, and its text is made once.
  using AtomsOfExpressions = llvm::DenseMap<mlir::AffineExpr, Atom>;

  static Atom makeAtom(mlir::AffineExpr expression);
  void add(mlir::AffineExpr expression, const Atoms &factors, int64_t factor,
           AtomsOfExpressions &known);

  Terms terms;
  bool isTooLarge = false;
};

} // namespace lambent

#endif
