//===- SizeBounds.cpp - What sizes are at least and at most ---------------===//
//
// Which of two sizes is smaller is an expression, too. Let |x| stand for what a
// size x is at most apart from 0: the sum of its terms without their signs. A
//
//   step(x) = floor((x - 1) / (|x| + 1))
//
// is 0 where x > 0, and else -1, since x - 1 lies between -(|x| + 1) and |x|.
// With it min(a, b) = b - (a - b) * step(a - b).
//
//===----------------------------------------------------------------------===//

#include "Polynomial.h"

using namespace mlir;
using namespace lambent;

/// Expressions of more parts than this are not made: slices of slices of slices
/// would double them again and again.
static constexpr unsigned mostParts = 400;
/// How many cases a proof tells apart, as a power of two.
static constexpr unsigned mostSplits = 4;

//===-- Steps -------------------------------------------------------------===//

static Size boundOf(const Size &size);

static AffineBinaryOpExpr getQuotient(AffineExpr atom) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(atom);
  return binary && binary.getKind() == AffineExprKind::FloorDiv
             ? binary
             : AffineBinaryOpExpr(nullptr);
}

/// The size whose step an atom is, or unknown.
static Size getStepped(AffineExpr atom) {
  AffineBinaryOpExpr quotient = getQuotient(atom);
  if (!quotient || isa<AffineConstantExpr>(quotient.getRHS()))
    return Size::unknown();
  Size size = Size(quotient.getLHS()) + 1;
  return boundOf(size) + 1 == Size(quotient.getRHS()) ? size : Size::unknown();
}

static Size boundAtom(AffineExpr atom) {
  if (isa<AffineSymbolExpr>(atom))
    return Size(atom);
  AffineBinaryOpExpr quotient = getQuotient(atom);
  if (!quotient)
    return Size::unknown();
  if (getStepped(atom).isKnown())
    return 1;
  Size numerator(quotient.getLHS());
  return numerator.isNotNegative() ? Size(atom) : boundOf(numerator);
}

/// What a size is at most apart from 0, in every run.
static Size boundOf(const Size &size) {
  if (!size.isKnown())
    return size;
  Size sum = 0;
  Polynomial polynomial(size);
  for (const auto &[atoms, count] : polynomial.getTerms()) {
    Size product = std::abs(count);
    for (const Polynomial::Atom &atom : atoms)
      product *= boundAtom(atom.expression);
    sum += product;
  }
  return sum;
}

static bool isLong(const Size &size) {
  unsigned parts = 0;
  if (size.getExpression())
    size.getExpression().walk([&](AffineExpr) { ++parts; });
  return parts > mostParts;
}

Size lambent::indicatePositive(const Size &size) {
  if (!size.isKnown())
    return size;
  if (size.isNumber())
    return size.getNumber() > 0 ? 1 : 0;
  if ((size - 1).isNotNegative())
    return 1;
  if ((0 - size).isNotNegative())
    return 0;
  if (size.isNotNegative() && (1 - size).isNotNegative())
    return size;
  // Of a size and its opposite one form: x > 0 where 1 - x is not.
  Polynomial polynomial(size);
  if (polynomial.getLeadingTerm()->second < 0)
    return 1 - indicatePositive(1 - size);
  Size bound = boundOf(size);
  Size step = (size - 1).floorDiv(bound + 1);
  return isLong(step) ? Size::unknown() : step + 1;
}

//===-- Proofs ------------------------------------------------------------===//

static bool isNeverNegative(AffineExpr expression) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return true;
  return (getQuotient(expression) ? Size(binary.getLHS()).isNotNegative()
                                  : isNeverNegative(binary.getLHS())) &&
         isNeverNegative(binary.getRHS());
}

static bool isPlainlyNotNegative(const Size &size) {
  return size.isNumber()
             ? size.getNumber() >= 0
             : size.isKnown() && isNeverNegative(size.getExpression());
}

