//===- Size.cpp - A size: a number, an expression or unknown --------------===//
//
// See Size.h.
//
//===----------------------------------------------------------------------===//

#include "lambent/Sizes/Size.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlir;
using namespace lambent;

/// What may be beyond 64 bits before it is bounded.
using Wide = __int128;

static constexpr int64_t largest = int64_t(1) << 60;

static int64_t boundNumber(Wide number) {
  return static_cast<int64_t>(
      std::clamp<Wide>(number, -largest - 1, largest + 1));
}

//===-- Arithmetic --------------------------------------------------------===//

namespace {

/// Expressions in one form: a sum of products of atoms. An atom is a symbol or
/// a division. Equal sums have equal expressions, whatever they were made of.
class Polynomial {
public:
  explicit Polynomial(const Size &size) {
    if (size.isNumber())
      terms[{}] = size.getNumber();
    else
      add(size.getExpression(), {}, 1);
  }

  void add(const Polynomial &other, int64_t factor) {
    for (const auto &[atoms, count] : other.terms)
      addTerm(atoms, Wide(count) * factor);
  }
  Polynomial times(const Polynomial &other) const;
  /// Rounded down.
  Polynomial floorDiv(int64_t by, MLIRContext *context) const;
  /// The same of a division and perhaps a number; nothing for other forms.
  std::optional<Polynomial> mergeFloorDiv(int64_t by,
                                          MLIRContext *context) const;
  /// The quotient where `by` is one product and divides every term.
  std::optional<Polynomial> divide(const Polynomial &by) const;

  /// Unknown where numbers became too large.
  Size toSize(MLIRContext *context) const;

private:
  /// Ordered as text, which does not depend on where expressions lie in memory.
  struct Atom {
    std::string text;
    AffineExpr expression;
    bool operator<(const Atom &other) const { return text < other.text; }
    bool operator==(const Atom &other) const { return text == other.text; }
  };
  using Atoms = std::vector<Atom>; ///< sorted

  Polynomial() = default;
  static Atom makeAtom(AffineExpr expression);
  void add(AffineExpr expression, const Atoms &factors, int64_t factor);
  void addTerm(const Atoms &atoms, Wide count);

  std::map<Atoms, int64_t> terms; ///< how often each product counts, never 0
  bool isTooLarge = false;
};

} // namespace

Polynomial::Atom Polynomial::makeAtom(AffineExpr expression) {
  std::string key;
  llvm::raw_string_ostream os(key);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    os << llvm::format_decimal(symbol.getPosition(), 6);
  else
    os << expression;
  return {key, expression};
}

void Polynomial::addTerm(const Atoms &atoms, Wide count) {
  Wide sum = count + terms[atoms];
  if (sum > largest || sum < -largest)
    isTooLarge = true;
  if (sum == 0 || isTooLarge)
    terms.erase(atoms);
  else
    terms[atoms] = static_cast<int64_t>(sum);
}

/// Adds factors * expression * factor.
void Polynomial::add(AffineExpr expression, const Atoms &factors,
                     int64_t factor) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return addTerm(factors, Wide(constant.getValue()) * factor);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (binary && binary.getKind() == AffineExprKind::Add) {
    add(binary.getLHS(), factors, factor);
    return add(binary.getRHS(), factors, factor);
  }
  if (binary && binary.getKind() == AffineExprKind::Mul) {
    Polynomial lhs, rhs, rest;
    lhs.add(binary.getLHS(), {}, 1);
    rhs.add(binary.getRHS(), {}, 1);
    rest.addTerm(factors, factor);
    return add(lhs.times(rhs).times(rest), 1);
  }
  Atoms atoms = factors;
  Atom atom = makeAtom(expression);
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
  if (!first || Wide(first.getValue()) * by > largest)
    return std::nullopt;
  Polynomial numerator(Size(inner.getLHS()));
  numerator.addTerm({}, hasConstant ? Wide(constant->second) * first.getValue()
                                    : Wide(0));
  return numerator.floorDiv(first.getValue() * by, context);
}

