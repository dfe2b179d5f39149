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
  lowering.requireEqual(productOf(getSizes(input)),
                        productOf(getSizes(op.getResult())),
                        "as many elements in the result as in the operand");
  lowering.bind(op.getResult(),
                lowering.createView(input, getSizes(op.getResult())));
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
  int64_t axis = op.getAxis();
  Size offset = 0;
  for (Value tensor : op.getInputs()) {
    Value input = lowering.getBuffer(tensor);
    Sizes shape = getSizes(input);
    SmallVector<IndexTerm> terms = getIdentityTerms(shape.size());
    terms[axis].offset = offset;
    lowering.createCopy(shape, {input, getIdentityTerms(shape.size())},
                        {output, terms});
    offset += shape[axis];
    for (auto [dim, size] : llvm::enumerate(shape))
      if (int64_t(dim) != axis)
        lowering.requireEqual(size, getSizes(output)[dim],
                              "operands whose sizes agree");
  }
  return success();
}

/// Whether a start or end of a slice counts from the dim's end.
static bool isFromEnd(const Size &place) {
  return !place.isNotNegative() && (0 - place).isNotNegative();
}

/// Where a slice begins along a dim: `start` counts from the end where it is
/// negative, and is cut to the dim. Unknown where runs differ in that.
static Size getFirst(const Size &start, const Size &size, int64_t step) {
  if (start.isNumber() && size.isNumber()) {
    // The slice has elements, so that either direction begins in the dim.
    int64_t from = start.getNumber(), end = size.getNumber();
    return std::clamp<int64_t>(from < 0 ? from + end : from, 0, end - 1);
  }
  // Beyond every size, as graph.slice has it: the first element, or the last,
  // from which a slice goes backwards.
  constexpr int64_t beyond = 1000000000;
  if (start.isNumber() && start.getNumber() <= -beyond)
    return 0;
  if (start.isNumber() && start.getNumber() >= beyond && step < 0)
    return size - 1;
  return isFromEnd(start) ? size + start
                          : start + size * indicatePositive(0 - start);
}

/// Demands that an open size that counts from the end is one in every run: none
/// from the end would be the front.
static void requireFromEnd(const Size &place, const Size &size, int64_t axis,
                           GraphLowering &lowering) {
  if (!place.isNumber() && isFromEnd(place) && !(size + place).is(0))
    lowering.requireNotNegative(0 - place - 1, "a slice within dim " +
                                                   Twine(axis) +
                                                   " as seen from its end");
}

static LogicalResult lowerSlice(graph::SliceOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  Value output = lowering.createResult(op.getResult());
  Sizes shape = getSizes(input), domain = getSizes(output);
  FailureOr<Sizes> starts = graph::getKnownSizes(op.getStarts()),
                   ends = graph::getKnownSizes(op.getEnds());
  FailureOr<SmallVector<int64_t>> steps = graph::getConstantInts(op.getSteps());
  if (failed(starts) || failed(steps) || !areKnown(*starts))
    return emitUnsupported(op) << "starts or steps that are computed from the "
                                  "model's inputs are not "
                                  "supported";
  SmallVector<IndexTerm> terms = getIdentityTerms(shape.size());
  for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
    const Size &start = (*starts)[index];
    int64_t step = (*steps)[index];
    Size first = getFirst(start, shape[axis], step);
    Size last = first + (domain[axis] - 1) * step;
    requireFromEnd(start, shape[axis], axis, lowering);
    if (succeeded(ends))
      requireFromEnd((*ends)[index], shape[axis], axis, lowering);
    if (domain[axis] != shape[axis] || step != 1) {
      std::string expected = "a slice within dim " + std::to_string(axis);
      // A slice of no elements reads none, wherever it begins.
      lowering.requireNotNegative(step > 0 ? first : last + 1, expected);
      lowering.requireNotNegative(shape[axis] - (step > 0 ? last + 1 : first),
                                  expected);
    }
    terms[axis] = {axis, step, first};
    // One element: its step must not lead anywhere.
    if (domain[axis].is(1))
      terms[axis] = {-1, 0, first};
  }
  lowering.createCopy(domain, {input, terms},
                      {output, getIdentityTerms(domain.size())});
  return success();
}

static LogicalResult lowerExpand(graph::ExpandOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  Sizes domain = getSizes(op.getResult()), sizes = getSizes(input);
  if (sizes == domain) {
    lowering.bind(op.getResult(), input);
    return success();
  }
  Value output = lowering.createResult(op.getResult());
  lowering.createCopy(
      domain,
      {input, lowering.getBroadcastTerms(
                  sizes, domain, "a size to expand to that is the operand's")},
      {output, getIdentityTerms(domain.size())});
  return success();
}

