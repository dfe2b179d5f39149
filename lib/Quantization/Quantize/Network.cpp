//===- Network.cpp - Who makes and reads the tensors of a model -----------===//

#include "Network.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lambent::quantization {

StringRef getName(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return "";
}

const onnx::AttributeProto *findAttribute(const onnx::NodeProto &node,
                                          StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

void setInteger(onnx::NodeProto &node, StringRef name, int64_t value) {
  onnx::AttributeProto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

int64_t getInteger(const onnx::NodeProto &node, StringRef name,
                   int64_t otherwise) {
  const onnx::AttributeProto *attribute = findAttribute(node, name);
  return attribute ? attribute->i() : otherwise;
}

float getFloat(const onnx::NodeProto &node, StringRef name, float otherwise) {
  const onnx::AttributeProto *attribute = findAttribute(node, name);
  return attribute ? attribute->f() : otherwise;
}

bool isOp(const onnx::NodeProto &node, StringRef op) {
  return node.op_type() == op &&
         (node.domain().empty() || node.domain() == "ai.onnx");
}

Network::Network(graph::EditedModel &model) : model(model) {
  onnx::GraphProto &graph = model.getGraph();
  for (onnx::TensorProto &initializer : *graph.mutable_initializer()) {
    constants[initializer.name()] = &initializer;
    names.insert(initializer.name());
  }
  for (const onnx::ValueInfoProto &input : graph.input()) {
    constants.erase(input.name());
    names.insert(input.name());
  }
  for (const auto *values :
       {&graph.input(), &graph.output(), &graph.value_info()})
    for (const onnx::ValueInfoProto &value : *values)
      types[value.name()] = value.type().tensor_type().elem_type();
  for (const onnx::ValueInfoProto &output : graph.output())
    readElsewhere.insert(output.name());
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    for (int i = 0; i < node.input_size(); ++i)
      if (!node.input(i).empty())
        uses[node.input(i)].push_back({&node, i});
    for (const std::string &output : node.output())
      if (!output.empty()) {
        producers[output] = &node;
        names.insert(output);
      }
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        addReads(attribute.g());
      for (const onnx::GraphProto &inner : attribute.graphs())
        addReads(inner);
    }
  }
}

/// Notes what a graph inside reads; its own values may hide some of it.
void Network::addReads(const onnx::GraphProto &graph) {
  for (const onnx::ValueInfoProto &output : graph.output())
    readElsewhere.insert(output.name());
  for (const onnx::NodeProto &node : graph.node()) {
    for (const std::string &input : node.input())
      readElsewhere.insert(input);
    for (const std::string &output : node.output())
      names.insert(output);
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        addReads(attribute.g());
      for (const onnx::GraphProto &inner : attribute.graphs())
        addReads(inner);
    }
  }
}

onnx::NodeProto *Network::findProducer(StringRef tensor) const {
  return producers.lookup(tensor);
}

ArrayRef<Network::Use> Network::getUses(StringRef tensor) const {
  auto found = uses.find(tensor);
  return found == uses.end() ? ArrayRef<Use>() : ArrayRef<Use>(found->second);
}

std::optional<Network::Use> Network::findOnlyUse(StringRef tensor) const {
  ArrayRef<Use> all = getUses(tensor);
  if (all.size() != 1 || isReadElsewhere(tensor))
    return std::nullopt;
  return all.front();
}

onnx::TensorProto *Network::findConstant(StringRef name) const {
  return name.empty() ? nullptr : constants.lookup(name);
}

onnx::TensorProto *Network::findFloats(StringRef name) const {
  onnx::TensorProto *tensor = findConstant(name);
  return tensor && tensor->data_type() == onnx::TensorProto::FLOAT ? tensor
                                                                   : nullptr;
}

int32_t Network::findType(StringRef tensor) const {
  if (const onnx::TensorProto *constant = findConstant(tensor))
    return constant->data_type();
  return types.lookup(tensor);
}

bool Network::mayBeFloats(StringRef tensor) const {
  int32_t type = findType(tensor);
  return type == onnx::TensorProto::UNDEFINED ||
         type == onnx::TensorProto::FLOAT;
}

std::string Network::makeName(StringRef wanted) {
  std::string name = wanted.str();
  for (unsigned i = 2; !names.insert(name).second; ++i)
    name = (wanted + "_" + Twine(i)).str();
  return name;
}

onnx::TensorProto &Network::addConstant(StringRef wanted) {
  onnx::TensorProto *tensor = model.getGraph().add_initializer();
  tensor->set_name(makeName(wanted));
  constants[tensor->name()] = tensor;
  return *tensor;
}

onnx::TensorProto &Network::makeOwn(onnx::TensorProto &tensor, const Use &use) {
  if (findOnlyUse(tensor.name()))
    return tensor;
  onnx::TensorProto &own = addConstant(tensor.name());
  std::string name = own.name();
  own = tensor;
  own.set_name(name);
  use.node->set_input(use.operand, name);
  return own;
}

