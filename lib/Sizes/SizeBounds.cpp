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

static AffineBinaryOpExpr getQuotient(AffineExpr atom) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(atom);
  return binary && binary.getKind() == AffineExprKind::FloorDiv
             ? binary
             : AffineBinaryOpExpr(nullptr);
}

static bool isLong(const Size &size) {
  unsigned parts = 0;
  if (size.getExpression())
    size.getExpression().walk([&](AffineExpr) { ++parts; });
  return parts > mostParts;
}

namespace {

/// Answers questions about sizes. Steps of steps ask the same of their parts
/// again and again, and it finds out once. It works on polynomials, since every
/// sum that becomes an expression is walked as a whole for each of its terms.
class Bounds {
public:
  /// Whether a size is at least 0 in every run, as far as its form shows.
  bool isNotNegative(const Polynomial &size) {
    return follows(size, {}, mostSplits);
  }
  Size indicatePositive(const Size &size);
  Size min(const Size &a, const Size &b);

private:
  using Shared = std::shared_ptr<const Polynomial>;

  Shared getStepped(AffineExpr atom);
  Polynomial boundAtom(const Polynomial::Atom &atom);
  Polynomial boundOf(const Polynomial &size);

  bool isNeverNegative(AffineExpr expression);
  bool isPlainlyNotNegative(const Polynomial &size);
  AffineExpr findStep(const Polynomial &size);
  Polynomial removeQuotient(const Polynomial &size);
  bool follows(const Polynomial &size, ArrayRef<Polynomial> facts,
               unsigned splits);

  /// Of quotients.
  llvm::DenseMap<AffineExpr, Shared> stepped, bounds;
  llvm::DenseMap<AffineExpr, bool> signs;
};

} // namespace

//===-- Steps -------------------------------------------------------------===//

/// The size whose step an atom is, or null.
Bounds::Shared Bounds::getStepped(AffineExpr atom) {
  AffineBinaryOpExpr quotient = getQuotient(atom);
  if (!quotient || isa<AffineConstantExpr>(quotient.getRHS()))
    return nullptr;
  if (auto found = stepped.find(atom); found != stepped.end())
    return found->second;
  Polynomial size = Polynomial(Size(quotient.getLHS())).plus(1);
  Polynomial by = boundOf(size).plus(1);
  bool isStep = by.isKnown() &&
                by.getTerms() == Polynomial(Size(quotient.getRHS())).getTerms();
  Shared result = isStep ? std::make_shared<const Polynomial>(size) : nullptr;
  stepped[atom] = result;
  return result;
}

/// What an atom is at most apart from 0, in every run, or unknown.
Polynomial Bounds::boundAtom(const Polynomial::Atom &atom) {
  AffineBinaryOpExpr quotient = getQuotient(atom.expression);
  if (isa<AffineSymbolExpr>(atom.expression))
    return Polynomial(atom);
  if (!quotient)
    return Polynomial::unknown();
  if (getStepped(atom.expression))
    return Polynomial(1);
  if (auto found = bounds.find(atom.expression); found != bounds.end())
    return *found->second;
  Polynomial numerator(Size(quotient.getLHS()));
  auto bound = std::make_shared<const Polynomial>(
      isNotNegative(numerator) ? Polynomial(atom) : boundOf(numerator));
  bounds[atom.expression] = bound;
  return *bound;
}

/// What a size is at most apart from 0, in every run.
Polynomial Bounds::boundOf(const Polynomial &size) {
  if (!size.isKnown())
    return size;
  Polynomial sum;
  for (const auto &[atoms, count] : size.getTerms()) {
    Polynomial product(std::abs(count));
    for (const Polynomial::Atom &atom : atoms)
      product = product.times(boundAtom(atom));
    sum.add(product, 1);
  }
  return sum;
}

Size Bounds::indicatePositive(const Size &size) {
  if (!size.isKnown())
    return size;
  if (size.isNumber())
    return size.getNumber() > 0 ? 1 : 0;
  Polynomial polynomial(size), less = polynomial.plus(-1),
                               opposite = polynomial.negate();
  if (isNotNegative(less))
    return 1;
  if (isNotNegative(opposite))
    return 0;
  if (isNotNegative(polynomial) && isNotNegative(opposite.plus(1)))
    return size;
  // Of a size and its opposite one form: x > 0 where 1 - x is not.
  if (polynomial.getLeadingTerm()->second < 0)
    return 1 - indicatePositive(1 - size);
  MLIRContext *context = size.getExpression().getContext();
  Size by = boundOf(polynomial).plus(1).toSize(context);
  Size step = less.toSize(context).floorDiv(by);
  return isLong(step) ? Size::unknown() : step + 1;
}

