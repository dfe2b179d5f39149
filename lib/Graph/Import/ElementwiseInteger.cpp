//===- ElementwiseInteger.cpp - Logic, bits, remainders and powers --------===//

#include "Elementwise.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

template <typename OpTy> Value applyBinary(Scalar &s, Value a, Value b, bool) {
  return s.make<OpTy>(a, b);
}

/// All bits set is -1 for an integer and true for a bool.
Value invert(Scalar &s, Value x, bool) {
  return s.make<arith::XOrIOp>(x, s.integer(x.getType(), -1));
}

/// Shifting by the width or more, or by a negative amount, leaves nothing but
/// the sign.
LogicalResult importBitShift(Node &node) {
  Value x = node.input(0, "X", IntegerKind),
        amount = node.input(1, "Y", IntegerKind);
  std::string direction =
      node.getChoice("direction", std::nullopt, {"LEFT", "RIGHT"});
  if (!checkSameType(node, {x, amount}))
    return failure();
  Type elementType = getType(x).getElementType();
  bool isUnsigned = elementType.isUnsignedInteger();
  auto body = [&](Scalar &s, ArrayRef<Value> args) {
    Type type = args[0].getType();
    int64_t width = type.getIntOrFloatBitWidth();
    Value zero = s.integer(type, 0);
    Value fits = s.less(args[1], s.integer(type, width), /*isUnsigned=*/true);
    Value safe = s.select(fits, args[1], zero);
    if (direction == "LEFT")
      return s.select(fits, s.make<arith::ShLIOp>(args[0], safe), zero);
    if (isUnsigned)
      return s.select(fits, s.make<arith::ShRUIOp>(args[0], safe), zero);
    safe = s.select(fits, args[1], s.integer(type, width - 1));
    return s.make<arith::ShRSIOp>(args[0], safe);
  };
  return node.result(node.map({x, amount}, elementType, body));
}

/// A float remainder with the divisor's sign, zero included.
Value floorRemainder(Scalar &s, Value a, Value b) {
  Value zero = s.number(a, 0), rest = s.rem(a, b);
  Value differs = s.make<arith::XOrIOp>(s.less(rest, zero), s.less(b, zero));
  Value shifted = s.select(differs, s.add(rest, b), rest);
  return s.select(s.equal(rest, zero), s.make<math::CopySignOp>(zero, b),
                  shifted);
}

/// fmod = 0: the divisor's sign (Python's %). fmod = 1: the dividend's (C's).
LogicalResult importMod(Node &node) {
  Value a = node.input(0, "A", NumberKind), b = node.input(1, "B", NumberKind);
  bool fmod = node.getBool("fmod", false);
  if (!checkSameType(node, {a, b}))
    return failure();
  Type elementType = getType(a).getElementType();
  bool isUnsigned = elementType.isUnsignedInteger();
  if (isa<FloatType>(elementType) && !fmod && node.getOpset() < 28)
    return node.error("expected fmod to be 1 for floats, but got 0");
  if (mlir::failed(requireDivisor(node, b)))
    return failure();
  auto body = [&](Scalar &s, ArrayRef<Value> args) {
    if (isa<FloatType>(elementType) && !fmod)
      return floorRemainder(s, args[0], args[1]);
    Value rest = s.rem(args[0], args[1], isUnsigned);
    if (fmod || isUnsigned)
      return rest;
    Value zero = s.integer(rest.getType(), 0);
    Value differs = s.less(s.make<arith::XOrIOp>(rest, args[1]), zero);
    Value nonZero = s.compare(arith::CmpIPredicate::ne, rest, zero);
    Value wrong = s.make<arith::AndIOp>(differs, nonZero);
    return s.select(wrong, s.add(rest, args[1]), rest);
  };
  return node.result(node.map({a, b}, elementType, body));
}

/// An integer power by squaring, which wraps; the exponent may have another
/// type. Of an exponent as many bits count as the base has: powers of odd
/// numbers repeat after that, those of even ones have run out of bits. A
/// negative exponent gives the reciprocal, rounded to zero.
Value raise(Scalar &s, Value x, Value exponent, bool baseUnsigned,
            bool exponentUnsigned) {
  Type type = x.getType(), from = exponent.getType();
  Value zero = s.integer(type, 0), one = s.integer(type, 1), result = one,
        power = x;
  unsigned width = type.getIntOrFloatBitWidth(),
           bits = std::min(width, from.getIntOrFloatBitWidth());
  for (unsigned bit = 0; bit < bits; ++bit) {
    Value isSet =
        s.compare(arith::CmpIPredicate::ne,
                  s.make<arith::AndIOp>(
                      exponent, s.integer(from, int64_t(uint64_t(1) << bit))),
                  s.integer(from, 0));
    result = s.select(isSet, s.mul(result, power), result);
    if (bit + 1 < bits)
      power = s.mul(power, power);
  }
  if (from.getIntOrFloatBitWidth() > width) {
    Value isLarge =
        s.compare(arith::CmpIPredicate::ugt, exponent, s.integer(from, width));
    Value isEven = s.equal(s.make<arith::AndIOp>(x, one), zero);
    result = s.select(s.make<arith::AndIOp>(isLarge, isEven), zero, result);
  }
  if (exponentUnsigned)
    return result;
  Value isUnit = s.equal(x, one);
  if (!baseUnsigned)
    isUnit = s.make<arith::OrIOp>(isUnit, s.equal(x, s.integer(type, -1)));
  return s.select(s.less(exponent, s.integer(from, 0)),
                  s.select(isUnit, result, zero), result);
}

