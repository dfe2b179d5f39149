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

/// An image [N, C, spatial...] as N * C images of one channel: vectors run
/// along channels, whose number the kernel must know.
static Value splitChannels(Value image, GraphLowering &lowering) {
  Sizes sizes = getSizes(image), apart = {sizes[0] * sizes[1]};
  apart.append(sizes.begin() + 2, sizes.end());
  apart.push_back(1);
  return lowering.createView(image, apart);
}

namespace {
/// Images as the kernel takes them, and what is transposed by `back` into the
/// result at the end, where that is not the result itself.
struct PoolImages {
  Value input, output, whole;
  SmallVector<int64_t> back;
};
} // namespace

static PoolImages arrangeImages(graph::PoolOp op, Value result,
                                GraphLowering &lowering) {
  PoolImages images{lowering.getBuffer(op.getInput()), result, result, {}};
  unsigned rank = getShape(images.input).size();
  bool isLast = op.getChannelsLast(),
       isOpen =
           ShapedType::isDynamic(getShape(images.input)[isLast ? rank - 1 : 1]);
  if (isLast == isOpen) {
    images.back = isOpen ? getToChannelsLast(rank) : getToChannelsFirst(rank);
    images.input = lowering.createTransposed(images.input,
                                             isOpen ? getToChannelsFirst(rank)
                                                    : getToChannelsLast(rank));
    images.whole = images.output = isOpen ? lowering.createChannelsFirst(result)
                                          : lowering.createChannelsLast(result);
  }
  if (isOpen) {
    images.input = splitChannels(images.input, lowering);
    images.output = splitChannels(images.output, lowering);
  }
  return images;
}

static LogicalResult lowerPool(graph::PoolOp op, GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  Value result = lowering.createResult(op.getResult());
  Type element = getElementType(result),
       accumulator = lir::getAccumulatorType(element);
  StringRef kind = op.getKind();
  bool isUnsigned = getElementType(op.getInput()).isUnsignedInteger();
  if (kind != "max" && !isa<FloatType>(element))
    return emitUnsupported(op)
           << "pooling by " << kind << " of elements of type "
           << getElementType(op.getInput()) << " is not supported";
  auto [input, output, whole, back] = arrangeImages(op, result, lowering);
  if (kind == "lp")
    input = createPowers(input, op.getP(), lowering);
  if (isUnsigned) {
    Value ordered = lowering.createBuffer(getSizes(input), element);
    SmallVector<lir::IndexTerm> terms =
        getIdentityTerms(getShape(input).size());
    lowering.createElementwise(
        getSizes(input), {{input, terms}}, {ordered, terms},
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
  if (whole != result)
    lowering.createTransposed(whole, back, result);
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
