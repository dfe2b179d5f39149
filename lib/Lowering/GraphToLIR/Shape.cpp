//===- Shape.cpp - Ops that move data without computing -------------------===//
//
// Reshapes are views. What reorders, repeats or selects is an element-wise copy
// with the reordering in its maps, so that fusion can put it into the ops
// around it.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

static LogicalResult lowerConstant(graph::ConstantOp op,
                                   GraphLowering &lowering) {
  lowering.bind(op.getResult(), lowering.createWeight(op.getValue()));
  return success();
}

/// Any op whose result has the elements of its first operand in the same order.
template <typename Op>
static LogicalResult lowerView(Op op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op->getOperand(0));
  lowering.bind(op.getResult(),
                lowering.createView(input, getShape(op.getResult())));
  return success();
}

static LogicalResult lowerTranspose(graph::TransposeOp op,
                                    GraphLowering &lowering) {
  lowering.createTransposed(lowering.getBuffer(op.getInput()), op.getPerm(),
                            lowering.createResult(op.getResult()));
  return success();
}

static LogicalResult lowerConcat(graph::ConcatOp op, GraphLowering &lowering) {
  Value output = lowering.createResult(op.getResult());
  int64_t axis = op.getAxis(), offset = 0;
  for (Value tensor : op.getInputs()) {
    Value input = lowering.getBuffer(tensor);
    ArrayRef<int64_t> shape = getShape(input);
    SmallVector<IndexTerm> terms = getIdentityTerms(shape.size());
    terms[axis].offset = offset;
    lowering.createCopy(shape, {input, getIdentityTerms(shape.size())},
                        {output, terms});
    offset += shape[axis];
  }
  return success();
}

static LogicalResult lowerSlice(graph::SliceOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  Value output = lowering.createResult(op.getResult());
  ArrayRef<int64_t> shape = getShape(input), domain = getShape(output);
  FailureOr<SmallVector<int64_t>> starts =
                                      graph::getConstantInts(op.getStarts()),
                                  steps = graph::getConstantInts(op.getSteps());
  if (failed(starts) || failed(steps))
    return emitUnsupported(op) << "starts or steps that are computed from the "
                                  "model's inputs are not "
                                  "supported";
  SmallVector<IndexTerm> terms = getIdentityTerms(shape.size());
  for (auto [axis, start, step] :
       llvm::zip_equal(op.getAxes(), *starts, *steps)) {
    // The slice has elements, so that either direction begins in the dim.
    int64_t first = std::clamp<int64_t>(start < 0 ? start + shape[axis] : start,
                                        0, shape[axis] - 1);
    terms[axis] = {axis, step, first};
    // One element: its step must not lead anywhere.
    if (domain[axis] == 1)
      terms[axis] = {-1, 0, first};
  }
  lowering.createCopy(domain, {input, terms},
                      {output, getIdentityTerms(domain.size())});
  return success();
}

static LogicalResult lowerExpand(graph::ExpandOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  ArrayRef<int64_t> domain = getShape(op.getResult());
  if (getShape(input) == domain) {
    lowering.bind(op.getResult(), input);
    return success();
  }
  Value output = lowering.createResult(op.getResult());
  lowering.createCopy(domain,
                      {input, getBroadcastTerms(getShape(input), domain)},
                      {output, getIdentityTerms(domain.size())});
  return success();
}

/// Splits every repeated dim of the output into repeats and the input's dim.
static LogicalResult lowerTile(graph::TileOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  SmallVector<int64_t> domain;
  SmallVector<IndexTerm> terms;
  for (auto [from, to] : llvm::zip_equal(getShape(input), getShape(output))) {
    if (from != to && from != 1)
      domain.push_back(from == 0 ? 0 : to / from);
    terms.push_back(from == 1 && to != 1
                        ? IndexTerm{}
                        : IndexTerm{static_cast<int64_t>(domain.size()), 1, 0});
    domain.push_back(from == 1 ? to : from);
  }
  lowering.createCopy(
      domain, {input, terms},
      {lowering.createView(output, domain), getIdentityTerms(domain.size())});
  return success();
}

static LogicalResult lowerShape(graph::ShapeOp op, GraphLowering &lowering) {
  ArrayRef<int64_t> sizes =
      getShape(op.getInput()).slice(op.getStart(), op.getEnd() - op.getStart());
  lowering.bind(op.getResult(), lowering.createIndexTable(
                                    static_cast<int64_t>(sizes.size()), sizes));
  return success();
}

/// A look-up of one constant place is a slice.
static bool lowerGatherOfOne(graph::GatherOp op, GraphLowering &lowering) {
  FailureOr<SmallVector<int64_t>> indices =
      graph::getConstantInts(op.getIndices());
  if (failed(indices) || indices->size() != 1)
    return false;
  Value data = lowering.getBuffer(op.getData()),
        output = lowering.createResult(op.getResult());
  ArrayRef<int64_t> shape = getShape(data);
  int64_t axis = op.getAxis(), size = shape[axis], place = indices->front();
  if (size == 0)
    return false;
  place = std::clamp<int64_t>(place < 0 ? place + size : place, 0, size - 1);
  SmallVector<int64_t> domain(shape);
  domain.erase(domain.begin() + axis);
  SmallVector<IndexTerm> terms = getIdentityTerms(domain.size());
  terms.insert(terms.begin() + axis, IndexTerm{-1, 0, place});
  lowering.createCopy(
      domain, {data, terms},
      {lowering.createView(output, domain), getIdentityTerms(domain.size())});
  return true;
}

