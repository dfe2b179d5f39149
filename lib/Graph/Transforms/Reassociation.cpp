//===- Reassociation.cpp - What constants may be merged -------------------===//

#include "Reassociation.h"
#include "ConstantNumbers.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;

namespace lambent::graph {

Reassociation::Reassociation(const llvm::fltSemantics &semantics) {
  int exponents = llvm::APFloat::semanticsMaxExponent(semantics),
      bits = static_cast<int>(llvm::APFloat::semanticsPrecision(semantics));
  int quarter = std::max(exponents / 4, 7);
  largestFactor = std::ldexp(1.0, quarter);
  smallestProduct = std::ldexp(1.0, -2 * quarter);
  largestRatio = std::ldexp(1.0, bits / 3);
  largestShift = std::ldexp(1.0, bits / 2);
  smallestNormal =
      std::ldexp(1.0, llvm::APFloat::semanticsMinExponent(semantics));
  largestNumber = llvm::APFloat::getLargest(semantics).convertToDouble();
}

// All comparisons are false for a NaN.

bool Reassociation::allowsProduct(double a, double b, double product) const {
  if (!(a <= largestFactor && b <= largestFactor))
    return false;
  return product >= smallestProduct || a == 0 || b == 0;
}

bool Reassociation::allowsSum(ArrayRef<double> a, ArrayRef<double> b) const {
  double largestSum = 0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    largestSum = std::max(largestSum, std::abs(x + y));
  return llvm::all_of(llvm::zip_equal(a, b), [&](auto pair) {
    auto [x, y] = pair;
    double sum = std::abs(x + y), smaller = std::min(std::abs(x), std::abs(y)),
           larger = std::max(std::abs(x), std::abs(y));
    if (!(sum <= largestNumber))
      return false;
    if (larger <= largestShift)
      return larger <= largestRatio * largestSum;
    return larger <= largestRatio * sum &&
           (smaller == 0 || larger <= largestRatio * smaller);
  });
}

bool Reassociation::allowsShift(double a) const { return a <= largestShift; }

bool Reassociation::allowsReciprocal(double divisor) const {
  double reciprocal = std::abs(1 / divisor);
  return reciprocal >= smallestNormal && reciprocal <= 1 / smallestNormal;
}

//===-- Steps -------------------------------------------------------------===//

/// Whether the result of `op` jumps where an operand changes a little.
static bool isStep(Operation *op) {
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return llvm::none_of(op->getOperands(), [](Value operand) {
      return matchPattern(operand, m_AnyZeroFloat());
    });
  return isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundOp,
             math::RoundEvenOp, arith::FPToSIOp, arith::FPToUIOp,
             arith::RemFOp>(op);
}

bool reachesStep(Value value) {
  // Steps are near what they round: a graph is not searched to its end.
  constexpr size_t maxVisited = 64;
  llvm::SmallSetVector<Value, 16> reached;
  reached.insert(value);
  for (size_t next = 0; next < reached.size() && next < maxVisited; ++next) {
    for (OpOperand &use : reached[next].getUses()) {
      Operation *user = use.getOwner();
      if (isStep(user))
        return true;
      if (auto elementwise = dyn_cast<ElementwiseOp>(user))
        reached.insert(
            elementwise.getBody().front().getArgument(use.getOperandNumber()));
      else if (auto scope = dyn_cast<ElementwiseOp>(user->getParentOp()))
        reached.insert(isa<YieldOp>(user) ? Value(scope.getResult())
                                          : user->getResult(0));
      else if (isa<ElementsOpInterface>(user) || isReshape(user))
        reached.insert(user->getResult(0));
    }
  }
  return false;
}

//===-- Arithmetic --------------------------------------------------------===//

/// Applies `function` to two vectors, of which one may have a single element.
template <typename Function>
static Numbers map(const Numbers &a, const Numbers &b, Function function) {
  Numbers result;
  if (!a || !b)
    return result;
  auto at = [](const Numbers &numbers, size_t i) {
    return numbers.elements[numbers.elements.size() == 1 ? 0 : i];
  };
  size_t size = std::max(a.elements.size(), b.elements.size());
  for (size_t i = 0; i < size; ++i)
    result.elements.push_back(function(at(a, i), at(b, i)));
  return result;
}

static double getLargest(const Numbers &numbers) {
  double largest = 0;
  for (double number : numbers.elements)
    largest = std::isnan(number) ? number : std::max(largest, std::abs(number));
  return largest;
}

Numbers CheckedArithmetic::mul(const Numbers &a, const Numbers &b) {
  Numbers product = map(a, b, std::multiplies<double>());
  allowed &=
      rule.allowsProduct(getLargest(a), getLargest(b), getLargest(product));
  return product;
}

Numbers CheckedArithmetic::div(const Numbers &a, const Numbers &b) {
  allowed &= llvm::all_of(b.elements, [&](double divisor) {
    return rule.allowsReciprocal(divisor);
  });
  return mul(a, map({{1.0}}, b, std::divides<double>()));
}

Numbers CheckedArithmetic::add(const Numbers &a, const Numbers &b) {
  auto first = [](double x, double) { return x; };
  Numbers left = map(a, b, first), right = map(b, a, first);
  allowed &= rule.allowsSum(left.elements, right.elements);
  return map(a, b, std::plus<double>());
}

Numbers CheckedArithmetic::sub(const Numbers &a, const Numbers &b) {
  return add(a, map({{0.0}}, b, std::minus<double>()));
}

Numbers CheckedArithmetic::toVector(Value constant) {
  std::optional<SmallVector<double>> elements = readNumbers(constant);
  if (elements)
    return {*elements};
  allowed = false;
  return {};
}

void CheckedArithmetic::scaleWeights(Value weights, const Numbers &scale) {
  if (!scale)
    return;
  double largest = getLargest(scale);
  // Weights that are computed are of the usual size.
  double weight = getLargestMagnitude(weights).value_or(1);
  allowed &= rule.allowsProduct(weight, largest, weight * largest);
}

void CheckedArithmetic::shiftInput(const Numbers &shift) {
  allowed &= rule.allowsShift(getLargest(shift));
}

} // namespace lambent::graph
