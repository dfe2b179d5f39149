//===- FoldByteSums.cpp - Requantized sums of two bytes -------------------===//
//
// There are 65,536 pairs of bytes: whether other factors round to the same
// integers is tried on all of them.
//
//===----------------------------------------------------------------------===//

#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

namespace lambent {
#define GEN_PASS_DEF_FOLDBYTESUMS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;

static constexpr int64_t kBytes = 256;

static std::optional<float> getFloat(Value value) {
  APFloat constant(0.0f);
  if (!value.getType().isF32() ||
      !matchPattern(value, m_ConstantFloat(&constant)))
    return std::nullopt;
  return constant.convertToFloat();
}

namespace {

/// (byte - zero) * scale
struct DequantizedByte {
  Value byte; ///< widened to i32
  int64_t least = 0, zero = 0;
  float scale = 0;
  /// byte - zero, where the byte is rounded in the region: before it was moved
  /// by its zero point, it was that difference.
  Value difference;

  static std::optional<DequantizedByte> match(Value value);
  /// As the region computes it of byte number `index` from the least one up.
  float get(int64_t index) const { return float(least + index - zero) * scale; }
  /// What factors multiply.
  Value getOperand() const { return difference ? difference : byte; }
  float getNumber(int64_t index) const {
    return float(least + index - (difference ? zero : 0));
  }
  double getLeftZero() const { return difference ? 0 : double(zero); }
};

/// Bytes that a rounded number, moved by `zero`, is clamped to.
struct RoundedRange {
  float least = 0, most = 0; ///< without the zero point

  static std::optional<RoundedRange> match(math::RoundEvenOp rounded);
  float round(float number) const {
    return std::min(std::max(std::nearbyint(number), least), most);
  }
};

/// x * a + (y * b + sum), of bytes x and y or of these less their zero points.
struct Factors {
  float a, b, sum;

  float apply(float x, float y) const {
    return std::fma(x, a, std::fma(y, b, sum));
  }
};

/// What is computed now.
struct ByteSum {
  DequantizedByte a, b;
  float scale;
  RoundedRange range;

