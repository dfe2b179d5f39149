//===- Importer.cpp - The walk over a model's graph -----------------------===//
//
// Nodes are imported in topological order. A node that fails leaves null values
// behind, so that all that does not depend on it is looked at too, and one run
// names everything that is wrong or not supported.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "Location.h"
#include "Node.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// Functions and subgraphs may call and hold others; more than this is a
/// mistake.
static constexpr unsigned deepestCalls = 64;
/// Functions that call others twice, which do so too, would never end.
static constexpr unsigned mostInlinedNodes = 100000;
/// After this many errors the rest would not help.
static constexpr unsigned mostErrors = 25;

StringRef getNodeName(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return "";
}

/// The default domain has two spellings.
static StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

static std::string getFunctionKey(StringRef domain, StringRef name,
                                  StringRef overload) {
  return (normalizeDomain(domain) + "\n" + name + "\n" + overload).str();
}

Importer::Importer(MLIRContext *context, std::shared_ptr<ModelFile> file,
                   const ImportOptions &options, Offers &offers,
                   std::vector<UnsupportedNode> &unsupported)
    : context(context), file(std::move(file)), options(options), offers(offers),
      unsupported(unsupported), builder(context),
      fileLoc(makeFileLocation(context, this->file->getPath())) {}

Location Importer::getLocation(const onnx::NodeProto &node) const {
  return makeNodeLocation(context, file->getPath(), getNodeName(node),
                          node.op_type());
}

void Importer::reportError(Location loc, const Twine &message) {
  if (++errors <= mostErrors)
    emitError(loc) << message.str();
}

void Importer::reportUnsupported(const onnx::NodeProto &node, int64_t opset,
                                 const Twine &reason) {
  unsupported.push_back({getNodeName(node).str(), node.op_type(),
                         normalizeDomain(node.domain()).str(), reason.str(),
                         opset});
}

// Names.

void Importer::collectUses(const Nodes &nodes) {
  for (const onnx::NodeProto &node : nodes) {
    for (const std::string &input : node.input())
      used.insert(input);
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      SmallVector<const onnx::GraphProto *> graphs;
      if (attribute.has_g())
        graphs.push_back(&attribute.g());
      for (const onnx::GraphProto &graph : attribute.graphs())
        graphs.push_back(&graph);
      for (const onnx::GraphProto *graph : graphs) {
        collectUses(graph->node());
        for (const onnx::ValueInfoProto &output : graph->output())
          used.insert(output.name());
      }
    }
  }
}

void Importer::declareNames(Scope &scope, const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &initializer : graph.initializer())
    if (!scope.initializers.try_emplace(initializer.name(), &initializer)
             .second)
      reportError(fileLoc, "there are two initializers named '" +
                               initializer.name() + "'");
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
    unsupported.push_back({sparse.values().name(), "sparse initializer", "",
                           "sparse tensors", 0});
  for (const onnx::ValueInfoProto &info : graph.value_info())
    scope.declared[info.name()] = &info.type();
  for (const onnx::ValueInfoProto &info : graph.output())
    scope.declared[info.name()] = &info.type();
}

bool Importer::lookUp(Scope &scope, StringRef name, Value &value) {
  for (Scope *current = &scope; current; current = current->parent) {
    if (auto found = current->values.find(name);
        found != current->values.end()) {
      value = found->second;
      return true;
    }
    auto initializer = current->initializers.find(name);
    if (initializer == current->initializers.end())
      continue;
    value = {};
    auto tensor = importTensor(*initializer->second);
    if (auto *attribute = std::get_if<ElementsAttr>(&tensor)) {
      value = ConstantOp::create(
          builder, NameLoc::get(builder.getStringAttr(name), fileLoc),
          *attribute);
    } else if (TensorError &problem = std::get<TensorError>(tensor);
               problem.unsupported) {
      unsupported.push_back(
          {name.str(), "initializer", "", problem.message, 0});
    } else {
      reportError(fileLoc, problem.message);
    }
    current->values[name] = value;
    return true;
  }
  return false;
}

const onnx::AttributeProto *Importer::findAttribute(Scope &scope,
                                                    const onnx::NodeProto &node,
                                                    StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.name() != name)
      continue;
    if (attribute.ref_attr_name().empty())
      return &attribute;
    for (Scope *current = &scope; current; current = current->parent)
      if (current->inFunction)
        return current->attributes.lookup(attribute.ref_attr_name());
    return nullptr;
  }
  return nullptr;
}

