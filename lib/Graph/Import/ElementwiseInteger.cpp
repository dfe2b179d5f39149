//===- ElementwiseInteger.cpp - Logic, bits, remainders and powers
//-----------===//

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

LogicalResult importBitShift(Node &node) {
  Value x = node.input(0, "X", UnsignedKind),
        amount = node.input(1, "Y", UnsignedKind);
  std::string direction = node.getString("direction");
  if (!node.hasFailed() && direction != "LEFT" && direction != "RIGHT")
    return node.error("expected direction to be LEFT or RIGHT, but got '" +
                      direction + "'");
  if (!checkSameType(node, {x, amount}))
    return failure();
  Type elementType = getType(x).getElementType();
  return node.result(
      node.map({x, amount}, elementType, [&](Scalar &s, ArrayRef<Value> args) {
        // Shifting out all bits gives 0.
        Value zero = s.integer(args[0].getType(), 0);
        Value width = s.integer(args[0].getType(),
                                args[0].getType().getIntOrFloatBitWidth());
        Value fits = s.less(args[1], width, /*isUnsigned=*/true),
              safe = s.select(fits, args[1], zero);
        Value shifted = direction == "LEFT"
                            ? s.make<arith::ShLIOp>(args[0], safe)
                            : s.make<arith::ShRUIOp>(args[0], safe);
        return s.select(fits, shifted, zero);
      }));
}

/// fmod = 0: the divisor's sign (Python's %), integers only. fmod = 1: the
/// dividend's (C's).
LogicalResult importMod(Node &node) {
  Value a = node.input(0, "A", NumberKind), b = node.input(1, "B", NumberKind);
  bool fmod = node.getInt("fmod", 0);
  if (!checkSameType(node, {a, b}))
    return failure();
  Type elementType = getType(a).getElementType();
  bool isUnsigned = elementType.isUnsignedInteger();
  if (isa<FloatType>(elementType) && !fmod)
    return node.error("expected fmod to be 1 for floats, but got 0");
  return node.result(
      node.map({a, b}, elementType, [&](Scalar &s, ArrayRef<Value> args) {
        Value rest = s.rem(args[0], args[1], isUnsigned);
        if (fmod || isUnsigned)
          return rest;
        Value zero = s.integer(rest.getType(), 0);
        Value differs = s.less(s.make<arith::XOrIOp>(rest, args[1]), zero);
        Value wrong = s.make<arith::AndIOp>(
            differs, s.compare(arith::CmpIPredicate::ne, rest, zero));
        return s.select(wrong, s.add(rest, args[1]), rest);
      }));
}

/// An integer power by squaring, which wraps. Exponents beyond 63 could only
/// overflow, and a negative one gives the reciprocal, rounded to zero.
Value raise(Scalar &s, Value x, Value exponent, bool isUnsigned) {
  Type type = x.getType();
  Value zero = s.integer(type, 0), one = s.integer(type, 1), result = one,
        power = x;
  unsigned bits = std::min(6u, type.getIntOrFloatBitWidth());
  for (unsigned bit = 0; bit < bits; ++bit) {
    Value isSet = s.compare(
        arith::CmpIPredicate::ne,
        s.make<arith::AndIOp>(exponent, s.integer(type, int64_t(1) << bit)),
        zero);
    result = s.select(isSet, s.mul(result, power), result);
    power = s.mul(power, power);
  }
  if (isUnsigned)
    return result;
  Value isUnit =
      s.make<arith::OrIOp>(s.equal(x, one), s.equal(x, s.integer(type, -1)));
  return s.select(s.less(exponent, zero), s.select(isUnit, result, zero),
                  result);
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
          return s.pow(x, s.convert(y, x.getType(), exponentUnsigned, false));
        if (isa<IntegerType>(y.getType()))
          return raise(
              s, x, s.convert(y, x.getType(), exponentUnsigned, baseUnsigned),
              exponentUnsigned);
        Type f64 = Float64Type::get(node.getContext());
        Value power = s.pow(s.convert(x, f64, baseUnsigned, false),
                            s.convert(y, f64, false, false));
        return s.convert(power, x.getType(), false, baseUnsigned);
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
