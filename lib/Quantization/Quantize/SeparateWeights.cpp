//===- SeparateWeights.cpp - Weights for products alone -------------------===//

#include "SeparateWeights.h"
#include "Forms.h"
#include <set>

using namespace llvm;

namespace lambent::quantization {

SeparatedWeights separateWeights(Quantization &state) {
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  std::vector<const onnx::TensorProto *> weights;
  std::set<std::pair<const onnx::NodeProto *, int>> readers;
  for (const Product &product : products) {
    if (state.kept.contains(getName(*product.node)) ||
        !explainNoIntegers(state, product).empty())
      continue;
    for (const std::optional<Weight> *weight :
         {&product.weight, &product.recurrent})
      if (*weight) {
        readers.emplace((*weight)->use.node, (*weight)->use.operand);
        if (!is_contained(weights, (*weight)->tensor))
          weights.push_back((*weight)->tensor);
      }
  }
  auto mayBeIntegers = [&](Network::Use use) {
    bool takesRows = isOp(*use.node, "Gather") && use.operand == 0;
    return takesRows || readers.contains({use.node, use.operand});
  };
  SeparatedWeights separated;
  for (const onnx::TensorProto *weight : weights) {
    const std::string &name = weight->name();
    ArrayRef<Network::Use> uses = network.getUses(name);
    if (all_of(uses, mayBeIntegers) && !network.isReadElsewhere(name))
      continue;
    onnx::TensorProto &copy = network.addConstant(name + "_dequantized");
    std::string copied = copy.name();
    copy = *weight;
    copy.set_name(copied);
    separated[copied] = name;
    for (Network::Use use : uses)
      if (mayBeIntegers(use))
        use.node->set_input(use.operand, copied);
  }
  return separated;
}

} // namespace lambent::quantization
