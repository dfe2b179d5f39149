//===- InsertQuantization.cpp - QuantizeLinear in front of products -------===//
//
// A tensor is quantized once, and all nodes read what is dequantized of it. A
// weight's DequantizeLinear takes the weight's name, a bias's likewise.
//
//===----------------------------------------------------------------------===//

#include "Activations.h"
#include "InsertedNodes.h"
#include "llvm/Support/Endian.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {
namespace {

class Inserter {
public:
  Inserter(Quantization &state)
      : state(state), network(state.model), inserted(network),
        products(findProducts(network, state.model.getGraph())) {}

  Error run() {
    Expected<std::map<std::string, Activation>> found =
        findActivations(state, network, products);
    if (!found)
      return found.takeError();
    activations = std::move(*found);
    for (Product &product : products)
      if (!state.kept.contains(getName(*product.node)))
        quantized.insert(product.node);
    report();
    for (Product &product : products)
      if (quantized.contains(product.node)) {
        if (Error error = addBias(product))
          return error;
        addWeight(product.weight);
        addWeight(product.recurrent);
      }
    for (auto &[tensor, activation] : activations)
      addActivation(activation);
    inserted.apply(state.model.getGraph());
    removeReplaced();
    return Error::success();
  }

private:
  /// A DequantizeLinear whose result is `output`, before all other nodes.
  void addDequantization(ArrayRef<std::string> inputs, std::string output,
                         int64_t axis) {
    onnx::NodeProto &node = inserted.addFirst(
        "DequantizeLinear", output + "_DequantizeLinear", inputs, output);
    if (axis >= 0)
      setInteger(node, "axis", axis);
  }

  std::string addScales(const std::string &name, ArrayRef<float> scales,
                        bool isScalar) {
    onnx::TensorProto &tensor = network.addConstant(name + "_scale");
    SmallVector<int64_t> dims;
    if (!isScalar)
      dims.push_back(int64_t(scales.size()));
    state.model.setFloats(tensor, dims, scales);
    return tensor.name();
  }

  /// The integers' name: an initializer's own is that of what stands for it.
  std::string addIntegers(const std::string &name, int32_t type,
                          ArrayRef<int64_t> dims, std::string bytes) {
    onnx::TensorProto &tensor = network.addConstant(name + "_quantized");
    state.model.setBytes(tensor, type, dims, std::move(bytes));
    return tensor.name();
  }

  void addWeight(const std::optional<Weight> &operand) {
    if (!operand)
      return;
    std::string name = operand->tensor->name();
    if (!dequantized.insert(name).second)
      return;
    const QuantizedWeight &weight = state.weights.at(name);
    std::vector<int64_t> dims(operand->tensor->dims().begin(),
                              operand->tensor->dims().end());
    std::string integers = addIntegers(
        name, onnx::TensorProto::INT8, dims,
        std::string(reinterpret_cast<const char *>(weight.integers.data()),
                    weight.integers.size()));
    std::string scales = addScales(name, weight.scales, weight.axis < 0);
    std::string zero =
        addIntegers(name + "_zero_point", onnx::TensorProto::INT8,
                    weight.axis < 0 ? ArrayRef<int64_t>()
                                    : ArrayRef(int64_t(weight.scales.size())),
                    std::string(weight.scales.size(), '\0'));
    addDequantization({integers, scales, zero}, takeName(name), weight.axis);
  }

  /// The name for what is dequantized of a weight: its own where nothing else
  /// reads it, but rows of it.
  std::string takeName(const std::string &name) {
    bool isShared = network.isReadElsewhere(name);
    for (Network::Use use : network.getUses(name))
      isShared |= !readsDequantized(use);
    if (!isShared) {
      gone.insert(name);
      return name;
    }
    std::string other = network.makeName(name + "_dequantized");
    for (Network::Use use : network.getUses(name))
      if (readsDequantized(use))
        use.node->set_input(use.operand, other);
    return other;
  }

  bool readsDequantized(Network::Use use) const {
    if (isOp(*use.node, "Transpose"))
      return all_of(network.getUses(use.node->output(0)),
                    [&](Network::Use u) { return quantized.contains(u.node); });
    return isOp(*use.node, "Gather") ? use.operand == 0
                                     : quantized.contains(use.node);
  }

  /// A bias in steps of the sums' integers, where those are many.
  Error addBias(const Product &product) {
    if (product.bias < 0 || !product.weight ||
        product.activations.size() != 1 || state.options.range.bits != 8)
      return Error::success();
    std::string name = product.node->input(product.bias);
    onnx::TensorProto *tensor = network.findFloats(name);
    if (!tensor || tensor->dims_size() != 1 || !network.findOnlyUse(name))
      return Error::success();
    Expected<graph::FloatTensor> bias = state.model.readFloats(*tensor);
    if (!bias)
      return bias.takeError();
    const QuantizedWeight &weight =
        state.weights.at(product.weight->tensor->name());
    size_t count = bias->elements.size();
    if (weight.scales.size() != 1 && weight.scales.size() != count)
      return Error::success();
    float step = float(
        activations.at(product.node->input(product.activations[0])).form.scale);
    std::vector<float> scales;
    for (float scale : weight.scales)
      scales.push_back(scale * step);
    std::string bytes(count * 4, '\0');
    for (size_t i = 0; i < count; ++i) {
      double steps = std::nearbyint(double(bias->elements[i]) /
                                    scales[scales.size() == 1 ? 0 : i]);
      constexpr double most = 1 << 30; // sums of products come on top
      if (!(std::fabs(steps) < most))
        return Error::success();
      support::endian::write32le(&bytes[i * 4], uint32_t(int32_t(steps)));
    }
    std::string integers = addIntegers(name, onnx::TensorProto::INT32,
                                       int64_t(count), std::move(bytes));
    gone.insert(name);
    addDequantization({integers, addScales(name, scales, scales.size() == 1)},
                      name, scales.size() == 1 ? -1 : 0);
    return Error::success();
  }

