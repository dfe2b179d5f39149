//===- ResizeOpenTables.cpp - Tables of a resize that a run makes ---------===//
//
// Where sizes are open, element-wise kernels over output positions and taps
// compute what ResizeTables.cpp computes when compiling.
//
//===----------------------------------------------------------------------===//

#include "ResizeOpenTables.h"

using namespace mlir;
using namespace lambent;

namespace {

/// Scalar code for the output position that lir.index says.
class PositionCode {
public:
  PositionCode(const ResizeAxis &axis, OpBuilder &builder, Location loc)
      : axis(axis), builder(builder), loc(loc), i64(builder.getI64Type()),
        f32(builder.getF32Type()) {
    position = lir::IndexOp::create(builder, loc, i64, 0);
    axis.quotient ? findExactCoordinate() : findCoordinate();
  }

  /// The input position of nearest.
  Value getNearest();
  /// That of the tap that lir.index says.
  Value getIndex() { return clamp(add(whole, getTap())); }
  Value getWeight();

private:
  void findCoordinate();
  void findExactCoordinate();
  Value getTap() {
    Value tap = lir::IndexOp::create(builder, loc, i64, 1);
    return add(tap, whole64(getResizeTaps(axis).first));
  }
  /// The weight of tap `tap` before weights are made to sum to 1.
  Value getOwnWeight(Value tap);
  Value interpolate(Value distance);

  Value whole64(const Size &size) {
    return createSize(builder, loc, i64, size);
  }
  Value number(double value) { return createScalar(builder, loc, f32, value); }
  Value toFloat(Value value) {
    return arith::SIToFPOp::create(builder, loc, f32, value);
  }
  // Of integers and floats.
  Value add(Value a, Value b) {
    return a.getType() == i64
               ? arith::AddIOp::create(builder, loc, a, b).getResult()
               : arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return a.getType() == i64
               ? arith::SubIOp::create(builder, loc, a, b).getResult()
               : arith::SubFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return a.getType() == i64
               ? arith::MulIOp::create(builder, loc, a, b).getResult()
               : arith::MulFOp::create(builder, loc, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(builder, loc, a, b);
  }
  Value isLess(Value a, Value b) {
    if (a.getType() == i64)
      return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, a,
                                   b);
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b);
  }
  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(builder, loc, condition, yes, no);
  }
  /// Into the input.
  Value clamp(Value index) {
    Value low = arith::MaxSIOp::create(builder, loc, index, whole64(0));
    return arith::MinSIOp::create(builder, loc, low,
                                  whole64(axis.inputSize - 1));
  }

  const ResizeAxis &axis;
  OpBuilder &builder;
  Location loc;
  Type i64, f32;
  Value position;
  /// The coordinate whole + fraction, i64 and f32 or f64.
  Value whole, fraction;
};

} // namespace

/// See getCoordinate in ResizeTables.cpp.
void PositionCode::findCoordinate() {
  Value x = toFloat(position), in = toFloat(whole64(axis.inputSize)),
        size = toFloat(whole64(axis.outputSize)), scale = number(axis.scale),
        half = number(0.5), one = number(1), zero = number(0);
  Value out = mul(scale, in);
  Value off = math::AbsFOp::create(builder, loc, sub(out, size));
  out = select(isLess(off, number(1e-3f)), size, out);
  Value coordinate;
  if (axis.coordinates == "asymmetric") {
    coordinate = div(x, scale);
  } else if (axis.coordinates == "align_corners") {
    Value isOne = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                        out, one);
    coordinate = select(isOne, zero, div(mul(x, sub(in, one)), sub(out, one)));
  } else if (axis.coordinates == "tf_half_pixel_for_nn") {
    coordinate = div(add(x, half), scale);
  } else if (axis.coordinates == "half_pixel_symmetric") {
    Value adjustment = div(size, out), center = div(in, number(2));
    coordinate = sub(
        add(mul(center, sub(one, adjustment)), div(add(x, half), scale)), half);
  } else {
    coordinate = sub(div(add(x, half), scale), half);
    if (axis.coordinates == "pytorch_half_pixel")
      coordinate = select(isLess(one, out), coordinate, zero);
  }
  Value floor = math::FloorOp::create(builder, loc, coordinate);
  whole = arith::FPToSIOp::create(builder, loc, i64, floor);
  fraction = sub(coordinate, floor);
}

