//===- MathExpansion.cpp - Elementary functions as plain arithmetic -------===//
//
// The patterns: each math op, the function that expands it, and the types it
// takes.
//
//===----------------------------------------------------------------------===//

#include "lambent/Lowering/Kernels/MathExpansion.h"
#include "Functions.h"
#include "NarrowFloats.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;

namespace lambent {

namespace {
using expansion::Real;

/// The common part: converts operands narrower than f32, calls `emit`, converts
/// the result.
template <typename OpTy> struct Expand : OpRewritePattern<OpTy> {
  using Emit = std::function<Real(ArrayRef<Real>)>;
  Expand(MLIRContext *context, const MathTarget &target, Emit emit,
         PatternBenefit benefit = 1)
      : OpRewritePattern<OpTy>(context, benefit), target(target),
        emit(std::move(emit)) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto element = dyn_cast<FloatType>(getElementTypeOrSelf(op.getType()));
    if (!element || element.getWidth() > 64)
      return rewriter.notifyMatchFailure(op,
                                         "element type without an expansion");
    FloatType computed =
        element.getWidth() < 32 ? Float32Type::get(op.getContext()) : element;
    expansion::Site site{rewriter, op.getLoc(), target};
    SmallVector<Real> operands;
    for (Value operand : op->getOperands())
      operands.push_back(Real{&site, operand}.convert(computed));
    rewriter.replaceOp(op, emit(operands).convert(element).value);
    return success();
  }

  MathTarget target;
  Emit emit;
};

/// An exp that may be approximate.
struct ExpandApproximateExp : Expand<math::ExpOp> {
  ExpandApproximateExp(MLIRContext *context, const MathTarget &target)
      : Expand(
            context, target,
            [](ArrayRef<Real> operands) {
              return expansion::approximateExp(operands[0]);
            },
            /*benefit=*/2) {}
  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    if (!bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn))
      return rewriter.notifyMatchFailure(op, "must not be approximate");
    return Expand::matchAndRewrite(op, rewriter);
  }
};
} // namespace

namespace {
/// c + c * f(x) of an f that needs no accuracy where it is small, for the sum
/// hides that.
template <typename OpTy>
struct ExpandOnePlus : OpRewritePattern<arith::AddFOp> {
  ExpandOnePlus(MLIRContext *context, const MathTarget &target,
                Real (*function)(Real))
      : OpRewritePattern(context), target(target), function(function) {}

  LogicalResult matchAndRewrite(arith::AddFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "another type than f32");
    APFloat added(0.0f), factor(1.0f);
    if (!matchPattern(op.getRhs(), m_ConstantFloat(&added)))
      return rewriter.notifyMatchFailure(op, "no constant added");
    Value value = op.getLhs();
    auto product = value.getDefiningOp<arith::MulFOp>();
    if (product && matchPattern(product.getRhs(), m_ConstantFloat(&factor)))
      value = product.getLhs();
    auto inner = value.getDefiningOp<OpTy>();
    if (!inner || factor != added)
      return rewriter.notifyMatchFailure(op, "no c + c * f(x)");
    expansion::Site site{rewriter, op.getLoc(), target};
    Real sum = function({&site, inner.getOperand()});
    if (product)
      sum = sum * factor.convertToFloat();
    rewriter.replaceOp(op, sum.value);
    return success();
  }

  MathTarget target;
  Real (*function)(Real); ///< 1 + f
};
} // namespace

template <typename OpTy>
static void add(RewritePatternSet &patterns, const MathTarget &target,
                Real (*function)(Real)) {
  patterns.add<Expand<OpTy>>(
      patterns.getContext(), target,
      [=](ArrayRef<Real> operands) { return function(operands[0]); });
}