// Nodes.

std::vector<const onnx::NodeProto *> Importer::sortNodes(Scope &scope,
                                                         const Nodes &nodes) {
  StringMap<int> producers;
  unsigned before = errors;
  for (int i = 0; i < nodes.size(); ++i)
    for (const std::string &output : nodes[i].output()) {
      if (output.empty())
        continue;
      if (!producers.try_emplace(output, i).second ||
          scope.values.contains(output) || scope.initializers.contains(output))
        reportError(getLocation(nodes[i]),
                    "produces '" + output + "', which exists already");
    }
  if (errors != before)
    return {};

  // What a node needs of others of the same graph, its subgraphs' free names
  // among it.
  auto needs = [&](const onnx::NodeProto &node) {
    SmallVector<StringRef> names(node.input().begin(), node.input().end());
    SmallVector<const onnx::GraphProto *> graphs;
    auto addGraphs = [&](const onnx::NodeProto &holder) {
      for (const onnx::AttributeProto &attribute : holder.attribute()) {
        if (attribute.has_g())
          graphs.push_back(&attribute.g());
        for (const onnx::GraphProto &graph : attribute.graphs())
          graphs.push_back(&graph);
      }
    };
    addGraphs(node);
    while (!graphs.empty()) {
      const onnx::GraphProto *graph = graphs.pop_back_val();
      for (const onnx::NodeProto &inner : graph->node()) {
        names.append(inner.input().begin(), inner.input().end());
        addGraphs(inner);
      }
      for (const onnx::ValueInfoProto &output : graph->output())
        names.push_back(output.name());
    }
    return names;
  };

  // Depth first, without recursion: chains may be long.
  enum State : char { New, Open, Done };
  std::vector<State> states(nodes.size(), New);
  std::vector<const onnx::NodeProto *> order;
  SmallVector<int> stack;
  for (int root = 0; root < nodes.size(); ++root) {
    stack.push_back(root);
    while (!stack.empty()) {
      int current = stack.back();
      if (states[current] != New) {
        if (states[current] == Open)
          order.push_back(&nodes[current]);
        states[current] = Done;
        stack.pop_back();
        continue;
      }
      states[current] = Open;
      for (StringRef name : needs(nodes[current])) {
        auto producer = producers.find(name);
        if (producer == producers.end() || states[producer->second] == Done)
          continue;
        if (states[producer->second] == Open) {
          reportError(getLocation(nodes[current]),
                      "is part of a cycle: it needs '" + name +
                          "', which depends on it");
          return {};
        }
        stack.push_back(producer->second);
      }
    }
  }
  return order;
}

void Importer::importNodes(Scope &scope, const Nodes &nodes) {
  for (const onnx::NodeProto *node : sortNodes(scope, nodes)) {
    if (errors > mostErrors)
      return;
    importNode(scope, *node);
  }
}

void Importer::importNode(Scope &scope, const onnx::NodeProto &node) {
  Location loc = getLocation(node);
  if (depth > 0 && ++inlined >= mostInlinedNodes) {
    if (inlined == mostInlinedNodes)
      reportError(loc, "the model's functions expand to more than " +
                           Twine(mostInlinedNodes) + " nodes");
    bindResults(scope, node, {});
    return;
  }
  bool usable = true;
  SmallVector<Value> inputs;
  for (const std::string &name : node.input()) {
    Value value;
    if (!name.empty()) {
      if (!lookUp(scope, name, value)) {
        reportError(loc, "reads '" + name + "', which nothing produces");
        value = {};
      }
      usable &= bool(value);
    }
    inputs.push_back(value);
  }

  StringRef domain = normalizeDomain(node.domain());
  auto function =
      functions.find(getFunctionKey(domain, node.op_type(), node.overload()));
  if (function != functions.end()) {
    if (usable)
      inlineFunction(scope, node, *function->second, inputs);
    else
      bindResults(scope, node, {});
    return;
  }

  auto opset = scope.opsets->find(domain);
  int64_t version = opset == scope.opsets->end() ? 0 : opset->second, since = 0;
  const Handler *handler = nullptr;
  if (!domain.empty())
    reportUnsupported(node, version,
                      "there are no ops of domain '" + domain + "'");
  else if (opset == scope.opsets->end())
    reportError(
        loc,
        "the model does not say which opset of the default domain it uses");
  else if (!(handler = table.find(node.op_type(), version, since)))
    reportUnsupported(node, version,
                      since ? "it exists since opset " + itostr(since)
                            : std::string("there is no importer for this op"));
  if (!handler || !usable) {
    bindResults(scope, node, {});
    return;
  }

  Node view(*this, scope, node, version, loc, inputs);
  if (succeeded((*handler)(view)) && !view.hasFailed()) {
    if (StringRef unread = view.findUnreadAttribute(); !unread.empty())
      (void)view.error("attribute '" + unread + "' is not one of this op's");
    checkSizes(view, node, version, inputs);
  }
  bindResults(scope, node,
              view.hasFailed() ? ArrayRef<Value>() : view.getResults());
}

