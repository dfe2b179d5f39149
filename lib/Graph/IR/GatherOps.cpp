//===- GatherOps.cpp - Ops of the indexing family that read by index ------===//

#include "Elements.h"
#include "IndexPlaces.h"

#include <cmath>

using namespace mlir;

namespace lambent::graph {

//===-- gather, gather_elements, gather_nd --------------------------------===//

SmallVector<ValueRule> GatherOp::getValueRules() {
  return getIndexRules(getData(), getIndices(), getAxis());
}

SmallVector<ValueRule> GatherElementsOp::getValueRules() {
  return getIndexRules(getData(), getIndices(), getAxis());
}

SmallVector<ValueRule> GatherNDOp::getValueRules() {
  return getIndexTupleRules(
      getIndices(), getIndexedDims(getData().getType(), getIndices().getType(),
                                   getBatchDims()));
}

FailureOr<RankedTensorType> GatherOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType data = typeOf(op.getData()),
                   indices = typeOf(op.getIndices());
  int64_t axis = op.getAxis();
  if (failed(checkAxis(axis, data.getRank(), emitError)) ||
      failed(checkIndices(indices, emitError)))
    return failure();
  Sizes sizes = getSizes(data), shape(ArrayRef(sizes).take_front(axis));
  llvm::append_range(shape, getSizes(indices));
  llvm::append_range(shape, ArrayRef(sizes).drop_front(axis + 1));
  if (failed(checkChoices(data, axis, 1, shape, emitError)))
    return failure();
  return makeTensorType(shape, data.getElementType());
}

LogicalResult GatherOp::computeElements(ArrayRef<Elements> operands,
                                        RankedTensorType type,
                                        Elements &result) {
  auto dataType = getData().getType(), indexType = getIndices().getType();
  if (operands[0].empty() || !dataType.hasStaticShape() ||
      !indexType.hasStaticShape() ||
      (operands[1].empty() && indexType.getNumElements() != 0))
    return failure();
  int64_t axis = getAxis(), dim = dataType.getDimSize(axis);
  int64_t inner = productOf(dataType.getShape().drop_front(axis + 1));
  if (dim == 0)
    return failure();
  for (int64_t outer = 0, e = productOf(dataType.getShape().take_front(axis));
       outer < e; ++outer)
    for (Attribute element : operands[1]) {
      std::optional<int64_t> index = getInt(element), place;
      if (index && !(place = findPlace(*index, dim)))
        return failure();
      for (int64_t i = 0; i < inner; ++i)
        result.push_back(place
                             ? operands[0][(outer * dim + *place) * inner + i]
                             : Attribute());
    }
  return success();
}

OpFoldResult GatherOp::fold(FoldAdaptor adaptor) { return foldElements(*this); }

/// One constant index is a slice, which need not copy.
static LogicalResult becomeSlice(GatherOp op, PatternRewriter &rewriter) {
  auto data = op.getData().getType(), type = op.getResult().getType();
  auto indices = getConstantInts(op.getIndices());
  if (failed(indices) || indices->size() != 1 || !type.hasStaticShape() ||
      !data.hasStaticShape())
    return rewriter.notifyMatchFailure(op,
                                       "open dims, or not one constant index");
  int64_t axis = op.getAxis(), dim = data.getDimSize(axis);
  std::optional<int64_t> place = findPlace((*indices)[0], dim);
  if (!place)
    return rewriter.notifyMatchFailure(op, "the index is out of range");
  int64_t index = *place;
  Shape shape(data.getShape());
  shape[axis] = 1;
  auto list = [&](int64_t value) {
    return createIndexConstant(rewriter, op.getLoc(), value);
  };
  Value slice = SliceOp::create(rewriter, op.getLoc(), data.clone(shape),
                                op.getData(), list(index), list(index + 1),
                                list(1), ArrayRef<int64_t>(axis));
  Value dims = createIndexConstant(rewriter, op.getLoc(), type.getShape());
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, slice, dims,
                                         /*allow_zero=*/true);
  return success();
}

void GatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add(becomeSlice);
}

FailureOr<RankedTensorType> GatherElementsOp::inferType(Adaptor op,
                                                        EmitError emitError) {
  RankedTensorType data = typeOf(op.getData()),
                   indices = typeOf(op.getIndices());
  if (failed(checkElementIndices(data, indices, op.getAxis(), emitError)))
    return failure();
  Sizes shape = getSizes(indices);
  if (failed(checkChoices(data, op.getAxis(), 1, shape, emitError)))
    return failure();
  return makeTensorType(shape, data.getElementType());
}

LogicalResult GatherElementsOp::computeElements(ArrayRef<Elements> operands,
                                                RankedTensorType type,
                                                Elements &result) {
  auto dataType = getData().getType();
  if (operands[0].empty() || operands[1].empty())
    return failure();
  Shape strides = getStrides(dataType.getShape());
  int64_t next = 0, axis = getAxis();
  bool inRange = true;
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    std::optional<int64_t> index = getInt(operands[1][next++]);
    auto place = findPlace(index.value_or(0), dataType.getDimSize(axis));
    inRange &= place.has_value();
    int64_t offset = 0;
    for (auto [d, at] : llvm::enumerate(position)) {
      bool along = static_cast<int64_t>(d) == axis;
      inRange &= along || at < dataType.getDimSize(d);
      offset += (along ? place.value_or(0) : at) * strides[d];
    }
    result.push_back(index && inRange ? operands[0][offset] : Attribute());
  });
  return success(inRange);
}

OpFoldResult GatherElementsOp::fold(FoldAdaptor adaptor) {
  return foldElements(*this);
}

FailureOr<RankedTensorType> GatherNDOp::inferType(Adaptor op,
                                                  EmitError emitError) {
  RankedTensorType data = typeOf(op.getData()),
                   indices = typeOf(op.getIndices());
  int64_t batch = op.getBatchDims();
  if (batch < 0 || batch >= std::min(data.getRank(), indices.getRank()))
    return emitError() << "expected batch_dims to be less than the ranks of "
                          "data and indices, but got "
                       << batch << " for " << data << " and " << indices;
  if (failed(checkIndexTuples(data, indices, batch, emitError)))
    return failure();
  int64_t depth = indices.getShape().back();
  if (isOpen(depth))
    return emitError() << "expected the size of the last dim of indices to be "
                          "known, but got "
                       << indices;
  Sizes from = getSizes(data), at = getSizes(indices), shape;
  for (int64_t dim = 0; dim < batch; ++dim) {
    if (!dimsAgree(from[dim], at[dim]))
      return emitError() << "expected batch dim " << dim << " of indices to be "
                         << from[dim].getNumber() << ", but got "
                         << at[dim].getNumber();
    shape.push_back(mergeDims(from[dim], at[dim]));
  }
  llvm::append_range(shape, ArrayRef(at).drop_front(batch).drop_back());
  llvm::append_range(shape, ArrayRef(from).drop_front(batch + depth));
  if (failed(checkChoices(data, batch, depth, shape, emitError)))
    return failure();
  return makeTensorType(shape, data.getElementType());
}

LogicalResult GatherNDOp::computeElements(ArrayRef<Elements> operands,
                                          RankedTensorType type,
                                          Elements &result) {
  auto dataType = getData().getType(), indexType = getIndices().getType();
  if (operands[0].empty() || operands[1].empty() ||
      !dataType.hasStaticShape() || !indexType.hasStaticShape())
    return failure();
  int64_t batch = getBatchDims(), depth = indexType.getShape().back();
  ArrayRef<int64_t> shape = dataType.getShape(),
                    indexed = shape.slice(batch, depth);
  int64_t inner = productOf(shape.drop_front(batch + depth)),
          lookups = productOf(
              indexType.getShape().drop_front(batch).drop_back());
  ArrayRef<Attribute> tuples(operands[1]);
  for (int64_t outer = 0, e = productOf(shape.take_front(batch)); outer < e;
       ++outer)
    for (int64_t i = 0; i < lookups; ++i, tuples = tuples.drop_front(depth)) {
      TuplePlace row = findPlace(tuples.take_front(depth), indexed);
      if (row.isWrong)
        return failure();
      for (int64_t j = 0; j < inner; ++j)
        result.push_back(
            row.place ? operands[0][(outer * productOf(indexed) + *row.place) *
                                        inner +
                                    j]
                      : Attribute());
    }
  return success();
}