void populateMathApproximationPatterns(RewritePatternSet &patterns,
                                       const MathTarget &target) {
  namespace ex = expansion;
  MLIRContext *context = patterns.getContext();
  add<math::ExpOp>(patterns, target, ex::exp);
  patterns.add<ExpandApproximateExp>(context, target);
  add<math::Exp2Op>(patterns, target, ex::exp2);
  add<math::ExpM1Op>(patterns, target, ex::expm1);
  add<math::LogOp>(patterns, target, ex::log);
  add<math::Log2Op>(patterns, target, ex::log2);
  add<math::Log10Op>(patterns, target, ex::log10);
  add<math::Log1pOp>(patterns, target, ex::log1p);
  add<math::TanhOp>(patterns, target, ex::tanh);
  add<math::ErfOp>(patterns, target, ex::erf);
  add<math::RsqrtOp>(patterns, target, ex::rsqrt);
  add<math::SinOp>(patterns, target, ex::sin);
  add<math::CosOp>(patterns, target, ex::cos);
  add<math::TanOp>(patterns, target, ex::tan);
  add<math::AsinOp>(patterns, target, ex::asin);
  add<math::AcosOp>(patterns, target, ex::acos);
  add<math::AtanOp>(patterns, target, ex::atan);
  add<math::SinhOp>(patterns, target, ex::sinh);
  add<math::CoshOp>(patterns, target, ex::cosh);
  add<math::AsinhOp>(patterns, target, ex::asinh);
  add<math::AcoshOp>(patterns, target, ex::acosh);
  add<math::AtanhOp>(patterns, target, ex::atanh);
  add<math::RoundOp>(patterns, target, ex::round);
  patterns.add<Expand<math::PowFOp>>(
      context, target, [](ArrayRef<Real> xy) { return ex::pow(xy[0], xy[1]); });
  patterns.add<Expand<arith::RemFOp>>(context, target, [](ArrayRef<Real> xy) {
    return ex::remainder(xy[0], xy[1]);
  });
  if (!target.hasFMA)
    patterns.add<Expand<math::FmaOp>>(context, target, [](ArrayRef<Real> abc) {
      return ex::multiplyAdd(abc[0], abc[1], abc[2]);
    });
  if (!target.hasRound) {
    add<math::FloorOp>(patterns, target, ex::floor);
    add<math::CeilOp>(patterns, target, ex::ceil);
    add<math::TruncOp>(patterns, target, ex::trunc);
    add<math::RoundEvenOp>(patterns, target, ex::roundToEven);
  }
}

/// Whether LLVM makes instructions of `op`, and no call.
static bool isInline(Operation *op, const MathTarget &target) {
  if (isa<math::FmaOp>(op))
    return target.hasFMA;
  if (isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp>(op))
    return target.hasRound;
  return isa<math::AbsFOp, math::AbsIOp, math::SqrtOp, math::CopySignOp,
             math::CtPopOp, math::CountLeadingZerosOp,
             math::CountTrailingZerosOp, math::IsFiniteOp, math::IsInfOp,
             math::IsNaNOp, math::IsNormalOp, math::ClampFOp>(op);
}

LogicalResult expandMath(Operation *root, const MathTarget &target) {
  // First, while there are these functions.
  RewritePatternSet sums(root->getContext());
  sums.add<ExpandOnePlus<math::ErfOp>>(root->getContext(), target,
                                       expansion::onePlusErf);
  sums.add<ExpandOnePlus<math::TanhOp>>(root->getContext(), target,
                                        expansion::onePlusTanh);
  walkAndApplyPatterns(root, std::move(sums));
  RewritePatternSet patterns(root->getContext());
  populateMathApproximationPatterns(patterns, target);
  walkAndApplyPatterns(root, std::move(patterns));
  // Afterwards, since the functions of narrow floats convert them.
  bool f16 = !target.hasF16Conversions;
  RewritePatternSet arithmetic(root->getContext());
  expansion::populateNarrowArithmeticPatterns(arithmetic, f16);
  walkAndApplyPatterns(root, std::move(arithmetic));
  RewritePatternSet conversions(root->getContext());
  expansion::populateNarrowFloatPatterns(conversions, target);
  walkAndApplyPatterns(root, std::move(conversions));
  LogicalResult result = success();
  root->walk([&](Operation *op) {
    bool isMath = op->getName().getDialectNamespace() ==
                  math::MathDialect::getDialectNamespace();
    if (isMath ? isInline(op, target) : !isa<arith::RemFOp>(op))
      return;
    result = emitUnsupported(op)
             << "the function " << op->getName().stripDialect()
             << " is not supported on elements of type "
             << getElementTypeOrSelf(op->getResult(0).getType());
  });
  return result;
}

} // namespace lambent
