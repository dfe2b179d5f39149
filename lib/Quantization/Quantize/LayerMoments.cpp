//===- LayerMoments.cpp - How what each product reads varies --------------===//

#include "LayerMoments.h"

using namespace llvm;

namespace lambent::quantization {

/// Numbers that a channel sums: the moments of more of them, and what they are
/// factorized into, take more than 1 GB.
static constexpr int64_t mostSums = 8192;
/// How much of moments is held at once.
static constexpr uint64_t mostBytes = uint64_t(1) << 30;

int64_t countGroups(const Product &product) {
  return isOp(*product.node, "Conv") ? getInteger(*product.node, "group", 1)
                                     : 1;
}

/// How many numbers a channel sums, 0 where its weight is no matrix.
static int64_t countSums(const Product &product) {
  const onnx::TensorProto &tensor = *product.weight->tensor;
  if (!isOp(*product.node, "Conv"))
    return product.weight->sumAxis < 0
               ? 0
               : tensor.dims(int(product.weight->sumAxis));
  int64_t sums = 1;
  for (int d = 1; d < tensor.dims_size(); ++d)
    sums *= tensor.dims(d);
  return sums;
}

/// An attribute with a number for each spatial dim.
static std::vector<int64_t> getNumbers(const onnx::NodeProto &node,
                                       StringRef name, size_t count,
                                       int64_t otherwise) {
  const onnx::AttributeProto *attribute = findAttribute(node, name);
  if (!attribute || size_t(attribute->ints_size()) != count)
    return std::vector<int64_t>(count, otherwise);
  return {attribute->ints().begin(), attribute->ints().end()};
}

FilterWindow getWindow(const Product &product) {
  const onnx::NodeProto &node = *product.node;
  const onnx::TensorProto &filter = *product.weight->tensor;
  size_t spatial = size_t(filter.dims_size() - 2);
  FilterWindow window;
  window.kernel.assign(filter.dims().begin() + 2, filter.dims().end());
  window.strides = getNumbers(node, "strides", spatial, 1);
  window.dilations = getNumbers(node, "dilations", spatial, 1);
  std::vector<int64_t> pads = getNumbers(node, "pads", 2 * spatial, 0);
  window.padsBefore.assign(pads.begin(), pads.begin() + spatial);
  window.padsAfter.assign(pads.begin() + spatial, pads.end());
  const onnx::AttributeProto *automatic = findAttribute(node, "auto_pad");
  if (automatic && automatic->s() == "SAME_UPPER")
    window.autoPad = FilterWindow::AutoPad::SameUpper;
  if (automatic && automatic->s() == "SAME_LOWER")
    window.autoPad = FilterWindow::AutoPad::SameLower;
  window.groups = countGroups(product);
  return window;
}

std::string explainNoMoments(const Product &product) {
  int64_t sums = countSums(product);
  if (sums == 0 || product.weight->channelAxis < 0)
    return "its weight is no matrix or filter of Conv";
  if (product.activations.size() != 1 || product.activations[0] != 0 ||
      getInteger(*product.node, "transA", 0) != 0)
    return "its sums run along another axis of its input than the last";
  if (sums > mostSums)
    return "its channels sum " + std::to_string(sums) + " numbers, more than " +
           std::to_string(mostSums);
  return "";
}

bool LayerMoments::isWanted(const Product &product) const {
  return product.weight && !state.kept.contains(getName(*product.node)) &&
         explainNoMoments(product).empty();
}

Error LayerMoments::gather(size_t first) {
  layers.clear();
  rows = {};
  uint64_t bytes = 0;
  std::vector<std::string> tensors;
  StringSet<> matrices;
  for (size_t i = first; i < products.size(); ++i) {
    const Product &product = products[i];
    if (!isWanted(product))
      continue;
    Layer layer = {product.node->input(0), std::nullopt};
    auto divided = state.divided.find(layer.tensor);
    if (divided != state.divided.end())
      layer.tensor = divided->second.source;
    bool isConv = isOp(*product.node, "Conv");
    if (isConv || !matrices.contains(layer.tensor)) {
      uint64_t sums = uint64_t(countSums(product) + 15) / 16 * 16;
      bytes += uint64_t(countGroups(product)) * sums * sums * sizeof(float);
    }
    if (!layers.empty() && bytes > mostBytes)
      break;
    if (isConv)
      layer.patches.emplace(getWindow(product));
    else
      matrices.insert(layer.tensor);
    if (!is_contained(tensors, layer.tensor))
      tensors.push_back(layer.tensor);
    layers.emplace(i, std::move(layer));
  }
  Expected<ModelSource> source = state.floatModel->share();
  if (!source)
    return source.takeError();
  return state.options.samples->run(
      *source, tensors,
      [](uint64_t, StringRef) { return std::optional<TensorView>(); },
      [&](uint64_t, const TensorView &view) -> Error {
        if (matrices.contains(view.name))
          if (Error error = rows.see(view))
            return error;
        for (auto &[index, layer] : layers)
          if (layer.patches && layer.tensor == view.name)
            if (Error error = layer.patches->see(view))
              return error;
        return Error::success();
      });
}

/// Divides moments as the vectors' channels were.
static void divide(MomentMatrix &matrix, ArrayRef<int32_t> channels,
                   ArrayRef<double> factors) {
  size_t stride = size_t(matrix.getStride());
  for (size_t i = 0; i < channels.size(); ++i)
    for (size_t j = 0; j <= i; ++j) {
      float &sum = matrix.sums[i * stride + j];
      sum = float(sum / factors[size_t(channels[i])] /
                  factors[size_t(channels[j])]);
    }
}

Expected<std::vector<MomentMatrix>> LayerMoments::take(size_t index) {
  if (!layers.count(index))
    if (Error error = gather(index))
      return std::move(error);
  const Product &product = products[index];
  const Layer &layer = layers.at(index);
  auto divided = state.divided.find(product.node->input(0));
  WeightMatrix matrix = *layOut(product);
  std::vector<MomentMatrix> result;
  int64_t groups = countGroups(product);
  for (int64_t group = 0; group < groups; ++group) {
    const MomentMatrix *seen =
        layer.patches ? layer.patches->find(group) : rows.find(layer.tensor);
    if (!seen || seen->size != matrix.sums)
      return std::vector<MomentMatrix>();
    result.push_back(*seen);
    if (divided == state.divided.end())
      continue;
    ArrayRef<int32_t> inputs = matrix.inputs;
    size_t first = size_t(group * (matrix.channels / groups) * matrix.sums);
    divide(result.back(), inputs.slice(first, size_t(matrix.sums)),
           divided->second.factors);
  }
  return std::move(result);
}

/// Whether the channels of both are the same numbers of one weight.
bool LayerMoments::readAlike(const Product &first,
                             const Product &second) const {
  return second.weight && second.weight->tensor == first.weight->tensor &&
         second.weight->channelAxis == first.weight->channelAxis &&
         countGroups(second) == countGroups(first) &&
         countSums(second) == countSums(first);
}

Expected<std::vector<MomentMatrix>>
LayerMoments::takeAll(size_t index, std::string &whyNone) {
  std::vector<MomentMatrix> sum;
  for (size_t i = index; i < products.size(); ++i) {
    const Product &product = products[i];
    if (!readAlike(products[index], product) ||
        state.kept.contains(getName(*product.node)))
      continue;
    std::string why = explainNoMoments(product);
    if (why.empty()) {
      Expected<std::vector<MomentMatrix>> moments = take(i);
      if (!moments)
        return moments.takeError();
      if (moments->empty())
        why = "its input '" + product.node->input(0) +
              "' holds nothing on the samples";
      else if (sum.empty())
        sum = std::move(*moments);
      else
        for (auto [group, matrix] : enumerate(*moments))
          sum[group].add(matrix);
    }
    if (whyNone.empty())
      whyNone = why;
  }
  if (!sum.empty())
    whyNone.clear();
  return std::move(sum);
}

} // namespace lambent::quantization
