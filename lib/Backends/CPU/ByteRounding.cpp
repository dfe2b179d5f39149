//===- ByteRounding.cpp - From numbers to 8-bit integers ------------------===//

#include "lambent/Backends/CPU/ByteRounding.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- What is rounded ---------------------------------------------------===//

/// The number in every lane of a constant.
static std::optional<double> getNumber(Value value) {
  Attribute attribute;
  if (!value || !matchPattern(value, m_Constant(&attribute)))
    return std::nullopt;
  if (auto splat = dyn_cast<SplatElementsAttr>(attribute))
    attribute = splat.getSplatValue<Attribute>();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return double(number.getValue().getSExtValue());
  return std::nullopt;
}

namespace {
/// A number clamped from one side.
struct Clamp {
  Value number;
  double bound;
  bool isMax;
  /// Whether a NaN becomes the bound; else it stays one.
  bool takesNaN;
};
} // namespace

static std::optional<Clamp> matchClamp(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto select = dyn_cast_or_null<arith::SelectOp>(op)) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    if (!compare || compare.getLhs() != select.getTrueValue() ||
        compare.getRhs() != select.getFalseValue())
      return std::nullopt;
    bool isMax = compare.getPredicate() == arith::CmpFPredicate::OGT;
    auto bound = getNumber(select.getFalseValue());
    if (!bound ||
        (!isMax && compare.getPredicate() != arith::CmpFPredicate::OLT))
      return std::nullopt;
    return Clamp{select.getTrueValue(), *bound, isMax, true};
  }
  bool takesNaN = isa_and_present<arith::MaxNumFOp, arith::MinNumFOp>(op);
  if (!takesNaN && !isa_and_present<arith::MaximumFOp, arith::MinimumFOp>(op))
    return std::nullopt;
  auto bound = getNumber(op->getOperand(1));
  if (!bound || std::isnan(*bound))
    return std::nullopt;
  return Clamp{op->getOperand(0), *bound,
               isa<arith::MaximumFOp, arith::MaxNumFOp>(op), takesNaN};
}

/// The number behind clamps that change no byte: those whose bounds, rounded,
/// are `low` or less, `high` or more.
static Value skipClamps(Value number, double low, double high) {
  while (auto clamp = matchClamp(number)) {
    if (clamp->isMax) {
      // A NaN becomes the least byte with the clamp and without.
      if (!(std::nearbyint(clamp->bound) <= low))
        break;
    } else {
      auto inner = matchClamp(clamp->number);
      bool isNumber = inner && inner->isMax && inner->takesNaN;
      if (!(std::nearbyint(clamp->bound) >= high) ||
          (clamp->takesNaN && !isNumber))
        break;
    }
    number = clamp->number;
  }
  return number;
}

namespace {
/// number, rounded, + zero, clamped to [low, low + 255].
struct Quantization {
  Value number;
  int64_t zero, low;
  bool isWithinI32; ///< the number, and no NaN
};
} // namespace

static std::optional<Quantization> matchQuantization(Operation *conversion) {
  bool isUnsigned = isa<arith::FPToUIOp>(conversion);
  auto type = dyn_cast<VectorType>(conversion->getResult(0).getType());
  if (!type || !type.getElementType().isInteger(8) ||
      !getElementTypeOrSelf(conversion->getOperand(0).getType()).isF32())
    return std::nullopt;
  int64_t low = isUnsigned ? 0 : -128;
  auto upper = matchClamp(conversion->getOperand(0));
  if (!upper || upper->isMax || upper->bound != double(low + 255))
    return std::nullopt;
  auto lower = matchClamp(upper->number);
  if (!lower || !lower->isMax || !lower->takesNaN ||
      lower->bound != double(low))
    return std::nullopt;
  Value number = lower->number;
  double zero = 0;
  if (auto sum = number.getDefiningOp<arith::AddFOp>()) {
    auto constant = getNumber(sum.getRhs());
    if (!constant || *constant != std::nearbyint(*constant) ||
        *constant < double(low) || *constant > double(low + 255))
      return std::nullopt;
    zero = *constant;
    number = sum.getLhs();
  }
  auto rounded = number.getDefiningOp<math::RoundEvenOp>();
  if (!rounded)
    return std::nullopt;
  return Quantization{skipClamps(rounded.getOperand(), double(low) - zero,
                                 double(low + 255) - zero),
                      int64_t(zero), low, rounded->hasAttr(kWithinI32)};
}

//===-- Divisions by a constant -------------------------------------------===//

namespace {
/// 1 / divisor, and what rounding took of it.
struct Reciprocal {
  float high, low;