std::optional<Polynomial> Polynomial::divide(const Polynomial &by) const {
  if (by.terms.size() != 1 || by.isTooLarge)
    return std::nullopt;
  const auto &[divisor, divisorCount] = *by.terms.begin();
  Polynomial result;
  result.isTooLarge = isTooLarge;
  for (const auto &[atoms, count] : terms) {
    Atoms left = atoms;
    for (const Atom &atom : divisor) {
      auto found = llvm::find(left, atom);
      if (found == left.end())
        return std::nullopt;
      left.erase(found);
    }
    if (count % divisorCount != 0)
      return std::nullopt;
    result.addTerm(left, count / divisorCount);
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

//===-- One size ----------------------------------------------------------===//

Size::Size(AffineExpr given) : number(ShapedType::kDynamic) {
  auto constant = dyn_cast_or_null<AffineConstantExpr>(given);
  if (constant)
    number = constant.getValue();
  else
    expression = given;
}

Size Size::symbol(unsigned index, MLIRContext *context) {
  return Size(getAffineSymbolExpr(index, context));
}

AffineExpr Size::getExpression(MLIRContext *context) const {
  return isNumber() ? getAffineConstantExpr(number, context) : expression;
}

static MLIRContext *getContext(const Size &a, const Size &b) {
  return (a.isNumber() ? b : a).getExpression().getContext();
}

static Size addTimes(const Size &a, const Size &b, int64_t factor) {
  if (a.isNumber() && b.isNumber())
    return boundNumber(Wide(a.getNumber()) + Wide(b.getNumber()) * factor);
  if (!a.isKnown() || !b.isKnown())
    return Size::unknown();
  Polynomial sum(a);
  sum.add(Polynomial(b), factor);
  return sum.toSize(getContext(a, b));
}

Size lambent::operator+(const Size &a, const Size &b) { return addTimes(a, b, 1); }
Size lambent::operator-(const Size &a, const Size &b) { return addTimes(a, b, -1); }

Size lambent::operator*(const Size &a, const Size &b) {
  if (a.isNumber() && b.isNumber())
    return boundNumber(Wide(a.getNumber()) * b.getNumber());
  if ((a.isNumber() && a.getNumber() == 0) ||
      (b.isNumber() && b.getNumber() == 0))
    return 0;
  if (!a.isKnown() || !b.isKnown())
    return Size::unknown();
  return Polynomial(a).times(Polynomial(b)).toSize(getContext(a, b));
}

Size Size::floorDiv(int64_t by) const {
  if (by == 1 || !isKnown())
    return *this;
  if (isNumber())
    return llvm::divideFloorSigned(number, by);
  MLIRContext *context = expression.getContext();
  return Polynomial(*this).floorDiv(by, context).toSize(context);
}

/// Divides by an expression that no polynomial division removes.
Size Size::floorDiv(const Size &by) const {
  if (by.isNumber() && by.getNumber() > 0)
    return floorDiv(by.getNumber());
  if (!isKnown() || !by.isKnown() || by.isNumber())
    return Size::unknown();
  MLIRContext *context = by.getExpression().getContext();
  if (auto quotient = Polynomial(*this).divide(Polynomial(by)))
    return quotient->toSize(context);
  return Size(getExpression(context).floorDiv(by.getExpression()));
}

static bool isNeverNegative(AffineExpr expression) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  return !binary ||
         (isNeverNegative(binary.getLHS()) && isNeverNegative(binary.getRHS()));
}

bool Size::isNotNegative() const {
  if (isNumber())
    return number >= 0;
  return expression && isNeverNegative(expression);
}

static int64_t estimate(AffineExpr expression) {
  constexpr int64_t typical = 64;
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue();
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return typical;
  Wide lhs = estimate(binary.getLHS()), rhs = estimate(binary.getRHS());
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return boundNumber(lhs + rhs);
  case AffineExprKind::Mul:
    return boundNumber(lhs * rhs);
  default:
    return boundNumber(lhs / std::max<Wide>(rhs, 1));
  }
}

