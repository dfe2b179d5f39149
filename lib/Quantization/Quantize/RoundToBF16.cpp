//===- RoundToBF16.cpp - Operands of products as bf16 ---------------------===//
//
// ONNX's Conv takes no BFLOAT16 before opset 22, and engines few products of
// it. So operands are f32 that are made of bf16: every engine gives the same
// numbers, and a compiler finds what it may multiply as bf16.
//
//===----------------------------------------------------------------------===//

#include "InsertedNodes.h"
#include "Quantization.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace lambent::quantization {
namespace {

/// To the nearest, of two the even one; a NaN stays one.
uint16_t roundToBF16(float value) {
  uint32_t bits = bit_cast<uint32_t>(value);
  if (value != value)
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

class Rounder {
public:
  explicit Rounder(Quantization &state)
      : state(state), network(state.model), inserted(network) {}

  Error run() {
    std::vector<Product> products =
        findProducts(network, state.model.getGraph());
    for (const Product &product : products) {
      if (state.options.numbers == QuantizedNumbers::BF16)
        report(product);
      if (!state.rounded.contains(getName(*product.node)))
        continue;
      int operand = product.activations.front();
      product.node->set_input(operand,
                              roundTensor(product.node->input(operand)));
      Expected<std::string> weight = roundWeight(*product.weight->tensor);
      if (!weight)
        return weight.takeError();
      product.weight->use.node->set_input(product.weight->use.operand, *weight);
    }
    inserted.apply(state.model.getGraph());
    removeUnread(state.model);
    return Error::success();
  }

private:
  /// What a tensor is, rounded: once for all that read it so.
  std::string roundTensor(const std::string &tensor) {
    std::string &rounded = names[tensor];
    if (!rounded.empty())
      return rounded;
    std::string narrow = network.makeName(tensor + "_bf16");
    rounded = network.makeName(tensor + "_rounded");
    setInteger(
        inserted.addBehind(tensor, "Cast", narrow + "_Cast", {tensor}, narrow),
        "to", onnx::TensorProto::BFLOAT16);
    setInteger(inserted.addBehind(tensor, "Cast", rounded + "_Cast", {narrow},
                                  rounded),
               "to", onnx::TensorProto::FLOAT);
    return rounded;
  }

  /// The same of a constant, which is stored as bf16.
  Expected<std::string> roundWeight(const onnx::TensorProto &tensor) {
    std::string name = tensor.name();
    std::string &rounded = names[name];
    if (!rounded.empty())
      return rounded;
    Expected<graph::FloatTensor> values = state.model.readFloats(tensor);
    if (!values)
      return values.takeError();
    std::string bytes(values->elements.size() * 2, '\0');
    for (size_t i = 0; i < values->elements.size(); ++i)
      support::endian::write16le(&bytes[i * 2],
                                 roundToBF16(values->elements[i]));
    onnx::TensorProto &narrow = network.addConstant(name + "_bf16");
    state.model.setBytes(narrow, onnx::TensorProto::BFLOAT16, values->dims,
                         std::move(bytes));
    rounded = network.makeName(name + "_rounded");
    setInteger(
        inserted.addFirst("Cast", rounded + "_Cast", {narrow.name()}, rounded),
        "to", onnx::TensorProto::FLOAT);
    return rounded;
  }

  void report(const Product &product) {
    QuantizedLayer layer;
    layer.node = getName(*product.node).str();
    layer.op = product.node->op_type();
    bool isRounded = state.rounded.contains(layer.node);
    layer.numbers = isRounded ? "bf16" : "float";
    if (!isRounded)
      layer.reason = state.kept.lookup(layer.node);
    state.report.layers.push_back(std::move(layer));
  }

  Quantization &state;
  Network network;
  InsertedNodes inserted;
  std::map<std::string, std::string> names; ///< of rounded tensors
};

} // namespace

Error roundToBF16(Quantization &state) {
  return state.rounded.empty() ? Error::success() : Rounder(state).run();
}

} // namespace lambent::quantization
