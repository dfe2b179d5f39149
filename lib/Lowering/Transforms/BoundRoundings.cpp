//===- BoundRoundings.cpp - Which rounded numbers lie within i32 ----------===//

#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/IR/WeightData.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <cstring>

namespace lambent {
#define GEN_PASS_DEF_BOUNDROUNDINGS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// What roundings on the way may add, many times over.
static constexpr double kSlack = 1 + 1e-5;
static constexpr double kUnknown = HUGE_VAL;

/// The largest magnitude of a constant buffer's f32.
static double boundWeight(Value buffer) {
  auto weight = getRootBuffer(buffer).getDefiningOp<WeightOp>();
  if (!weight || !getElementTypeOrSelf(weight.getType()).isF32())
    return kUnknown;
  ArrayRef<char> data = getData(weight);
  if (data.empty() || data.size() % sizeof(float) != 0)
    return kUnknown;
  double most = 0;
  for (size_t at = 0; at < data.size(); at += sizeof(float)) {
    float number;
    std::memcpy(&number, data.data() + at, sizeof number);
    if (!std::isfinite(number))
      return kUnknown;
    most = std::max(most, double(std::fabs(number)));
  }
  return most;
}

/// What an unsigned number of the type is below.
static double boundType(Value value) {
  return std::ldexp(1, int(value.getType().getIntOrFloatBitWidth()));
}

namespace {

/// Magnitudes of the scalars of one kernel's region.
class Magnitudes {
public:
  explicit Magnitudes(Operation *kernel) : kernel(kernel) {}

  /// What `value` is at most, a float that is no NaN below it.
  double bound(Value value) {
    auto [known, isNew] = bounds.try_emplace(value, kUnknown);
    if (!isNew)
      return known->second;
    double found = value.getType().isIntOrIndex() ? boundInteger(value)
                                                  : boundFloat(value);
    return bounds[value] = found;
  }

private:
  /// As an unsigned number or a signed one.
  double boundInteger(Value value);
  double boundSigned(Value value) {
    return std::min(bound(value), boundType(value) / 2);
  }
  double boundFloat(Value value);
  /// What the kernel hands to its region.
  double boundArgument(BlockArgument argument);

  Operation *kernel;
  llvm::DenseMap<Value, double> bounds;
};

} // namespace

double Magnitudes::boundInteger(Value value) {
  if (!value.getType().isInteger())
    return kUnknown;
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return std::fabs(constant.signedRoundToDouble());
  Operation *op = value.getDefiningOp();
  if (auto wide = dyn_cast_or_null<arith::ExtUIOp>(op))
    return boundType(wide.getIn()) - 1;
  if (auto wide = dyn_cast_or_null<arith::ExtSIOp>(op))
    return boundSigned(wide.getIn());
  if (isa_and_present<arith::AddIOp, arith::SubIOp>(op)) {
    double sum = bound(op->getOperand(0)) + bound(op->getOperand(1));
    // Else it may wrap.
    return sum < boundType(value) / 2 ? sum : boundType(value);
  }
  return boundType(value);
}

double Magnitudes::boundArgument(BlockArgument argument) {
  if (argument.getOwner()->getParentOp() != kernel)
    return kUnknown;
  unsigned index = argument.getArgNumber();
  if (auto stack = dyn_cast<ElementwiseOp>(kernel))
    return index < stack.getInputs().size()
               ? boundWeight(stack.getInputs()[index])
               : kUnknown;
  auto epilogue = dyn_cast<EpilogueOpInterface>(kernel);
  if (!epilogue || index == 0)
    return kUnknown;
  MutableOperandRange inputs = epilogue.getEpilogueInputsMutableRange();
  return index <= inputs.size() ? boundWeight(inputs[index - 1].get())
                                : kUnknown;
}

double Magnitudes::boundFloat(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return boundArgument(argument);
  APFloat constant(0.0);
  if (matchPattern(value, m_ConstantFloat(&constant)))
    return constant.isFinite() ? std::fabs(constant.convertToDouble())
                               : kUnknown;
  Operation *op = value.getDefiningOp();
  auto of = [&](unsigned operand) { return bound(op->getOperand(operand)); };
  double found =
      llvm::TypeSwitch<Operation *, double>(op)
          .Case<arith::SIToFPOp>(
              [&](auto) { return boundSigned(op->getOperand(0)); })
          .Case<arith::UIToFPOp, arith::NegFOp, math::AbsFOp>(
              [&](auto) { return of(0); })
          .Case<math::RoundEvenOp>([&](auto) { return of(0) + 1; })
          .Case<arith::AddFOp, arith::SubFOp>(
              [&](auto) { return of(0) + of(1); })
          .Case<arith::MulFOp>([&](auto) { return of(0) * of(1); })
          .Case<math::FmaOp>([&](auto) { return of(0) * of(1) + of(2); })
          .Case<arith::DivFOp>([&](arith::DivFOp) {
            APFloat divisor(0.0);
            return matchPattern(op->getOperand(1), m_ConstantFloat(&divisor)) &&
                           divisor.isNormal()
                       ? of(0) / std::fabs(divisor.convertToDouble())
                       : kUnknown;
          })
          // Both sides, so that what is known is known without the clamp, too.
          .Case<arith::SelectOp>([&](auto) { return std::max(of(1), of(2)); })
          .Case<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
                arith::MinNumFOp>([&](auto) { return std::max(of(0), of(1)); })
          .Default([](Operation *) { return kUnknown; });
  // 0 times what is unknown, too.
  return found >= 0 ? found * kSlack : kUnknown;
}

namespace {
struct BoundRoundings : lambent::impl::BoundRoundingsBase<BoundRoundings> {
  void runOnOperation() override {
    getOperation().walk([&](KernelOpInterface kernel) {
      Magnitudes magnitudes(kernel);
      kernel->walk([&](math::RoundEvenOp op) {
        constexpr double most = 0x1p31 - 256;
        if (op.getType().isF32() && magnitudes.bound(op.getOperand()) < most)
          op->setDiscardableAttr(kWithinI32, UnitAttr::get(&getContext()));
      });
    });
  }
};
} // namespace