  explicit Reciprocal(float divisor)
      : high(1 / divisor), low(float(1 / double(divisor) - double(high))) {}
  /// x / divisor within 2^-46 of it, rounded.
  float multiply(float x) const { return std::fma(x, high, x * low); }
};
} // namespace

/// Whether x / divisor and x * Reciprocal(divisor) round to the same integer
/// wherever that is one of 9 bits. They may differ in numbers of the last bit
/// next to the middle of two integers, all of which are tried.
static bool roundsAsDivision(float divisor) {
  // What is multiplied must not become subnormal, nor overflow.
  if (!(divisor > 1e-20f && divisor < 1e20f))
    return false;
  Reciprocal reciprocal(divisor);
  constexpr int64_t most = 257;
  for (int64_t below = -most; below < most; ++below) {
    float x = float((double(below) + 0.5) * double(divisor));
    constexpr int neighbours = 3;
    for (int i = 0; i < neighbours; ++i)
      x = std::nextafter(x, -HUGE_VALF);
    for (int i = 0; i <= 2 * neighbours; ++i) {
      if (std::nearbyint(x / divisor) != std::nearbyint(reciprocal.multiply(x)))
        return false;
      x = std::nextafter(x, HUGE_VALF);
    }
  }
  return true;
}

//===-- Instructions ------------------------------------------------------===//

static Value call(KernelBuilder &builder, StringRef name, Type type,
                  ValueRange arguments) {
  return builder
      .create<LLVM::CallIntrinsicOp>(type, builder.getStringAttr(name),
                                     arguments)
      .getResult(0);
}

/// cvtps2dq: to the nearest even integer; what i32 does not hold, and NaN, is
/// its least number.
static Value convertToNearest(KernelBuilder &builder, Value numbers) {
  int64_t lanes = cast<VectorType>(numbers.getType()).getNumElements();
  Type type = builder.vectorType(builder.getI32Type(), lanes);
  if (lanes == 4)
    return call(builder, "llvm.x86.sse2.cvtps2dq", type, numbers);
  if (lanes == 8)
    return call(builder, "llvm.x86.avx.cvt.ps2dq.256", type, numbers);
  Value all = builder.create<arith::ConstantOp>(builder.getI16IntegerAttr(-1)),
        asSet = builder.create<arith::ConstantOp>(builder.getI32IntegerAttr(4));
  return call(builder, "llvm.x86.avx512.mask.cvtps2dq.512", type,
              {numbers, builder.constant(type, 0), all, asSet});
}

static bool hasConversion(const TargetInfo &target, int64_t lanes) {
  return target.isX86 && (lanes == 4 || (lanes == 8 && target.hasAVX2) ||
                          (lanes == 16 && target.hasAVX512));
}

Value cpu::widenRounded(Operation *extension) {
  bool isUnsigned = isa<arith::ExtUIOp>(extension);
  if ((!isUnsigned && !isa<arith::ExtSIOp>(extension)) ||
      !getElementTypeOrSelf(extension->getResult(0).getType()).isInteger(32))
    return nullptr;
  auto narrowed = extension->getOperand(0).getDefiningOp<arith::TruncIOp>();
  auto bytes = narrowed ? RoundedBytes::match(narrowed) : std::nullopt;
  return bytes && bytes->isUnsigned == isUnsigned ? narrowed.getIn() : Value();
}

Value cpu::roundToBytes(KernelBuilder &builder, Operation *conversion) {
  if (!isa<arith::FPToUIOp, arith::FPToSIOp>(conversion))
    return nullptr;
  auto from = matchQuantization(conversion);
  if (!from ||
      !hasConversion(builder.getTarget(),
                     cast<VectorType>(from->number.getType()).getNumElements()))
    return nullptr;
  // In this order minps gives a NaN.
  auto clamp = [&](Value number, double bound) -> Value {
    Value top = builder.constant(number.getType(), bound);
    return builder.create<arith::SelectOp>(
        builder.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, top, number),
        top, number);
  };
  int64_t least = from->low - from->zero, greatest = least + 255;
  auto division = from->number.getDefiningOp<arith::DivFOp>();
  auto divisor = division ? getNumber(division.getRhs()) : std::nullopt;
  Value number;
  if (divisor && builder.getTarget().hasFMA &&
      roundsAsDivision(float(*divisor))) {
    // The dividend is clamped, so that no infinity is multiplied by zero, to
    // what is rounded to the greatest integer.
    Reciprocal reciprocal{float(*divisor)};
    Value x = division.getLhs();
    if (!from->isWithinI32)
      x = clamp(x, (double(greatest) + 0.25) * *divisor);
    auto factor = [&](float value) {
      return builder.constant(x.getType(), double(value));
    };
    number = builder.fma(x, factor(reciprocal.high),
                         builder.mulf(x, factor(reciprocal.low)));
  } else {
    number = from->isWithinI32 ? from->number
                               : clamp(from->number, double(greatest));
  }
  Value bytes = convertToNearest(builder, number);
  auto integer = [&](int64_t value) {
    return builder.constant(bytes.getType(), double(value));
  };
  if (from->isWithinI32)
    bytes = builder.create<arith::MinSIOp>(bytes, integer(greatest));
  bytes = builder.create<arith::MaxSIOp>(bytes, integer(least));
  if (from->zero != 0)
    bytes = builder.create<arith::AddIOp>(bytes, integer(from->zero));
  return builder.create<arith::TruncIOp>(conversion->getResult(0).getType(),
                                         bytes);
}