/// Splits every repeated dim of the output into repeats and the input's dim.
static LogicalResult lowerTile(graph::TileOp op, GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        output = lowering.createResult(op.getResult());
  Sizes domain;
  SmallVector<IndexTerm> terms;
  for (auto [from, to] : llvm::zip_equal(getSizes(input), getSizes(output))) {
    if (from != to && !from.is(1)) {
      Size repeats = from.is(0) ? Size(0) : divideWhole(to, from);
      if (!repeats.isKnown())
        return emitUnsupported(op)
               << "repeating " << from << " elements to " << to
               << " is not supported where sizes are open";
      domain.push_back(repeats);
    }
    terms.push_back(from.is(1) && !to.is(1)
                        ? IndexTerm{}
                        : IndexTerm{static_cast<int64_t>(domain.size()), 1, 0});
    domain.push_back(from.is(1) ? to : from);
  }
  lowering.createCopy(
      domain, {input, terms},
      {lowering.createView(output, domain), getIdentityTerms(domain.size())});
  return success();
}

/// Writes each size to its place in a list.
static void createSizeList(ArrayRef<Size> sizes, Value output,
                           GraphLowering &lowering) {
  for (auto [index, size] : llvm::enumerate(sizes))
    lowering.createElementwise(
        Size(1), {}, {output, {IndexTerm{-1, 0, int64_t(index)}}},
        [&](OpBuilder &builder, Location loc, ValueRange) -> Value {
          return createSize(builder, loc, getElementType(output), size);
        });
}

static LogicalResult bindSizeList(Operation *op, ArrayRef<Size> sizes,
                                  GraphLowering &lowering) {
  Value result = op->getResult(0);
  if (areNumbers(sizes) && getElementType(result).isInteger(64))
    lowering.bind(result, lowering.createIndexTable(getShape(result),
                                                    getNumbers(sizes)));
  else
    createSizeList(sizes,
                   lowering.createView(lowering.createResult(result),
                                       Size(sizes.size())),
                   lowering);
  return success();
}

static LogicalResult lowerShape(graph::ShapeOp op, GraphLowering &lowering) {
  Sizes sizes = getSizes(op.getInput());
  return bindSizeList(
      op, ArrayRef(sizes).slice(op.getStart(), op.getEnd() - op.getStart()),
      lowering);
}

static LogicalResult lowerSizes(graph::SizesOp op, GraphLowering &lowering) {
  FailureOr<Sizes> sizes = graph::getKnownSizes(op.getResult());
  assert(succeeded(sizes) && "the op says them");
  return bindSizeList(op, *sizes, lowering);
}

/// A look-up of one constant place is a slice.
static bool lowerGatherOfOne(graph::GatherOp op, GraphLowering &lowering) {
  FailureOr<SmallVector<int64_t>> indices =
      graph::getConstantInts(op.getIndices());
  if (failed(indices) || indices->size() != 1)
    return false;
  Value data = lowering.getBuffer(op.getData()),
        output = lowering.createResult(op.getResult());
  Sizes shape = getSizes(data);
  int64_t axis = op.getAxis(), index = indices->front();
  Size size = shape[axis], place = index < 0 ? size + index : Size(index);
  if (size.is(0))
    return false;
  if (size.isNumber())
    place = std::clamp<int64_t>(place.getNumber(), 0, size.getNumber() - 1);
  std::string expected = "an index within dim " + std::to_string(axis);
  lowering.requireNotNegative(place, expected);
  lowering.requireNotNegative(size - place - 1, expected);
  Sizes domain = shape;
  domain.erase(domain.begin() + axis);
  SmallVector<IndexTerm> terms = getIdentityTerms(domain.size());
  terms.insert(terms.begin() + axis, IndexTerm{-1, 0, place});
  lowering.createCopy(
      domain, {data, terms},
      {lowering.createView(output, domain), getIdentityTerms(domain.size())});
  return true;
}

/// Demands that a dim of `data` that `indices` lead into holds elements, unless
/// there are no indices: there are at most 2^40.
static void requireElements(const Size &dim, ArrayRef<Size> indices,
                            GraphLowering &lowering,
                            StringRef expected = "data that holds elements") {
  Size needed = productOf(indices).ceilDiv(int64_t(1) << 40);
  lowering.requireNotNegative(dim - needed, expected);
}

