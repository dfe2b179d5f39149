//===- Inputs.cpp - The types of a model's inputs, with open dims bound ---===//

#include "Importer.h"
#include "Location.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// Initializers that are inputs too are values that inputs have unless they are
/// given, in IR 4 and later; before that every initializer had to be an input
/// as well. Exporters went on listing weights so: together these have more
/// elements than this, and are constants.
static constexpr int64_t mostDefaultElements = 4096;

void Importer::findDefaults(const onnx::GraphProto &graph) {
  llvm::StringSet<> asked;
  for (const auto &entry : options.shapes)
    asked.insert(entry.first);
  for (const OfferedConstant &constant : options.constants)
    asked.insert(constant.input);
  SmallVector<const onnx::TensorProto *> listed;
  int64_t elements = 0;
  for (const onnx::ValueInfoProto &input : graph.input())
    if (const onnx::TensorProto *tensor =
            top.initializers.lookup(input.name())) {
      listed.push_back(tensor);
      int64_t count = countLeastElements(
          ArrayRef<int64_t>(tensor->dims().data(), tensor->dims_size()));
      elements = std::min(mostDefaultElements + 1,
                          elements + std::max<int64_t>(0, count));
    }
  bool areWeights =
      file->getModel().ir_version() < 4 || elements > mostDefaultElements;
  for (const onnx::TensorProto *tensor : listed) {
    if ((areWeights && !asked.contains(tensor->name())) ||
        offers.usesDefault(tensor->name()))
      continue;
    // A wrong one is reported where it is read.
    auto value = importTensor(*tensor);
    if (auto *attribute = std::get_if<ElementsAttr>(&value)) {
      defaults[tensor->name()] = *attribute;
      offers.addDefault(tensor->name());
    }
  }
}

/// Row-major, a byte for each element that has fewer bits; false for data that
/// are not there.
static bool readWholeBytes(ElementsAttr value, SmallVector<char> &bytes) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    bytes.assign(blob->getData().begin(), blob->getData().end());
    return true;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return false;
  if (dense.getElementType().isInteger(1)) {
    for (bool bit : dense.getValues<bool>())
      bytes.push_back(bit);
    return true;
  }
  int64_t copies = dense.isSplat() ? dense.getNumElements() : 1;
  for (int64_t i = 0; i < copies; ++i)
    append_range(bytes, dense.getRawData());
  return true;
}

/// As a run takes them.
static bool readBytes(ElementsAttr value, SmallVector<char> &bytes) {
  Type elementType = value.getElementType();
  unsigned bits = elementType.getIntOrFloatBitWidth();
  if (!readWholeBytes(value, bytes))
    return false;
  if (isNarrow(elementType) && bits < 8) {
    packElements(bytes.data(), bytes.data(), bytes.size(), bits);
    bytes.truncate(getPackedBytes(bytes.size(), bits));
  }
  return true;
}

/// The name of a dim, by which it is the same wherever it appears. Exporters
/// write "?" for dims that have none.
static StringRef getDimName(const onnx::TensorShapeProto::Dimension &dim) {
  return dim.dim_param() == "?" ? StringRef() : StringRef(dim.dim_param());
}

