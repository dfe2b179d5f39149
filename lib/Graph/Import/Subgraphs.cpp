//===- Subgraphs.cpp - Branches and functions, imported in place ----------===//

#include "Importer.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// How deep subgraphs and functions may lie within each other: each level takes
/// room on the stack.
static constexpr unsigned deepestCalls = 256;

LogicalResult Importer::importSubgraph(Scope &parent,
                                       const onnx::GraphProto &graph,
                                       Location loc,
                                       SmallVectorImpl<Value> &results,
                                       ArrayRef<Value> inputs, Body *body) {
  if (depth >= deepestCalls) {
    reportError(loc, "graphs and functions are nested more than " +
                         Twine(deepestCalls) + " deep");
    return failure();
  }
  ++depth;
  Scope scope;
  scope.parent = &parent;
  scope.body = body;
  scope.opsets = parent.opsets;
  declareNames(scope, graph);
  if (inputs.size() != size_t(graph.input_size())) {
    reportError(loc, "expected a subgraph of " + Twine(inputs.size()) +
                         " inputs, but got " + Twine(graph.input_size()));
    --depth;
    return failure();
  }
  for (auto [input, value] : zip(graph.input(), inputs))
    scope.values[input.name()] = value;
  for (const onnx::ValueInfoProto &output : graph.output())
    scope.outputs.push_back(output.name());
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
    reportError(loc, "graphs and functions are nested more than " +
                         Twine(deepestCalls) + " deep");
    return bindResults(scope, node, {});
  }
  if (!active.insert(&function).second) {
    reportError(loc, "function '" + function.name() +
                         "' calls itself, or others that do, without end");
    return bindResults(scope, node, {});
  }
  scope_exit leave([&] { active.erase(&function); });
  ++depth;
  Scope inner;
  inner.inFunction = true;
  auto &versions =
      *functionOpsets.emplace_back(std::make_unique<StringMap<int64_t>>());
  for (const onnx::OperatorSetIdProto &opset : function.opset_import())
    versions[normalizeDomain(opset.domain())] = opset.version();
  inner.opsets = &versions;
  if (!checkOpset(versions, function.name(), "function", loc)) {
    --depth;
    return bindResults(scope, node, {});
  }
  if (inputs.size() > size_t(function.input_size())) {
    reportError(loc, "expected at most " + Twine(function.input_size()) +
                         " inputs of the function, but got " +
                         Twine(inputs.size()));
    --depth;
    return bindResults(scope, node, {});
  }
  if (node.output_size() > function.output_size()) {
    reportError(loc, "expected at most " + Twine(function.output_size()) +
                         " outputs of the function, but got " +
                         Twine(node.output_size()));
    --depth;
    return bindResults(scope, node, {});
  }
  for (auto [index, name] : enumerate(function.input()))
    if (index < inputs.size() && inputs[index])
      inner.values[name] = inputs[index];
    else
      inner.absent.insert(name);
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    inner.attributes[attribute.name()] = &attribute;
  for (const onnx::AttributeProto &attribute : node.attribute())
    inner.attributes[attribute.name()] =
        findAttribute(scope, node, attribute.name());
  inner.outputs.assign(function.output().begin(), function.output().end());
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

} // namespace lambent::graph