/// With all dims of the model's inputs known, a size that is still open depends
/// on data.
void Importer::checkSizes(Node &view, const onnx::NodeProto &node,
                          int64_t opset, ArrayRef<Value> inputs) {
  auto isOpen = [](Value value) {
    return value && !getType(value).hasStaticShape();
  };
  if (view.hasFailed() || !openDims.empty() || any_of(inputs, isOpen))
    return;
  if (any_of(view.getResults(), isOpen))
    reportUnsupported(node, opset,
                      "the size of its result depends on data" +
                          askFor(view.getSizeOperands()));
}

Value Importer::makePlaceholder(Scope &scope, StringRef name, Location loc) {
  auto declared = scope.declared.find(name);
  if (declared == scope.declared.end() ||
      !declared->second->tensor_type().has_shape())
    return {};
  const onnx::TypeProto::Tensor &type = declared->second->tensor_type();
  Type elementType = getElementType(context, type.elem_type());
  if (!elementType)
    return {};
  SmallVector<int64_t> dims;
  for (const auto &dim : type.shape().dim())
    dims.push_back(dim.has_dim_value() && dim.dim_value() >= 0
                       ? dim.dim_value()
                       : ShapedType::kDynamic);
  if (countLeastElements(dims) < 0)
    return {};
  return UnrealizedConversionCastOp::create(
             builder, loc, RankedTensorType::get(dims, elementType),
             ValueRange())
      .getResult(0);
}

void Importer::bindResults(Scope &scope, const onnx::NodeProto &node,
                           ArrayRef<Value> results) {
  Location loc = getLocation(node);
  for (auto [index, name] : enumerate(node.output())) {
    if (name.empty())
      continue;
    Value value = index < results.size() ? results[index] : Value();
    if (!value && !results.empty() && isUsed(name)) {
      const auto opset = scope.opsets->find(normalizeDomain(node.domain()));
      reportUnsupported(node, opset == scope.opsets->end() ? 0 : opset->second,
                        "output '" + name + "' is not computed yet");
    }
    // The module is lost, but a declared type lets the nodes after it be
    // checked.
    scope.values[name] = value ? value : makePlaceholder(scope, name, loc);
  }
}

LogicalResult Importer::importSubgraph(Scope &parent,
                                       const onnx::GraphProto &graph,
                                       Location loc,
                                       SmallVectorImpl<Value> &results) {
  if (depth >= deepestCalls) {
    reportError(loc, "graphs and functions are nested too deep");
    return failure();
  }
  ++depth;
  Scope scope;
  scope.parent = &parent;
  scope.opsets = parent.opsets;
  declareNames(scope, graph);
  importNodes(scope, graph.node());
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Value value;
    if (!lookUp(scope, output.name(), value) && errors == 0)
      reportError(loc, "nothing produces the subgraph's output '" +
                           output.name() + "'");
    results.push_back(value);
  }
  --depth;
  return success();
}

