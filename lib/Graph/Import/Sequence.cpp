//===- Sequence.cpp - Lists of tensors ------------------------------------===//
//
// A sequence that is made inside the model has known tensors: a graph.sequence,
// which the ops on it look through. What they give is tensors, so that nothing
// of the sequence is left. Where a run decides what is in a sequence, or where
// in it, they are ops of the run.
//
//===----------------------------------------------------------------------===//

#include "Sequence.h"
#include "Node.h"
#include "Offers.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Value makeSequence(Node &node, ArrayRef<Value> tensors, Type elementType) {
  if (node.hasFailed() || is_contained(tensors, Value())) {
    (void)node.abandon();
    return {};
  }
  SequenceType type =
      getSequenceType(ValueRange(tensors).getTypes(), elementType);
  return SequenceOp::create(node.getBuilder(), node.getLoc(),
                            makeHandleType(type), tensors);
}

LogicalResult checkElement(Node &node, Value tensor, Type elementType) {
  if (getType(tensor).getElementType() == elementType)
    return success();
  return node.error("expected tensors of " + describeType(elementType) +
                    ", but got " + describeType(tensor.getType()));
}

std::optional<SmallVector<Value>> findTensors(Value sequence) {
  auto source = sequence.getDefiningOp<SequenceOp>();
  return source ? std::optional(SmallVector<Value>(source.getTensors()))
                : std::nullopt;
}

TensorType getElementOf(Value sequence) {
  return cast<SequenceType>(getMeaning(sequence.getType())).getElement();
}

Value insertListed(Node &node, Value sequence, Value tensor, Value position) {
  // Of an empty sequence the tensor's type is all that is known.
  Type type = joinTypes(getMeaning(sequence.getType()),
                        getSequenceType(TypeRange{tensor.getType()},
                                        getType(tensor).getElementType()));
  return SequenceInsertOp::create(node.getBuilder(), node.getLoc(),
                                  makeHandleType(type), sequence, tensor,
                                  position);
}