std::optional<RoundedBytes> RoundedBytes::match(Value bytes) {
  // With the top bit flipped they are those of the other type, 128 away.
  if (auto flipped = bytes.getDefiningOp<arith::XOrIOp>()) {
    auto result = getNumber(flipped.getRhs()) == -128 ? match(flipped.getLhs())
                                                      : std::nullopt;
    if (result) {
      result->zero += result->isUnsigned ? -128 : 128;
      result->isUnsigned = !result->isUnsigned;
    }
    return result;
  }
  auto narrowed = bytes.getDefiningOp<arith::TruncIOp>();
  if (!narrowed)
    return std::nullopt;
  RoundedBytes result;
  Value number = narrowed.getIn();
  if (auto sum = number.getDefiningOp<arith::AddIOp>()) {
    auto zero = getNumber(sum.getRhs());
    if (!zero)
      return std::nullopt;
    result.zero = int64_t(*zero);
    number = sum.getLhs();
  }
  auto floor = number.getDefiningOp<arith::MaxSIOp>();
  auto least = floor ? getNumber(floor.getRhs()) : std::nullopt;
  if (!least || !getElementTypeOrSelf(floor.getType()).isInteger(32))
    return std::nullopt;
  int64_t low = int64_t(*least) + result.zero;
  if (low != 0 && low != -128)
    return std::nullopt;
  result.rounded = floor.getLhs();
  // What packs saturates.
  if (auto top = result.rounded.getDefiningOp<arith::MinSIOp>())
    result.rounded = top.getLhs();
  if (!result.rounded.getDefiningOp<LLVM::CallIntrinsicOp>())
    return std::nullopt;
  result.isUnsigned = low == 0;
  return result;
}

Value cpu::packBytes(KernelBuilder &builder, ArrayRef<RoundedBytes> registers) {
  int64_t lanes = registers.front().getLanes();
  int64_t zero = registers.front().zero;
  auto at = [&](size_t i) {
    return registers[std::min(i, registers.size() - 1)].rounded;
  };
  StringRef words = lanes == 16  ? "llvm.x86.avx512.packssdw.512"
                    : lanes == 8 ? "llvm.x86.avx2.packssdw"
                                 : "llvm.x86.sse2.packssdw.128";
  bool isUnsigned = registers.front().isUnsigned;
  StringRef bytes = lanes == 16  ? isUnsigned ? "llvm.x86.avx512.packuswb.512"
                                              : "llvm.x86.avx512.packsswb.512"
                    : lanes == 8 ? isUnsigned ? "llvm.x86.avx2.packuswb"
                                              : "llvm.x86.avx2.packsswb"
                    : isUnsigned ? "llvm.x86.sse2.packuswb.128"
                                 : "llvm.x86.sse2.packsswb.128";
  VectorType wordType = builder.vectorType(builder.getI16Type(), 2 * lanes),
             byteType = builder.vectorType(builder.getI8Type(), 4 * lanes);
  auto packPair = [&](size_t first) {
    Value pair = call(builder, words, wordType, {at(first), at(first + 1)});
    if (zero != 0)
      pair = builder.create<LLVM::SAddSat>(
          pair, builder.constant(wordType, double(zero)));
    return pair;
  };
  Value low = packPair(0), high = registers.size() > 2 ? packPair(2) : low;
  Value packed = call(builder, bytes, byteType, {low, high});
  int64_t blocks = lanes / 4;
  if (blocks == 1)
    return packed;
  // Each 128 bits hold four bytes of each register.
  VectorType dwords = builder.vectorType(builder.getI32Type(), lanes);
  SmallVector<int64_t> places;
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t block = 0; block < blocks; ++block)
      places.push_back(4 * block + i);
  Value mixed = builder.create<vector::BitCastOp>(dwords, packed);
  return builder.create<vector::BitCastOp>(
      byteType, builder.create<vector::ShuffleOp>(mixed, mixed, places));
}
