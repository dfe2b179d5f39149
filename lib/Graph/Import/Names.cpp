//===- Names.cpp - What the names in a graph stand for --------------------===//

#include "Importer.h"
#include "lambent/Graph/IR/Graph.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

void Importer::collectUses(const Nodes &nodes) {
  for (const onnx::NodeProto &node : nodes) {
    for (const std::string &input : node.input())
      used.insert(input);
    for (const onnx::GraphProto *graph : getGraphs(node)) {
      collectUses(graph->node());
      for (const onnx::ValueInfoProto &output : graph->output())
        used.insert(output.name());
    }
  }
}

void Importer::declareNames(Scope &scope, const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &initializer : graph.initializer())
    if (!scope.initializers.try_emplace(initializer.name(), &initializer)
             .second)
      reportError(fileLoc, "there are two initializers named '" +
                               initializer.name() + "'");
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer()) {
    const std::string &name = sparse.values().name();
    if (scope.hasInitializer(name))
      reportError(fileLoc, "there are two initializers named '" + name + "'");
    else
      scope.sparseInitializers[name] = &sparse;
  }
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
    if (!current->hasInitializer(name)) {
      if (current->body)
        return lookUpOutside(*current, name, value);
      continue;
    }
    value = {};
    const onnx::TensorProto *dense = current->initializers.lookup(name);
    auto tensor = dense ? importTensor(*dense)
                        : importTensor(*current->sparseInitializers.at(name));
    if (auto *attribute = std::get_if<ElementsAttr>(&tensor)) {
      value = ConstantOp::create(
          builder, NameLoc::get(builder.getStringAttr(name), fileLoc),
          *attribute);
    } else if (TensorError &problem = std::get<TensorError>(tensor);
               problem.unsupported) {
      reportUnsupported(name, "initializer", problem.message);
    } else {
      reportError(fileLoc, problem.message);
    }
    current->values[name] = value;
    return true;
  }
  return false;
}

bool Importer::isAbsent(const Scope &scope, StringRef name) {
  for (const Scope *current = &scope; current; current = current->parent) {
    if (current->absent.contains(name))
      return true;
    if (current->values.contains(name) || current->hasInitializer(name))
      return false;
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

} // namespace lambent::graph
