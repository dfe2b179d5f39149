//===- Profiler.cpp - Collects what tensors hold over samples -------------===//

#include "lambent/Quantization/Profiler.h"
#include "TensorStatistics.h"
#include "lambent/Quantization/ProfileFile.h"
#include <cmath>

using namespace lambent::quantization;
using llvm::Error;

namespace {
/// A product, and where the channels of what it reads first and writes are.
struct Product {
  llvm::StringRef op;
  int64_t axis;
};
} // namespace

static constexpr Product products[] = {
    {"Conv", 1}, {"ConvTranspose", 1}, {"Gemm", -1}, {"MatMul", -1}};

/// Notes the axis of the node's operands and result. Convolutions, which come
/// first in the table, decide where both read a tensor.
static void addAxes(const lambent::graph::ModelNode &node,
                    const Product &product, llvm::StringMap<int64_t> &axes) {
  if (node.op != product.op || !node.domain.empty() || node.inputs.empty() ||
      node.outputs.empty())
    return;
  axes.try_emplace(node.inputs[0], product.axis);
  axes.try_emplace(node.outputs[0], product.axis);
  // A product of two tensors of the run reads both alike.
  if (product.axis < 0 && node.inputs.size() > 1)
    axes.try_emplace(node.inputs[1], product.axis);
}

std::vector<ProfiledTensor> lambent::quantization::listProfiledTensors(
    const lambent::graph::ModelGraph &graph) {
  llvm::StringMap<int64_t> axes;
  for (const Product &product : products)
    for (const graph::ModelNode &node : graph.nodes)
      addAxes(node, product, axes);
  std::vector<ProfiledTensor> tensors;
  auto add = [&](const std::string &name) {
    if (graph.read.contains(name) && !graph.constants.contains(name))
      tensors.push_back({name, axes.lookup(name)});
  };
  for (const std::string &input : graph.inputs)
    add(input);
  for (const graph::ModelNode &node : graph.nodes)
    for (const std::string &output : node.outputs)
      add(output);
  return tensors;
}

Profiler::Profiler(std::string model,
                   const std::vector<ProfiledTensor> &tensors) {
  profile.model = std::move(model);
  for (const ProfiledTensor &tensor : tensors)
    axes[tensor.name] = tensor.channelAxis;
}

Error Profiler::see(const TensorView &tensor) {
  if (Error error = requireFinite(tensor, "a profile"))
    return error;
  if (!tensor.elements.empty())
    mergeTensor(
        sample[tensor.name],
        describeTensor(tensor.dims, tensor.elements, axes.lookup(tensor.name)));
  return Error::success();
}

void Profiler::finishSample() {
  for (const auto &entry : sample)
    mergeTensor(profile.tensors[entry.first()], entry.second);
  sample.clear();
  ++profile.samples;
}

Error Profiler::merge(const Profile &other) {
  return mergeProfiles(profile, other);
}