static LogicalResult lowerGather(graph::GatherOp op, GraphLowering &lowering) {
  if (lowerGatherOfOne(op, lowering))
    return success();
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  lir::GatherOp::create(lowering.builder, lowering.loc, data, indices,
                        lowering.createResult(op.getResult()), op.getAxis());
  return success();
}

static LogicalResult lowerGatherElements(graph::GatherElementsOp op,
                                         GraphLowering &lowering) {
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  lir::GatherElementsOp::create(lowering.builder, lowering.loc, data, indices,
                                lowering.createResult(op.getResult()),
                                op.getAxis());
  return success();
}

static LogicalResult lowerGatherND(graph::GatherNDOp op,
                                   GraphLowering &lowering) {
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  lir::GatherNDOp::create(lowering.builder, lowering.loc, data, indices,
                          lowering.createResult(op.getResult()),
                          op.getBatchDims());
  return success();
}

/// Of bool, sums and maxima are or, products and minima and.
static StringRef getScatterKind(StringRef kind, Value data) {
  if (!getElementType(data).isInteger(1))
    return kind;
  return kind == "sum" ? "max" : kind == "prod" ? "min" : kind;
}

/// `more` are the attributes between the output and the kind.
template <typename KernelOp, typename Op, typename... More>
static LogicalResult createScatter(Op op, GraphLowering &lowering,
                                   More... more) {
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices()),
        updates = lowering.getBuffer(op.getUpdates());
  bool isUnsigned =
      op.getData().getType().getElementType().isUnsignedInteger();
  KernelOp::create(lowering.builder, lowering.loc, data, indices, updates,
                   lowering.createResult(op.getResult()), more...,
                   getScatterKind(op.getKind(), data), isUnsigned);
  return success();
}

static LogicalResult lowerScatterElements(graph::ScatterElementsOp op,
                                          GraphLowering &lowering) {
  return createScatter<lir::ScatterElementsOp>(op, lowering, op.getAxis());
}

static LogicalResult lowerScatterND(graph::ScatterNDOp op,
                                    GraphLowering &lowering) {
  return createScatter<lir::ScatterNDOp>(op, lowering);
}

static LogicalResult lowerRange(graph::RangeOp op, GraphLowering &lowering) {
  Value output = lowering.createResult(op.getResult());
  SmallVector<BufferAccess> inputs;
  for (Value scalar : {op.getStart(), op.getDelta()}) {
    Value buffer = lowering.getBuffer(scalar);
    inputs.push_back({buffer, SmallVector<IndexTerm>(getShape(buffer).size())});
  }
  auto body = [&](OpBuilder &builder, Location loc,
                  ValueRange scalars) -> Value {
    Type type = scalars[0].getType();
    Value index = lir::IndexOp::create(builder, loc, builder.getI64Type(), 0);
    if (auto floating = dyn_cast<FloatType>(type)) {
      Type wide = floating.getWidth() < 32 ? builder.getF32Type() : type;
      Value position = arith::SIToFPOp::create(builder, loc, wide, index);
      Value delta = convertFloat(builder, loc, scalars[1], wide);
      Value distance = arith::MulFOp::create(builder, loc, position, delta);
      Value start = convertFloat(builder, loc, scalars[0], wide);
      Value sum = arith::AddFOp::create(builder, loc, start, distance);
      return convertFloat(builder, loc, sum, type);
    }
    if (type.getIntOrFloatBitWidth() < 64)
      index = arith::TruncIOp::create(builder, loc, type, index);
    Value distance = arith::MulIOp::create(builder, loc, index, scalars[1]);
    return arith::AddIOp::create(builder, loc, scalars[0], distance);
  };
  lowering.createElementwise(getShape(output), inputs,
                             {output, getIdentityTerms(1)}, body);
  return success();
}

void lambent::addShapeLowerings(LoweringTable &table) {
  table.add(lowerConstant);
  table.add(lowerView<graph::ReshapeOp>);
  table.add(lowerView<graph::SqueezeOp>);
  table.add(lowerView<graph::UnsqueezeOp>);
  table.add(lowerView<graph::FlattenOp>);
  table.add(lowerTranspose);
  table.add(lowerConcat);
  table.add(lowerSlice);
  table.add(lowerExpand);
  table.add(lowerTile);
  table.add(lowerShape);
  table.add(lowerGather);
  table.add(lowerGatherElements);
  table.add(lowerGatherND);
  table.add(lowerScatterElements);
  table.add(lowerScatterND);
  table.add(lowerRange);
}
