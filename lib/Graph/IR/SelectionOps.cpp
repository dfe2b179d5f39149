//===- SelectionOps.cpp - Ops whose values say how much is selected -------===//

#include "Elements.h"

using namespace mlir;

namespace lambent::graph {

/// Whether a known element is not 0; nothing where it is an expression.
static std::optional<bool> isNotZero(Attribute element) {
  if (auto number = dyn_cast_or_null<FloatAttr>(element))
    return !number.getValue().isZero();
  std::optional<int64_t> number = getInt(element);
  return number ? std::optional(*number != 0) : std::nullopt;
}

static LogicalResult checkBlock(int64_t block, EmitError emitError) {
  if (block < 1)
    return emitError() << "expected a positive block, but got " << block;
  return success();
}

/// How many blocks a tensor's elements fill.
static Size countBlocks(RankedTensorType type, int64_t block) {
  return lambent::productOf(getSizes(type)).ceilDiv(block);
}

/// The size that a list of one number says, not below 0; unknown where that is
/// not known.
static FailureOr<Size> readCount(StringRef name, Value list,
                                EmitError emitError) {
  RankedTensorType type = typeOf(list);
  if (type.getRank() != 1 || !dimsAgree(type.getDimSize(0), 1))
    return emitError() << "expected " << name << " to be one number, but got "
                       << type;
  FailureOr<Sizes> known = getKnownSizes(list);
  if (failed(known) || known->size() != 1)
    return Size::unknown();
  Size count = known->front();
  if (count.isNumber() &&
      (count.getNumber() < 0 || count.getNumber() > maxElements))
    return emitError() << "expected " << name << " between 0 and "
                       << maxElements << ", but got " << count.getNumber();
  return count;
}

//===-- count_nonzero -----------------------------------------------------===//

FailureOr<RankedTensorType> CountNonZeroOp::inferType(Adaptor op,
                                                      EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (failed(checkBlock(op.getBlock(), emitError)))
    return failure();
  return makeTensorType({countBlocks(type, op.getBlock())},
                        IntegerType::get(type.getContext(), 64));
}

LogicalResult CountNonZeroOp::computeElements(ArrayRef<Elements> operands,
                                              RankedTensorType type,
                                              Elements &result) {
  if (operands[0].empty())
    return failure();
  SmallVector<int64_t> counts(type.getNumElements(), 0);
  for (auto [i, element] : llvm::enumerate(operands[0])) {
    std::optional<bool> counted = isNotZero(element);
    if (!counted)
      return failure();
    counts[i / getBlock()] += *counted;
  }
  for (int64_t count : counts)
    result.push_back(getIntElement(type.getElementType(), count));
  return success();
}

OpFoldResult CountNonZeroOp::fold(FoldAdaptor adaptor) {
  return foldElements(*this);
}

//===-- nonzero -----------------------------------------------------------===//

FailureOr<RankedTensorType> NonZeroOp::inferType(Adaptor op,
                                                 EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   starts = typeOf(op.getStarts());
  if (failed(checkBlock(op.getBlock(), emitError)))
    return failure();
  Size blocks = countBlocks(type, op.getBlock());
  if (starts.getRank() != 1 || !dimsAgree(getSizes(starts)[0], blocks))
    return emitError() << "expected a start for each of " << blocks
                       << " blocks, but got " << starts;
  if (type.getRank() == 0)
    return emitError() << "expected an input with dims, but got " << type;
  FailureOr<Size> count = readCount("count", op.getCount(), emitError);
  if (failed(count))
    return failure();
  int64_t elements = productOf(type.getShape());
  if (count->isNumber() && !isOpen(elements) && count->getNumber() > elements)
    return emitError() << "expected a count of at most " << elements
                       << ", but got " << count->getNumber();
  return makeTensorType({Size(type.getRank()), *count},
                        IntegerType::get(type.getContext(), 64));
}

LogicalResult NonZeroOp::computeElements(ArrayRef<Elements> operands,
                                         RankedTensorType type,
                                         Elements &result) {
  if (operands[0].empty())
    return failure();
  Shape shape(getInput().getType().getShape());
  int64_t count = type.getDimSize(1);
  SmallVector<Shape> places;
  size_t next = 0;
  bool known = true;
  forEachPosition(shape, [&](ArrayRef<int64_t> position) {
    std::optional<bool> counted = isNotZero(operands[0][next++]);
    known &= counted.has_value();
    if (counted && *counted)
      places.push_back(Shape(position));
  });
  if (!known || static_cast<int64_t>(places.size()) != count)
    return failure();
  for (size_t dim = 0; dim < shape.size(); ++dim)
    for (const Shape &place : places)
      result.push_back(getIntElement(type.getElementType(), place[dim]));
  return success();
}

OpFoldResult NonZeroOp::fold(FoldAdaptor adaptor) {
  return foldElements(*this);
}

//===-- sort_rows ---------------------------------------------------------===//

FailureOr<RankedTensorType> SortRowsOp::inferType(Adaptor op,
                                                  EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  if (type.getRank() != 2)
    return emitError() << "expected a matrix, but got " << type;
  return makeTensorType({getSizes(type)[0]},
                        IntegerType::get(type.getContext(), 64));
}

//===-- non_max_suppression -----------------------------------------------===//

static LogicalResult checkThreshold(StringRef name, Value value,
                                    EmitError emitError) {
  RankedTensorType type = typeOf(value);
  if (type.getRank() != 1 || !dimsAgree(type.getDimSize(0), 1) ||
      !type.getElementType().isF32())
    return emitError() << "expected " << name << " to be one f32, but got "
                       << type;
  return success();
}

LogicalResult
NonMaxSuppressionOp::inferTypes(Adaptor op, EmitError emitError,
                                SmallVectorImpl<RankedTensorType> &types) {
  RankedTensorType boxes = typeOf(op.getBoxes()),
                   scores = typeOf(op.getScores());
  if (boxes.getRank() != 3 || scores.getRank() != 3 ||
      !boxes.getElementType().isF32() || !scores.getElementType().isF32())
    return emitError() << "expected boxes [batch, boxes, 4] and scores [batch, "
                          "classes, boxes] in f32, but got "
                       << boxes << " and " << scores;
  if (!dimsAgree(boxes.getDimSize(0), scores.getDimSize(0)) ||
      !dimsAgree(boxes.getDimSize(1), scores.getDimSize(2)) ||
      !dimsAgree(boxes.getDimSize(2), 4))
    return emitError() << "expected boxes [batch, boxes, 4] and scores [batch, "
                          "classes, boxes], but got "
                       << boxes << " and " << scores;
  FailureOr<Size> limit = readCount("limit", op.getLimit(), emitError);
  if (failed(limit) || failed(checkThreshold("iou_threshold",
                                             op.getIouThreshold(), emitError)))
    return failure();
  if (Value threshold = op.getScoreThreshold())
    if (failed(checkThreshold("score_threshold", threshold, emitError)))
      return failure();
  Sizes sizes = getSizes(scores);
  Size most = mergeDims(getSizes(boxes)[1], sizes[2]);
  bool isLess = limit->isNumber() &&
                (limit->is(0) ||
                 (most.isNumber() && limit->getNumber() < most.getNumber()));
  Type i64 = IntegerType::get(scores.getContext(), 64);
  Size batch = mergeDims(getSizes(boxes)[0], sizes[0]);
  types.push_back(
      makeTensorType({batch, sizes[1], isLess ? *limit : most}, i64));
  types.push_back(makeTensorType({batch, sizes[1]}, i64));
  return success();
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/SelectionOps.cpp.inc"
