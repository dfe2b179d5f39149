//===- ScatterOps.cpp - Ops of the indexing family that write by index ---===//

#include "Elements.h"
#include "IndexPlaces.h"

using namespace mlir;

namespace lambent::graph {

/// What both ops ask of updates of this shape.
static LogicalResult checkUpdates(RankedTensorType data,
                                  RankedTensorType updates,
                                  ArrayRef<Size> shape, StringRef kind,
                                  EmitError emitError) {
  Sizes found = getSizes(updates);
  bool agree = found.size() == shape.size() &&
               updates.getElementType() == data.getElementType() &&
               llvm::all_of(llvm::zip(found, shape), [](auto pair) {
                 return dimsAgree(std::get<0>(pair), std::get<1>(pair));
               });
  if (!agree)
    return emitError() << "expected updates of "
                       << makeTensorType(shape, data.getElementType())
                       << ", but got " << updates;
  return checkChoice("kind", kind, {"none", "sum", "prod", "max", "min"},
                     emitError);
}

/// The folder of both ops: what nothing updates stays as it is.
template <typename Op> static OpFoldResult foldScatter(Op op) {
  if (llvm::is_contained(op.getUpdates().getType().getShape(), 0) &&
      op.getData().getType() == op.getResult().getType())
    return op.getData();
  return foldElements(op);
}

/// Whether the op's elements can be computed: those of data and indices are
/// known in part, and none are combined.
template <typename Op> static bool isKnown(Op op, ArrayRef<Elements> operands) {
  return op.getKind() == "none" && !operands[0].empty() &&
         !operands[1].empty() && op.getData().getType().hasStaticShape() &&
         op.getIndices().getType().hasStaticShape() &&
         op.getUpdates().getType().hasStaticShape();
}

static Attribute getUpdate(const Elements &updates, int64_t at) {
  return updates.empty() ? Attribute() : updates[at];
}

//===-- scatter_elements --------------------------------------------------===//

FailureOr<RankedTensorType> ScatterElementsOp::inferType(Adaptor op,
                                                         EmitError emitError) {
  RankedTensorType data = typeOf(op.getData()),
                   indices = typeOf(op.getIndices());
  if (failed(checkElementIndices(data, indices, op.getAxis(), emitError)) ||
      failed(checkUpdates(data, typeOf(op.getUpdates()), getSizes(indices),
                          op.getKind(), emitError)) ||
      failed(checkChoices(data, op.getAxis(), 1, getSizes(indices), emitError)))
    return failure();
  return data;
}

SmallVector<ValueRule> ScatterElementsOp::getValueRules() {
  return getIndexRules(getData(), getIndices(), getAxis());
}

LogicalResult ScatterElementsOp::computeElements(ArrayRef<Elements> operands,
                                                 RankedTensorType type,
                                                 Elements &result) {
  if (!isKnown(*this, operands))
    return failure();
  result = operands[0];
  Shape strides = getStrides(type.getShape());
  int64_t next = 0, axis = getAxis();
  bool allKnown = true;
  forEachPosition(getIndices().getType().getShape(), [&](auto position) {
    std::optional<int64_t> index = getInt(operands[1][next]), place;
    if (index)
      place = findPlace(*index, type.getDimSize(axis));
    allKnown &= place.has_value();
    Shape to(position);
    to[axis] = place.value_or(0);
    result[getOffset(to, strides)] = getUpdate(operands[2], next++);
  });
  return success(allKnown);
}

OpFoldResult ScatterElementsOp::fold(FoldAdaptor adaptor) {
  return foldScatter(*this);
}

//===-- scatter_nd --------------------------------------------------------===//

FailureOr<RankedTensorType> ScatterNDOp::inferType(Adaptor op,
                                                   EmitError emitError) {
  RankedTensorType data = typeOf(op.getData()),
                   indices = typeOf(op.getIndices()),
                   updates = typeOf(op.getUpdates());
  if (failed(checkIndexTuples(data, indices, 0, emitError)))
    return failure();
  int64_t depth = indices.getShape().back();
  if (isOpen(depth))
    return data;
  Sizes shape = getSizes(indices);
  shape.pop_back();
  llvm::append_range(shape, ArrayRef(getSizes(data)).drop_front(depth));
  if (failed(checkUpdates(data, updates, shape, op.getKind(), emitError)) ||
      failed(checkChoices(data, 0, depth, shape, emitError)))
    return failure();
  return data;
}

SmallVector<ValueRule> ScatterNDOp::getValueRules() {
  return getIndexTupleRules(
      getIndices(),
      getIndexedDims(getData().getType(), getIndices().getType(), 0));
}

LogicalResult ScatterNDOp::computeElements(ArrayRef<Elements> operands,
                                           RankedTensorType type,
                                           Elements &result) {
  if (!isKnown(*this, operands))
    return failure();
  result = operands[0];
  int64_t depth = getIndices().getType().getShape().back(), next = 0,
          inner = productOf(type.getShape().drop_front(depth));
  ArrayRef<int64_t> indexed = type.getShape().take_front(depth);
  for (ArrayRef<Attribute> tuples(operands[1]); !tuples.empty();
       tuples = tuples.drop_front(depth)) {
    TuplePlace row = findPlace(tuples.take_front(depth), indexed);
    if (row.isWrong || !row.place)
      return failure();
    for (int64_t j = 0; j < inner; ++j)
      result[*row.place * inner + j] = getUpdate(operands[2], next++);
  }
  return success();
}

OpFoldResult ScatterNDOp::fold(FoldAdaptor adaptor) {
  return foldScatter(*this);
}

} // namespace lambent::graph