namespace {

/// The position that an input names, a tensor<i64>; null without the input or
/// after a failure.
Value readPosition(Node &node, unsigned index) {
  Value position =
      node.hasInput(index) ? node.indexInput(index, "position") : Value();
  if (!position)
    return {};
  RankedTensorType type = getType(position);
  if (type.hasStaticShape() && type.getNumElements() != 1) {
    (void)node.error("expected one position, but got " +
                     Twine(type.getNumElements()));
    return {};
  }
  return type.getRank() ? node.reshape(position, ArrayRef<int64_t>())
                        : position;
}

/// Which place in a sequence of a known length a position is: in [-length,
/// length), or, of an insertion, one more. Without a position it is the last.
/// Nothing where it is not known, or is wrong, which is reported.
std::optional<int64_t> findPlace(Node &node, Value position, int64_t length,
                                 bool isInsertion) {
  int64_t places = length + isInsertion;
  if (!position) {
    if (places == 0)
      (void)node.error("the sequence is empty");
    return places - 1;
  }
  FailureOr<SmallVector<int64_t>> known = getConstantInts(position);
  if (failed(known))
    return std::nullopt;
  int64_t place = known->front();
  if (place >= -length && place < places)
    return place < 0 ? place + length : place;
  (void)node.error("position " + Twine(place) +
                   " is out of range for a sequence of " + Twine(length) +
                   (length == 1 ? " tensor" : " tensors"));
  return std::nullopt;
}

/// A tensor that a run takes out of a sequence or optional, whose type says
/// `element` of it. `shape` gives its dims; those that are not known, the run
/// decides.
template <typename Op, typename... Args>
Value readTensor(Node &node, TensorType element, Value shape, Args... args) {
  Value list;
  SmallVector<Value> dims;
  for (auto [index, dim] : enumerate(element.getShape()))
    dims.push_back(
        ShapedType::isDynamic(dim)
            ? node.create<GatherOp>(shape, node.indices(index), int64_t(0))
            : node.indices(dim));
  list = dims.empty()       ? node.indices(ArrayRef<int64_t>())
         : dims.size() == 1 ? dims[0]
                            : node.create<ConcatOp>(dims, int64_t(0));
  list = node.decideSizes(list, "the size of the tensor");
  if (node.hasFailed())
    return {};
  FailureOr<Sizes> sizes = getKnownSizes(list);
  return Op::create(node.getBuilder(), node.getLoc(),
                    makeTensorType(succeeded(sizes) ? *sizes : Sizes(),
                                   element.getElementType()),
                    args...);
}

/// The type of dims, a list of i64, of `element` with so many dims more.
Type getShapeType(Node &node, TensorType element, int64_t added) {
  return RankedTensorType::get(element.getRank() + added,
                               node.getBuilder().getI64Type());
}

/// Says that the rank of a sequence's tensors is not known.
LogicalResult refuseRank(Node &node) {
  return node.unsupported("the rank of the sequence's tensors must be known at "
                          "compile time: declare their shape");
}

LogicalResult importConstruct(Node &node) {
  SmallVector<Value> tensors = node.variadicInputs(0, "inputs", MovedKind);
  if (node.hasFailed())
    return failure();
  Type elementType = getType(tensors[0]).getElementType();
  for (Value tensor : tensors)
    if (failed(checkElement(node, tensor, elementType)))
      return failure();
  return node.result(makeSequence(node, tensors, elementType));
}

LogicalResult importEmpty(Node &node) {
  Type elementType = node.getElementTypeAttribute("dtype", 1, MovedKind);
  return node.hasFailed() ? failure()
                          : node.result(makeSequence(node, {}, elementType));
}

LogicalResult importInsert(Node &node) {
  Value sequence = node.sequenceInput(0, "input_sequence"),
        tensor = node.input(1, "tensor", MovedKind),
        position = readPosition(node, 2);
  if (node.hasFailed())
    return failure();
  Type elementType = getScalarElement(sequence.getType());
  if (failed(checkElement(node, tensor, elementType)))
    return failure();
  if (auto tensors = findTensors(sequence)) {
    auto place =
        findPlace(node, position, tensors->size(), /*isInsertion=*/true);
    if (node.hasFailed())
      return failure();
    if (place) {
      tensors->insert(tensors->begin() + *place, tensor);
      return node.result(makeSequence(node, *tensors, elementType));
    }
  }
  return node.result(insertListed(node, sequence, tensor, position));
}

LogicalResult importErase(Node &node) {
  Value sequence = node.sequenceInput(0, "input_sequence"),
        position = readPosition(node, 1);
  if (node.hasFailed())
    return failure();
  if (auto tensors = findTensors(sequence)) {
    auto place =
        findPlace(node, position, tensors->size(), /*isInsertion=*/false);
    if (node.hasFailed())
      return failure();
    if (place) {
      tensors->erase(tensors->begin() + *place);
      return node.result(
          makeSequence(node, *tensors, getScalarElement(sequence.getType())));
    }
  }
  return node.result(SequenceEraseOp::create(node.getBuilder(), node.getLoc(),
                                             sequence.getType(), sequence,
                                             position));
}

LogicalResult importAt(Node &node) {
  Value sequence = node.sequenceInput(0, "input_sequence");
  (void)node.anyInput(1, "position");
  Value position = readPosition(node, 1);
  if (node.hasFailed())
    return failure();
  if (auto tensors = findTensors(sequence)) {
    auto place =
        findPlace(node, position, tensors->size(), /*isInsertion=*/false);
    if (node.hasFailed() || place)
      return place ? node.result((*tensors)[*place]) : failure();
  }
  return node.result(
      readListed(node, sequence, getElementOf(sequence), position));
}

LogicalResult importLength(Node &node) {
  Value sequence = node.sequenceInput(0, "input_sequence");
  if (node.hasFailed())
    return failure();
  return node.result(countListed(node, sequence));
}

/// The tensors, known ones, as parts of one.
LogicalResult concat(Node &node, SmallVector<Value> tensors, int64_t axis,
                     bool newAxis) {
  if (tensors.empty())
    return node.error("the sequence is empty");
  int64_t rank = getType(tensors.front()).getRank() + newAxis;
  for (Value tensor : tensors)
    if (getType(tensor).getRank() + newAxis != rank)
      return node.error("expected tensors of rank " + Twine(rank - newAxis) +
                        ", but got " + describeType(tensor.getType()));
  axis = node.normalizeAxis(axis, rank);
  if (newAxis)
    for (Value &tensor : tensors)
      tensor = node.create<UnsqueezeOp>(tensor, ArrayRef<int64_t>(axis));
  return node.result(tensors.size() == 1
                         ? tensors.front()
                         : node.create<ConcatOp>(tensors, axis));
}

LogicalResult importConcatFromSequence(Node &node) {
  Value sequence = node.sequenceInput(0, "input_sequence");
  int64_t axis = node.getInt("axis");
  bool newAxis = node.getBool("new_axis", false);
  if (node.hasFailed())
    return failure();
  if (auto tensors = findTensors(sequence))
    return concat(node, *tensors, axis, newAxis);
  auto element = dyn_cast<RankedTensorType>(getElementOf(sequence));
  if (!element)
    return refuseRank(node);
  axis = node.normalizeAxis(axis, element.getRank() + newAxis);
  if (node.hasFailed())
    return failure();
  Value shape = SequenceConcatShapeOp::create(
      node.getBuilder(), node.getLoc(), getShapeType(node, element, newAxis),
      sequence, axis, newAxis);
  SmallVector<int64_t> dims(element.getShape());
  if (newAxis)
    dims.insert(dims.begin() + axis, ShapedType::kDynamic);
  dims[axis] = ShapedType::kDynamic;
  return node.result(readTensor<SequenceConcatOp>(
      node, RankedTensorType::get(dims, element.getElementType()), shape,
      sequence, axis, newAxis));
}

} // namespace

Value readListed(Node &node, Value list, TensorType type, Value position) {
  auto element = dyn_cast<RankedTensorType>(type);
  if (!element) {
    (void)refuseRank(node);
    return {};
  }
  Value shape =
      SequenceShapeOp::create(node.getBuilder(), node.getLoc(),
                              getShapeType(node, element, 0), list, position);
  return readTensor<SequenceAtOp>(node, element, shape, list, position);
}

Value countListed(Node &node, Value list) {
  if (auto source = list.getDefiningOp<SequenceOp>())
    return node.indices(int64_t(source.getTensors().size()),
                        ArrayRef<int64_t>());
  return SequenceLengthOp::create(
      node.getBuilder(), node.getLoc(),
      RankedTensorType::get({}, node.getBuilder().getI64Type()), list);
}

void addSequenceRows(OpTable &table) {
  table.add("SequenceConstruct", 11, importConstruct);
  table.add("SequenceEmpty", 11, importEmpty);
  table.add("SequenceInsert", 11, importInsert);
  table.add("SequenceErase", 11, importErase);
  table.add("SequenceAt", 11, importAt);
  table.add("SequenceLength", 11, importLength);
  table.add("ConcatFromSequence", 11, importConcatFromSequence);
  table.add("SplitToSequence", 11, importSplitToSequence);
  table.add("SequenceMap", 17, importSequenceMap);
}

} // namespace lambent::graph