//===-- Proofs ------------------------------------------------------------===//

bool Bounds::isNeverNegative(AffineExpr expression) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return true;
  if (!getQuotient(expression))
    return isNeverNegative(binary.getLHS()) && isNeverNegative(binary.getRHS());
  if (auto found = signs.find(expression); found != signs.end())
    return found->second;
  bool sign = isNotNegative(Polynomial(Size(binary.getLHS()))) &&
              isNeverNegative(binary.getRHS());
  signs[expression] = sign;
  return sign;
}

/// Whether each term is at least 0.
bool Bounds::isPlainlyNotNegative(const Polynomial &size) {
  return size.isKnown() && llvm::all_of(size.getTerms(), [&](const auto &term) {
           return term.second >= 0 &&
                  llvm::all_of(term.first, [&](const Polynomial::Atom &atom) {
                    return isNeverNegative(atom.expression);
                  });
         });
}

/// An atom of the size that is a step, or null.
AffineExpr Bounds::findStep(const Polynomial &size) {
  for (const auto &[atoms, count] : size.getTerms())
    for (const Polynomial::Atom &atom : atoms)
      if (getStepped(atom.expression))
        return atom.expression;
  return {};
}

/// A size that is below 0 where `size` is, without the first quotient by a
/// number that it subtracts: floor(n / m) is at most n / m. Or unknown.
Polynomial Bounds::removeQuotient(const Polynomial &size) {
  for (const auto &[atoms, count] : size.getTerms())
    for (const Polynomial::Atom &atom : atoms) {
      AffineBinaryOpExpr quotient = getQuotient(atom.expression);
      auto by = quotient ? dyn_cast<AffineConstantExpr>(quotient.getRHS())
                         : AffineConstantExpr(nullptr);
      if (count >= 0 || !by)
        continue;
      Polynomial factor(-count);
      for (const Polynomial::Atom &other : atoms)
        if (&other != &atom)
          factor = factor.times(Polynomial(other));
      if (!isPlainlyNotNegative(factor))
        continue;
      Polynomial rest = size.plus(factor.times(Polynomial(atom)));
      return rest.times(Polynomial(by.getValue()))
          .plus(factor.times(Polynomial(Size(quotient.getLHS()))), -1);
    }
  return Polynomial::unknown();
}

/// Whether a size is at least 0 wherever the facts are.
bool Bounds::follows(const Polynomial &size, ArrayRef<Polynomial> facts,
                     unsigned splits) {
  if (!size.isKnown())
    return false;
  if (isPlainlyNotNegative(size) ||
      llvm::any_of(facts, [&](const Polynomial &fact) {
        return isPlainlyNotNegative(size.plus(fact, -1));
      }))
    return true;
  if (splits == 0)
    return false;
  AffineExpr step = findStep(size);
  if (!step)
    return follows(removeQuotient(size), facts, splits - 1);
  Shared inside = getStepped(step);
  return llvm::all_of(ArrayRef<int64_t>{0, -1}, [&](int64_t value) {
    llvm::SmallVector<Polynomial> known{value == 0 ? inside->plus(-1)
                                                   : inside->negate()};
    llvm::append_range(known, facts);
    for (Polynomial &fact : known)
      fact = fact.substitute(step, value);
    return follows(size.substitute(step, value), known, splits - 1);
  });
}

bool Size::isNotNegative() const {
  return isNumber() ? number >= 0
                    : isKnown() && Bounds().isNotNegative(Polynomial(*this));
}

//===-- The smaller and the larger ----------------------------------------===//

Size Bounds::min(const Size &a, const Size &b) {
  Size difference = a - b;
  if (!difference.isKnown())
    return difference;
  if (difference.isNumber())
    return difference.getNumber() >= 0 ? b : a;
  Polynomial polynomial(difference);
  if (isNotNegative(polynomial))
    return b;
  if (isNotNegative(polynomial.negate()))
    return a;
  if (polynomial.getLeadingTerm()->second < 0)
    return min(b, a); // one form of both
  return b + difference * (1 - indicatePositive(difference));
}

Size lambent::min(const Size &a, const Size &b) { return Bounds().min(a, b); }

Size lambent::indicatePositive(const Size &size) {
  return Bounds().indicatePositive(size);
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
