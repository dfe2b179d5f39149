//===- SequenceOps.cpp - Sequences and optionals --------------------------===//

#include "Shapes.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_TYPEDEF_CLASSES
#include "lambent/Graph/IR/SequenceTypes.cpp.inc"

namespace lambent::graph {

void GraphDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "lambent/Graph/IR/SequenceTypes.cpp.inc"
      >();
}

//===-- types -------------------------------------------------------------===//

LogicalResult
OptionalType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     Type element) {
  if (isa<TensorType, SequenceType>(element))
    return success();
  return emitError()
         << "expected an optional of a tensor or a sequence, but got "
         << element;
}

LogicalResult
HandleAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                           function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.empty() && elementType.isInteger(64))
    return success();
  return emitError() << "expected a tensor<i64> to be the handle of "
                     << getType();
}

Type getMeaning(Type type) {
  auto tensor = dyn_cast_or_null<RankedTensorType>(type);
  auto handle =
      tensor ? dyn_cast_or_null<HandleAttr>(tensor.getEncoding()) : nullptr;
  return handle ? handle.getType() : type;
}

RankedTensorType makeHandleType(Type meaning) {
  return RankedTensorType::get(
      {}, IntegerType::get(meaning.getContext(), 64),
      HandleAttr::get(meaning.getContext(), meaning));
}

Type getScalarElement(Type type) {
  type = getMeaning(type);
  if (auto optional = dyn_cast<OptionalType>(type))
    return getScalarElement(optional.getElement());
  if (auto sequence = dyn_cast<SequenceType>(type))
    return getScalarElement(sequence.getElement());
  return getElementTypeOrSelf(type);
}

/// What two tensor types of one element type have in common. Symbols of sizes
/// stay behind: they say nothing of a tensor that is taken out.
static TensorType joinTensors(TensorType a, TensorType b) {
  if (!a.hasRank() || !b.hasRank() || a.getRank() != b.getRank())
    return UnrankedTensorType::get(a.getElementType());
  Shape dims;
  for (auto [left, right] : llvm::zip(a.getShape(), b.getShape()))
    dims.push_back(left == right ? left : openDim);
  return RankedTensorType::get(dims, a.getElementType());
}

Type joinTypes(Type a, Type b) {
  if (auto left = dyn_cast<TensorType>(a), right = dyn_cast<TensorType>(b);
      left && right && left.getElementType() == right.getElementType())
    return joinTensors(left, right);
  if (auto left = dyn_cast<SequenceType>(a), right = dyn_cast<SequenceType>(b);
      left && right) {
    Type element = joinTypes(left.getElement(), right.getElement());
    if (element && (left.getEmpty() || right.getEmpty()))
      return left.getEmpty() ? right : left;
    return element ? SequenceType::get(cast<TensorType>(element)) : Type();
  }
  if (auto left = dyn_cast<OptionalType>(a), right = dyn_cast<OptionalType>(b);
      left && right) {
    Type element = joinTypes(left.getElement(), right.getElement());
    return element ? OptionalType::get(element) : Type();
  }
  return {};
}

SequenceType getSequenceType(TypeRange tensors, Type elementType) {
  if (tensors.empty())
    return SequenceType::get(UnrankedTensorType::get(elementType),
                             /*empty=*/true);
  auto joined = cast<TensorType>(tensors.front());
  for (Type type : tensors)
    joined = joinTensors(joined, cast<TensorType>(type));
  return SequenceType::get(joined);
}

bool isOfType(Type actual, Type wanted) {
  auto tensor = dyn_cast<TensorType>(actual),
       asked = dyn_cast<TensorType>(wanted);
  if (tensor && asked)
    return tensor.getElementType() == asked.getElementType() &&
           (!asked.hasRank() ||
            (tensor.hasRank() && tensor.getRank() == asked.getRank() &&
             llvm::all_of(llvm::zip(tensor.getShape(), asked.getShape()),
                          [](auto dims) {
                            auto [dim, wish] = dims;
                            return isOpen(wish) || dim == wish;
                          })));
  if (auto left = dyn_cast<SequenceType>(actual),
      right = dyn_cast<SequenceType>(wanted);
      left && right)
    return left.getEmpty() ? getScalarElement(left) == getScalarElement(right)
                           : !right.getEmpty() && isOfType(left.getElement(),
                                                           right.getElement());
  auto left = dyn_cast<OptionalType>(actual),
       right = dyn_cast<OptionalType>(wanted);
  return left && right && isOfType(left.getElement(), right.getElement());
}

