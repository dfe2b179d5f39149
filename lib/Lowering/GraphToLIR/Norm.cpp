//===- Norm.cpp - Softmax and normalisations ------------------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static LogicalResult lowerSoftmax(graph::SoftmaxOp op,
                                  GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  lir::SoftmaxOp::create(lowering.builder, lowering.loc, input, output,
                         op.getAxis(), op.getLog());
  return success();
}

/// `buffer` with exactly the shape of the normalised dims, or null when it
/// varies over the others.
static Value getTrailing(Value buffer, ArrayRef<Size> normalized,
                         GraphLowering &lowering) {
  Sizes sizes = getSizes(buffer);
  ArrayRef<Size> shape = sizes;
  while (shape.size() > normalized.size() && shape.front().is(1))
    shape = shape.drop_front();
  if (shape.size() > normalized.size())
    return {};
  buffer = lowering.createView(buffer, shape);
  if (shape == normalized)
    return buffer;
  Value spread = lowering.createBuffer(normalized, getElementType(buffer));
  lowering.createCopy(normalized,
                      {buffer, lowering.getBroadcastTerms(shape, normalized)},
                      {spread, getIdentityTerms(normalized.size())});
  return spread;
}

static LogicalResult lowerLayerNorm(graph::LayerNormOp op,
                                    GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  Value scale = lowering.getBuffer(op.getScale()),
        bias = lowering.getBuffer(op.getBias());
  Sizes shape = getSizes(input),
        normalized(ArrayRef(shape).drop_front(op.getAxis()));
  Value rowScale = scale ? getTrailing(scale, normalized, lowering) : Value();
  Value rowBias = bias ? getTrailing(bias, normalized, lowering) : Value();
  bool fits = (!scale || rowScale) && (!bias || rowBias);
  Value target =
      fits ? output : lowering.createBuffer(shape, getElementType(output));
  lir::NormalizeOp::create(lowering.builder, lowering.loc, input,
                           fits ? rowScale : Value(), fits ? rowBias : Value(),
                           target, op.getAxis(), op.getEpsilonAttr().getValue(),
                           op.getRms());
  if (fits)
    return success();
  SmallVector<BufferAccess> inputs = {{target, getIdentityTerms(shape.size())}};
  for (Value operand : {scale, bias})
    if (operand)
      inputs.push_back(
          {operand, lowering.getBroadcastTerms(getSizes(operand), shape)});
  auto body = [&](OpBuilder &builder, Location loc,
                  ValueRange scalars) -> Value {
    Value result = scalars[0];
    if (scale)
      result = arith::MulFOp::create(builder, loc, result, scalars[1]);
    if (bias)
      result = arith::AddFOp::create(builder, loc, result, scalars.back());
    return result;
  };
  lowering.createElementwise(shape, inputs,
                             {output, getIdentityTerms(shape.size())}, body);
  return success();
}

static LogicalResult lowerLRN(graph::LRNOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  unsigned rank = getShape(input).size();
  Value target = output;
  if (!op.getChannelsLast()) {
    input = lowering.createTransposed(input, getToChannelsLast(rank));
    target = lowering.createBuffer(getSizes(input), getElementType(input));
  }
  lir::LRNOp::create(lowering.builder, lowering.loc, input, target,
                     op.getSize(), op.getAlpha(), op.getBeta(), op.getBias());
  if (target != output)
    lowering.createTransposed(target, getToChannelsFirst(rank), output);
  return success();
}

/// Reached only by what graph-fold-batch-norm was not run on.
static LogicalResult lowerBatchNorm(graph::BatchNormOp op,
                                    GraphLowering &lowering) {
  Value output = lowering.createResult(op.getResult());
  Sizes shape = getSizes(output);
  SmallVector<BufferAccess> inputs = {
      {lowering.getBuffer(op.getInput()), getIdentityTerms(shape.size())}};
  for (Value vector :
       {op.getScale(), op.getBias(), op.getMean(), op.getVariance()})
    inputs.push_back({lowering.getBuffer(vector), {{1, 1, 0}}});
  auto body = [&](OpBuilder &builder, Location loc,
                  ValueRange scalars) -> Value {
    Type type = builder.getF32Type();
    if (scalars[0].getType().isF64())
      type = scalars[0].getType();
    auto get = [&](unsigned index) {
      return convertFloat(builder, loc, scalars[index], type);
    };
    Value epsilon =
        createScalar(builder, loc, type, op.getEpsilon().convertToFloat());
    Value variance = arith::AddFOp::create(builder, loc, get(4), epsilon);
    Value deviation = math::SqrtOp::create(builder, loc, variance);
    Value factor = arith::DivFOp::create(builder, loc, get(1), deviation);
    Value centered = arith::SubFOp::create(builder, loc, get(0), get(3));
    Value scaled = arith::MulFOp::create(builder, loc, centered, factor);
    Value result = arith::AddFOp::create(builder, loc, scaled, get(2));
    return convertFloat(builder, loc, result, getElementType(output));
  };
  lowering.createElementwise(shape, inputs,
                             {output, getIdentityTerms(shape.size())}, body);
  return success();
}

void lambent::addNormLowerings(LoweringTable &table) {
  table.add(lowerSoftmax);
  table.add(lowerLayerNorm);
  table.add(lowerLRN);
  table.add(lowerBatchNorm);
}
