//===- InsertedNodes.cpp - New nodes among a graph's own ------------------===//

#include "InsertedNodes.h"

using namespace llvm;

namespace lambent::quantization {

static std::unique_ptr<onnx::NodeProto> makeNode(StringRef op, std::string name,
                                                 ArrayRef<std::string> inputs,
                                                 std::string output) {
  auto node = std::make_unique<onnx::NodeProto>();
  node->set_op_type(op.str());
  node->set_name(std::move(name));
  for (const std::string &input : inputs)
    node->add_input(input);
  node->add_output(std::move(output));
  return node;
}

onnx::NodeProto &InsertedNodes::addFirst(StringRef op, std::string name,
                                         ArrayRef<std::string> inputs,
                                         std::string output) {
  first.push_back(makeNode(op, std::move(name), inputs, std::move(output)));
  return *first.back();
}

onnx::NodeProto &InsertedNodes::addBehind(StringRef tensor, StringRef op,
                                          std::string name,
                                          ArrayRef<std::string> inputs,
                                          std::string output) {
  const onnx::NodeProto *producer = network.findProducer(tensor);
  Nodes &nodes = producer ? after[producer] : first;
  nodes.push_back(makeNode(op, std::move(name), inputs, std::move(output)));
  return *nodes.back();
}

void InsertedNodes::apply(onnx::GraphProto &graph) {
  auto &nodes = *graph.mutable_node();
  std::vector<onnx::NodeProto *> old(nodes.size());
  nodes.ExtractSubrange(0, nodes.size(), old.data());
  for (auto &node : first)
    nodes.AddAllocated(node.release());
  for (onnx::NodeProto *node : old) {
    nodes.AddAllocated(node);
    for (auto &behind : after[node])
      nodes.AddAllocated(behind.release());
  }
}

} // namespace lambent::quantization