/// What a list's type says of what it holds.
static Type getElementOf(Value list) {
  Type meaning = getMeaning(list.getType());
  if (auto sequence = dyn_cast<SequenceType>(meaning))
    return sequence.getElement();
  return cast<OptionalType>(meaning).getElement();
}

/// Fails unless `actual` is of the type `wanted`.
static LogicalResult checkType(Operation *op, const Twine &what, Type actual,
                               Type wanted) {
  if (isOfType(actual, wanted))
    return success();
  return op->emitOpError("expected ")
         << what << " to be " << wanted << ", but got " << actual;
}

//===-- ops ---------------------------------------------------------------===//

LogicalResult SequenceOp::verify() {
  for (Value tensor : getTensors())
    if (failed(checkType(*this, "a tensor", tensor.getType(),
                         getElementOf(getResult()))))
      return failure();
  return success();
}

LogicalResult SequenceInsertOp::verify() {
  Type element = getElementOf(getResult());
  return success(succeeded(checkType(*this, "the sequence",
                                     getMeaning(getSequence().getType()),
                                     getMeaning(getResult().getType()))) &&
                 succeeded(checkType(*this, "the tensor", getTensor().getType(),
                                     element)));
}

LogicalResult SequenceEraseOp::verify() {
  return checkType(*this, "the sequence", getMeaning(getSequence().getType()),
                   getMeaning(getResult().getType()));
}

/// Fails unless a list of dims has one for each that the tensors of `list` have,
/// and `added` more.
static LogicalResult checkDims(Operation *op, Value list, Value dims,
                               int64_t added) {
  auto element = dyn_cast<RankedTensorType>(getElementOf(list));
  if (element && typeOf(dims).getDimSize(0) == element.getRank() + added)
    return success();
  return op->emitOpError("expected the dims of ")
         << getElementOf(list) << ", but got " << dims.getType();
}

LogicalResult SequenceShapeOp::verify() {
  return checkDims(*this, getList(), getResult(), 0);
}

LogicalResult SequenceAtOp::verify() {
  return checkType(*this, "the tensor", getResult().getType(),
                   getElementOf(getList()));
}

LogicalResult SequenceConcatShapeOp::verify() {
  if (failed(checkDims(*this, getSequence(), getResult(), getNewAxis())))
    return failure();
  return checkAxis(getAxis(), typeOf(getResult()).getDimSize(0),
                   [&] { return emitOpError(); });
}

LogicalResult SequenceConcatOp::verify() {
  auto element = dyn_cast<RankedTensorType>(getElementOf(getSequence()));
  RankedTensorType type = getResult().getType();
  if (!element || element.getRank() + getNewAxis() != type.getRank() ||
      element.getElementType() != type.getElementType())
    return emitOpError("expected a tensor of ")
           << getElementOf(getSequence()) << ", but got " << type;
  return checkAxis(getAxis(), type.getRank(), [&] { return emitOpError(); });
}

LogicalResult SequenceSplitOp::verify() {
  return checkAxis(getAxis(), getInput().getType().getRank(),
                   [&] { return emitOpError(); });
}

LogicalResult OptionalOp::verify() {
  return getValue() ? checkType(*this, "the value",
                                getMeaning(getValue().getType()),
                                getElementOf(getResult()))
                    : success();
}

LogicalResult OptionalSequenceOp::verify() {
  return checkType(*this, "the sequence", getElementOf(getOptional()),
                   getMeaning(getResult().getType()));
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/SequenceOps.cpp.inc"
