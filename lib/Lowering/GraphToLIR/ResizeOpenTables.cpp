//===- ResizeOpenTables.cpp - Tables of a resize that a run makes ---------===//
//
// Where sizes are open, or a run says scale or region, element-wise kernels over
// output positions and taps compute what ResizeTables.cpp computes when
// compiling.
//
//===----------------------------------------------------------------------===//

#include "ResizeOpenTables.h"

using namespace mlir;
using namespace lambent;

/// Whether it is known how many input positions are combined.
static bool hasKnownTaps(const ResizeAxis &axis) {
  return !axis.antialias || (!axis.givenScale.buffer && !axis.quotient);
}

/// How many are on either side. Where that is not known, there are enough: the
/// scale is at least the output's size, less a half where that is rounded, by
/// the input's, and what is too far away weighs nothing.
static Size getHalf(const ResizeAxis &axis) {
  if (hasKnownTaps(axis))
    return getResizeTaps(axis).last;
  int64_t reach = axis.mode == "cubic" ? 2 : 1;
  Size shrinking = (axis.inputSize * 4).floorDiv(axis.outputSize + 1);
  return shrinking * reach + 2 * reach;
}

namespace {

/// Scalar code for the output position that lir.index says.
class PositionCode {
public:
  /// `given` are the entries that a run says, as listGiven has them.
  PositionCode(const ResizeAxis &axis, OpBuilder &builder, Location loc,
               ValueRange given)
      : axis(axis), builder(builder), loc(loc), i64(builder.getI64Type()),
        f32(builder.getF32Type()) {
    position = lir::IndexOp::create(builder, loc, i64, 0);
    findNumbers(given);
    axis.quotient && !axis.crops() ? findExactCoordinate() : findCoordinate();
  }

  static SmallVector<ResizeAxis::Entry> listGiven(const ResizeAxis &axis) {
    SmallVector<ResizeAxis::Entry> given{axis.givenScale, axis.givenStart,
                                         axis.givenEnd};
    llvm::erase_if(given, [](const auto &entry) { return !entry.buffer; });
    return given;
  }

  /// The input position of nearest.
  Value getNearest();
  /// That of the tap that lir.index says.
  Value getIndex() { return clamp(add(whole, getTap())); }
  Value getWeight();
  /// The weight before weights are made to sum to 1.
  Value getRawWeight() { return getOwnWeight(getTap()); }
  Value isOutside();

private:
  void findNumbers(ValueRange given);
  void findCoordinate();
  Value getRealCoordinate();
  void findExactCoordinate();
  Value getTap() {
    Value tap = lir::IndexOp::create(builder, loc, i64, 1);
    return add(tap, whole64(Size(1) - getHalf(axis)));
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
  Value scale, roiStart, roiEnd; ///< f32
  /// The coordinate whole + fraction, i64 and f32 or f64.
  Value whole, fraction;
};

} // namespace

void PositionCode::findNumbers(ValueRange given) {
  auto take = [&](const ResizeAxis::Entry &entry, float known) -> Value {
    if (!entry.buffer)
      return number(known);
    Value value = given.front();
    given = given.drop_front();
    return value;
  };
  scale = take(axis.givenScale, axis.scale);
  roiStart = take(axis.givenStart, axis.roiStart);
  roiEnd = take(axis.givenEnd, axis.roiEnd);
  if (axis.quotient && axis.isOpen() && !axis.givenScale.buffer)
    scale = div(toFloat(whole64(axis.quotient->first)),
                toFloat(whole64(axis.quotient->second)));
}

/// See getCoordinate in ResizeTables.cpp.
Value PositionCode::getRealCoordinate() {
  Value x = toFloat(position), in = toFloat(whole64(axis.inputSize)),
        size = toFloat(whole64(axis.outputSize)), half = number(0.5),
        one = number(1), zero = number(0);
  Value out = mul(scale, in);
  Value off = math::AbsFOp::create(builder, loc, sub(out, size));
  out = select(isLess(off, number(1e-3f)), size, out);
  if (axis.coordinates == "asymmetric")
    return div(x, scale);
  if (axis.coordinates == "align_corners") {
    Value isOne = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                        out, one);
    return select(isOne, zero, div(mul(x, sub(in, one)), sub(out, one)));
  }
  if (axis.coordinates == "tf_half_pixel_for_nn")
    return div(add(x, half), scale);
  if (axis.crops()) {
    Value last = sub(in, one);
    Value step = div(mul(mul(x, sub(roiEnd, roiStart)), last), sub(out, one));
    Value center = mul(mul(half, add(roiStart, roiEnd)), last);
    return select(isLess(one, out), add(mul(roiStart, last), step), center);
  }
  if (axis.coordinates == "half_pixel_symmetric") {
    Value adjustment = div(size, out), center = div(in, number(2));
    return sub(
        add(mul(center, sub(one, adjustment)), div(add(x, half), scale)), half);
  }
  Value coordinate = sub(div(add(x, half), scale), half);
  if (axis.coordinates == "pytorch_half_pixel")
    coordinate = select(isLess(one, out), coordinate, zero);
  return coordinate;
}

