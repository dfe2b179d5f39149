//===- NodeOrder.cpp - The order in which to import nodes -----------------===//

#include "Importer.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// Adds the names that a subgraph reads and does not define itself, though it
/// may define a name that the graph around it has too. Graphs are nested only
/// as deep as the parser allows.
static void addFreeNames(const onnx::GraphProto &graph,
                         SmallVectorImpl<StringRef> &names) {
  llvm::StringSet<> own;
  for (const onnx::ValueInfoProto &input : graph.input())
    own.insert(input.name());
  for (const onnx::TensorProto &initializer : graph.initializer())
    own.insert(initializer.name());
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
    own.insert(sparse.values().name());
  SmallVector<StringRef> read;
  for (const onnx::NodeProto &node : graph.node()) {
    for (const std::string &output : node.output())
      own.insert(output);
    read.append(node.input().begin(), node.input().end());
    for (const onnx::GraphProto *inner : getGraphs(node))
      addFreeNames(*inner, read);
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    read.push_back(output.name());
  for (StringRef name : read)
    if (!own.contains(name))
      names.push_back(name);
}

/// What a node needs of others of the same graph, its subgraphs' free names
/// among it.
static SmallVector<StringRef> getNeeds(const onnx::NodeProto &node) {
  SmallVector<StringRef> names(node.input().begin(), node.input().end());
  for (const onnx::GraphProto *graph : getGraphs(node))
    addFreeNames(*graph, names);
  return names;
}

std::vector<const onnx::NodeProto *> Importer::sortNodes(Scope &scope,
                                                         const Nodes &nodes) {
  StringMap<int> producers;
  unsigned before = errors;
  for (int i = 0; i < nodes.size(); ++i)
    for (const std::string &output : nodes[i].output()) {
      if (output.empty())
        continue;
      if (!producers.try_emplace(output, i).second ||
          scope.values.contains(output) || scope.hasInitializer(output))
        reportError(getLocation(nodes[i]),
                    "produces '" + output + "', which exists already");
    }
  if (errors != before)
    return {};

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
      for (StringRef name : getNeeds(nodes[current])) {
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

} // namespace lambent::graph
