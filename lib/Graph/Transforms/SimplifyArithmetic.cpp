//===- SimplifyArithmetic.cpp - Algebra inside element-wise ops -----------===//
//
// Exact rewrites, and by default those that Reassociation.h allows.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "Reassociation.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;

namespace lambent::graph {

/// The element-wise op around a scalar op, or null.
static ElementwiseOp getScope(Operation *op) {
  return dyn_cast_if_present<ElementwiseOp>(op->getParentOp());
}

static std::optional<APFloat> getFloat(Value scalar) {
  APFloat value(0.0f);
  if (!matchPattern(scalar, m_ConstantFloat(&value)))
    return std::nullopt;
  return value;
}

static Value createFloat(PatternRewriter &rewriter, Location loc, Type type,
                         double value) {
  return arith::ConstantOp::create(rewriter, loc,
                                   rewriter.getFloatAttr(type, value));
}

/// The rule for the arithmetic of `op`.
static Reassociation getRule(Operation *op) {
  return Reassociation(
      cast<FloatType>(op->getResult(0).getType()).getFloatSemantics());
}

namespace {

/// x / c -> x * (1 / c), exactly for powers of two only.
struct MultiplyByReciprocal : OpRewritePattern<arith::DivFOp> {
  MultiplyByReciprocal(MLIRContext *context, bool strict)
      : OpRewritePattern(context), strict(strict) {}
  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    ElementwiseOp scope = getScope(op);
    if (!scope)
      return failure();
    if (auto value = getFloat(op.getRhs())) {
      APFloat reciprocal(value->getSemantics());
      if (!value->getExactInverse(&reciprocal)) {
        if (strict || !mayMultiply(op, {value->convertToDouble()}))
          return rewriter.notifyMatchFailure(op, "the reciprocal is not exact");
        reciprocal = APFloat::getOne(value->getSemantics());
        reciprocal.divide(*value, APFloat::rmNearestTiesToEven);
      }
      Value factor = arith::ConstantOp::create(
          rewriter, op.getLoc(), FloatAttr::get(op.getType(), reciprocal));
      rewriter.replaceOpWithNewOp<arith::MulFOp>(op, op.getLhs(), factor);
      return success();
    }
    auto argument = dyn_cast<BlockArgument>(op.getRhs());
    if (strict || !argument || argument.getOwner()->getParentOp() != scope)
      return rewriter.notifyMatchFailure(op, "divides by no constant");
    Value divisor = scope.getInputs()[argument.getArgNumber()];
    // A larger constant would only be stored twice.
    if (!isConstantExpression(divisor) ||
        !getTensorType(divisor).hasStaticShape() ||
        getTensorType(scope.getResult()).getShape() ==
            getTensorType(divisor).getShape())
      return rewriter.notifyMatchFailure(op, "divides by no constant");
    std::optional<SmallVector<double>> divisors = readNumbers(divisor);
    if (!divisors || !mayMultiply(op, *divisors))
      return rewriter.notifyMatchFailure(op, "the reciprocals are not exact");
    Value factor;
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(scope);
      TensorBuilder tensors(rewriter, scope.getLoc());
      factor = tensors.div(
          tensors.splat(getTensorType(divisor).getElementType(), {}, 1.0),
          divisor);
    }
    rewriter.modifyOpInPlace(scope, [&] {
      scope->insertOperands(scope->getNumOperands(), factor);
      scope.getBody().front().addArgument(argument.getType(), scope.getLoc());
    });
    rewriter.replaceOpWithNewOp<arith::MulFOp>(
        op, op.getLhs(), scope.getBody().front().getArguments().back());
    return success();
  }

private:
  static bool mayMultiply(arith::DivFOp op, ArrayRef<double> divisors) {
    Reassociation rule = getRule(op);
    return llvm::all_of(divisors,
                        [&](double divisor) {
                          return rule.allowsReciprocal(divisor);
                        }) &&
           !reachesStep(op.getResult());
  }

  bool strict;
};

