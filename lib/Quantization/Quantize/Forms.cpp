//===- Forms.cpp - What a product may become ------------------------------===//

#include "Forms.h"

using namespace llvm;

namespace lambent::quantization {

bool isInBlocks(QuantizedNumbers numbers) {
  return numbers == QuantizedNumbers::Int8Weights ||
         numbers == QuantizedNumbers::Int4Weights;
}

std::string explainNoIntegers(const Quantization &state,
                              const Product &product) {
  QuantizedNumbers numbers = state.options.numbers;
  if (numbers == QuantizedNumbers::BF16)
    return "bf16 alone is asked for";
  if (isInBlocks(numbers))
    return product.recurrent || (product.weight && product.weight->sumAxis >= 0)
               ? ""
               : "it has no matrix of weights";
  for (int operand : product.activations) {
    const std::string &tensor = product.node->input(operand);
    if (!state.findProfile(tensor))
      return "the profile has no tensor '" + tensor + "'";
  }
  return "";
}

std::string explainNoBF16(const Quantization &state, const Product &product) {
  if (isInBlocks(state.options.numbers))
    return "weights alone become narrow";
  if (isOp(*product.node, "ConvTranspose"))
    return "a ConvTranspose has no form in bf16";
  if (product.recurrent)
    return "a recurrent layer has no form in bf16";
  if (!product.weight || product.activations.size() != 1)
    return "neither of its operands is constant";
  const auto &dims = product.weight->tensor->dims();
  if (isOp(*product.node, "Conv") && dims.size() > 1 && dims[1] == 1 &&
      getInteger(*product.node, "group", 1) > 1)
    return "its channels are each by themselves";
  return "";
}

/// Why a name is none of a node; the op of that name, if there is one, has
/// some.
static Error makeNameError(const onnx::GraphProto &graph,
                           const std::string &name, StringRef purpose) {
  std::string nodes;
  constexpr int most = 3;
  int count = 0;
  for (const onnx::NodeProto &node : graph.node())
    if (isOp(node, name) && ++count <= most)
      nodes += (count > 1 ? ", '" : "'") + getName(node).str() + "'";
  std::string text = "it has no node '" + name + "' to " + purpose.str();
  if (count > 0)
    text += ", but " + std::to_string(count) + " of that op: " + nodes +
            (count > most ? " ..." : "");
  return createStringError(text);
}

/// Fails for a node that is to become bf16, but cannot.
static Error checkBF16(const Quantization &state, ArrayRef<Product> products,
                       const onnx::NodeProto &node) {
  StringRef name = getName(node);
  std::string start = "node '" + name.str() + "' (" + node.op_type() + ") ";
  if (is_contained(state.options.keep, name))
    return createStringError(start + "is both to stay in float and to be "
                                     "multiplied in bf16");
  const Product *product =
      find_if(products, [&](const Product &p) { return p.node == &node; });
  std::string why = product == products.end() ? "it is no product of floats"
                                              : explainNoBF16(state, *product);
  if (!why.empty())
    return createStringError(start + "cannot be multiplied in bf16: " + why);
  return Error::success();
}

Error noteExcepted(Quantization &state, ArrayRef<Product> products) {
  const onnx::GraphProto &graph = state.model.getGraph();
  StringMap<const onnx::NodeProto *> nodes;
  for (const onnx::NodeProto &node : graph.node())
    nodes[getName(node)] = &node;
  for (const std::string &name : state.options.keep) {
    if (!nodes.contains(name))
      return makeNameError(graph, name, "keep in float");
    state.kept[name] = "as asked";
  }
  for (const std::string &name : state.options.bf16) {
    if (!nodes.contains(name))
      return makeNameError(graph, name, "multiply in bf16");
    if (Error error = checkBF16(state, products, *nodes[name]))
      return error;
  }
  size_t first = state.options.keepFirst, last = state.options.keepLast;
  for (size_t i = 0; i < products.size(); ++i)
    if (i < first || i + last >= products.size())
      state.kept.try_emplace(getName(*products[i].node),
                             i < first ? "it is among the first"
                                       : "it is among the last");
  return Error::success();
}

} // namespace lambent::quantization