void PositionCode::findCoordinate() {
  Value coordinate = getRealCoordinate();
  // However far outside a region lies, its positions fit an integer.
  if (!PositionCode::listGiven(axis).empty() || axis.crops()) {
    Value isNumber = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::ORD, coordinate, coordinate);
    coordinate = select(isNumber, coordinate, number(0));
    Value low = arith::MaximumFOp::create(builder, loc, coordinate,
                                          number(-0x1p60));
    coordinate =
        arith::MinimumFOp::create(builder, loc, low, number(0x1p60));
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
  bool isCeil = axis.nearest == "ceil" || axis.nearest == "simple";
  auto predicate = axis.nearest == "round_prefer_ceil"
                       ? arith::CmpFPredicate::OGE
                       : arith::CmpFPredicate::OGT;
  Value limit =
      createScalar(builder, loc, fraction.getType(), isCeil ? 0 : 0.5);
  Value isUp = arith::CmpFOp::create(builder, loc, predicate, fraction, limit);
  if (axis.nearest == "simple")
    isUp = arith::AndIOp::create(builder, loc, isUp, isLess(scale, number(1)));
  return clamp(select(isUp, add(whole, whole64(1)), whole));
}

Value PositionCode::isOutside() {
  Value last = whole64(axis.inputSize - 1);
  Value isBehind = arith::CmpFOp::create(
      builder, loc, arith::CmpFPredicate::OGT, fraction,
      createScalar(builder, loc, fraction.getType(), 0));
  Value atLast = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       whole, last);
  Value result = arith::AndIOp::create(builder, loc, atLast, isBehind);
  result = arith::OrIOp::create(builder, loc, result, isLess(last, whole));
  return arith::OrIOp::create(builder, loc, result, isLess(whole, whole64(0)));
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
  Value narrowing = number(1);
  if (axis.antialias)
    narrowing = arith::MinimumFOp::create(builder, loc, scale, narrowing);
  Value distance = mul(sub(toFloat(tap), small), narrowing);
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

/// A buffer of these sizes, each element of which `compute` says.
static Value createTable(const ResizeAxis &axis, ArrayRef<Size> sizes,
                         Type type, Value (PositionCode::*compute)(),
                         GraphLowering &lowering) {
  Value table = lowering.createBuffer(sizes, type);
  SmallVector<BufferAccess> inputs;
  for (const ResizeAxis::Entry &entry : PositionCode::listGiven(axis))
    inputs.push_back({entry.buffer, {lir::IndexTerm{-1, 0, entry.place}}});
  lowering.createElementwise(
      sizes, inputs, {table, getIdentityTerms(sizes.size())},
      [&](OpBuilder &inner, Location loc, ValueRange scalars) {
        PositionCode code(axis, inner, loc, scalars);
        return (code.*compute)();
      });
  return table;
}

/// Weights that sum to 1 for each position, or all 0.
static Value normalize(Value weights, GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  Type f32 = builder.getF32Type();
  Sizes sizes = getSizes(weights);
  Value sums = lowering.createBuffer(sizes[0], f32),
        shares = lowering.createBuffer(sizes, f32);
  auto reduce = lir::ReduceOp::create(
      builder, lowering.loc, weights, ValueRange(), sums,
      builder.getArrayAttr({}), StringRef("sum"), ArrayRef<int64_t>(1),
      /*unsigned_elements=*/false);
  buildEpilogue(lowering, reduce.getEpilogue(), f32, {}, f32,
                [](OpBuilder &, Location, ValueRange scalars) {
                  return scalars[0];
                });
  lowering.createElementwise(
      sizes, {{weights, getIdentityTerms(2)}, {sums, {{0, 1, 0}}}},
      {shares, getIdentityTerms(2)},
      [&](OpBuilder &inner, Location loc, ValueRange scalars) -> Value {
        Value isZero = arith::CmpFOp::create(
            inner, loc, arith::CmpFPredicate::OEQ, scalars[1],
            createScalar(inner, loc, f32, 0));
        Value share =
            arith::DivFOp::create(inner, loc, scalars[0], scalars[1]);
        return arith::SelectOp::create(inner, loc, isZero, scalars[0], share);
      });
  return shares;
}

ResizeBuffers lambent::createResizeTable(const ResizeAxis &axis,
                                         GraphLowering &lowering) {
  Type i64 = lowering.builder.getI64Type(), f32 = lowering.builder.getF32Type();
  if (axis.mode == "nearest")
    return {createTable(axis, axis.outputSize, i64, &PositionCode::getNearest,
                        lowering),
            nullptr};
  Size half = getHalf(axis);
  Sizes sizes = {axis.outputSize, half * 2};
  Value indices =
      createTable(axis, sizes, i64, &PositionCode::getIndex, lowering);
  if (hasKnownTaps(axis))
    return {indices, createTable(axis, sizes, f32, &PositionCode::getWeight,
                                 lowering)};
  Value weights =
      createTable(axis, sizes, f32, &PositionCode::getRawWeight, lowering);
  return {indices, normalize(weights, lowering)};
}

Value lambent::createOutsideTable(const ResizeAxis &axis,
                                  GraphLowering &lowering) {
  return createTable(axis, axis.outputSize, lowering.builder.getI1Type(),
                     &PositionCode::isOutside, lowering);
}
