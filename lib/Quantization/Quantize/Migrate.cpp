//===- Migrate.cpp - Ranges of activations that go over to weights --------===//
//
// One scale for a tensor has to reach its largest channel, and the others get
// the few integers that are left. Each channel c that products multiply with
// rows of their weights is divided by
//
//   s[c] = max|x[c]|^a / max|W[c]|^(1 - a)
//
// where the tensor is made, and the rows are multiplied by it (G. Xiao et al.,
// "SmoothQuant", arXiv 2211.10438, equation 4; Migration.cpp). What else reads
// the tensor gets it multiplied by s. Images are left alone: a channel of few
// pixels is seen to its end by no samples, and others' range is what it still
// has room in.
//
//===----------------------------------------------------------------------===//

#include "Division.h"
#include "Migration.h"

using namespace llvm;

namespace lambent::quantization {
namespace {

/// Whether a product's channels are those of the tensor's profile.
bool readsChannels(const Product &product, StringRef tensor,
                   const TensorProfile &profile) {
  return product.weight && product.activations.size() == 1 &&
         product.activations[0] == 0 && product.node->input(0) == tensor &&
         profile.channelAxis < 0 && !isOp(*product.node, "Conv") &&
         getInteger(*product.node, "transA", 0) == 0;
}

Expected<std::vector<MigrationReader>>
findReaders(Quantization &state, ArrayRef<Product> products, StringRef tensor,
            const TensorProfile &profile) {
  std::vector<MigrationReader> readers;
  for (const Product &product : products) {
    if (!readsChannels(product, tensor, profile) ||
        state.kept.contains(getName(*product.node)))
      continue;
    std::optional<WeightMatrix> matrix = layOut(product);
    if (!matrix || matrix->inputChannels != int64_t(profile.channels.size()))
      continue;
    Expected<graph::FloatTensor> values =
        state.model.readFloats(*product.weight->tensor);
    if (!values)
      return values.takeError();
    readers.push_back({&product, std::move(*matrix), std::move(*values)});
  }
  return readers;
}

/// Moves the last node behind another.
void moveBehind(onnx::GraphProto &graph, const onnx::NodeProto &before) {
  auto &nodes = *graph.mutable_node();
  for (int i = nodes.size() - 1; i > 0 && &nodes[i - 1] != &before; --i)
    nodes.SwapElements(i, i - 1);
}

bool hasOtherReaders(const Network &network, StringRef tensor,
                     ArrayRef<MigrationReader> readers) {
  return network.isReadElsewhere(tensor) ||
         network.getUses(tensor).size() != readers.size();
}

/// Lets readers read the divided tensor, and all others its multiple.
void connect(Quantization &state, Network &network,
             ArrayRef<MigrationReader> readers, const std::string &tensor,
             const std::string &divided, ArrayRef<double> factors) {
  bool hasOthers = hasOtherReaders(network, tensor, readers);
  for (const MigrationReader &reader : readers)
    reader.product->node->set_input(0, divided);
  if (!hasOthers)
    return;
  onnx::GraphProto &graph = state.model.getGraph();
  onnx::TensorProto &constant = network.addConstant(tensor + "_factors");
  state.model.setFloats(constant, int64_t(factors.size()),
                        std::vector<float>(factors.begin(), factors.end()));
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type("Mul");
  node.set_name(network.makeName(tensor + "_multiplied"));
  node.add_input(divided);
  node.add_input(constant.name());
  node.add_output(tensor);
  moveBehind(graph, *network.findProducer(tensor));
}

Error migrateTensor(Quantization &state, const std::string &tensor) {
  const TensorProfile *profile = state.findProfile(tensor);
  if (!profile || profile->channels.empty())
    return Error::success();
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  Expected<std::vector<MigrationReader>> readers =
      findReaders(state, products, tensor, *profile);
  if (!readers)
    return readers.takeError();
  if (readers->empty())
    return Error::success();
  std::optional<Division> division = Division::find(
      network, products, tensor, int64_t(profile->channels.size()));
  if (!division)
    return Error::success();
  bool hasOthers = hasOtherReaders(network, tensor, *readers);
  std::vector<double> factors =
      chooseMigration({*profile, *readers, state.options.range,
                       state.options.isPerTensor, hasOthers},
                      *state.options.migration);
  if (factors.empty())
    return Error::success();
  for (MigrationReader &reader : *readers) {
    for (size_t i = 0; i < reader.matrix.offsets.size(); ++i) {
      float &value = reader.values.elements[size_t(reader.matrix.offsets[i])];
      value = float(value * factors[size_t(reader.matrix.inputs[i])]);
    }
    const Weight &weight = *reader.product->weight;
    state.model.setFloats(network.makeOwn(*weight.tensor, weight.use),
                          reader.values.dims, reader.values.elements);
  }
  Expected<std::string> divided = division->apply(state, network, factors);
  if (!divided)
    return divided.takeError();
  connect(state, network, *readers, tensor, *divided, factors);
  return Error::success();
}

} // namespace

Error migrate(Quantization &state) {
  if (!state.options.migration)
    return Error::success();
  std::vector<std::string> tensors;
  Network network(state.model);
  for (const Product &product : findProducts(network, state.model.getGraph()))
    if (product.weight && product.activations[0] == 0 &&
        !is_contained(tensors, product.node->input(0)))
      tensors.push_back(product.node->input(0));
  // A tensor's constants may be weights of products that read one before it.
  for (const std::string &tensor : tensors)
    if (Error error = migrateTensor(state, tensor))
      return error;
  removeUnread(state.model);
  return Error::success();
}

} // namespace lambent::quantization
