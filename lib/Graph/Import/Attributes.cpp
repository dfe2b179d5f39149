//===- Attributes.cpp - Reads the attributes of a node --------------------===//

#include "Importer.h"
#include "Node.h"
#include "Tensor.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;
using onnx::AttributeProto;

namespace lambent::graph {

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

int64_t Node::getIntIn(StringRef name, std::optional<int64_t> otherwise,
                       int64_t least, int64_t most) {
  int64_t value = getInt(name, otherwise);
  if (failed || (value >= least && value <= most))
    return value;
  (void)error("expected attribute '" + name + "' to be from " + Twine(least) +
              " to " + Twine(most) + ", but got " + Twine(value));
  return least;
}

std::string Node::getChoice(StringRef name, std::optional<StringRef> otherwise,
                            ArrayRef<StringRef> choices) {
  std::string value = getString(name, otherwise);
  if (!failed && !is_contained(choices, value))
    (void)error("expected attribute '" + name + "' to be one of " +
                join(choices, ", ") + ", but got '" + value + "'");
  return value;
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

SmallVector<std::string>
Node::getStrings(StringRef name,
                 std::optional<ArrayRef<std::string>> otherwise) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::STRINGS, !otherwise);
  if (found)
    return {found->strings().begin(), found->strings().end()};
  return SmallVector<std::string>(otherwise.value_or(ArrayRef<std::string>()));
}

ElementsAttr Node::getTensor(StringRef name, bool isSparse) {
  const AttributeProto *found = findAttribute(
      name, isSparse ? AttributeProto::SPARSE_TENSOR : AttributeProto::TENSOR,
      true);
  if (!found)
    return {};
  auto tensor = isSparse ? importer.importTensor(found->sparse_tensor())
                         : importer.importTensor(found->t());
  if (auto *value = std::get_if<ElementsAttr>(&tensor))
    return *value;
  TensorError &problem = std::get<TensorError>(tensor);
  (void)(problem.unsupported ? unsupported(problem.message)
                             : error(problem.message));
  return {};
}

Type Node::getElementTypeAttribute(StringRef name,
                                   std::optional<int64_t> otherwise,
                                   unsigned kinds) {
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
  if (!type || !(getKind(type) & kinds))
    (void)unsupported("elements of type " + getDataTypeName(int32_t(number)) +
                      " are not supported");
  return failed ? Type() : type;
}

Type Node::getTypeAttribute(StringRef name) {
  const AttributeProto *found =
      findAttribute(name, AttributeProto::TYPE_PROTO, true);
  Type type = found ? importType(getContext(), found->tp()) : Type();
  if (found && !type)
    (void)unsupported("values of the type that attribute '" + name +
                      "' names are not supported");
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

} // namespace lambent::graph
