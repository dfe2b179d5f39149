//===- NarrowFloats.cpp - f16 and bf16 by means of f32 --------------------===//
//
// Where there is no instruction LLVM calls a library, which has some of these
// functions on some systems.
//
//===----------------------------------------------------------------------===//

#include "NarrowFloats.h"
#include "Arithmetic.h"
#include "lambent/Lowering/Kernels/MathExpansion.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

namespace lambent::expansion {

static Type withElement(Type type, Type element) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(element);
  return element;
}

/// The bits of a narrow float as i32.
static Bits widen(const Site &site, Value narrow) {
  OpBuilder &b = site.builder;
  Value bits = arith::BitcastOp::create(
      b, site.loc, withElement(narrow.getType(), b.getI16Type()), narrow);
  return {&site, arith::ExtUIOp::create(
                     b, site.loc, withElement(narrow.getType(), b.getI32Type()),
                     bits)};
}

/// The narrow float whose bits are the lower half of `bits`.
static Value narrow(Bits bits, Type type) {
  OpBuilder &b = bits.site->builder;
  Value half = arith::TruncIOp::create(
      b, bits.site->loc, withElement(type, b.getI16Type()), bits.value);
  return arith::BitcastOp::create(b, bits.site->loc, type, half);
}

static Real fromBF16(Bits bits, Real like) { return (bits << 16).asReal(like); }

static Bits toBF16(Real x) {
  Bits bits = x.bits();
  Bits rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  Bits quiet = ((bits >> 16) & 0xFF80) + 0x40;
  return select(x == x, rounded, quiet);
}

static Real fromF16(Bits bits, Real like) {
  Bits magnitude = (bits & 0x7FFF) << 13;
  // Each has another exponent in f32. No step is subnormal there, for the
  // target may flush such numbers.
  Real normal = (magnitude + 0x38000000).asReal(like);
  Real subnormal = (magnitude + 0x38800000).asReal(like) - 0x1p-14;
  Real special = (magnitude + 0x70000000).asReal(like); // infinity, NaN
  Real number = select(magnitude.asReal(like) < 0x1p-126, subnormal, normal);
  return copySign(select(magnitude.asReal(like) < 0x1p-96, number, special),
                  ((bits & 0x8000) << 16).asReal(like));
}

static Bits toF16(Real x) {
  Real magnitude = abs(x);
  Bits bits = magnitude.bits();
  Bits normal =
      (bits + (0xC8000FFF - (int64_t(1) << 32)) + ((bits >> 13) & 1)) >> 13;
  // Adding a half rounds to multiples of the smallest f16.
  Bits subnormal = (magnitude + 0.5).bits() - 0x3F000000;
  Bits result = select(magnitude < 0x1p-14, subnormal, normal);
  result = select(magnitude < 0x1p16, result, result.constant(0x7C00));
  result = select(x == x, result, result.constant(0x7E00));
  return result + ((x.bits() >> 16) & 0x8000);
}

namespace {

/// Whether `type` is a narrow float that the patterns convert.
struct Narrow {
  bool f16;
  bool operator()(Type type) const {
    Type element = getElementTypeOrSelf(type);
    return element.isBF16() || (f16 && element.isF16());
  }
};

/// Arithmetic on narrow floats in f32, rounded after each op: f32 has more than
/// twice the bits of either, so that sums, products, quotients and roots round
/// as if they were computed exactly.
struct WidenArithmetic : RewritePattern {
  WidenArithmetic(MLIRContext *context, bool f16)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context), isNarrow{
                                                                         f16} {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    bool computes =
        isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
        !isa<arith::ConstantOp, arith::SelectOp, arith::BitcastOp,
             arith::ExtFOp, arith::TruncFOp>(op);
    if (!computes || op->getNumResults() != 1 ||
        (llvm::none_of(op->getOperandTypes(), isNarrow) &&
         !isNarrow(op->getResult(0).getType())))
      return rewriter.notifyMatchFailure(op, "computes no narrow floats");
    auto widened = [&](Type type) {
      return isNarrow(type) ? withElement(type, rewriter.getF32Type()) : type;
    };
    Location loc = op->getLoc();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isNarrow(operand.getType())
                             ? arith::ExtFOp::create(rewriter, loc,
                                                     widened(operand.getType()),
                                                     operand)
                                   .getResult()
                             : operand);
    Type type = op->getResult(0).getType();
    Operation *wide = rewriter.create(loc, op->getName().getIdentifier(),
                                      operands, widened(type), op->getAttrs());
    Value result = wide->getResult(0);
    if (isNarrow(type))
      result = arith::TruncFOp::create(rewriter, loc, type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
  Narrow isNarrow;
};

struct ExpandExtension : OpRewritePattern<arith::ExtFOp> {
  ExpandExtension(MLIRContext *context, bool f16)
      : OpRewritePattern(context), isNarrow{f16} {}
  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    if (!isNarrow(op.getIn().getType()))
      return rewriter.notifyMatchFailure(op, "not a narrow float");
    MathTarget target;
    Site site{rewriter, op.getLoc(), target};
    Type f32 = withElement(op.getType(), rewriter.getF32Type());
    Real like{&site, arith::ConstantOp::create(
                         rewriter, op.getLoc(),
                         cast<TypedAttr>(rewriter.getZeroAttr(f32)))};
    Bits bits = widen(site, op.getIn());
    Real wide = getElementTypeOrSelf(op.getIn().getType()).isBF16()
                    ? fromBF16(bits, like)
                    : fromF16(bits, like);
    rewriter.replaceOp(
        op, wide.convert(cast<FloatType>(getElementTypeOrSelf(op.getType())))
                .value);
    return success();
  }
  Narrow isNarrow;
};

