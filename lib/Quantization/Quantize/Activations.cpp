//===- Activations.cpp - The tensors that products read, as integers ------===//
//
// A tensor that is quantized is stored as integers alone, and all that read it
// read these. Where a tensor is a moved one, by MaxPool or Transpose, the
// moved one's integers are taken, if nothing else needs it in float: the move
// is then one of bytes.
//
//===----------------------------------------------------------------------===//

#include "Activations.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

/// Ops whose first result has elements of their first operand alone.
static constexpr StringRef moves[] = {
    "DepthToSpace", "Flatten",      "Identity", "MaxPool",   "Reshape",
    "Slice",        "SpaceToDepth", "Squeeze",  "Transpose", "Unsqueeze"};

static bool isMove(const onnx::NodeProto &node) {
  return is_contained(moves, node.op_type()) && isOp(node, node.op_type()) &&
         node.input_size() > 0 &&
         (node.output_size() == 1 || node.output(1).empty());
}

static Schema getSchema(const Quantization &state) {
  return state.options.range.schema;
}

static QuantizedForm chooseForm(const Quantization &state, Range range) {
  bool isSigned =
      getSchema(state) != Schema::Asymmetric || state.options.range.bits > 8;
  return chooseForm(range, getSchema(state), isSigned,
                    state.options.range.bits);
}

/// The range of a tensor, which for results of Softmax is known.
static Range findRange(const Quantization &state, const Network &network,
                       StringRef tensor) {
  const onnx::NodeProto *producer = network.findProducer(tensor);
  if (producer && isOp(*producer, "Softmax"))
    return widenToSchema({0, 1}, getSchema(state), state.options.range.bits);
  return chooseRange(*state.findProfile(tensor), state.options.range);
}

static Error makeRangeError(StringRef tensor, const Network &network,
                            Range range) {
  ArrayRef<Network::Use> uses = network.getUses(tensor);
  std::string node = uses.empty() ? "" : getName(*uses.front().node).str();
  std::string text;
  raw_string_ostream(text) << "node '" << node << "': its input '" << tensor
                           << "' takes values from " << range.least << " to "
                           << range.most
                           << ", for which there is no scale; keep what reads "
                              "it in float (--keep)";
  return createStringError(text);
}

namespace {
class Finder {
public:
  Finder(Quantization &state, const Network &network,
         ArrayRef<Product> products)
      : state(state), network(network) {
    for (const Product &product : products)
      if (!state.kept.contains(getName(*product.node)))
        for (int operand : product.activations)
          found[product.node->input(operand)];
  }

  Expected<std::map<std::string, Activation>> find() {
    std::vector<std::string> read;
    for (const auto &[tensor, activation] : found)
      read.push_back(tensor);
    for (const std::string &tensor : read)
      addSources(tensor);
    for (auto &[tensor, activation] : found) {
      activation.tensor = tensor;
      activation.source = findSource(tensor);
      activation.range = findRange(state, network, activation.source);
      if (std::isfinite(activation.range.least) &&
          std::isfinite(activation.range.most))
        activation.form = chooseForm(state, activation.range);
      else
        activation.form.scale = 0;
      if (!std::isnormal(float(activation.form.scale)))
        return makeRangeError(tensor, network, activation.range);
    }
    return std::move(found);
  }

private:
  /// The tensor that the move which makes this one reads, or null.
  const std::string *getMoved(StringRef tensor) const {
    const onnx::NodeProto *producer = network.findProducer(tensor);
    if (!producer || !isMove(*producer) || producer->output(0) != tensor)
      return nullptr;
    return &producer->input(0);
  }

  /// Adds what a tensor is moved from, if all that read it get integers.
  void addSources(std::string tensor) {
    while (const std::string *source = getMoved(tensor)) {
      bool isAlone = all_of(network.getUses(*source), [&](Network::Use use) {
        return use.operand == 0 && isMove(*use.node) &&
               found.count(use.node->output(0));
      });
      if (!found.count(*source) &&
          (!isAlone || network.isReadElsewhere(*source) ||
           network.findConstant(*source) || !state.findProfile(*source)))
        return;
      found[*source];
      tensor = *source;
    }
  }

  std::string findSource(StringRef tensor) const {
    std::string source = tensor.str();
    for (const std::string *moved = getMoved(source);
         moved && found.count(*moved); moved = getMoved(source))
      source = *moved;
    return source;
  }

  Quantization &state;
  const Network &network;
  std::map<std::string, Activation> found;
};
} // namespace

Expected<std::map<std::string, Activation>>
findActivations(Quantization &state, const Network &network,
                ArrayRef<Product> products) {
  return Finder(state, network, products).find();
}

double getSaturated(const TensorProfile &profile, Range range) {
  const Histogram &histogram = profile.histogram;
  double outside = 0, all = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    double low = histogram.lowest + double(i) * histogram.width,
           high = low + histogram.width;
    double inside = std::min(high, range.most) - std::max(low, range.least);
    double share =
        histogram.width > 0
            ? 1 - std::min(std::max(inside / histogram.width, 0.0), 1.0)
            : 0;
    // The outermost intervals are not full.
    if (range.least <= profile.least && low <= profile.least)
      share = 0;
    if (range.most >= profile.most && high >= profile.most)
      share = 0;
    outside += share * double(histogram.counts[i]);
    all += double(histogram.counts[i]);
  }
  return all > 0 ? outside / all : 0;
}

} // namespace lambent::quantization
