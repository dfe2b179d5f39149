//===- Outputs.cpp - The function's results, and what the model says ------===//

#include "Importer.h"
#include "Node.h"
#include "Offers.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// Whether a name that tells something is a part of another.
static bool isPart(StringRef part, StringRef whole) {
  return part.size() > 2 && whole.contains_insensitive(part);
}

/// Names like one that does not exist, the likest first.
static std::string suggestNames(StringRef wanted,
                                const StringMap<Value> &values) {
  constexpr size_t mostSuggestions = 3;
  std::vector<std::pair<unsigned, StringRef>> near;
  unsigned most = std::max<size_t>(2, wanted.size() / 3);
  for (StringRef name : values.keys()) {
    if (name.empty())
      continue;
    unsigned distance =
        isPart(wanted, name) || isPart(name, wanted)
            ? 1
            : wanted.edit_distance(name, /*AllowReplacements=*/true, most);
    if (distance <= most)
      near.push_back({distance, name});
  }
  llvm::sort(near);
  std::string text;
  for (auto [index, entry] : enumerate(near)) {
    if (index == mostSuggestions)
      break;
    text += (index ? ", '" : "; did you mean '") + entry.second.str() + "'";
  }
  return text.empty() ? text : text + "?";
}

/// Whether a node of a graph within these nodes produces the value.
static bool
isInSubgraph(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes,
             StringRef name) {
  for (const onnx::NodeProto &node : nodes)
    for (const onnx::GraphProto *graph : getGraphs(node)) {
      for (const onnx::NodeProto &inner : graph->node())
        if (is_contained(inner.output(), name))
          return true;
      if (isInSubgraph(graph->node(), name))
        return true;
    }
  return false;
}

bool Importer::checkListed(StringRef name, StringRef kind, Type type) {
  if (isa<TensorType>(getMeaning(type)) || !isNarrow(getScalarElement(type)))
    return true;
  reportUnsupported(name, kind,
                    describeType(type) + " is not supported");
  return false;
}

/// Whether elements are numbers of 16 bits and more, which need no scale.
static bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(getMeaning(type));
  return tensor && isa<FloatType>(tensor.getElementType()) &&
         tensor.getElementTypeBitWidth() >= 16;
}

void Importer::addExtraOutputs(const onnx::GraphProto &graph,
                               SmallVectorImpl<Value> &results,
                               SmallVectorImpl<Attribute> &attributes) {
  llvm::StringSet<> present;
  for (const onnx::ValueInfoProto &output : graph.output())
    present.insert(output.name());
  for (const std::string &name : options.extraOutputs) {
    if (!present.insert(name).second)
      continue;
    Value value;
    if (!lookUp(top, name, value)) {
      if (isInSubgraph(graph.node(), name))
        reportError(fileLoc, "value '" + name +
                                 "' is inside a branch or a loop: only values "
                                 "of the model's own graph can be outputs");
      else
        reportError(fileLoc, "the graph has no value '" + name + "'" +
                                 suggestNames(name, top.values));
      continue;
    }
    if (!value || !checkListed(name, "graph value", value.getType()))
      continue;
    results.push_back(value);
    attributes.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr("graph.name", builder.getStringAttr(name))));
  }
  for (const std::string &name : options.floatOutputs) {
    Value value;
    if (!lookUp(top, name, value) || !value ||
        !isFloatTensor(value.getType()) || !present.insert(name).second)
      continue;
    results.push_back(value);
    attributes.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr("graph.name", builder.getStringAttr(name))));
  }
}

LogicalResult Importer::finish(const onnx::GraphProto &graph) {
  SmallVector<Value> results;
  SmallVector<Attribute> resultAttributes;
  size_t unsupportedBefore = unsupported.size();
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Value value;
    if (!lookUp(top, output.name(), value)) {
      reportError(fileLoc,
                  "nothing produces the output '" + output.name() + "'");
      continue;
    }
    if (!value)
      continue;
    if (checkDeclaredType(top, output.name(), value, fileLoc) &&
        checkListed(output.name(), "graph output", value.getType()) &&
        isa<TensorType>(getMeaning(value.getType())))
      checkDeclaredShape(output, getType(value));
    results.push_back(value);
    resultAttributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
        "graph.name", builder.getStringAttr(output.name()))));
  }
  if (graph.output_size() == 0) {
    reportUnsupported(graph.name(), "model", "it has no outputs");
    return failure();
  }
  addExtraOutputs(graph, results, resultAttributes);
  if (errors != 0 || unsupported.size() != unsupportedBefore)
    return failure();
  func::ReturnOp::create(builder, fileLoc, results);
  main.setType(builder.getFunctionType(main.getBody().getArgumentTypes(),
                                       ValueRange(results).getTypes()));
  main.setAllArgAttrs(argumentAttributes);
  if (!symbols.empty())
    main->setAttr("graph.symbols", describeSymbols());
  main.setAllResultAttrs(resultAttributes);
  attachMetadata();

  // Folding leaves the shape arithmetic behind.
  for (auto function : module->getOps<func::FuncOp>())
    for (Operation &op :
         make_early_inc_range(reverse(function.getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  if (succeeded(mlir::verify(*module)))
    return success();
  ++errors;
  return failure();
}

void Importer::attachMetadata() {
  const onnx::ModelProto &model = file->getModel();
  Operation *op = *module;
  auto setText = [&](StringRef name, StringRef text) {
    if (!text.empty())
      op->setAttr(name, builder.getStringAttr(text));
  };
  setText(
      "graph.producer",
      StringRef(model.producer_name() + " " + model.producer_version()).trim());
  setText("graph.model_name", model.graph().name());
  setText("graph.doc", model.doc_string());
  setText("graph.graph_doc", model.graph().doc_string());
  setText("graph.domain", model.domain());
  if (model.model_version())
    op->setAttr("graph.model_version",
                builder.getI64IntegerAttr(model.model_version()));
  SmallVector<NamedAttribute> versions, properties;
  for (const auto &entry : opsets)
    versions.push_back(
        builder.getNamedAttr(entry.first().empty() ? "ai.onnx" : entry.first(),
                             builder.getI64IntegerAttr(entry.second)));
  llvm::StringSet<> seen;
  for (const onnx::StringStringEntryProto &entry : model.metadata_props())
    if (!entry.key().empty() && seen.insert(entry.key()).second)
      properties.push_back(builder.getNamedAttr(
          entry.key(), builder.getStringAttr(entry.value())));
  op->setAttr("graph.opsets", builder.getDictionaryAttr(versions));
  if (!properties.empty())
    op->setAttr("graph.metadata", builder.getDictionaryAttr(properties));
}

} // namespace lambent::graph