static LogicalResult lowerGather(graph::GatherOp op, GraphLowering &lowering) {
  if (lowerGatherOfOne(op, lowering))
    return success();
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  requireElements(getSizes(data)[op.getAxis()], getSizes(indices), lowering);
  lir::GatherOp::create(lowering.builder, lowering.loc, data, indices,
                        lowering.createResult(op.getResult()), op.getAxis());
  return success();
}

static LogicalResult lowerGatherElements(graph::GatherElementsOp op,
                                         GraphLowering &lowering) {
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  requireElements(getSizes(data)[op.getAxis()], getSizes(indices), lowering);
  lir::GatherElementsOp::create(lowering.builder, lowering.loc, data, indices,
                                lowering.createResult(op.getResult()),
                                op.getAxis());
  return success();
}

/// The same for the dims of `data` that tuples lead into, behind `first` of
/// them.
static void requireIndexed(Value data, Value indices, int64_t first,
                           GraphLowering &lowering) {
  for (int64_t dim = first; dim < first + getShape(indices).back(); ++dim)
    requireElements(getSizes(data)[dim], getSizes(indices), lowering);
}

static LogicalResult lowerGatherND(graph::GatherNDOp op,
                                   GraphLowering &lowering) {
  Value data = lowering.getBuffer(op.getData()),
        indices = lowering.getBuffer(op.getIndices());
  requireIndexed(data, indices, op.getBatchDims(), lowering);
  // Both have the sizes that the result knows best.
  Sizes of = getSizes(data), at = getSizes(indices),
        result = getSizes(op.getResult());
  for (int64_t dim = 0; dim < int64_t(op.getBatchDims()); ++dim) {
    lowering.requireEqual(of[dim], at[dim],
                          "as many indices as data in dim " + Twine(dim));
    of[dim] = at[dim] = result[dim];
  }
  lir::GatherNDOp::create(
      lowering.builder, lowering.loc, lowering.createView(data, of),
      lowering.createView(indices, at), lowering.createResult(op.getResult()),
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
  // Of open data; else it folds. There are as many updates as indices.
  if (llvm::is_contained(getShape(updates), 0) ||
      llvm::is_contained(getShape(indices), 0)) {
    lowering.bind(op.getResult(), data);
    return success();
  }
  bool isUnsigned =
      op.getData().getType().getElementType().isUnsignedInteger();
  KernelOp::create(lowering.builder, lowering.loc, data, indices, updates,
                   lowering.createResult(op.getResult()), more...,
                   getScatterKind(op.getKind(), data), isUnsigned);
  return success();
}

static LogicalResult lowerScatterElements(graph::ScatterElementsOp op,
                                          GraphLowering &lowering) {
  // There are as many updates: none.
  if (llvm::is_contained(getShape(op.getIndices()), 0)) {
    lowering.bind(op.getResult(), lowering.getBuffer(op.getData()));
    return success();
  }
  Sizes data = getSizes(op.getData()), updates = getSizes(op.getUpdates()),
        indices = getSizes(op.getIndices());
  int64_t axis = op.getAxis();
  StringRef expected = "data that holds the elements to update";
  for (auto [dim, size] : llvm::enumerate(indices)) {
    lowering.requireEqual(size, updates[dim], "as many updates as indices");
    if (size == data[dim]) // what is empty has no updates
      continue;
    if (int64_t(dim) == axis)
      requireElements(data[dim], indices, lowering, expected);
    else
      lowering.requireNotNegative(data[dim] - size, expected);
  }
  return createScatter<lir::ScatterElementsOp>(op, lowering, axis);
}

static LogicalResult lowerScatterND(graph::ScatterNDOp op,
                                    GraphLowering &lowering) {
  Sizes updates = getSizes(op.getIndices()), data = getSizes(op.getData());
  int64_t length = updates.pop_back_val().getNumber();
  requireIndexed(op.getData(), op.getIndices(), 0, lowering);
  updates.append(data.begin() + length, data.end());
  for (auto [have, want] :
       llvm::zip_equal(getSizes(op.getUpdates()), updates))
    lowering.requireEqual(have, want, "an update for each tuple of indices");
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
  lowering.createElementwise(getSizes(output), inputs,
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
  table.add(lowerSizes);
  table.add(lowerGather);
  table.add(lowerGatherElements);
  table.add(lowerGatherND);
  table.add(lowerScatterElements);
  table.add(lowerScatterND);
  table.add(lowerRange);
}