  std::optional<Factors> findFactors() const;

private:
  /// A pair whose quotient lies next to the middle of two integers.
  struct Pair {
    float x, y, rounded;
  };
  float divide(int64_t indexA, int64_t indexB) const {
    return (a.get(indexA) + b.get(indexB)) / scale;
  }
  std::vector<Pair> listClosePairs() const;
  bool agreesOnAll(const Factors &factors) const;
};

} // namespace

std::optional<DequantizedByte> DequantizedByte::match(Value value) {
  auto product = value.getDefiningOp<arith::MulFOp>();
  auto scale = product ? getFloat(product.getRhs()) : std::nullopt;
  auto number = scale ? product.getLhs().getDefiningOp<arith::SIToFPOp>()
                      : arith::SIToFPOp();
  if (!number)
    return std::nullopt;
  DequantizedByte result;
  result.scale = *scale;
  result.byte = number.getIn();
  if (auto moved = result.byte.getDefiningOp<arith::SubIOp>()) {
    APInt zero;
    if (!matchPattern(moved.getRhs(), m_ConstantInt(&zero)))
      return std::nullopt;
    result.zero = zero.getSExtValue();
    result.byte = moved.getLhs();
    Operation *wide = result.byte.getDefiningOp();
    if (wide && wide->getNumOperands() == 1 &&
        isa_and_present<arith::FPToUIOp, arith::FPToSIOp>(
            wide->getOperand(0).getDefiningOp()))
      result.difference = moved;
  }
  Operation *wide = result.byte.getDefiningOp();
  if (!isa_and_present<arith::ExtUIOp, arith::ExtSIOp>(wide) ||
      !wide->getOperand(0).getType().isInteger(8) ||
      !result.byte.getType().isInteger(32))
    return std::nullopt;
  result.least = isa<arith::ExtSIOp>(wide) ? -kBytes / 2 : 0;
  // Zero points of wider types would move bytes out of what f32 holds.
  bool isSmall = std::abs(result.zero) <= kBytes;
  return isSmall ? std::optional(result) : std::nullopt;
}

std::optional<RoundedRange> RoundedRange::match(math::RoundEvenOp rounded) {
  if (!rounded->hasOneUse())
    return std::nullopt;
  Value number = rounded.getResult();
  float zero = 0;
  if (auto sum = dyn_cast<arith::AddFOp>(*number.user_begin())) {
    auto constant = sum.getLhs() == number ? getFloat(sum.getRhs())
                                           : std::optional<float>();
    if (!constant || std::fabs(*constant) > float(kBytes))
      return std::nullopt;
    zero = *constant;
    number = sum.getResult();
  }
  // Clamps, each a comparison and a choice, end in the conversion.
  for (Operation *next = nullptr;; number = next->getResult(0)) {
    next = nullptr;
    for (Operation *user : number.getUsers()) {
      if (isa<arith::CmpFOp>(user))
        continue;
      if (next || !isa<arith::SelectOp, arith::FPToUIOp, arith::FPToSIOp>(user))
        return std::nullopt;
      next = user;
    }
    if (!next)
      return std::nullopt;
    if (isa<arith::SelectOp>(next))
      continue;
    if (!next->getResult(0).getType().isInteger(8))
      return std::nullopt;
    float least = isa<arith::FPToSIOp>(next) ? -kBytes / 2 : 0;
    return RoundedRange{least - zero, least + float(kBytes - 1) - zero};
  }
}

std::vector<ByteSum::Pair> ByteSum::listClosePairs() const {
  // Far more than factors of f32 that are off by some last bits move it.
  constexpr float close = 1e-3f;
  std::vector<Pair> pairs;
  for (int64_t i = 0; i < kBytes; ++i)
    for (int64_t j = 0; j < kBytes; ++j) {
      float quotient = divide(i, j);
      if (range.round(quotient - close) != range.round(quotient + close))
        pairs.push_back(
            {a.getNumber(i), b.getNumber(j), range.round(quotient)});
    }
  return pairs;
}

bool ByteSum::agreesOnAll(const Factors &factors) const {
  for (int64_t i = 0; i < kBytes; ++i)
    for (int64_t j = 0; j < kBytes; ++j)
      if (range.round(factors.apply(a.getNumber(i), b.getNumber(j))) !=
          range.round(divide(i, j)))
        return false;
  return true;
}

/// `number` moved by some of its last bits.
static float moveBits(float number, int bits) {
  for (; bits > 0; --bits)
    number = std::nextafter(number, HUGE_VALF);
  for (; bits < 0; ++bits)
    number = std::nextafter(number, -HUGE_VALF);
  return number;
}

std::optional<Factors> ByteSum::findFactors() const {
  double factorA = double(a.scale) / double(scale),
         factorB = double(b.scale) / double(scale),
         sum = -factorA * a.getLeftZero() - factorB * b.getLeftZero();
  // Beyond, bytes are all that is ever given, and below, there is none.
  auto isUsual = [](double factor) {
    return std::fabs(factor) > 0x1p-20 && std::fabs(factor) < 0x1p20;
  };
  if (!isUsual(factorA) || !isUsual(factorB))
    return std::nullopt;
  std::vector<Pair> pairs = listClosePairs();
  constexpr int most = 5;
  constexpr double sumStep = 0x1p-17; // as much as a bit of a factor
  auto order = [](int i) { return i % 2 ? (i + 1) / 2 : -i / 2; };
  for (int i = 0; i <= 2 * most; ++i)
    for (int j = 0; j <= 2 * most; ++j)
      for (int k = 0; k <= 2 * most; ++k) {
        Factors factors{moveBits(float(factorA), order(i)),
                        moveBits(float(factorB), order(j)),
                        float(sum + order(k) * sumStep)};
        if (llvm::all_of(pairs, [&](const Pair &pair) {
              return range.round(factors.apply(pair.x, pair.y)) == pair.rounded;
            }))
          return agreesOnAll(factors) ? std::optional(factors) : std::nullopt;
      }
  return std::nullopt;
}

/// Erases `op` and what nothing else reads.
static void eraseDead(Operation *op) {
  SmallVector<Value> operands(op->getOperands());
  op->erase();
  for (Value operand : operands)
    if (Operation *from = operand.getDefiningOp(); from && from->use_empty())
      eraseDead(from);
}

static void fold(math::RoundEvenOp rounded) {
  auto quotient = rounded.getOperand().getDefiningOp<arith::DivFOp>();
  auto scale = quotient && quotient->hasOneUse() ? getFloat(quotient.getRhs())
                                                 : std::nullopt;
  auto sum = scale ? quotient.getLhs().getDefiningOp<arith::AddFOp>()
                   : arith::AddFOp();
  if (!sum || !sum->hasOneUse())
    return;
  auto a = DequantizedByte::match(sum.getLhs()),
       b = DequantizedByte::match(sum.getRhs());
  auto range = RoundedRange::match(rounded);
  auto factors = a && b && range ? ByteSum{*a, *b, *scale, *range}.findFactors()
                                 : std::nullopt;
  if (!factors)
    return;
  OpBuilder builder(quotient);
  Location loc = quotient.getLoc();
  auto number = [&](float value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  };
  auto convert = [&](const DequantizedByte &term) -> Value {
    return arith::SIToFPOp::create(builder, loc, builder.getF32Type(),
                                   term.getOperand());
  };
  Value second = math::FmaOp::create(builder, loc, convert(*b),
                                     number(factors->b), number(factors->sum));
  Value first = math::FmaOp::create(builder, loc, convert(*a),
                                    number(factors->a), second);
  quotient.replaceAllUsesWith(first);
  eraseDead(quotient);
}

namespace {
struct FoldByteSums : lambent::impl::FoldByteSumsBase<FoldByteSums> {
  void runOnOperation() override {
    SmallVector<math::RoundEvenOp> roundings;
    getOperation().walk([&](math::RoundEvenOp op) { roundings.push_back(op); });
    for (math::RoundEvenOp op : roundings)
      fold(op);
  }
};
} // namespace