struct ExpandTruncation : OpRewritePattern<arith::TruncFOp> {
  ExpandTruncation(MLIRContext *context, const MathTarget &target)
      : OpRewritePattern(context), target(target),
        isNarrow{!target.hasF16Conversions} {}
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!isNarrow(op.getType()) ||
        !getElementTypeOrSelf(op.getIn().getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not from f32 to a narrow float");
    bool isBF16 = getElementTypeOrSelf(op.getType()).isBF16();
    if (isBF16 && target.roundToBF16 && mayLoseDenormals(op))
      if (Value rounded =
              target.roundToBF16(rewriter, op.getLoc(), op.getIn())) {
        rewriter.replaceOp(op, rounded);
        return success();
      }
    MathTarget none;
    Site site{rewriter, op.getLoc(), none};
    Real x{&site, op.getIn()};
    rewriter.replaceOp(op, narrow(isBF16 ? toBF16(x) : toF16(x), op.getType()));
    return success();
  }

private:
  static bool mayLoseDenormals(arith::TruncFOp op) {
    return arith::bitEnumContainsAll(
        op.getFastmath().value_or(arith::FastMathFlags::none),
        arith::FastMathFlags::afn);
  }

  const MathTarget &target;
  Narrow isNarrow;
};

} // namespace

void populateNarrowArithmeticPatterns(RewritePatternSet &patterns, bool f16) {
  patterns.add<WidenArithmetic>(patterns.getContext(), f16);
}

void populateNarrowFloatPatterns(RewritePatternSet &patterns,
                                 const MathTarget &target) {
  patterns.add<ExpandExtension>(patterns.getContext(),
                                !target.hasF16Conversions);
  patterns.add<ExpandTruncation>(patterns.getContext(), target);
}

} // namespace lambent::expansion

void lambent::storeBF16AsBits(Operation *root) {
  // What instructions take and give as bf16 becomes that again.
  SmallVector<std::pair<OpOperand *, Type>> kept;
  SmallVector<std::pair<OpResult, Type>> given;
  root->walk([&](LLVM::CallIntrinsicOp call) {
    for (OpOperand &operand : call->getOpOperands())
      if (getElementTypeOrSelf(operand.get().getType()).isBF16())
        kept.emplace_back(&operand, operand.get().getType());
    for (OpResult result : call->getResults())
      if (getElementTypeOrSelf(result.getType()).isBF16())
        given.emplace_back(result, result.getType());
  });
  Type i16 = IntegerType::get(root->getContext(), 16);
  AttrTypeReplacer replacer;
  replacer.addReplacement([=](BFloat16Type) { return i16; });
  replacer.addReplacement([=](FloatAttr value) -> std::optional<Attribute> {
    if (!value.getType().isBF16())
      return std::nullopt;
    return IntegerAttr::get(i16, value.getValue().bitcastToAPInt());
  });
  replacer.addReplacement(
      [=](DenseElementsAttr value) -> std::optional<Attribute> {
        if (!value.getElementType().isBF16())
          return std::nullopt;
        return value.bitcast(i16);
      });
  replacer.recursivelyReplaceElementsIn(root, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  // What was a bitcast changes nothing now.
  root->walk([](arith::BitcastOp op) {
    if (op.getIn().getType() != op.getType())
      return;
    op.replaceAllUsesWith(op.getIn());
    op.erase();
  });
  for (auto [result, type] : given) {
    OpBuilder builder(root->getContext());
    builder.setInsertionPointAfterValue(result);
    Type bits = result.getType();
    result.setType(type);
    auto cast = LLVM::BitcastOp::create(builder, result.getLoc(), bits, result);
    result.replaceAllUsesExcept(cast, cast);
  }
  for (auto [operand, type] : kept) {
    OpBuilder builder(operand->getOwner());
    operand->set(LLVM::BitcastOp::create(builder, operand->getOwner()->getLoc(),
                                         type, operand->get()));
  }
}