/// An integer to a power of floating point, rounded to zero. Integral exponents
/// are exact; others go through f64, whose error could round an exact result
/// (of 4^0.5) to the next integer: what is that close to one is one.
Value raiseToFloat(Scalar &s, Value x, Value y, bool isUnsigned) {
  Type type = x.getType(), f64 = Float64Type::get(type.getContext()),
       i64 = IntegerType::get(type.getContext(), 64);
  y = s.convert(y, f64, false, false);
  // Floats beyond 2^62 are even, as 2^62 is.
  Value exponent = s.convert(s.clamp(y, -0x1p62, 0x1p62), i64, false, false);
  Value whole = raise(s, x, exponent, isUnsigned, /*exponentUnsigned=*/false);
  Value base = s.convert(x, f64, isUnsigned, false);
  Value size = s.pow(s.abs(base), y);
  Value nearest = s.make<math::RoundEvenOp>(size);
  Value isClose = s.lessOrEqual(s.abs(s.sub(size, nearest)),
                                s.mul(size, s.number(size, 1e-14)));
  size = s.select(isClose, nearest, size);
  // There is no root of a negative number.
  Value zero = s.number(size, 0);
  size = s.select(s.less(base, zero), zero, size);
  Value isWhole = s.equal(s.make<math::FloorOp>(y), y);
  return s.select(isWhole, whole, s.convert(size, type, false, isUnsigned));
}

/// A float to a power of another type, computed in a float type that holds
/// both: f64 for integers of more bits than f32 has.
Value raiseFloat(Scalar &s, Value x, Value y, bool exponentUnsigned) {
  MLIRContext *context = x.getContext();
  unsigned width = y.getType().getIntOrFloatBitWidth();
  auto wide = cast<FloatType>(x.getType());
  auto exponent = dyn_cast<FloatType>(y.getType());
  if (!exponent)
    exponent = width > 16 ? FloatType(Float64Type::get(context))
                          : FloatType(Float32Type::get(context));
  if (exponent.getWidth() > wide.getWidth())
    wide = exponent;
  else if (exponent != wide && exponent.getWidth() == wide.getWidth())
    wide = Float32Type::get(context); // f16 and bf16 do not hold each other
  Value power = s.pow(s.convert(x, wide, false, false),
                      s.convert(y, wide, exponentUnsigned, false));
  return s.convert(power, x.getType(), false, false);
}

/// The result has the base's type, the exponent may have another.
LogicalResult importPow(Node &node) {
  Value base = node.input(0, "X", NumberKind),
        exponent = node.input(1, "Y", NumberKind);
  if (!node.hasFailed() && node.getOpset() < 7)
    exponent = alignLegacy(node, base, exponent);
  if (!exponent || node.hasFailed())
    return failure();
  Type type = getType(base).getElementType(),
       from = getType(exponent).getElementType();
  bool baseUnsigned = type.isUnsignedInteger(),
       exponentUnsigned = from.isUnsignedInteger();
  return node.result(
      node.map({base, exponent}, type, [&](Scalar &s, ArrayRef<Value> args) {
        Value x = args[0], y = args[1];
        if (isa<FloatType>(x.getType()))
          return raiseFloat(s, x, y, exponentUnsigned);
        if (isa<IntegerType>(y.getType()))
          return raise(s, x, y, baseUnsigned, exponentUnsigned);
        return raiseToFloat(s, x, y, baseUnsigned);
      }));
}

} // namespace

void addIntegerRows(OpTable &table) {
  const std::pair<StringRef, BinaryBody> logic[] = {
      {"And", applyBinary<arith::AndIOp>},
      {"Or", applyBinary<arith::OrIOp>},
      {"Xor", applyBinary<arith::XOrIOp>}};
  for (auto [name, body] : logic) {
    table.add(name, 1, binary(BoolKind, body, false, /*legacy=*/true));
    table.add(name, 7, binary(BoolKind, body));
  }
  table.add("Not", 1, unary(BoolKind, invert));
  table.add("BitwiseAnd", 18, binary(IntegerKind, applyBinary<arith::AndIOp>));
  table.add("BitwiseOr", 18, binary(IntegerKind, applyBinary<arith::OrIOp>));
  table.add("BitwiseXor", 18, binary(IntegerKind, applyBinary<arith::XOrIOp>));
  table.add("BitwiseNot", 18, unary(IntegerKind, invert));
  table.add("BitShift", 11, importBitShift);
  table.add("Mod", 10, importMod);
  table.add("Pow", 1, importPow);
}

} // namespace lambent::graph
