//===- Polynomial.cpp - The one form of expressions -----------------------===//
//
// See Polynomial.h.
//
//===----------------------------------------------------------------------===//

#include "Polynomial.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;

/// More terms than this no size has that a model means; products of sums would
/// grow without end.
static constexpr unsigned mostTerms = 256;
/// And more factors no term.
static constexpr unsigned mostFactors = 32;

Polynomial::Atom Polynomial::makeAtom(AffineExpr expression) {
  std::string key;
  llvm::raw_string_ostream os(key);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    os << llvm::format_decimal(symbol.getPosition(), 6);
  else
    os << expression;
  return {std::make_shared<const std::string>(std::move(key)), expression};
}

void Polynomial::addTerm(const Atoms &atoms, Wide count) {
  auto term = terms.try_emplace(atoms, 0).first;
  Wide sum = count + term->second;
  if (sum > mostCounted || sum < -mostCounted)
    isTooLarge = true;
  if (sum == 0 || isTooLarge)
    terms.erase(term);
  else
    term->second = static_cast<int64_t>(sum);
  isTooLarge |= terms.size() > mostTerms || atoms.size() > mostFactors;
}

/// Adds factors * expression * factor.
void Polynomial::add(AffineExpr expression, const Atoms &factors,
                     int64_t factor, AtomsOfExpressions &known) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return addTerm(factors, Wide(constant.getValue()) * factor);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (binary && binary.getKind() == AffineExprKind::Add) {
    add(binary.getLHS(), factors, factor, known);
    return add(binary.getRHS(), factors, factor, known);
  }
  if (binary && binary.getKind() == AffineExprKind::Mul) {
    Polynomial lhs, rhs, rest;
    lhs.add(binary.getLHS(), {}, 1, known);
    rhs.add(binary.getRHS(), {}, 1, known);
    rest.addTerm(factors, factor);
    return add(lhs.times(rhs).times(rest), 1);
  }
  Atoms atoms = factors;
  Atom &atom = known[expression];
  if (!atom.text)
    atom = makeAtom(expression);
  atoms.insert(llvm::upper_bound(atoms, atom), atom);
  addTerm(atoms, factor);
}

Polynomial Polynomial::times(const Polynomial &other) const {
  Polynomial result;
  result.isTooLarge = isTooLarge || other.isTooLarge;
  for (const auto &[left, leftCount] : terms)
    for (const auto &[right, rightCount] : other.terms) {
      Atoms atoms = left;
      llvm::append_range(atoms, right);
      llvm::sort(atoms);
      result.addTerm(atoms, Wide(leftCount) * rightCount);
    }
  return result;
}

Polynomial Polynomial::substitute(AffineExpr atom, int64_t value) const {
  Polynomial result;
  result.isTooLarge = isTooLarge;
  for (const auto &[atoms, count] : terms) {
    Atoms others;
    Wide product = count;
    for (const Atom &factor : atoms)
      if (factor.expression != atom)
        others.push_back(factor);
      else
        product = std::clamp<Wide>(product * value, -mostCounted - 1,
                                   mostCounted + 1);
    result.addTerm(others, product);
  }
  return result;
}

Polynomial Polynomial::floorDiv(int64_t by, MLIRContext *context) const {
  // floor((by * q + r) / by) = q + floor(r / by)
  Polynomial result, rest;
  result.isTooLarge = isTooLarge;
  for (const auto &[atoms, count] : terms) {
    int64_t left = atoms.empty() ? llvm::mod(count, by) : count % by;
    result.addTerm(atoms, (count - left) / by);
    rest.addTerm(atoms, left);
  }
  if (rest.terms.empty() ||
      (rest.terms.size() == 1 && rest.terms.begin()->first.empty()))
    return result;
  if (auto merged = rest.mergeFloorDiv(by, context)) {
    result.add(*merged, 1);
    return result;
  }
  AffineExpr expression = rest.toSize(context).getExpression(context);
  result.isTooLarge |= !expression;
  if (expression)
    result.addTerm({makeAtom(expression.floorDiv(by))}, 1);
  return result;
}

/// floor((floor(x / a) + c) / b) = floor((x + a * c) / (a * b))
std::optional<Polynomial>
Polynomial::mergeFloorDiv(int64_t by, MLIRContext *context) const {
  auto constant = terms.find({});
  bool hasConstant = constant != terms.end();
  if (terms.size() != (hasConstant ? 2 : 1))
    return std::nullopt;
  const auto &[atoms, count] = *std::prev(terms.end());
  auto inner = dyn_cast_or_null<AffineBinaryOpExpr>(
      atoms.size() == 1 ? atoms[0].expression : AffineExpr());
  if (count != 1 || !inner || inner.getKind() != AffineExprKind::FloorDiv)
    return std::nullopt;
  auto first = dyn_cast<AffineConstantExpr>(inner.getRHS());
  if (!first || Wide(first.getValue()) * by > mostCounted)
    return std::nullopt;
  Polynomial numerator(Size(inner.getLHS()));
  numerator.addTerm({}, hasConstant ? Wide(constant->second) * first.getValue()
                                    : Wide(0));
  return numerator.floorDiv(first.getValue() * by, context);
}

Polynomial::Terms::const_iterator Polynomial::getLeadingTerm() const {
  auto leading = terms.begin();
  for (auto term = terms.begin(); term != terms.end(); ++term)
    if (term->first.size() >= leading->first.size())
      leading = term;
  return leading;
}

/// Long division, from the leading term on: products keep the order of terms.
std::optional<Polynomial> Polynomial::divide(const Polynomial &by) const {
  if (by.terms.empty() || by.isTooLarge || isTooLarge)
    return std::nullopt;
  const auto &[divisor, divisorCount] = *by.getLeadingTerm();
  Polynomial result, rest = *this;
  // Every step removes a term; the limit is for what long division makes of
  // divisors that do not fit.
  for (unsigned step = 0; !rest.terms.empty(); ++step) {
    const auto &[atoms, count] = *rest.getLeadingTerm();
    Polynomial part;
    Atoms left = atoms;
    for (const Atom &atom : divisor) {
      auto found = llvm::find(left, atom);
      if (found == left.end())
        return std::nullopt;
      left.erase(found);
    }
    if (count % divisorCount != 0 || step == mostTerms)
      return std::nullopt;
    part.addTerm(left, count / divisorCount);
    result.add(part, 1);
    rest.add(part.times(by), -1);
    if (rest.isTooLarge)
      return std::nullopt;
  }
  return result;
}

Size Polynomial::toSize(MLIRContext *context) const {
  if (isTooLarge)
    return Size::unknown();
  AffineExpr sum = getAffineConstantExpr(0, context);
  // The constant comes last.
  for (const auto &[atoms, count] : llvm::reverse(terms)) {
    AffineExpr product = getAffineConstantExpr(1, context);
    for (const Atom &atom : atoms)
      product = product * atom.expression;
    product = product * count;
    sum = sum + product;
  }
  return Size(sum);
}