int64_t Size::estimate() const {
  if (isNumber())
    return number;
  return expression ? ::estimate(expression) : 0;
}

std::string Size::toString() const {
  if (isNumber())
    return std::to_string(number);
  if (!expression)
    return "?";
  std::string text;
  llvm::raw_string_ostream(text) << expression;
  return text;
}

//===-- Many sizes --------------------------------------------------------===//

Sizes lambent::toSizes(ArrayRef<int64_t> numbers) {
  return Sizes(numbers.begin(), numbers.end());
}

SmallVector<int64_t> lambent::getNumbers(ArrayRef<Size> sizes) {
  return llvm::map_to_vector(sizes,
                             [](const Size &size) { return size.getNumber(); });
}

bool lambent::areKnown(ArrayRef<Size> sizes) {
  return llvm::all_of(sizes, [](const Size &size) { return size.isKnown(); });
}

bool lambent::areNumbers(ArrayRef<Size> sizes) {
  return llvm::all_of(sizes, [](const Size &size) { return size.isNumber(); });
}

Size lambent::productOf(ArrayRef<Size> sizes) {
  Size product = 1;
  for (const Size &size : sizes)
    product = product * size;
  return product;
}

Size lambent::divideEvenly(ArrayRef<Size> have, ArrayRef<Size> want) {
  Sizes left(have), by;
  for (const Size &size : want) {
    auto same = llvm::find(left, size);
    if (same != left.end())
      left.erase(same);
    else
      by.push_back(size);
  }
  Size product = productOf(left), divisor = productOf(by);
  if (!product.isKnown() || !divisor.isKnown() || divisor == Size(0))
    return Size::unknown();
  if (product.isNumber() && divisor.isNumber())
    return product.getNumber() % divisor.getNumber() == 0
               ? Size(product.getNumber() / divisor.getNumber())
               : Size::unknown();
  MLIRContext *context = getContext(product, divisor);
  if (auto quotient = Polynomial(product).divide(Polynomial(divisor)))
    return quotient->toSize(context);
  // (s0 * 6) / 4 is whole for some s0 only, and then this.
  return divisor.isNumber() ? product.floorDiv(divisor.getNumber())
                            : Size::unknown();
}

Size lambent::divideWhole(const Size &have, const Size &want) {
  Size quotient = divideEvenly({have}, {want});
  return quotient.isKnown() && quotient * want == have ? quotient
                                                       : Size::unknown();
}

//===-- Text --------------------------------------------------------------===//

/// More symbols cannot be written as text.
static constexpr unsigned mostParsedSymbols = 256;

ParseResult lambent::parseSize(AsmParser &parser, Size &size) {
  size = Size::unknown();
  if (succeeded(parser.parseOptionalQuestion()))
    return success();
  std::vector<std::string> names;
  for (unsigned i = 0; i < mostParsedSymbols; ++i)
    names.push_back("s" + std::to_string(i));
  SmallVector<std::pair<StringRef, AffineExpr>> symbols;
  for (auto [i, name] : llvm::enumerate(names))
    symbols.push_back({name, getAffineSymbolExpr(i, parser.getContext())});
  AffineExpr expression;
  if (parser.parseAffineExpr(symbols, expression))
    return failure();
  // In the form that arithmetic gives it, so that equal sizes are equal.
  size = Size(expression) + 0;
  return success();
}

ParseResult lambent::parseSizeList(AsmParser &parser, Sizes &sizes) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parseSize(parser, sizes.emplace_back());
  });
}

void lambent::printSizeList(AsmPrinter &printer, ArrayRef<Size> sizes) {
  printer << '[';
  llvm::interleaveComma(sizes, printer, [&](const Size &size) {
    printer << size.toString();
  });
  printer << ']';
}
