//===- Sizes.cpp - Sizes of dims: numbers, expressions or unknown ---------===//

#include "lambent/Graph/IR/Sizes.h"
#include "Elements.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "lambent/Graph/IR/Sizes.cpp.inc"

namespace lambent::graph {

void GraphDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lambent/Graph/IR/Sizes.cpp.inc"
      >();
}

//===-- The attribute -----------------------------------------------------===//

/// More symbols cannot be written as text.
static constexpr unsigned mostParsedSymbols = 256;

Attribute SizesAttr::parse(AsmParser &parser, Type) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < mostParsedSymbols; ++i)
    names.push_back("s" + std::to_string(i));
  SmallVector<std::pair<StringRef, AffineExpr>> symbols;
  for (auto [i, name] : llvm::enumerate(names))
    symbols.push_back({name, getAffineSymbolExpr(i, parser.getContext())});
  SmallVector<AffineExpr> sizes;
  auto parseSize = [&]() -> ParseResult {
    AffineExpr size;
    if (succeeded(parser.parseOptionalQuestion()))
      return sizes.push_back(size), success();
    if (parser.parseAffineExpr(symbols, size))
      return failure();
    return sizes.push_back(size), success();
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseSize) ||
      parser.parseGreater())
    return {};
  return get(parser.getContext(), sizes);
}

void SizesAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getSizes(), printer, [&](AffineExpr size) {
    if (size)
      printer << size;
    else
      printer << '?';
  });
  printer << "]>";
}

LogicalResult
SizesAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                          function_ref<InFlightDiagnostic()> emitError) const {
  if (getSizes().size() != shape.size())
    return emitError() << "expected " << shape.size() << " sizes, but got "
                       << getSizes().size();
  for (auto [dim, size] : llvm::zip(shape, getSizes())) {
    auto number = dyn_cast_or_null<AffineConstantExpr>(size);
    if (number ? number.getValue() != dim : !isOpen(dim))
      return emitError() << "expected sizes of " << describeShape(shape)
                         << ", but got " << *this;
  }
  return success();
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
  if (sum > maxElements || sum < -maxElements)
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
  if (!first || Wide(first.getValue()) * by > maxElements)
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

Size::Size(AffineExpr given) : number(openDim) {
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

Size operator+(const Size &a, const Size &b) { return addTimes(a, b, 1); }
Size operator-(const Size &a, const Size &b) { return addTimes(a, b, -1); }

Size operator*(const Size &a, const Size &b) {
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

static bool isNotNegative(AffineExpr expression) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expression))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  return !binary ||
         (isNotNegative(binary.getLHS()) && isNotNegative(binary.getRHS()));
}

bool Size::isNotNegative() const {
  if (isNumber())
    return number >= 0;
  return expression && graph::isNotNegative(expression);
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

Sizes getSizes(RankedTensorType type) {
  auto encoding = dyn_cast_or_null<SizesAttr>(type.getEncoding());
  if (!encoding)
    return Sizes(type.getShape().begin(), type.getShape().end());
  return llvm::map_to_vector(encoding.getSizes(),
                             [](AffineExpr size) { return Size(size); });
}

SizesAttr makeSizesAttr(MLIRContext *context, ArrayRef<Size> sizes) {
  return SizesAttr::get(context,
                        llvm::map_to_vector(sizes, [&](const Size &size) {
                          return size.getExpression(context);
                        }));
}

RankedTensorType makeTensorType(ArrayRef<Size> sizes, Type elementType) {
  Shape shape;
  bool isSymbolic = false;
  for (const Size &size : sizes) {
    // Where a number is absurd, whoever asked for the type says so.
    shape.push_back(size.isNumber() ? std::max<int64_t>(size.getNumber(), -1)
                                    : openDim);
    isSymbolic |= bool(size.getExpression());
  }
  return RankedTensorType::get(
      shape, elementType,
      isSymbolic ? makeSizesAttr(elementType.getContext(), sizes)
                 : SizesAttr());
}

bool areKnown(ArrayRef<Size> sizes) {
  return llvm::all_of(sizes, [](const Size &size) { return size.isKnown(); });
}

Size productOf(ArrayRef<Size> sizes) {
  Size product = 1;
  for (const Size &size : sizes)
    product = product * size;
  return product;
}

Size divideEvenly(ArrayRef<Size> have, ArrayRef<Size> want) {
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

Attribute getElement(const Size &size, Type type) {
  if (size.isNumber())
    return getIntElement(type, size.getNumber());
  return size.isKnown()
             ? SizesAttr::get(type.getContext(), {size.getExpression()})
             : Attribute();
}

Size getSize(Attribute element) {
  if (auto expression = dyn_cast_or_null<SizesAttr>(element))
    return Size(expression.getSizes().front());
  std::optional<int64_t> number = getInt(element);
  // The least number stands for what is unknown; one more is as far away.
  return number ? Size(std::max(*number, ShapedType::kDynamic + 1))
                : Size::unknown();
}

} // namespace lambent::graph