void Importer::inlineFunction(Scope &scope, const onnx::NodeProto &node,
                              const onnx::FunctionProto &function,
                              ArrayRef<Value> inputs) {
  Location loc = getLocation(node);
  if (depth >= deepestCalls) {
    reportError(loc, "functions call one another without end");
    return bindResults(scope, node, {});
  }
  ++depth;
  Scope inner;
  inner.inFunction = true;
  auto &versions =
      *functionOpsets.emplace_back(std::make_unique<StringMap<int64_t>>());
  for (const onnx::OperatorSetIdProto &opset : function.opset_import())
    versions[normalizeDomain(opset.domain())] = opset.version();
  inner.opsets = &versions;
  for (auto [index, name] : enumerate(function.input()))
    if (index < inputs.size() && inputs[index])
      inner.values[name] = inputs[index];
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    inner.attributes[attribute.name()] = &attribute;
  for (const onnx::AttributeProto &attribute : node.attribute())
    inner.attributes[attribute.name()] =
        findAttribute(scope, node, attribute.name());
  importNodes(inner, function.node());
  --depth;
  SmallVector<Value> results;
  for (const std::string &name : function.output()) {
    Value value;
    if (!lookUp(inner, name, value) && errors == 0)
      reportError(loc, "nothing produces the function's output '" + name + "'");
    results.push_back(value);
  }
  if (is_contained(results, Value()))
    results.clear();
  bindResults(scope, node, results);
}

// The whole model.

LogicalResult Importer::readOpsets() {
  for (const onnx::OperatorSetIdProto &opset : file->getModel().opset_import())
    opsets[normalizeDomain(opset.domain())] = opset.version();
  top.opsets = &opsets;
  for (const onnx::FunctionProto &function : file->getModel().functions())
    functions[getFunctionKey(function.domain(), function.name(),
                             function.overload())] = &function;
  auto found = opsets.find("");
  if (found == opsets.end() ||
      (found->second >= oldestOpset && found->second <= newestOpset))
    return success();
  if (found->second > 0) {
    unsupported.push_back({file->getModel().graph().name(), "model", "",
                           "it uses opset " + std::to_string(found->second) +
                               "; opsets " + std::to_string(oldestOpset) +
                               " to " + std::to_string(newestOpset) +
                               " can be compiled",
                           found->second});
    return failure();
  }
  reportError(fileLoc, "the model uses opset " + Twine(found->second) +
                           "; opsets " + Twine(oldestOpset) + " to " +
                           Twine(newestOpset) + " can be compiled");
  return failure();
}

FailureOr<OwningOpRef<ModuleOp>> Importer::run() {
  const onnx::GraphProto &graph = file->getModel().graph();
  if (failed(readOpsets()))
    return failure();
  size_t unsupportedBefore = unsupported.size();
  module = ModuleOp::create(fileLoc);
  builder.setInsertionPointToEnd(module->getBody());
  main = func::FuncOp::create(builder, fileLoc, "main",
                              builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(main.addEntryBlock());

  declareNames(top, graph);
  collectUses(graph.node());
  for (const onnx::ValueInfoProto &output : graph.output())
    used.insert(output.name());
  for (const onnx::FunctionProto &function : file->getModel().functions()) {
    collectUses(function.node());
    for (const std::string &output : function.output())
      used.insert(output);
  }
  if (failed(bindInputs(graph)))
    return failure();
  importNodes(top, graph.node());
  if (errors == 0 && unsupported.size() == unsupportedBefore)
    (void)finish(graph);
  if (errors != 0 || unsupported.size() != unsupportedBefore)
    return failure();
  return std::move(module);
}

LogicalResult Importer::finish(const onnx::GraphProto &graph) {
  SmallVector<Value> results;
  SmallVector<Attribute> resultAttributes;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Value value;
    if (!lookUp(top, output.name(), value)) {
      reportError(fileLoc,
                  "nothing produces the output '" + output.name() + "'");
      continue;
    }
    if (!value)
      continue;
    int32_t declared = output.type().tensor_type().elem_type();
    Type elementType = getElementType(context, declared);
    if (elementType && elementType != getType(value).getElementType()) {
      std::string actual;
      raw_string_ostream(actual) << getType(value).getElementType();
      reportError(fileLoc, "expected output '" + output.name() + "' to be " +
                               getDataTypeName(declared) + ", but got " +
                               actual);
    }
    results.push_back(value);
    resultAttributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
        "graph.name", builder.getStringAttr(output.name()))));
  }
  if (results.empty() && errors == 0)
    reportError(fileLoc, "the model has no outputs");
  if (errors != 0)
    return failure();
  func::ReturnOp::create(builder, fileLoc, results);
  main.setType(builder.getFunctionType(main.getBody().getArgumentTypes(),
                                       ValueRange(results).getTypes()));
  main.setAllArgAttrs(argumentAttributes);
  main.setAllResultAttrs(resultAttributes);
  attachMetadata();

  // Folding leaves the shape arithmetic behind.
  for (Operation &op : make_early_inc_range(reverse(main.getBody().front())))
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
