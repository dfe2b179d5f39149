//===- Reduce.cpp - Reductions, arg max and running sums ------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static bool isUnsigned(Value tensor) {
  return getElementType(tensor).isUnsignedInteger();
}

static Sizes dropDims(ArrayRef<Size> shape, ArrayRef<int64_t> dims) {
  Sizes rest;
  for (auto [dim, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(dims, static_cast<int64_t>(dim)))
      rest.push_back(size);
  return rest;
}

static LogicalResult lowerReduce(graph::ReduceOp op, GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  Value input = lowering.getBuffer(op.getInput()),
        result = lowering.createResult(op.getResult());
  Sizes shape = getSizes(input);
  ArrayRef<int64_t> axes = op.getAxes();
  Value output = lowering.createView(result, dropDims(shape, axes));
  bool mean = op.getKind() == "mean",
       isUnsignedInput = isUnsigned(op.getInput());
  Size count = 1;
  for (int64_t axis : axes)
    count *= shape[axis];
  Type accumulator = lir::getAccumulatorType(getElementType(input));
  auto reduce = lir::ReduceOp::create(
      builder, lowering.loc, input, ValueRange(), output,
      builder.getArrayAttr({}), mean ? StringRef("sum") : op.getKind(), axes,
      isUnsignedInput);
  auto divide = [&](OpBuilder &inner, Location loc,
                    ValueRange scalars) -> Value {
    if (!mean || count.is(0))
      return scalars[0];
    if (isa<FloatType>(accumulator) && count.isNumber())
      return arith::MulFOp::create(
          inner, loc, scalars[0],
          createScalar(inner, loc, accumulator, 1.0 / count.getNumber()));
    Value divisor = createSize(inner, loc, accumulator, count);
    if (isa<FloatType>(accumulator)) {
      Value one = createScalar(inner, loc, accumulator, 1.0);
      Value share = arith::DivFOp::create(inner, loc, one, divisor);
      return arith::MulFOp::create(inner, loc, scalars[0], share);
    }
    if (isUnsignedInput)
      return arith::DivUIOp::create(inner, loc, scalars[0], divisor);
    return arith::DivSIOp::create(inner, loc, scalars[0], divisor);
  };
  buildEpilogue(lowering, reduce.getEpilogue(), accumulator, {},
                getElementType(output), divide);
  return success();
}

static LogicalResult lowerArgReduce(graph::ArgReduceOp op,
                                    GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        result = lowering.createResult(op.getResult());
  int64_t axis = op.getAxis();
  Value output = lowering.createView(result, dropDims(getSizes(input), axis));
  lir::ArgReduceOp::create(lowering.builder, lowering.loc, input, output,
                           op.getKind(), axis, op.getSelectLast(),
                           isUnsigned(op.getInput()));
  return success();
}

static LogicalResult lowerCumSum(graph::CumSumOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  lir::CumSumOp::create(lowering.builder, lowering.loc, input, output,
                        op.getAxis(), op.getExclusive(), op.getReverse(),
                        op.getKind());
  return success();
}

static LogicalResult lowerTopK(graph::TopKOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  int64_t axis = op.getAxis();
  lowering.requireNotNegative(getSizes(input)[axis] -
                                  getSizes(op.getValues())[axis],
                              "k of at most the size of dim " + Twine(axis));
  lir::TopKOp::create(lowering.builder, lowering.loc, input,
                      lowering.createUsedResult(op.getValues()),
                      lowering.createUsedResult(op.getPositions()),
                      op.getAxis(), op.getLargest(), isUnsigned(op.getInput()));
  return success();
}

void lambent::addReduceLowerings(LoweringTable &table) {
  table.add(lowerReduce);
  table.add(lowerArgReduce);
  table.add(lowerCumSum);
  table.add(lowerTopK);
}
