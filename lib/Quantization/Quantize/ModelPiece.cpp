//===- ModelPiece.cpp - A part of a model that runs by itself -------------===//

#include "ModelPiece.h"
#include "Network.h"

using namespace llvm;

namespace lambent::quantization {

NodeNetwork::NodeNetwork(const onnx::GraphProto &graph)
    : reads(size_t(graph.node_size())), results(size_t(graph.node_size())) {
  for (int i = 0; i < graph.node_size(); ++i) {
    const onnx::NodeProto &node = graph.node(i);
    addReads(node, reads[size_t(i)]);
    results[size_t(i)].assign(node.output().begin(), node.output().end());
    for (const std::string &name : reads[size_t(i)])
      readers[name].push_back(unsigned(i));
    for (const std::string &name : node.output())
      producers[name] = unsigned(i);
  }
}

/// A graph inside may have values of its own by the same name as one outside:
/// then the piece has more than it needs.
void NodeNetwork::addReads(const onnx::NodeProto &node,
                           std::vector<std::string> &into) {
  for (const std::string &input : node.input())
    if (!input.empty())
      into.push_back(input);
  auto addGraph = [&](const onnx::GraphProto &graph) {
    for (const onnx::ValueInfoProto &output : graph.output())
      into.push_back(output.name());
    for (const onnx::NodeProto &inner : graph.node())
      addReads(inner, into);
  };
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      addGraph(attribute.g());
    for (const onnx::GraphProto &graph : attribute.graphs())
      addGraph(graph);
  }
}

BitVector NodeNetwork::findSources(StringRef tensor, IsKnown isKnown) const {
  BitVector nodes(unsigned(reads.size()));
  SmallVector<StringRef> wanted = {tensor};
  while (!wanted.empty()) {
    StringRef name = wanted.pop_back_val();
    auto producer = producers.find(name);
    if (isKnown(name) || producer == producers.end() ||
        nodes.test(producer->second))
      continue;
    nodes.set(producer->second);
    append_range(wanted, reads[producer->second]);
  }
  return nodes;
}

bool NodeNetwork::isReadBy(StringRef tensor, const BitVector &nodes) const {
  auto found = readers.find(tensor);
  return found == readers.end() ||
         all_of(found->second, [&](unsigned node) { return nodes.test(node); });
}

Expected<ModelSource>
cutPiece(const graph::EditedModel &model, const NodeNetwork &network,
         const BitVector &nodes, ArrayRef<PieceInput> given,
         ArrayRef<std::string> results,
         function_ref<void(onnx::ValueInfoProto &input)> setDims) {
  graph::EditedModel piece = model;
  onnx::GraphProto &graph = piece.getGraph();
  StringSet<> read;
  read.insert_range(results);
  for (unsigned node : nodes.set_bits())
    read.insert_range(network.getReads(node));
  auto &all = *graph.mutable_node();
  int kept = 0;
  for (int i = 0; i < all.size(); ++i)
    if (nodes.test(unsigned(i)))
      all.SwapElements(kept++, i);
  all.DeleteSubrange(kept, all.size() - kept);
  graph.clear_output();
  for (const std::string &result : results) {
    onnx::ValueInfoProto *output = graph.add_output();
    output->set_name(result);
    output->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::FLOAT);
  }
  graph.clear_value_info();
  auto &inputs = *graph.mutable_input();
  kept = 0;
  for (int i = 0; i < inputs.size(); ++i) {
    if (!read.contains(inputs[i].name()))
      continue;
    setDims(inputs[i]);
    inputs.SwapElements(kept++, i);
  }
  inputs.DeleteSubrange(kept, inputs.size() - kept);
  for (const PieceInput &input : given) {
    if (any_of(inputs, [&](const onnx::ValueInfoProto &other) {
          return other.name() == input.name;
        }))
      continue;
    onnx::ValueInfoProto *value = inputs.Add();
    value->set_name(input.name);
    auto *type = value->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->mutable_dim()->Assign(input.dims.begin(),
                                                 input.dims.end());
  }
  removeUnread(piece);
  return piece.share();
}

} // namespace lambent::quantization
