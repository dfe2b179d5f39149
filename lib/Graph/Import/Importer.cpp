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
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

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

StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

SmallVector<const onnx::GraphProto *> getGraphs(const onnx::NodeProto &node) {
  SmallVector<const onnx::GraphProto *> graphs;
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      graphs.push_back(&attribute.g());
    for (const onnx::GraphProto &graph : attribute.graphs())
      graphs.push_back(&graph);
  }
  return graphs;
}

static std::string getFunctionKey(StringRef domain, StringRef name,
                                  StringRef overload) {
  return (normalizeDomain(domain) + "\n" + name + "\n" + overload).str();
}

Importer::Importer(MLIRContext *context, std::shared_ptr<ModelFile> file,
                   const ImportOptions &options, Offers &offers,
                   Strings &strings, const SizeAssumptions &assumed,
                   std::vector<UnsupportedNode> &unsupported)
    : context(context), file(std::move(file)), options(options), offers(offers),
      strings(strings), assumed(assumed), unsupported(unsupported),
      builder(context),
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
                                 const Twine &reason, const ReportSite &site) {
  unsupported.push_back({getNodeName(node).str(), node.op_type(),
                         normalizeDomain(node.domain()).str(), reason.str(),
                         opset, describeLocation(fileLoc),
                         getSiteNumber(site)});
}

void Importer::reportUnsupported(StringRef name, StringRef kind,
                                 const Twine &reason, const ReportSite &site) {
  unsupported.push_back({"", "", "",
                         (kind + " '" + name + "': " + reason).str(), 0,
                         describeLocation(fileLoc), getSiteNumber(site)});
}

void Importer::importNodes(Scope &scope, const Nodes &nodes) {
  std::vector<const onnx::NodeProto *> order = sortNodes(scope, nodes);
  for (size_t index = 0; index < order.size() && !scope.restResults; ++index) {
    if (errors > mostErrors || (options.isStopped && options.isStopped()))
      return;
    scope.rest = ArrayRef(order).drop_front(index);
    importNode(scope, *order[index]);
  }
  if (scope.restResults)
    for (const auto &[name, value] : *scope.restResults)
      scope.values[name] = value;
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
  bool usable = checkAttributes(node);
  SmallVector<Value> inputs;
  for (const std::string &name : node.input()) {
    Value value;
    if (!name.empty() && !isAbsent(scope, name)) {
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
  std::string op =
      domain.empty() ? node.op_type() : (domain + "." + node.op_type()).str();
  if (opset == scope.opsets->end() && (domain.empty() || table.knows(op)))
    reportError(loc, "the model does not say which opset of " +
                         (domain.empty() ? std::string("the default domain")
                                         : "domain '" + domain.str() + "'") +
                         " it uses");
  else if (!(handler = table.find(op, version, since)))
    reportUnsupported(
        node, version,
        since ? "the op exists since opset " + itostr(since) +
                    ", and the model uses an older one"
        : domain.empty()
            ? std::string("this version does not support the op")
            : "this op of domain '" + domain.str() +
                  "' is not supported: a model-local function of that name "
                  "would say what it computes");
  if (handler && node.output_size() == 0)
    reportError(loc, "expected an output, but the node has none");
  if (!handler || !usable || node.output_size() == 0) {
    bindResults(scope, node, {});
    return;
  }

  Node view(*this, scope, node, version, loc, inputs);
  LogicalResult imported = view.run(*handler);
  if (succeeded(imported) && !view.hasFailed()) {
    if (StringRef unread = view.findUnreadAttribute(); !unread.empty())
      (void)view.error("attribute '" + unread + "' is not one of this op's");
    view.checkCounts();
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
    return value && !areKnown(graph::getSizes(getType(value)));
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
                        "output '" + name + "' is not supported");
    }
    // The module is lost, but a declared type lets the nodes after it be
    // checked.
    if (value)
      (void)checkDeclaredType(scope, name, value, loc);
    scope.values[name] = value ? value : makePlaceholder(scope, name, loc);
  }
}

bool Importer::checkOpset(const StringMap<int64_t> &versions, StringRef name,
                          StringRef kind, Location loc) {
  auto found = versions.find("");
  if (found == versions.end() ||
      (found->second >= oldestOpset && found->second <= newestOpset))
    return true;
  std::string known = "; opsets " + itostr(oldestOpset) + " to " +
                      itostr(newestOpset) + " can be compiled";
  if (found->second > 0)
    reportUnsupported(name, kind,
                      "it uses opset " + Twine(found->second) + known);
  else
    reportError(loc,
                "the " + kind + " uses opset " + Twine(found->second) + known);
  return false;
}

LogicalResult Importer::readVersions() {
  const onnx::ModelProto &model = file->getModel();
  // The checker and ONNX Runtime take a version that is missing or negative.
  if (model.ir_version() > onnx::Version::IR_VERSION) {
    reportUnsupported(model.graph().name(), "model",
                      "it uses IR version " + Twine(model.ir_version()) +
                          "; versions up to " +
                          Twine(int64_t(onnx::Version::IR_VERSION)) +
                          " can be read");
    return failure();
  }
  for (const onnx::OperatorSetIdProto &opset : model.opset_import())
    opsets[normalizeDomain(opset.domain())] = opset.version();
  // Models older than that did not say.
  if (opsets.empty() && model.ir_version() < 3)
    opsets[""] = 1;
  top.opsets = &opsets;
  return success(checkOpset(opsets, model.graph().name(), "model", fileLoc));
}

void Importer::readFunctions() {
  for (const onnx::FunctionProto &function : file->getModel().functions()) {
    if (!functions
             .try_emplace(getFunctionKey(function.domain(), function.name(),
                                         function.overload()),
                          &function)
             .second)
      reportError(fileLoc, "domain '" + normalizeDomain(function.domain()) +
                               "' has two functions named '" + function.name() +
                               "'");
    checkFunction(function);
    collectUses(function.node());
    for (const std::string &output : function.output())
      used.insert(output);
  }
}

FailureOr<OwningOpRef<ModuleOp>> Importer::run() {
  const onnx::GraphProto &graph = file->getModel().graph();
  if (failed(readVersions()))
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
    top.outputs.push_back(output.name());
  append_range(top.outputs, options.extraOutputs);
  append_range(top.outputs, options.floatOutputs);
  for (const std::string &name : top.outputs)
    used.insert(name);
  readFunctions();
  if (failed(bindInputs(graph)))
    return failure();
  numInputSymbols = symbols.size();
  importNodes(top, graph.node());
  if (errors == 0 && unsupported.size() == unsupportedBefore)
    (void)finish(graph);
  if (errors != 0 || unsupported.size() != unsupportedBefore)
    return failure();
  return std::move(module);
}

} // namespace lambent::graph
