//===- SizeArithmetic.cpp - Scalar ops on expressions of sizes ------------===//
//
// Shape arithmetic is element-wise ops on integers. Sums, products and
// divisions of sizes are expressions again; comparisons are known where the
// operands' forms show the answer, as that a size is not -1.
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

Attribute evaluateOnSizes(Operation &op, ArrayRef<Attribute> operands) {
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    std::optional<int64_t> condition = getInt(operands[0]);
    return condition ? operands[*condition ? 1 : 2] : Attribute();
  }
  Sizes sizes = llvm::map_to_vector(operands, getSize);
  if (!areKnown(sizes))
    return {};
  auto divide = [&](bool roundsUp) {
    if (!sizes[1].isNumber() || sizes[1].getNumber() <= 0)
      return divideEvenly(sizes[0], sizes[1]);
    return roundsUp ? sizes[0].ceilDiv(sizes[1].getNumber())
                    : sizes[0].floorDiv(sizes[1].getNumber());
  };
  auto pick = [&](bool larger) {
    if (isAtLeast(sizes[0], sizes[1]))
      return sizes[larger ? 0 : 1];
    return isAtLeast(sizes[1], sizes[0]) ? sizes[larger ? 1 : 0]
                                         : Size::unknown();
  };
  Type type = op.getResult(0).getType();
  if (auto comparison = dyn_cast<arith::CmpIOp>(op)) {
    auto answer = compare(comparison.getPredicate(), sizes[0], sizes[1]);
    return answer ? getIntElement(type, *answer) : Attribute();
  }
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
          .Case<arith::MaxSIOp>([&](auto) { return pick(true); })
          .Case<arith::MinSIOp>([&](auto) { return pick(false); })
          .Case<arith::ExtSIOp, arith::TruncIOp>([&](auto) {
            // No size is so large that 32 bits matter before memory does.
            return type.getIntOrFloatBitWidth() >= 32 ? sizes[0]
                                                      : Size::unknown();
          })
          .Default([](auto) { return Size::unknown(); });
  return getElement(result, type);
}

} // namespace lambent::graph