OpFoldResult GatherNDOp::fold(FoldAdaptor adaptor) {
  return foldElements(*this);
}

//===-- range -------------------------------------------------------------===//

/// max(ceil((limit - start) / delta), 0), where all three are known numbers of
/// one type, or expressions that count up from 0.
static Size countSteps(Attribute start, Attribute limit, Attribute delta) {
  if (auto a = dyn_cast_or_null<FloatAttr>(start)) {
    auto b = dyn_cast_or_null<FloatAttr>(limit),
         c = dyn_cast_or_null<FloatAttr>(delta);
    if (!b || !c)
      return Size::unknown();
    double count = std::ceil((b.getValueAsDouble() - a.getValueAsDouble()) /
                             c.getValueAsDouble());
    if (!(count > 0))
      return 0;
    return count > double(maxElements) ? maxElements + 1
                                       : static_cast<int64_t>(count);
  }
  if (isa_and_nonnull<SizesAttr>(limit) && getInt(start) == 0 &&
      getInt(delta).value_or(0) > 0)
    return getSize(limit).ceilDiv(*getInt(delta));
  auto a = getInt(start), b = getInt(limit), c = getInt(delta);
  if (!a || !b || !c || *c == 0)
    return Size::unknown();
  Wide span = Wide(*b) - *a, step = *c;
  if (step < 0) {
    span = -span;
    step = -step;
  }
  return span <= 0 ? 0 : boundDim((span + step - 1) / step);
}

FailureOr<RankedTensorType> RangeOp::inferType(Adaptor op,
                                               EmitError emitError) {
  Attribute ends[3];
  Type elementType = typeOf(op.getStart()).getElementType();
  for (auto [index, operand] : llvm::enumerate(op.getOperands())) {
    RankedTensorType type = typeOf(operand);
    if (type.getRank() != 0 || type.getElementType() != elementType)
      return emitError() << "expected start, limit and delta to be scalars of "
                            "one type, but got "
                         << type;
    Elements elements = getKnownElements(operand);
    if (!elements.empty())
      ends[index] = elements[0];
  }
  if (getInt(ends[2]) == 0)
    return emitError() << "expected a delta other than 0, but got 0";
  return makeTensorType({countSteps(ends[0], ends[1], ends[2])}, elementType);
}

LogicalResult RangeOp::computeElements(ArrayRef<Elements> operands,
                                       RankedTensorType type,
                                       Elements &result) {
  if (operands[0].empty() || operands[2].empty())
    return failure();
  Attribute start = operands[0][0], delta = operands[2][0];
  if (auto base = dyn_cast_or_null<FloatAttr>(start)) {
    auto step = dyn_cast_or_null<FloatAttr>(delta);
    if (!step)
      return failure();
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      result.push_back(
          FloatAttr::get(type.getElementType(),
                         base.getValueAsDouble() +
                             static_cast<double>(i) * step.getValueAsDouble()));
    return success();
  }
  auto base = getInt(start), step = getInt(delta);
  if (!base || !step)
    return failure();
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    result.push_back(
        getIntElement(type.getElementType(),
                      static_cast<int64_t>(Wide(*base) + Wide(i) * *step)));
  return success();
}

OpFoldResult RangeOp::fold(FoldAdaptor adaptor) { return foldElements(*this); }

} // namespace lambent::graph
