//===- Size.cpp - A size: a number, an expression or unknown --------------===//
//
// See Size.h.
//
//===----------------------------------------------------------------------===//

#include "lambent/Sizes/Size.h"
#include "Polynomial.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;

static int64_t boundNumber(Wide number) {
  return static_cast<int64_t>(
      std::clamp<Wide>(number, -mostCounted - 1, mostCounted + 1));
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
    return llvm::divideFloorSigned(boundNumber(lhs),
                                   boundNumber(std::max<Wide>(rhs, 1)));
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
