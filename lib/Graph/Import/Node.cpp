//===- Node.cpp - What a handler sees of an ONNX node ---------------------===//

#include "Node.h"
#include "Importer.h"
#include "Tensor.h"
#include "mlir/IR/Verifier.h"

using namespace llvm;
using namespace mlir;
using onnx::AttributeProto;

namespace lambent::graph {

Kind getKind(Type elementType) {
  if (isa<FloatType>(elementType))
    return FloatKind;
  if (elementType.isInteger(1))
    return BoolKind;
  return elementType.isUnsignedInteger() ? UnsignedKind : SignedKind;
}

static std::string describeKinds(unsigned kinds) {
  SmallVector<StringRef> names;
  if (kinds & FloatKind)
    names.push_back("floats");
  if ((kinds & IntegerKind) == IntegerKind)
    names.push_back("integers");
  else if (kinds & SignedKind)
    names.push_back("signed integers");
  else if (kinds & UnsignedKind)
    names.push_back("unsigned integers");
  if (kinds & BoolKind)
    names.push_back("bools");
  return join(names, " or ");
}

Node::Node(Importer &importer, Scope &scope, const onnx::NodeProto &proto,
           int64_t opset, Location loc, ArrayRef<Value> inputs)
    : importer(importer), scope(scope), proto(proto), opset(opset), loc(loc),
      builder(importer.getBuilder()), inputs(inputs),
      results(proto.output_size()) {
  while (!this->inputs.empty() && !this->inputs.back())
    this->inputs.pop_back();
}

// Failures.

LogicalResult Node::error(const Twine &message) {
  if (!failed)
    importer.reportError(loc, message);
  failed = true;
  return failure();
}

LogicalResult Node::unsupported(const Twine &reason) {
  if (!failed)
    importer.reportUnsupported(proto, opset, reason);
  failed = true;
  return failure();
}

LogicalResult Node::undetermined(const Twine &what, Value operand) {
  std::string dims = importer.describeOpenDims();
  std::string advice = importer.askFor(operand);
  if (dims.empty())
    return unsupported(what + " must be known at compile time" + advice);
  return error(what + " must be known at compile time: bind the open dims (" +
               dims + ")");
}

// Operands.

bool Node::checkKind(StringRef name, Value value, unsigned kinds) {
  Type elementType = getElementTypeOrSelf(value.getType());
  if (getKind(elementType) & kinds)
    return true;
  std::string type;
  raw_string_ostream(type) << elementType;
  (void)error("expected input '" + name + "' to be " + describeKinds(kinds) +
              ", but got " + type);
  return false;
}

Value Node::input(unsigned index, StringRef name, unsigned kinds) {
  if (!hasInput(index)) {
    (void)error("the required input '" + name + "' is missing");
    return {};
  }
  return checkKind(name, inputs[index], kinds) ? inputs[index] : Value();
}

Value Node::optionalInput(unsigned index, StringRef name, unsigned kinds) {
  return hasInput(index) ? input(index, name, kinds) : Value();
}

SmallVector<Value> Node::variadicInputs(unsigned first, StringRef name,
                                        unsigned kinds) {
  SmallVector<Value> values;
  for (unsigned i = first, e = std::max<unsigned>(inputs.size(), first + 1);
       i < e; ++i)
    values.push_back(input(i, name, kinds));
  return values;
}

SmallVector<int64_t> Node::constantInts(unsigned index, StringRef name) {
  Value value = input(index, name, IntegerKind);
  if (!value)
    return {};
  FailureOr<SmallVector<int64_t>> values = getConstantInts(value);
  if (succeeded(values))
    return *values;
  (void)undetermined("input '" + name + "'", value);
  return {};
}

Value Node::indexInput(unsigned index, StringRef name) {
  Value value = input(index, name, IntegerKind);
  if (value)
    noteSizeOperand(value);
  return value ? cast(value, builder.getI64Type()) : value;
}

// Attributes.

static StringRef getTypeName(AttributeProto::AttributeType type) {
  return onnx::AttributeProto_AttributeType_Name(type);
}

/// The type of an attribute; models older than the discriminator leave it out.
static AttributeProto::AttributeType
getAttributeType(const AttributeProto &attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED)
    return attribute.type();
  if (attribute.has_f())
    return AttributeProto::FLOAT;
  if (attribute.has_i())
    return AttributeProto::INT;
  if (attribute.has_s())
    return AttributeProto::STRING;
  if (attribute.has_t())
    return AttributeProto::TENSOR;
  if (attribute.floats_size())
    return AttributeProto::FLOATS;
  if (attribute.strings_size())
    return AttributeProto::STRINGS;
  return AttributeProto::INTS;
}