void removeNodes(onnx::GraphProto &graph,
                 function_ref<bool(const onnx::NodeProto &)> isGone) {
  auto &nodes = *graph.mutable_node();
  int kept = 0;
  for (int i = 0; i < nodes.size(); ++i)
    if (!isGone(nodes[i]))
      nodes.SwapElements(kept++, i);
  nodes.DeleteSubrange(kept, nodes.size() - kept);
}

void removeUnread(graph::EditedModel &model) {
  Network network(model);
  auto &initializers = *model.getGraph().mutable_initializer();
  int kept = 0;
  for (int i = 0; i < initializers.size(); ++i) {
    StringRef name = initializers[i].name();
    bool isGone = network.findConstant(name) && network.getUses(name).empty() &&
                  !network.isReadElsewhere(name);
    if (!isGone)
      initializers.SwapElements(kept++, i);
  }
  initializers.DeleteSubrange(kept, initializers.size() - kept);
}

/// Lets what reads an Identity of a constant read the constant.
static void bypassIdentities(graph::EditedModel &model) {
  Network network(model);
  onnx::GraphProto &graph = model.getGraph();
  StringMap<std::string> sources;
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    for (std::string &input : *node.mutable_input())
      if (auto source = sources.find(input); source != sources.end())
        input = source->second;
    if (isOp(node, "Identity") && node.input_size() == 1 &&
        node.output_size() == 1 && network.findConstant(node.input(0)))
      sources[node.output(0)] = node.input(0);
  }
  removeNodes(graph, [&](const onnx::NodeProto &node) {
    return isOp(node, "Identity") && node.output_size() == 1 &&
           sources.contains(node.output(0)) &&
           !network.isReadElsewhere(node.output(0));
  });
}

/// Whether EditedModel::readFloats reads a tensor.
static bool holdsFloats(const onnx::TensorProto &tensor) {
  int32_t type = tensor.data_type();
  return type == onnx::TensorProto::FLOAT ||
         type == onnx::TensorProto::FLOAT16 ||
         type == onnx::TensorProto::BFLOAT16 ||
         type == onnx::TensorProto::DOUBLE;
}

Error foldCasts(graph::EditedModel &model) {
  Network network(model);
  onnx::GraphProto &graph = model.getGraph();
  std::vector<std::pair<std::string, graph::FloatTensor>> made;
  StringSet<> names;
  for (const onnx::NodeProto &node : graph.node()) {
    const onnx::AttributeProto *to = findAttribute(node, "to");
    if (!isOp(node, "Cast") || node.input_size() != 1 ||
        node.output_size() != 1 || !to || to->i() != onnx::TensorProto::FLOAT ||
        network.isReadElsewhere(node.output(0)))
      continue;
    const onnx::TensorProto *from = network.findConstant(node.input(0));
    if (!from || !holdsFloats(*from))
      continue;
    Expected<graph::FloatTensor> floats = model.readFloats(*from);
    if (!floats)
      return floats.takeError();
    made.emplace_back(node.output(0), std::move(*floats));
    names.insert(node.output(0));
  }
  removeNodes(graph, [&](const onnx::NodeProto &node) {
    return isOp(node, "Cast") && node.output_size() == 1 &&
           names.contains(node.output(0));
  });
  for (const auto &[name, floats] : made) {
    onnx::TensorProto *tensor = graph.add_initializer();
    tensor->set_name(name);
    model.setFloats(*tensor, floats.dims, floats.elements);
  }
  if (!made.empty())
    removeUnread(model);
  return Error::success();
}

void gatherConstants(graph::EditedModel &model) {
  onnx::GraphProto &graph = model.getGraph();
  if (model.getModel().ir_version() < 4) {
    StringSet<> constants;
    for (const onnx::TensorProto &initializer : graph.initializer())
      constants.insert(initializer.name());
    auto &inputs = *graph.mutable_input();
    int kept = 0;
    for (int i = 0; i < inputs.size(); ++i)
      if (!constants.contains(inputs[i].name()))
        inputs.SwapElements(kept++, i);
    inputs.DeleteSubrange(kept, inputs.size() - kept);
    model.getModel().set_ir_version(4);
  }
  removeNodes(graph, [&](const onnx::NodeProto &node) {
    const onnx::AttributeProto *value = findAttribute(node, "value");
    if (!isOp(node, "Constant") || !value || !value->has_t() ||
        !holdsFloats(value->t()) || node.output_size() != 1)
      return false;
    onnx::TensorProto *tensor = graph.add_initializer();
    *tensor = value->t();
    tensor->set_name(node.output(0));
    return true;
  });
  bypassIdentities(model);
}

} // namespace lambent::quantization
