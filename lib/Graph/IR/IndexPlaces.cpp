//===- IndexPlaces.cpp - What indices mean, and what they ask ------------===//

#include "IndexPlaces.h"

#include "Elements.h"

using namespace mlir;

namespace lambent::graph {

LogicalResult checkIndices(RankedTensorType type, EmitError emitError) {
  if (!type.getElementType().isSignlessInteger(32) &&
      !type.getElementType().isSignlessInteger(64))
    return emitError() << "expected indices of i32 or i64, but got " << type;
  return success();
}

LogicalResult checkElementIndices(RankedTensorType data,
                                  RankedTensorType indices, int64_t axis,
                                  EmitError emitError) {
  if (failed(checkAxis(axis, data.getRank(), emitError)) ||
      failed(checkIndices(indices, emitError)))
    return failure();
  if (data.getRank() != indices.getRank())
    return emitError() << "expected indices of rank " << data.getRank()
                       << ", but got " << indices;
  for (int64_t dim = 0; dim < data.getRank(); ++dim) {
    int64_t most = data.getDimSize(dim), size = indices.getDimSize(dim);
    if (dim != axis && !isOpen(most) && !isOpen(size) && size > most)
      return emitError() << "expected indices of at most " << most << " in dim "
                         << dim << ", as data has, but got " << size;
  }
  return success();
}

LogicalResult checkIndexTuples(RankedTensorType data, RankedTensorType indices,
                               int64_t batch, EmitError emitError) {
  if (failed(checkIndices(indices, emitError)))
    return failure();
  int64_t most = data.getRank() - batch;
  if (indices.getRank() == 0 || most < 1)
    return emitError() << "expected data with dims and indices with tuples in "
                          "their last dim, but got "
                       << data << " and " << indices;
  int64_t depth = indices.getShape().back();
  if (!isOpen(depth) && (depth < 1 || depth > most))
    return emitError() << "expected tuples of 1 to " << most
                       << " indices, but got " << indices;
  return success();
}

LogicalResult checkChoices(RankedTensorType data, int64_t axis, int64_t count,
                           ArrayRef<Size> moved, EmitError emitError) {
  for (int64_t dim = axis; dim < axis + count; ++dim)
    if (data.getDimSize(dim) == 0 && !llvm::is_contained(moved, Size(0)))
      return emitError() << "expected elements to choose from along axis "
                         << dim << ", but got " << data;
  return success();
}

ArrayRef<int64_t> getIndexedDims(RankedTensorType data,
                                 RankedTensorType indices, int64_t batch) {
  int64_t depth = indices.getShape().back();
  if (isOpen(depth))
    return {};
  return data.getShape().slice(batch, depth);
}

SmallVector<ValueRule> getIndexRules(Value data, Value indices, int64_t axis) {
  int64_t size = typeOf(data).getDimSize(axis);
  if (isOpen(size))
    return {};
  return {ValueRule::forIndices(indices, size)};
}

std::optional<int64_t> findPlace(int64_t index, int64_t dim) {
  int64_t place = index < 0 ? index + dim : index;
  return place >= 0 && place < dim ? std::optional(place) : std::nullopt;
}

TuplePlace findPlace(ArrayRef<Attribute> tuple, ArrayRef<int64_t> dims) {
  TuplePlace result{0};
  for (auto [element, dim] : llvm::zip_equal(tuple, dims)) {
    std::optional<int64_t> index = getInt(element);
    if (!index) {
      result.place = std::nullopt;
      continue;
    }
    std::optional<int64_t> place = findPlace(*index, dim);
    result.isWrong |= !place;
    if (result.place)
      result.place = *result.place * dim + place.value_or(0);
  }
  return result;
}

} // namespace lambent::graph
