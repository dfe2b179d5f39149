//===- ChooseKept.cpp - Which nodes stay in float -------------------------===//

#include "Forms.h"
#include "MissingProducts.h"

using namespace llvm;

namespace lambent::quantization {

/// Chooses the products whose operands become bf16: kept from integers.
static void chooseRounded(Quantization &state, ArrayRef<Product> products) {
  bool isEach = state.options.numbers == QuantizedNumbers::BF16;
  for (const Product &product : products) {
    StringRef name = getName(*product.node);
    if (!(isEach ? !state.kept.contains(name)
                 : is_contained(state.options.bf16, name)))
      continue;
    std::string why = explainNoBF16(state, product);
    if (why.empty())
      state.rounded.insert(name);
    state.kept[name] = why;
  }
}

Error chooseKept(Quantization &state) {
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  if (products.empty())
    return createStringError(
        explainNoProducts(network, state.model.getGraph()));
  if (Error error = noteExcepted(state, products))
    return error;
  if (state.options.numbers != QuantizedNumbers::BF16)
    for (const Product &product : products)
      if (std::string why = explainNoIntegers(state, product); !why.empty())
        state.kept.try_emplace(getName(*product.node), why);
  chooseRounded(state, products);
  bool isAny = any_of(products, [&](const Product &product) {
    StringRef name = getName(*product.node);
    return !state.kept.contains(name) || state.rounded.contains(name);
  });
  if (!isAny)
    return createStringError("nothing is left to quantize: all of its " +
                             Twine(products.size()) +
                             " products stay in float; the first, node '" +
                             getName(*products.front().node) + "', since " +
                             state.kept[getName(*products.front().node)]);
  return Error::success();
}

} // namespace lambent::quantization
