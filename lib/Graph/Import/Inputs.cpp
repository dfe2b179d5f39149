//===- Inputs.cpp - The types of a model's inputs, with open dims bound ---===//

#include "Importer.h"
#include "Location.h"
#include "lambent/Graph/IR/Graph.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

std::string Importer::describeOpenDims() const { return join(openDims, ", "); }

/// Checks that the options name inputs and dims of the model, and notes which
/// dims are bound.
LogicalResult Importer::checkOptions(const onnx::GraphProto &graph) {
  StringMap<const onnx::ValueInfoProto *> inputs;
  llvm::StringSet<> dims;
  std::vector<std::string> inputNames, dimNames;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (top.initializers.contains(input.name()))
      continue;
    inputs[input.name()] = &input;
    inputNames.push_back(input.name());
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (!dim.dim_param().empty() && dims.insert(dim.dim_param()).second)
        dimNames.push_back(dim.dim_param());
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
    bound[name] = size;
  }
  for (const auto &[name, shape] : options.shapes) {
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
    for (auto [index, size] : enumerate(shape))
      if (type.has_shape() && size >= 0 &&
          !type.shape().dim(int(index)).dim_param().empty())
        bound.try_emplace(type.shape().dim(int(index)).dim_param(), size);
  }
  for (const OfferedConstant &constant : options.constants) {
    auto found = inputs.find(constant.input);
    if (found == inputs.end()) {
      reportNoInput(constant.input, inputNames);
      continue;
    }
    // Its dims are the input's where these are open.
    const auto &dims = found->second->type().tensor_type().shape().dim();
    if (dims.size() == constant.type.getRank())
      for (auto [dim, size] : zip(dims, constant.type.getShape()))
        if (!dim.dim_param().empty())
          bound.try_emplace(dim.dim_param(), size);
  }
  return success(errors == 0);
}

void Importer::reportNoInput(StringRef name, ArrayRef<std::string> existing) {
  reportError(fileLoc, "no input is named '" + name +
                           (existing.empty() ? "'" : "'; there are ") +
                           join(existing, ", "));
}

Type Importer::getInputType(const onnx::ValueInfoProto &input,
                            SmallVectorImpl<Attribute> &dimNames) {
  if (!input.type().has_tensor_type()) {
    reportUnsupported(input.name(), "graph input", "it is not a tensor");
    return {};
  }
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
  for (auto [index, dim] : enumerate(type.shape().dim())) {
    StringRef name = dim.dim_param();
    int64_t size = dim.has_dim_value() ? dim.dim_value() : -1;
    if (given != options.shapes.end())
      size = given->second[index];
    else if (auto value = bound.find(name);
             !name.empty() && value != bound.end())
      size = value->second;
    else if (size < 0 && offer &&
             offer->type.getRank() == type.shape().dim_size())
      size = offer->type.getDimSize(index);
    dims.push_back(size < 0 ? ShapedType::kDynamic : size);
    dimNames.push_back(builder.getStringAttr(size < 0 ? name : ""));
    if (size >= 0)
      continue;
    std::string label =
        name.empty()
            ? ("dim " + Twine(index) + " of '" + input.name() + "'").str()
            : name.str();
    if (!is_contained(openDims, label))
      openDims.push_back(label);
  }
  if (countLeastElements(dims) < 0) {
    reportError(fileLoc,
                "input '" + input.name() + "' has an impossible shape");
    return {};
  }
  return RankedTensorType::get(dims, elementType);
}

LogicalResult Importer::bindInputs(const onnx::GraphProto &graph) {
  if (failed(checkOptions(graph)))
    return failure();
  Block &entry = main.getBody().front();
  for (const onnx::ValueInfoProto &input : graph.input()) {
    // Before IR version 4 every initializer was an input as well; here it is a
    // constant.
    if (top.initializers.contains(input.name()))
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
    if (const OfferedConstant *used = offers.findUsed(input.name()))
      value = ConstantOp::create(
          builder, NameLoc::get(builder.getStringAttr(input.name()), fileLoc),
          makeConstant(used->type, input.name(), {used->bytes, nullptr}));
    top.values[input.name()] = value;
    SmallVector<NamedAttribute> attributes{builder.getNamedAttr(
        "graph.name", builder.getStringAttr(input.name()))};
    if (!cast<RankedTensorType>(type).hasStaticShape())
      attributes.push_back(builder.getNamedAttr(
          "graph.dim_names", builder.getArrayAttr(dimNames)));
    argumentAttributes.push_back(builder.getDictionaryAttr(attributes));
  }
  return success(errors == 0);
}

} // namespace lambent::graph
