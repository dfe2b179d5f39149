//===- MissingProducts.cpp - Why a model has nothing to quantize ----------===//

#include "MissingProducts.h"
#include "Products.h"

using namespace llvm;

namespace lambent::quantization {

static std::string describe(const onnx::NodeProto &node) {
  return "node '" + getName(node).str() + "' (" + node.op_type() + ")";
}

/// What keeps a node with a product's op from being one.
static std::string explainNode(const Network &network,
                               const onnx::NodeProto &node) {
  for (const std::string &input : node.input()) {
    int32_t type = network.findType(input);
    if (type == onnx::TensorProto::UNDEFINED ||
        type == onnx::TensorProto::FLOAT)
      continue;
    auto known = onnx::TensorProto::DataType_IsValid(type)
                     ? onnx::TensorProto::DataType_Name(
                           onnx::TensorProto::DataType(type))
                     : std::to_string(type);
    return "reads '" + input + "' of " + known + ", not FLOAT";
  }
  for (const std::string &input : node.input())
    if (const onnx::NodeProto *producer = network.findProducer(input))
      if (producer->op_type() == "DequantizeLinear")
        return "reads '" + input + "', which is quantized already";
  return isRecurrent(node) ? "has no constant weights"
                           : "multiplies constants alone";
}

/// The first node of a body that may be a product, in it or in bodies within.
static const onnx::NodeProto *findInBody(const onnx::GraphProto &body);

static const onnx::NodeProto *findInBodies(const onnx::NodeProto &node) {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      if (const onnx::NodeProto *found = findInBody(attribute.g()))
        return found;
    for (const onnx::GraphProto &body : attribute.graphs())
      if (const onnx::NodeProto *found = findInBody(body))
        return found;
  }
  return nullptr;
}

static const onnx::NodeProto *findInBody(const onnx::GraphProto &body) {
  for (const onnx::NodeProto &node : body.node()) {
    if (mayBeProduct(node))
      return &node;
    if (const onnx::NodeProto *found = findInBodies(node))
      return found;
  }
  return nullptr;
}

std::string explainNoProducts(const Network &network,
                              const onnx::GraphProto &graph) {
  std::string text = "it has no product of floats to quantize: ";
  for (const onnx::NodeProto &node : graph.node())
    if (mayBeProduct(node))
      return text + describe(node) + " " + explainNode(network, node);
  for (const onnx::NodeProto &node : graph.node())
    if (const onnx::NodeProto *inner = findInBodies(node))
      return text + describe(*inner) + " is in a body of " + describe(node) +
             ", and what is in bodies of control flow stays as it is";
  return text + "no Conv, ConvTranspose, Gemm, MatMul, LSTM, GRU or RNN";
}

} // namespace lambent::quantization