/// See getExactCoordinate in ResizeTables.cpp.
void PositionCode::findExactCoordinate() {
  auto [up, down] = *axis.quotient;
  Size in = axis.inputSize, out = in * up;
  Value center = add(add(position, position), whole64(1));
  Value numerator, denominator = whole64(up * 2);
  // Of one position or none.
  auto orZero = [&] {
    Value isSmall = isLess(whole64(out - down), whole64(1));
    numerator = select(isSmall, whole64(0), numerator);
    denominator = select(isSmall, whole64(1), denominator);
  };
  if (axis.coordinates == "asymmetric") {
    numerator = mul(position, whole64(down));
    denominator = whole64(up);
  } else if (axis.coordinates == "align_corners") {
    numerator = mul(position, whole64((in - 1) * down));
    denominator = whole64(out - down);
    orZero();
  } else if (axis.coordinates == "tf_half_pixel_for_nn") {
    numerator = mul(center, whole64(down));
  } else {
    Size shift = axis.coordinates == "half_pixel_symmetric"
                     ? out - axis.outputSize * down
                     : Size(0);
    numerator = add(mul(center, whole64(down)), whole64(shift - up));
    if (axis.coordinates == "pytorch_half_pixel")
      orZero();
  }
  whole = arith::FloorDivSIOp::create(builder, loc, numerator, denominator);
  Value rest = sub(numerator, mul(whole, denominator));
  auto widen = [&](Value value) {
    return arith::SIToFPOp::create(builder, loc, builder.getF64Type(), value);
  };
  fraction = div(widen(rest), widen(denominator));
}

Value PositionCode::getNearest() {
  if (axis.nearest == "floor")
    return clamp(whole);
  bool isCeil = axis.nearest == "ceil";
  auto predicate = axis.nearest == "round_prefer_ceil"
                       ? arith::CmpFPredicate::OGE
                       : arith::CmpFPredicate::OGT;
  Value limit =
      createScalar(builder, loc, fraction.getType(), isCeil ? 0 : 0.5);
  Value isUp = arith::CmpFOp::create(builder, loc, predicate, fraction, limit);
  return clamp(select(isUp, add(whole, whole64(1)), whole));
}

Value PositionCode::interpolate(Value distance) {
  Value d = math::AbsFOp::create(builder, loc, distance), one = number(1);
  if (axis.mode == "linear")
    return arith::MaximumFOp::create(builder, loc, number(0), sub(one, d));
  float a = axis.cubicA;
  Value near =
      add(mul(mul(sub(mul(number(a + 2), d), number(a + 3)), d), d), one);
  Value far = sub(
      mul(add(mul(sub(mul(number(a), d), number(5 * a)), d), number(8 * a)), d),
      number(4 * a));
  return select(isLess(one, d), select(isLess(d, number(2)), far, number(0)),
                near);
}

Value PositionCode::getOwnWeight(Value tap) {
  Value small = convertFloat(builder, loc, fraction, f32);
  Value distance =
      mul(sub(toFloat(tap), small), number(getResizeTaps(axis).scale));
  Value weight = interpolate(distance);
  if (!axis.excludeOutside)
    return weight;
  Value index = add(whole, tap);
  Value isOutside =
      arith::OrIOp::create(builder, loc, isLess(index, whole64(0)),
                           isLess(whole64(axis.inputSize - 1), index));
  return select(isOutside, number(0), weight);
}

Value PositionCode::getWeight() {
  Value weight = getOwnWeight(getTap());
  if (!axis.antialias && !axis.excludeOutside)
    return weight;
  ResizeTaps taps = getResizeTaps(axis);
  Value sum = number(0);
  for (int64_t tap = taps.first; tap <= taps.last; ++tap)
    sum = add(sum, getOwnWeight(whole64(tap)));
  Value isZero = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                       sum, number(0));
  return select(isZero, weight, div(weight, sum));
}

ResizeBuffers lambent::createResizeTable(const ResizeAxis &axis,
                                         GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  auto create = [&](ArrayRef<Size> sizes, Type type,
                    Value (PositionCode::*compute)()) {
    Value table = lowering.createBuffer(sizes, type);
    lowering.createElementwise(sizes, {},
                               {table, getIdentityTerms(sizes.size())},
                               [&](OpBuilder &inner, Location loc, ValueRange) {
                                 PositionCode code(axis, inner, loc);
                                 return (code.*compute)();
                               });
    return table;
  };
  Type i64 = builder.getI64Type(), f32 = builder.getF32Type();
  if (axis.mode == "nearest")
    return {create(axis.outputSize, i64, &PositionCode::getNearest), nullptr};
  Sizes sizes = {axis.outputSize, getResizeTaps(axis).count()};
  return {create(sizes, i64, &PositionCode::getIndex),
          create(sizes, f32, &PositionCode::getWeight)};
}
