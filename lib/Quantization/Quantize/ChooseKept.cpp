//===- ChooseKept.cpp - Which nodes stay in float -------------------------===//

#include "Quantization.h"

using namespace llvm;

namespace lambent::quantization {

/// Why a product has no form in bf16; empty where it has one.
static std::string explainFloat(const Product &product) {
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

/// Chooses the products whose operands become bf16: kept from integers.
static void chooseRounded(Quantization &state, ArrayRef<Product> products) {
  bool isEach = state.options.numbers == QuantizedNumbers::BF16;
  for (const Product &product : products) {
    StringRef name = getName(*product.node);
    if (is_contained(state.options.keep, name) ||
        !(isEach ? !state.kept.contains(name)
                 : is_contained(state.options.bf16, name)))
      continue;
    std::string why = explainFloat(product);
    if (why.empty())
      state.rounded.insert(name);
    state.kept[name] = why;
  }
}

Error chooseKept(Quantization &state) {
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  StringSet<> names;
  for (const onnx::NodeProto &node : state.model.getGraph().node())
    names.insert(getName(node));
  for (const std::string &name : state.options.keep) {
    if (!names.contains(name))
      return createStringError("it has no node '" + name +
                               "' to keep in float");
    state.kept[name] = "as asked";
  }
  for (const std::string &name : state.options.bf16)
    if (!names.contains(name))
      return createStringError("it has no node '" + name +
                               "' to multiply in bf16");
  size_t first = state.options.keepFirst, last = state.options.keepLast;
  for (size_t i = 0; i < products.size(); ++i)
    if (i < first || i + last >= products.size())
      state.kept[getName(*products[i].node)] =
          i < first ? "it is among the first" : "it is among the last";
  bool readsActivations = state.options.numbers == QuantizedNumbers::Int8 ||
                          state.options.numbers == QuantizedNumbers::Int16;
  for (const Product &product : products)
    for (int operand : product.activations) {
      const std::string &tensor = product.node->input(operand);
      if (readsActivations && !state.findProfile(tensor))
        state.kept.try_emplace(getName(*product.node),
                               "the profile has no tensor '" + tensor + "'");
    }
  chooseRounded(state, products);
  bool isAny = any_of(products, [&](const Product &product) {
    StringRef name = getName(*product.node);
    return !state.kept.contains(name) || state.rounded.contains(name);
  });
  if (products.empty())
    return createStringError("it has no product of floats to quantize: no "
                             "Conv, ConvTranspose, Gemm, MatMul, LSTM, GRU or "
                             "RNN");
  if (!isAny)
    return createStringError("nothing is left to quantize: all of its " +
                             Twine(products.size()) +
                             " products stay in float; the first, node '" +
                             getName(*products.front().node) + "', since " +
                             state.kept[getName(*products.front().node)]);
  return Error::success();
}

} // namespace lambent::quantization
