//===- RelaxSigmoids.cpp - Quotients by 1 + e^x ---------------------------===//

#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

namespace lambent {
#define GEN_PASS_DEF_RELAXSIGMOIDS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;

/// The e^x of `sum` = 1 + e^x, if nothing else reads it.
static math::ExpOp getOnlyExponential(arith::AddFOp sum) {
  for (auto [one, power] : {std::pair(sum.getLhs(), sum.getRhs()),
                            std::pair(sum.getRhs(), sum.getLhs())}) {
    auto exp = power.getDefiningOp<math::ExpOp>();
    if (exp && exp->hasOneUse() && matchPattern(one, m_OneFloat()))
      return exp;
  }
  return nullptr;
}

/// The product that alone reads the reciprocal `quotient`.
static arith::MulFOp getOnlyProduct(arith::DivFOp quotient) {
  if (!matchPattern(quotient.getLhs(), m_OneFloat()) || !quotient->hasOneUse())
    return nullptr;
  return dyn_cast<arith::MulFOp>(*quotient->user_begin());
}

static void relax(arith::DivFOp quotient) {
  auto sum = quotient.getRhs().getDefiningOp<arith::AddFOp>();
  auto exp = sum && sum->hasOneUse() ? getOnlyExponential(sum) : nullptr;
  if (!exp || getElementTypeOrSelf(exp.getType()).isF64())
    return;
  exp.setFastmath(exp.getFastmath() | arith::FastMathFlags::afn);
  arith::MulFOp product = getOnlyProduct(quotient);
  if (!product)
    return;
  Value factor = product.getLhs() == quotient.getResult() ? product.getRhs()
                                                          : product.getLhs();
  OpBuilder builder(product);
  product.replaceAllUsesWith(
      arith::DivFOp::create(builder, product.getLoc(), factor, sum)
          .getResult());
  product.erase();
  quotient.erase();
}

namespace {
struct RelaxSigmoids : lambent::impl::RelaxSigmoidsBase<RelaxSigmoids> {
  void runOnOperation() override {
    SmallVector<arith::DivFOp> quotients;
    getOperation().walk([&](arith::DivFOp op) { quotients.push_back(op); });
    for (arith::DivFOp op : quotients)
      relax(op);
  }
};
} // namespace
