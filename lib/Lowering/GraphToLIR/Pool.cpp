//===- Pool.cpp - Pooling -------------------------------------------------===//

#include "GraphLowering.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;

/// Raises |value| to `power` element by element into a fresh buffer.
static Value createPowers(Value input, double power, GraphLowering &lowering) {
  Sizes shape = getSizes(input);
  Value result = lowering.createBuffer(shape, getElementType(input));
  lowering.createElementwise(
      shape, {{input, getIdentityTerms(shape.size())}},
      {result, getIdentityTerms(shape.size())},
      [&](OpBuilder &builder, Location loc, ValueRange scalars) -> Value {
        Value size = math::AbsFOp::create(builder, loc, scalars[0]);
        if (power == 1)
          return size;
        if (power == 2)
          return arith::MulFOp::create(builder, loc, size, size);
        Value exponent = createScalar(builder, loc, size.getType(), power);
        return math::PowFOp::create(builder, loc, size, exponent);
      });
  return result;
}

/// ui8 ordered as i8 by flipping its top bit.
static Value flipTopBit(OpBuilder &builder, Location loc, Value value) {
  unsigned width = value.getType().getIntOrFloatBitWidth();
  auto bit = builder.getIntegerAttr(value.getType(), APInt::getSignMask(width));
  return arith::XOrIOp::create(builder, loc, value,
                               arith::ConstantOp::create(builder, loc, bit));
}

static LogicalResult lowerPool(graph::PoolOp op, GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  Value input = lowering.getBuffer(op.getInput()),
        result = lowering.createResult(op.getResult());
  Type element = getElementType(input),
       accumulator = lir::getAccumulatorType(element);
  StringRef kind = op.getKind();
  bool isUnsigned = getElementType(op.getInput()).isUnsignedInteger();
  if (kind != "max" && !isa<FloatType>(element))
    return emitUnsupported(op)
           << "pooling by " << kind << " of elements of type "
           << getElementType(op.getInput()) << " is not supported";
  unsigned rank = getShape(input).size();
  Value output = result;
  if (!op.getChannelsLast()) {
    input = lowering.createTransposed(input, getToChannelsLast(rank));
    output = lowering.createChannelsLast(result);
  }
  if (kind == "lp")
    input = createPowers(input, op.getP(), lowering);
  if (isUnsigned) {
    Value ordered = lowering.createBuffer(getSizes(input), element);
    lowering.createElementwise(
        getSizes(input), {{input, getIdentityTerms(rank)}},
        {ordered, getIdentityTerms(rank)},
        [](OpBuilder &inner, Location loc, ValueRange scalars) {
          return flipTopBit(inner, loc, scalars[0]);
        });
    input = ordered;
  }
  Sizes pads = resolvePads(
      op.getAutoPad(), op.getPads(), getSpatialSizes(input),
      getSpatialSizes(output), op.getKernel(), op.getStrides(),
      op.getDilations());
  auto pool = lir::PoolOp::create(
      builder, lowering.loc, input, ValueRange(), output,
      builder.getArrayAttr({}), kind == "lp" ? StringRef("sum") : kind,
      op.getKernel(), op.getStrides(), op.getDilations(), pads,
      op.getCountIncludePad());
  auto finish = [&](OpBuilder &inner, Location loc,
                    ValueRange scalars) -> Value {
    if (isUnsigned)
      return flipTopBit(inner, loc, scalars[0]);
    if (kind != "lp" || op.getP() == 1)
      return scalars[0];
    if (op.getP() == 2)
      return math::SqrtOp::create(inner, loc, scalars[0]);
    Value exponent =
        createScalar(inner, loc, scalars[0].getType(), 1.0 / op.getP());
    return math::PowFOp::create(inner, loc, scalars[0], exponent);
  };
  buildEpilogue(lowering, pool.getEpilogue(), accumulator, {}, element, finish);
  if (output != result)
    lowering.createTransposed(output, getToChannelsFirst(rank), result);
  return success();
}

static LogicalResult lowerPoolRegions(graph::PoolRegionsOp op,
                                      GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        corners = lowering.getBuffer(op.getCorners()),
        batches = lowering.getBuffer(op.getBatches()),
        result = lowering.createResult(op.getResult()), output = result;
  if (!op.getChannelsLast()) {
    input = lowering.createTransposed(input, getToChannelsLast(4));
    output = lowering.createChannelsLast(result);
  }
  Sizes sizes = getSizes(output);
  if (!sizes.back().isNumber())
    return requireBoundDims(op);
  // Both are the result's sizes, whichever symbols they are made of.
  for (Value list : {corners, batches})
    lowering.requireEqual(getSizes(list)[0], sizes[0],
                          "as many regions as batches");
  lowering.requireEqual(getSizes(corners)[1], 4, "four corners of a region");
  lir::PoolRegionsOp::create(
      lowering.builder, lowering.loc, input,
      lowering.createView(corners, {sizes[0], 4}),
      lowering.createView(batches, {sizes[0]}), output, op.getKind(),
      op.getSamples(), op.getScale(), op.getHalfPixel());
  if (output != result)
    lowering.createTransposed(output, getToChannelsFirst(4), result);
  return success();
}

void lambent::addPoolLowerings(LoweringTable &table) {
  table.add(lowerPool);
  table.add(lowerPoolRegions);
}