  void addActivation(const Activation &activation) {
    const std::string &name = activation.tensor;
    auto &[scale, zero] = forms[activation.source];
    if (scale.empty()) {
      scale = addScales(activation.source, float(activation.form.scale), true);
      zero = addZero(activation);
    }
    std::string integers = network.makeName(name + "_quantized"),
                floats = network.makeName(name + "_dequantized");
    for (Network::Use use : network.getUses(name))
      use.node->set_input(use.operand, floats);
    inserted.addBehind(name, "QuantizeLinear", name + "_QuantizeLinear",
                       {name, scale, zero}, integers);
    inserted.addBehind(name, "DequantizeLinear", name + "_DequantizeLinear",
                       {integers, scale, zero}, floats);
  }

  std::string addZero(const Activation &activation) {
    const QuantizedForm &form = activation.form;
    bool isSigned = form.least < 0, isWide = state.options.range.bits > 8;
    int32_t type =
        isWide ? isSigned ? onnx::TensorProto::INT16 : onnx::TensorProto::UINT16
        : isSigned ? onnx::TensorProto::INT8
                   : onnx::TensorProto::UINT8;
    std::string bytes(isWide ? 2 : 1, '\0');
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = char(form.zeroPoint >> 8 * i);
    onnx::TensorProto &tensor =
        network.addConstant(activation.source + "_zero_point");
    state.model.setBytes(tensor, type, {}, bytes);
    return tensor.name();
  }

  /// Removes initializers whose names now stand for what is dequantized.
  void removeReplaced() {
    auto &initializers = *state.model.getGraph().mutable_initializer();
    int kept = 0;
    for (int i = 0; i < initializers.size(); ++i)
      if (!gone.contains(initializers[i].name()))
        initializers.SwapElements(kept++, i);
    initializers.DeleteSubrange(kept, initializers.size() - kept);
  }

  void report() {
    for (const Product &product : products) {
      QuantizedLayer layer;
      layer.node = getName(*product.node).str();
      layer.op = product.node->op_type();
      if (state.rounded.contains(layer.node)) {
        layer.numbers = "bf16";
      } else if (auto kept = state.kept.find(layer.node);
                 kept != state.kept.end()) {
        layer.numbers = "float";
        layer.reason = kept->second;
      } else {
        layer.numbers = state.options.range.bits > 8 ? "int16" : "int8";
        for (int operand : product.activations)
          layer.inputs.push_back(
              describe(activations.at(product.node->input(operand))));
      }
      if (product.weight && quantized.contains(product.node))
        describeWeight(*product.weight->tensor, layer);
      state.report.layers.push_back(std::move(layer));
    }
  }

  QuantizedLayer::Input describe(const Activation &activation) const {
    const QuantizedForm &form = activation.form;
    Range covered = {form.scale * double(form.least - form.zeroPoint),
                     form.scale * double(form.most - form.zeroPoint)};
    const TensorProfile *profile = state.findProfile(activation.tensor);
    return {activation.tensor, covered,
            profile ? getSaturated(*profile, covered) : 0,
            profile && profile->least == 0 && profile->most == 0};
  }

  void describeWeight(const onnx::TensorProto &tensor, QuantizedLayer &layer) {
    const QuantizedWeight &weight = state.weights.at(tensor.name());
    layer.whyNearest = weight.whyNearest;
    layer.weightSqnr = getSqnr(tensor);
    layer.zeroScales = weight.countZeros(tensor);
  }

  double getSqnr(const onnx::TensorProto &tensor) {
    Expected<graph::FloatTensor> values = state.model.readFloats(tensor);
    if (!values) {
      consumeError(values.takeError()); // it was read before
      return 0;
    }
    const QuantizedWeight &weight = state.weights.at(tensor.name());
    double signal = 0, noise = 0;
    for (size_t i = 0; i < values->elements.size(); ++i) {
      double value = values->elements[i],
             lost = value - double(weight.get(tensor, int64_t(i)));
      signal += value * value;
      noise += lost * lost;
    }
    return signal > 0 && noise > 0 ? 10 * std::log10(signal / noise) : 0;
  }

  Quantization &state;
  Network network;
  InsertedNodes inserted;
  std::vector<Product> products;
  std::map<std::string, Activation> activations;
  SmallPtrSet<const onnx::NodeProto *, 16> quantized;
  /// Scale and zero point of each source.
  std::map<std::string, std::pair<std::string, std::string>> forms;
  StringSet<> gone, dequantized;
};

} // namespace

Error insertQuantization(Quantization &state) { return Inserter(state).run(); }

} // namespace lambent::quantization