/// Checks that the options name inputs and dims of the model, and notes which
/// dims are bound.
LogicalResult Importer::checkOptions(const onnx::GraphProto &graph) {
  StringMap<const onnx::ValueInfoProto *> inputs;
  llvm::StringSet<> dims;
  std::vector<std::string> inputNames, dimNames;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (isConstant(input.name()))
      continue;
    inputs[input.name()] = &input;
    inputNames.push_back(input.name());
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (StringRef name = getDimName(dim);
          !name.empty() && dims.insert(name).second)
        dimNames.push_back(name.str());
  }
  for (const auto &[name, size] : options.dims) {
    if (!dims.contains(name)) {
      reportError(fileLoc, "no input has a dim named '" + name +
                               (dimNames.empty()
                                    ? "'"
                                    : "'; there are " + join(dimNames, ", ")));
    } else if (size < 0) {
      reportError(fileLoc, "dim '" + name + "' can't be " + Twine(size));
    }
    if (!bound.try_emplace(name, size).second)
      reportError(fileLoc, "dim '" + name + "' is bound twice");
  }
  for (const DimRange &range : options.ranges) {
    if (!dims.contains(range.name))
      reportError(fileLoc, "no input has a dim named '" + range.name +
                               (dimNames.empty()
                                    ? "'"
                                    : "'; there are " + join(dimNames, ", ")));
    else if (range.least < 0 || range.most < range.least || range.factor < 1 ||
             range.factor > maxElements)
      reportError(fileLoc, "dim '" + range.name + "' can't be a multiple of " +
                               Twine(range.factor) + " from " +
                               Twine(range.least) + " to " + Twine(range.most));
    if (bound.contains(range.name) ||
        !ranges.try_emplace(range.name, &range).second)
      reportError(fileLoc, "dim '" + range.name + "' is bound twice");
  }
  // What bound a dim first, for the message about what contradicts it.
  StringMap<std::string> binders;
  llvm::StringSet<> shaped, offered;
  for (const auto &[name, shape] : options.shapes) {
    if (!shaped.insert(name).second) {
      reportError(fileLoc, "the shape of input '" + name + "' is given twice");
      continue;
    }
    auto found = inputs.find(name);
    if (found == inputs.end()) {
      reportNoInput(name, inputNames);
      continue;
    }
    const onnx::TypeProto::Tensor &type = found->second->type().tensor_type();
    if (type.has_shape() && type.shape().dim_size() != int(shape.size())) {
      reportError(fileLoc, "expected " + Twine(type.shape().dim_size()) +
                               " dims for input '" + name + "', but got " +
                               Twine(shape.size()));
      continue;
    }
    // A size given for a named dim holds wherever the name appears.
    for (auto [index, size] : enumerate(shape)) {
      if (!type.has_shape() || size < 0 ||
          getDimName(type.shape().dim(int(index))).empty())
        continue;
      StringRef dim = getDimName(type.shape().dim(int(index)));
      const DimRange *range = ranges.lookup(dim);
      if (range && (size < range->least || size > range->most ||
                    size % range->factor))
        reportError(fileLoc, "dim '" + dim + "' is " + Twine(size) +
                                 " by the shape of '" + name +
                                 "', which is not in its range");
      auto [known, isNew] = bound.try_emplace(dim, size);
      if (isNew)
        binders[dim] = " by the shape of '" + name + "'";
      else if (known->second != size)
        reportError(fileLoc, "dim '" + dim + "' is bound to " +
                                 Twine(known->second) + binders.lookup(dim) +
                                 ", but the shape of '" + name + "' says " +
                                 Twine(size));
    }
  }
  for (const OfferedConstant &constant : options.constants) {
    if (!offered.insert(constant.input).second) {
      reportError(fileLoc,
                  "input '" + constant.input + "' is given two constants");
      continue;
    }
    auto found = inputs.find(constant.input);
    if (found == inputs.end()) {
      reportNoInput(constant.input, inputNames);
      continue;
    }
    // Its dims are the input's where these are open.
    const auto &dims = found->second->type().tensor_type().shape().dim();
    if (dims.size() == constant.type.getRank())
      for (auto [dim, size] : zip(dims, constant.type.getShape()))
        if (StringRef name = getDimName(dim); !name.empty())
          bound.try_emplace(name, size);
  }
  return success(errors == 0);
}

void Importer::reportNoInput(StringRef name, ArrayRef<std::string> existing) {
  reportError(fileLoc, "no input is named '" + name +
                           (existing.empty() ? "'" : "'; there are ") +
                           join(existing, ", "));
}

Type Importer::getListType(const onnx::ValueInfoProto &input) {
  if (!input.type().has_sequence_type() && !input.type().has_optional_type()) {
    reportUnsupported(input.name(), "graph input",
                      "it is not a tensor, a sequence or an optional");
    return {};
  }
  Type type = importType(context, input.type());
  if (!type) {
    reportUnsupported(input.name(), "graph input",
                      "what it consists of is not supported");
    return {};
  }
  Type handle = makeHandleType(type);
  return checkListed(input.name(), "graph input", handle) ? handle : Type();
}

