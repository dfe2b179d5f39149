//===- ChooseKept.cpp - Which nodes stay in float -------------------------===//

#include "Quantization.h"

using namespace llvm;

namespace lambent::quantization {

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
  bool isAny = any_of(products, [&](const Product &product) {
    return !state.kept.contains(getName(*product.node));
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