const AttributeProto *Node::findAttribute(StringRef name,
                                          AttributeProto::AttributeType type,
                                          bool required) {
  readAttributes.insert(name);
  const AttributeProto *found = importer.findAttribute(scope, proto, name);
  if (!found) {
    if (required)
      (void)error("the required attribute '" + name + "' is missing");
    return nullptr;
  }
  AttributeProto::AttributeType actual = getAttributeType(*found);
  if (actual == type)
    return found;
  (void)error("expected attribute '" + name + "' to have type " +
              getTypeName(type) + ", but got " + getTypeName(actual));
  return nullptr;
}

bool Node::hasAttribute(StringRef name) {
  return importer.findAttribute(scope, proto, name) != nullptr;
}

int64_t Node::getInt(StringRef name, std::optional<int64_t> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::INT, !otherwise);
  return found ? found->i() : otherwise.value_or(0);
}

float Node::getFloat(StringRef name, std::optional<float> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::FLOAT, !otherwise);
  return found ? found->f() : otherwise.value_or(0);
}

std::string Node::getString(StringRef name,
                            std::optional<StringRef> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::STRING, !otherwise);
  return found ? found->s() : otherwise.value_or("").str();
}

SmallVector<int64_t> Node::getInts(StringRef name,
                                   std::optional<ArrayRef<int64_t>> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::INTS, !otherwise);
  if (found)
    return {found->ints().begin(), found->ints().end()};
  return SmallVector<int64_t>(otherwise.value_or(ArrayRef<int64_t>()));
}

SmallVector<float> Node::getFloats(StringRef name,
                                   std::optional<ArrayRef<float>> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::FLOATS, !otherwise);
  if (found)
    return {found->floats().begin(), found->floats().end()};
  return SmallVector<float>(otherwise.value_or(ArrayRef<float>()));
}

ElementsAttr Node::getTensor(StringRef name) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::TENSOR, true);
  if (!found)
    return {};
  auto tensor = importer.importTensor(found->t());
  if (auto *value = std::get_if<ElementsAttr>(&tensor))
    return *value;
  TensorError &problem = std::get<TensorError>(tensor);
  (void)(problem.unsupported ? unsupported(problem.message)
                             : error(problem.message));
  return {};
}

Type Node::getElementTypeAttribute(StringRef name,
                                   std::optional<int64_t> otherwise) {
  int64_t number = getInt(name, otherwise);
  if (failed)
    return {};
  if (number <= 0 || number > INT32_MAX ||
      !onnx::TensorProto_DataType_IsValid(int(number))) {
    (void)error("attribute '" + name +
                "' names no element type: " + Twine(number));
    return {};
  }
  Type type = getElementType(getContext(), int32_t(number));
  if (!type)
    (void)unsupported("element type " + getDataTypeName(int32_t(number)));
  return type;
}

int64_t Node::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  (void)error("axis " + Twine(axis) + " is out of range for rank " +
              Twine(rank));
  return 0;
}

SmallVector<int64_t> Node::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes)
    result.push_back(normalizeAxis(axis, rank));
  llvm::sort(result);
  if (!failed && std::unique(result.begin(), result.end()) != result.end())
    (void)error("an axis is given twice");
  return result;
}

void Node::ignoreAttributes(std::initializer_list<StringRef> names) {
  for (StringRef name : names)
    readAttributes.insert(name);
}

StringRef Node::findUnreadAttribute() const {
  for (const AttributeProto &attribute : proto.attribute())
    if (!readAttributes.contains(attribute.name()))
      return attribute.name();
  return "";
}

// Building.

Value Node::finish(OperationState &state, function_ref<LogicalResult()> infer) {
  if (is_contained(state.operands, Value())) {
    failed = true;
    return {};
  }
  // The op's own messages go on to the caller's handler; here it only matters
  // whether there was one.
  bool reported = false;
  ScopedDiagnosticHandler handler(getContext(), [&](Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return failure();
  });
  auto fail = [&]() -> Value {
    if (!reported)
      (void)error("its operands or attributes don't fit " +
                  state.name.getStringRef());
    else
      importer.noteError();
    failed = true;
    return {};
  };
  if (mlir::failed(infer()) || state.types.size() != 1)
    return fail();
  auto type = dyn_cast<RankedTensorType>(state.types.front());
  if (!type || countLeastElements(type.getShape()) < 0) {
    (void)error("the result would have an impossible shape");
    return {};
  }
  Operation *op = builder.create(state);
  if (mlir::failed(mlir::verify(op))) {
    op->erase();
    return fail();
  }
  SmallVector<Value> folded;
  if (mlir::failed(builder.tryFold(op, folded)) || folded.empty())
    return op->getResult(0);
  op->erase();
  return folded.front();
}

