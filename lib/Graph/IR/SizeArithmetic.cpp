//===- SizeArithmetic.cpp - Scalar ops on expressions of sizes ------------===//
//
// Shape arithmetic is element-wise ops on integers. Sums, products and
// divisions of sizes are expressions again, and so are the smaller, the larger
// and comparisons, which are 0 or 1 where a run decides them.
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace lambent::graph {

/// Whether a >= b in every run, as far as their forms show.
static bool isAtLeast(const Size &a, const Size &b) {
  return (a - b).isNotNegative();
}

/// The answer of a signed comparison, if it is the same in every run.
static std::optional<bool> compare(arith::CmpIPredicate predicate,
                                   const Size &a, const Size &b) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq:
  case P::ne:
    if (a == b)
      return predicate == P::eq;
    if (isAtLeast(a, b + 1) || isAtLeast(b, a + 1))
      return predicate == P::ne;
    return std::nullopt;
  case P::sge:
  case P::slt:
    if (isAtLeast(a, b))
      return predicate == P::sge;
    if (isAtLeast(b, a + 1))
      return predicate == P::slt;
    return std::nullopt;
  case P::sle:
  case P::sgt:
    return compare(predicate == P::sle ? P::sge : P::slt, b, a);
  default:
    return std::nullopt;
  }
}

/// The same where runs differ: 1 where it holds, 0 where it does not.
static Size indicate(arith::CmpIPredicate predicate, const Size &a,
                     const Size &b) {
  using P = arith::CmpIPredicate;
  if (auto answer = compare(predicate, a, b))
    return *answer;
  switch (predicate) {
  case P::sgt:
    return indicatePositive(a - b);
  case P::slt:
    return indicatePositive(b - a);
  case P::sge:
    return 1 - indicatePositive(b - a);
  case P::sle:
    return 1 - indicatePositive(a - b);
  case P::eq:
    return 1 - indicatePositive(a - b) - indicatePositive(b - a);
  case P::ne:
    return indicatePositive(a - b) + indicatePositive(b - a);
  default:
    return Size::unknown();
  }
}

/// Booleans are 0 and 1.
static Size evaluateOnBooleans(Operation &op, ArrayRef<Size> sizes) {
  return llvm::TypeSwitch<Operation *, Size>(&op)
      .Case<arith::AndIOp>([&](auto) { return sizes[0] * sizes[1]; })
      .Case<arith::OrIOp>(
          [&](auto) { return sizes[0] + sizes[1] - sizes[0] * sizes[1]; })
      .Case<arith::XOrIOp>(
          [&](auto) { return sizes[0] + sizes[1] - sizes[0] * sizes[1] * 2; })
      .Case<arith::ExtUIOp>([&](auto) { return sizes[0]; })
      .Default([](auto) { return Size::unknown(); });
}

/// `truth` is 0 or 1.
static Attribute evaluateSelect(ArrayRef<Attribute> operands, Type type) {
  Size truth = getSize(operands[0]);
  if (truth.isNumber())
    return operands[truth.is(0) ? 2 : 1];
  if (!isa<IntegerType>(type))
    return {};
  Size yes = getSize(operands[1]), no = getSize(operands[2]);
  if (!areKnown({truth, yes, no}))
    return {};
  return getElement(no + (yes - no) * truth, type);
}

Attribute evaluateOnSizes(Operation &op, ArrayRef<Attribute> operands) {
  Type type = op.getResult(0).getType();
  if (isa<arith::SelectOp>(op))
    return evaluateSelect(operands, type);
  Sizes sizes = llvm::map_to_vector(operands, getSize);
  if (!areKnown(sizes))
    return {};
  auto divide = [&](bool roundsUp) {
    if (!sizes[1].isNumber() || sizes[1].getNumber() <= 0)
      return divideEvenly(sizes[0], sizes[1]);
    return roundsUp ? sizes[0].ceilDiv(sizes[1].getNumber())
                    : sizes[0].floorDiv(sizes[1].getNumber());
  };
  if (auto comparison = dyn_cast<arith::CmpIOp>(op))
    return getElement(indicate(comparison.getPredicate(), sizes[0], sizes[1]),
                      type);
  if (op.getOperand(0).getType().isInteger(1))
    return getElement(evaluateOnBooleans(op, sizes), type);
  Size result =
      llvm::TypeSwitch<Operation *, Size>(&op)
          .Case<arith::AddIOp>([&](auto) { return sizes[0] + sizes[1]; })
          .Case<arith::SubIOp>([&](auto) { return sizes[0] - sizes[1]; })
          .Case<arith::MulIOp>([&](auto) { return sizes[0] * sizes[1]; })
          .Case<arith::FloorDivSIOp>([&](auto) { return divide(false); })
          .Case<arith::CeilDivSIOp>([&](auto) { return divide(true); })
          // Rounds to 0.
          .Case<arith::DivSIOp>([&](auto) {
            return sizes[0].isNotNegative() ? divide(false) : Size::unknown();
          })
          .Case<arith::MaxSIOp>([&](auto) { return max(sizes[0], sizes[1]); })
          .Case<arith::MinSIOp>([&](auto) { return min(sizes[0], sizes[1]); })
          .Case<arith::ExtSIOp, arith::TruncIOp>([&](auto) {
            // No size is so large that 32 bits matter before memory does.
            return type.getIntOrFloatBitWidth() >= 32 ? sizes[0]
                                                      : Size::unknown();
          })
          .Default([](auto) { return Size::unknown(); });
  return getElement(result, type);
}

} // namespace lambent::graph
