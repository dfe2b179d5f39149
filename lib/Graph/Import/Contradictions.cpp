//===- Contradictions.cpp - What a model states twice, or against itself --===//

#include "Importer.h"
#include "Node.h"
#include "Offers.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

bool Importer::checkAttributes(const onnx::NodeProto &node) {
  llvm::StringSet<> names;
  auto refuse = [&](const Twine &message) {
    reportError(getLocation(node), message);
    return false;
  };
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.name().empty())
      return refuse("an attribute has no name");
    if (!names.insert(attribute.name()).second)
      return refuse("attribute '" + attribute.name() + "' is given twice");
    if (attribute.type() == onnx::AttributeProto::UNDEFINED &&
        file->getModel().ir_version() >= 2)
      return refuse("attribute '" + attribute.name() + "' has no type");
  }
  return true;
}

void Importer::checkFunction(const onnx::FunctionProto &function) {
  auto check = [&](const auto &list, StringRef kind) {
    llvm::StringSet<> names;
    for (const std::string &name : list)
      if (!names.insert(name).second)
        reportError(fileLoc, "function '" + function.name() + "' has two " +
                                 kind + " named '" + name + "'");
  };
  check(function.input(), "inputs");
  check(function.output(), "outputs");
}

/// A tensor's element type; what else a value is, without the shapes.
static std::string describeKind(Type type) {
  type = getMeaning(type);
  if (auto sequence = dyn_cast<SequenceType>(type))
    return "a sequence of " + describeKind(sequence.getElement());
  if (auto optional = dyn_cast<OptionalType>(type))
    return "an optional of " + describeKind(optional.getElement());
  return describeType(getElementTypeOrSelf(type));
}

static bool isSameKind(Type a, Type b) {
  if (auto left = dyn_cast<SequenceType>(a), right = dyn_cast<SequenceType>(b);
      left && right)
    return isSameKind(left.getElement(), right.getElement());
  if (auto left = dyn_cast<OptionalType>(a), right = dyn_cast<OptionalType>(b);
      left && right)
    return isSameKind(left.getElement(), right.getElement());
  return isa<TensorType>(a) && isa<TensorType>(b) &&
         getElementTypeOrSelf(a) == getElementTypeOrSelf(b);
}

bool Importer::checkDeclaredType(const Scope &scope, StringRef name,
                                 Value value, Location loc) {
  const onnx::TypeProto *declared = scope.declared.lookup(name);
  Type expected = declared ? importType(context, *declared) : Type();
  if (!expected || isSameKind(expected, getMeaning(value.getType())))
    return true;
  reportError(loc, "expected '" + name + "' to be " +
                       (isa<TensorType>(expected)
                            ? getDataTypeName(declared->tensor_type().elem_type())
                            : describeKind(expected)) +
                       ", as the model declares, but got " +
                       describeKind(value.getType()));
  return false;
}

void Importer::checkDeclaredShape(const onnx::ValueInfoProto &output,
                                  RankedTensorType actual) {
  const onnx::TensorShapeProto &declared = output.type().tensor_type().shape();
  // Some exporters write no dims where they know none, and 0 or less for a
  // size that they don't know.
  if (!sizesAreDeclared || declared.dim_size() == 0)
    return;
  bool fits = declared.dim_size() == actual.getRank();
  SmallVector<int64_t> dims;
  for (auto [index, dim] : enumerate(declared.dim())) {
    int64_t size = dim.dim_value() > 0 ? dim.dim_value() : ShapedType::kDynamic;
    dims.push_back(size);
    fits = fits && (ShapedType::isDynamic(size) || actual.isDynamicDim(index) ||
                    actual.getDimSize(index) == size);
  }
  if (!fits)
    reportError(fileLoc, "expected output '" + output.name() + "' to be " +
                             describeType(actual.clone(dims)) +
                             ", as the model declares, but got " +
                             describeType(actual) +
                             "; correct what it declares");
}

} // namespace lambent::graph