Value Node::map(ArrayRef<Value> operands, Type elementType,
                function_ref<Value(Scalar &, ArrayRef<Value>)> body) {
  if (failed || !elementType || is_contained(operands, Value())) {
    failed = true;
    return {};
  }
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value operand : operands)
    shapes.push_back(getType(operand).getShape());
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(shapes);
  if (mlir::failed(shape)) {
    std::string text;
    raw_string_ostream stream(text);
    interleaveComma(operands, stream,
                    [&](Value operand) { stream << operand.getType(); });
    (void)error("the shapes of its inputs don't broadcast: " + text);
    return {};
  }
  OperationState state(loc, ElementwiseOp::getOperationName());
  ElementwiseOp::build(
      builder, state, operands, elementType,
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        Scalar scalar(inner, loc);
        auto isNarrow = [](Type type) {
          return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32;
        };
        SmallVector<Value> wide;
        for (Value arg : args)
          wide.push_back(
              isNarrow(arg.getType())
                  ? scalar.convert(arg, inner.getF32Type(), false, false)
                  : arg);
        Value value = body(scalar, wide);
        return isNarrow(elementType)
                   ? scalar.convert(value, elementType, false, false)
                   : value;
      });
  return finish(state, [&] {
    state.types.assign(1, RankedTensorType::get(*shape, elementType));
    return success();
  });
}

Value Node::map(Value operand, function_ref<Value(Scalar &, Value)> body) {
  return map(operand, operand ? getType(operand).getElementType() : Type(),
             [&](Scalar &scalar, ArrayRef<Value> args) {
               return body(scalar, args[0]);
             });
}

Value Node::cast(Value operand, Type elementType) {
  if (failed || !operand || !elementType) {
    failed = true;
    return {};
  }
  Type from = getType(operand).getElementType();
  if (from == elementType)
    return operand;
  Type scalarType = getScalarType(elementType);
  if (isa<FloatType>(scalarType) && scalarType.getIntOrFloatBitWidth() < 32)
    scalarType = isa<FloatType>(from) && from.getIntOrFloatBitWidth() <= 32
                     ? Type(builder.getF32Type())
                     : scalarType;
  return map(operand, elementType, [&](Scalar &scalar, ArrayRef<Value> args) {
    return scalar.convert(args[0], scalarType, from.isUnsignedInteger(),
                          elementType.isUnsignedInteger());
  });
}

Value Node::constant(ElementsAttr value) {
  if (failed || !value) {
    failed = true;
    return {};
  }
  return ConstantOp::create(builder, loc, value);
}

Value Node::indices(ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  return constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, builder.getI64Type()), values));
}

Value Node::scalar(Type elementType, double value) {
  if (!elementType)
    return {};
  auto type = RankedTensorType::get({}, elementType);
  if (auto floatType = dyn_cast<FloatType>(elementType)) {
    APFloat number(value);
    bool inexact;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &inexact);
    return constant(DenseElementsAttr::get(type, number));
  }
  return constant(DenseElementsAttr::get(
      type, APInt(64, uint64_t(int64_t(value)))
                .trunc(elementType.getIntOrFloatBitWidth())));
}

Value Node::reshape(Value operand, ArrayRef<int64_t> dims) {
  return create<ReshapeOp>(operand, indices(dims), /*allow_zero=*/false);
}

Value Node::transpose(Value operand, ArrayRef<int64_t> perm) {
  return create<TransposeOp>(operand, perm);
}

Value Node::reduce(Value operand, StringRef kind, ArrayRef<int64_t> axes,
                   bool keepDims) {
  return create<ReduceOp>(operand, kind, axes, keepDims);
}

// Results.

bool Node::isOutputUsed(unsigned index) const {
  return index < getNumOutputs() && importer.isUsed(proto.output(index));
}

LogicalResult Node::result(unsigned index, Value value) {
  if (failed || !value) {
    failed = true;
    return failure();
  }
  if (index < results.size())
    results[index] = value;
  return success();
}

} // namespace lambent::graph