Type Importer::getInputType(const onnx::ValueInfoProto &input,
                            SmallVectorImpl<Attribute> &dimNames) {
  if (!input.type().has_tensor_type())
    return getListType(input);
  const onnx::TypeProto::Tensor &type = input.type().tensor_type();
  Type elementType = getElementType(context, type.elem_type());
  if (!elementType) {
    if (type.elem_type() == onnx::TensorProto::UNDEFINED)
      reportError(fileLoc, "input '" + input.name() + "' has no element type");
    else
      reportUnsupported(input.name(), "graph input",
                        "elements of type " +
                            getDataTypeName(type.elem_type()) +
                            " are not supported");
    return {};
  }

  auto given = find_if(options.shapes, [&](const auto &entry) {
    return entry.first == input.name();
  });
  const OfferedConstant *offer = offers.find(input.name());
  SmallVector<int64_t> dims;
  Sizes sizes;
  sizesAreDeclared &= type.has_shape();
  if (given != options.shapes.end() && !type.has_shape()) {
    for (int64_t size : given->second)
      dims.push_back(size < 0 ? ShapedType::kDynamic : size);
    dimNames.append(dims.size(), builder.getStringAttr(""));
  } else if (offer && !type.has_shape()) {
    dims.append(offer->type.getShape().begin(), offer->type.getShape().end());
    dimNames.append(dims.size(), builder.getStringAttr(""));
  } else if (!type.has_shape()) {
    reportError(fileLoc,
                "input '" + input.name() +
                    "' has no shape in the model; give it with --shape " +
                    input.name() + "=D0xD1x...");
    return {};
  }
  auto byDefault = defaults.find(input.name());
  for (auto [index, dim] : enumerate(type.shape().dim())) {
    StringRef name = getDimName(dim);
    int64_t size = dim.has_dim_value() ? dim.dim_value() : -1;
    if (given != options.shapes.end())
      size = given->second[index];
    else if (auto value = bound.find(name);
             !name.empty() && value != bound.end())
      size = value->second;
    else if (size < 0 && offer &&
             offer->type.getRank() == type.shape().dim_size())
      size = offer->type.getDimSize(index);
    else if (size < 0 && byDefault != defaults.end() &&
             cast<ShapedType>(byDefault->second.getType()).getRank() ==
                 type.shape().dim_size())
      size = cast<ShapedType>(byDefault->second.getType()).getDimSize(index);
    sizesAreDeclared &= dim.has_dim_value() && dim.dim_value() == size;
    dims.push_back(size < 0 ? ShapedType::kDynamic : size);
    dimNames.push_back(builder.getStringAttr(size < 0 ? name : ""));
    sizes.push_back(size < 0 ? getInputSymbol(name, input.name(), index)
                             : Size(size));
  }
  if (countLeastElements(dims) < 0) {
    reportError(fileLoc,
                "input '" + input.name() + "' has an impossible shape");
    return {};
  }
  // Dims without a type in the model have no names.
  for (int64_t dim : ArrayRef(dims).drop_front(sizes.size()))
    sizes.push_back(ShapedType::isDynamic(dim)
                        ? getInputSymbol("", input.name(), sizes.size())
                        : Size(dim));
  return makeTensorType(sizes, elementType);
}

LogicalResult Importer::bindInputs(const onnx::GraphProto &graph) {
  findDefaults(graph);
  if (failed(checkOptions(graph)))
    return failure();
  Block &entry = main.getBody().front();
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (isConstant(input.name()))
      continue;
    SmallVector<Attribute> dimNames;
    Type type = getInputType(input, dimNames);
    if (!top.values.try_emplace(input.name()).second || input.name().empty()) {
      reportError(fileLoc,
                  input.name().empty()
                      ? Twine("an input has no name")
                      : "there are two inputs named '" + input.name() + "'");
      continue;
    }
    if (!type || failed(checkOffer(input.name(), type)))
      continue;
    Value value = entry.addArgument(type, fileLoc);
    if (const OfferedConstant *used = offers.findUsed(input.name())) {
      value = ConstantOp::create(
          builder, NameLoc::get(builder.getStringAttr(input.name()), fileLoc),
          makeConstant(used->type, input.name(), {used->bytes, nullptr}));
      sizesAreDeclared = false;
    }
    top.values[input.name()] = value;
    SmallVector<NamedAttribute> attributes{builder.getNamedAttr(
        "graph.name", builder.getStringAttr(input.name()))};
    if (!cast<RankedTensorType>(type).hasStaticShape())
      attributes.push_back(builder.getNamedAttr(
          "graph.dim_names", builder.getArrayAttr(dimNames)));
    if (auto value = defaults.find(input.name()); value != defaults.end()) {
      // Asked for with another shape than its default, it must be given.
      SmallVector<char> bytes;
      bool isOther = value->second.getType() != type;
      bool isAsked = any_of(options.shapes, [&](const auto &entry) {
        return entry.first == input.name();
      });
      if (isOther && !isAsked && !offers.find(input.name()))
        reportError(fileLoc, "input '" + input.name() +
                                 "': expected its initializer to be " +
                                 describeType(type) + ", but got " +
                                 describeType(value->second.getType()));
      if (!isOther && readBytes(value->second, bytes))
        attributes.push_back(builder.getNamedAttr(
            "graph.default",
            builder.getDenseI8ArrayAttr(ArrayRef<int8_t>(
                reinterpret_cast<int8_t *>(bytes.data()), bytes.size()))));
    }
    argumentAttributes.push_back(builder.getDictionaryAttr(attributes));
  }
  return success(errors == 0);
}

} // namespace lambent::graph