/// (x * a) * b -> x * (a * b)
struct MergeFactors : OpRewritePattern<arith::MulFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::MulFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getScope(op))
      return failure();
    auto split =
        [](arith::MulFOp op) -> std::optional<std::pair<Value, APFloat>> {
      if (auto value = getFloat(op.getRhs()))
        return std::pair(op.getLhs(), *value);
      if (auto value = getFloat(op.getLhs()))
        return std::pair(op.getRhs(), *value);
      return std::nullopt;
    };
    auto outer = split(op);
    auto inner = outer ? outer->first.getDefiningOp<arith::MulFOp>() : nullptr;
    auto innerParts = inner && inner->hasOneUse() ? split(inner) : std::nullopt;
    if (!innerParts)
      return rewriter.notifyMatchFailure(
          op, "is no product of a product by numbers");
    APFloat product = outer->second;
    product.multiply(innerParts->second, APFloat::rmNearestTiesToEven);
    auto magnitude = [](const APFloat &number) {
      return std::abs(number.convertToDouble());
    };
    if (!getRule(op).allowsProduct(magnitude(outer->second),
                                   magnitude(innerParts->second),
                                   magnitude(product)) ||
        reachesStep(op.getResult()))
      return rewriter.notifyMatchFailure(op, "the numbers must not be merged");
    Value factor = arith::ConstantOp::create(
        rewriter, op.getLoc(), FloatAttr::get(op.getType(), product));
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, innerParts->first, factor);
    return success();
  }
};

/// Powers that one or two operations compute, special values included.
struct ExpandPower : OpRewritePattern<math::PowFOp> {
  ExpandPower(MLIRContext *context, bool strict)
      : OpRewritePattern(context), strict(strict) {}
  LogicalResult matchAndRewrite(math::PowFOp op,
                                PatternRewriter &rewriter) const override {
    auto exponent = getFloat(op.getRhs());
    if (!getScope(op) || !exponent)
      return rewriter.notifyMatchFailure(op, "the exponent is no constant");
    Location loc = op.getLoc();
    Value x = op.getLhs();
    if (x.getDefiningOp<arith::ExtFOp>() && op->hasOneUse() &&
        isa<arith::TruncFOp>(*op->user_begin()))
      return rewriter.notifyMatchFailure(op, "is narrowed first");
    double power = exponent->convertToDouble();
    if (power == 1) {
      rewriter.replaceOp(op, x);
    } else if (power == 2) {
      rewriter.replaceOpWithNewOp<arith::MulFOp>(op, x, x);
    } else if (power == 3 && !strict) {
      Value square = arith::MulFOp::create(rewriter, loc, x, x);
      rewriter.replaceOpWithNewOp<arith::MulFOp>(op, square, x);
    } else if (power == 0.5) {
      // The ONNX reference has NaN of -infinity too, where IEEE 754's pow has
      // infinity.
      rewriter.replaceOpWithNewOp<math::SqrtOp>(op, x);
    } else if (power == -1) {
      rewriter.replaceOpWithNewOp<arith::DivFOp>(
          op, createFloat(rewriter, loc, op.getType(), 1.0), x);
    } else {
      return rewriter.notifyMatchFailure(op, "no simple power");
    }
    return success();
  }

private:
  bool strict;
};

/// A power whose exponent has a wider type, computed in that, in the base's own
/// type where that holds the exponent: kernels compute it with spare bits.
struct NarrowPower : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    auto power = op.getIn().getDefiningOp<math::PowFOp>();
    auto base = power ? power.getLhs().getDefiningOp<arith::ExtFOp>() : nullptr;
    auto exponent = power ? getFloat(power.getRhs()) : std::nullopt;
    auto type = dyn_cast<FloatType>(op.getType());
    if (!getScope(op) || !base || !exponent || !type ||
        base.getIn().getType() != type)
      return rewriter.notifyMatchFailure(op, "is no widened power");
    bool loses = false;
    exponent->convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                      &loses);
    if (loses)
      return rewriter.notifyMatchFailure(op, "the exponent needs its type");
    Value narrow = arith::ConstantOp::create(
        rewriter, op.getLoc(), rewriter.getFloatAttr(type, *exponent));
    rewriter.replaceOpWithNewOp<math::PowFOp>(op, base.getIn(), narrow);
    return success();
  }
};

} // namespace

void populateSimplifyArithmeticPatterns(RewritePatternSet &patterns,
                                        bool strict) {
  MLIRContext *context = patterns.getContext();
  // Numbers move into regions first.
  ElementwiseOp::getCanonicalizationPatterns(patterns, context);
  patterns.add<NarrowPower>(context);
  patterns.add<MultiplyByReciprocal, ExpandPower>(context, strict);
  if (!strict)
    patterns.add<MergeFactors>(context);
}

} // namespace lambent::graph