/// An atom of the size that is a step, or null.
static AffineExpr findStep(const Size &size) {
  Polynomial polynomial(size);
  for (const auto &[atoms, count] : polynomial.getTerms())
    for (const Polynomial::Atom &atom : atoms)
      if (getStepped(atom.expression).isKnown())
        return atom.expression;
  return {};
}

/// The size where a step is `value`.
static Size substitute(const Size &size, AffineExpr step, int64_t value) {
  Polynomial polynomial(size);
  Size sum = 0;
  for (const auto &[atoms, count] : polynomial.getTerms()) {
    Size product = count;
    for (const Polynomial::Atom &atom : atoms)
      product = product *
                (atom.expression == step ? Size(value) : Size(atom.expression));
    sum = sum + product;
  }
  return sum;
}

/// A size that is below 0 where `size` is, without the first quotient by a
/// number that it subtracts: floor(n / m) is at most n / m. Or unknown.
static Size removeQuotient(const Size &size) {
  Polynomial polynomial(size);
  for (const auto &[atoms, count] : polynomial.getTerms())
    for (const Polynomial::Atom &atom : atoms) {
      AffineBinaryOpExpr quotient = getQuotient(atom.expression);
      auto by = quotient ? dyn_cast<AffineConstantExpr>(quotient.getRHS())
                         : AffineConstantExpr(nullptr);
      if (count >= 0 || !by)
        continue;
      Size factor = -count;
      for (const Polynomial::Atom &other : atoms)
        if (&other != &atom)
          factor = factor * Size(other.expression);
      if (!isPlainlyNotNegative(factor))
        continue;
      Size rest = size + factor * Size(atom.expression);
      return rest * by.getValue() - factor * Size(quotient.getLHS());
    }
  return Size::unknown();
}

/// Whether a size is at least 0 wherever the facts are.
static bool follows(const Size &size, ArrayRef<Size> facts, unsigned splits) {
  if (!size.isKnown())
    return false;
  if (isPlainlyNotNegative(size) || llvm::any_of(facts, [&](const Size &fact) {
        return isPlainlyNotNegative(size - fact);
      }))
    return true;
  if (splits == 0)
    return false;
  AffineExpr step = findStep(size);
  if (!step)
    return follows(removeQuotient(size), facts, splits - 1);
  Size stepped = getStepped(step);
  return llvm::all_of(ArrayRef<int64_t>{0, -1}, [&](int64_t value) {
    Sizes known = {value == 0 ? stepped - 1 : 0 - stepped};
    llvm::append_range(known, facts);
    for (Size &fact : known)
      fact = substitute(fact, step, value);
    return follows(substitute(size, step, value), known, splits - 1);
  });
}

bool Size::isNotNegative() const {
  return isNumber() ? number >= 0 : follows(*this, {}, mostSplits);
}

//===-- The smaller and the larger ----------------------------------------===//

Size lambent::min(const Size &a, const Size &b) {
  Size difference = a - b;
  if (!difference.isKnown())
    return difference;
  if (difference.isNotNegative())
    return b;
  if ((0 - difference).isNotNegative())
    return a;
  if (Polynomial(difference).getLeadingTerm()->second < 0)
    return min(b, a); // one form of both
  return b + difference * (1 - indicatePositive(difference));
}

/// With h = floor(2 a b / (a + b)), which is 1 where one of both is, and a
/// where b is a, it is a b / h. Of empty dims a divisor would be 0 without the
/// term that is 1 for them only.
Size lambent::broadcast(const Size &a, const Size &b) {
  if (a == b || b.is(1))
    return a;
  if (a.is(1))
    return b;
  Size product = a * b;
  Size isEmpty = Size(1).floorDiv(product + 1);
  Size smaller = (product * 2).floorDiv(a + b + isEmpty);
  return product.floorDiv(smaller + isEmpty);
}

Size lambent::max(const Size &a, const Size &b) { return a + b - min(a, b); }
