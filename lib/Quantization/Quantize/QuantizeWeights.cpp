//===- QuantizeWeights.cpp - The integers of weights ----------------------===//
//
// w = scale * q, q from -127 to 127. The scale is that of the largest magnitude
// or, where that leaves less error, a smaller one, which cuts off a few. With
// samples, weights are rounded by what they are multiplied with.
//
//===----------------------------------------------------------------------===//

#include "AdaRound.h"
#include "ChannelGrid.h"
#include "LayerMoments.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

size_t QuantizedWeight::findScale(const onnx::TensorProto &tensor,
                                  int64_t i) const {
  if (axis < 0)
    return 0;
  int64_t inner = 1;
  for (int d = int(axis) + 1; d < tensor.dims_size(); ++d)
    inner *= tensor.dims(d);
  return size_t(i / inner) % scales.size();
}

float QuantizedWeight::get(const onnx::TensorProto &tensor, int64_t i) const {
  return scales[findScale(tensor, i)] * integers[size_t(i)];
}

int64_t QuantizedWeight::countZeros(const onnx::TensorProto &tensor) const {
  std::vector<bool> isZero(scales.size(), true);
  for (size_t i = 0; i < integers.size(); ++i)
    if (integers[i] != 0)
      isZero[findScale(tensor, int64_t(i))] = false;
  return count(isZero, true);
}

static int8_t round(float value, float scale) {
  float integer = std::nearbyint(value / scale);
  return int8_t(
      std::min(std::max(integer, -mostWeightInteger), mostWeightInteger));
}

namespace {
/// The elements of one channel, which lie in runs.
struct Channel {
  MutableArrayRef<float> elements;
  int64_t first, run, step;

  template <typename See> void forEach(See see) const {
    for (int64_t i = first; i < int64_t(elements.size()); i += step)
      for (int64_t j = i; j < i + run; ++j)
        see(j);
  }
};
} // namespace

/// The scale of a channel, 0 where it holds 0 alone.
static float chooseScale(const Channel &channel, const RangeOptions &options) {
  float largest = 0;
  channel.forEach([&](int64_t i) {
    largest = std::max(largest, std::fabs(channel.elements[i]));
  });
  float scale = largest / mostWeightInteger;
  if (options.schema == Schema::SymmetricWithPower2Scale && scale > 0)
    return std::exp2(std::ceil(std::log2(scale)));
  if (options.method != RangeMethod::MeanSquaredError || !std::isnormal(scale))
    return scale;
  auto getError = [&](float candidate) {
    double error = 0;
    channel.forEach([&](int64_t i) {
      double value = channel.elements[i];
      double lost = value - double(candidate) * round(float(value), candidate);
      error += lost * lost;
    });
    return error;
  };
  float best = scale;
  double least = getError(scale);
  // Below 0.7 of the range too much is cut off in any distribution seen.
  for (int percent = 98; percent >= 70; percent -= 2) {
    float candidate = scale * float(percent) / 100;
    double error = getError(candidate);
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

Expected<QuantizedWeight> quantizeChannels(Quantization &state,
                                           const Weight &weight) {
  Expected<graph::FloatTensor> values = state.model.readFloats(*weight.tensor);
  if (!values)
    return values.takeError();
  QuantizedWeight result;
  if (!state.options.isPerTensor)
    result.axis = weight.channelAxis;
  MutableArrayRef<float> elements = values->elements;
  for (float element : elements)
    if (!std::isfinite(element))
      return createStringError(
          "node '" + getName(*weight.use.node) + "': its weight '" +
          weight.tensor->name() +
          "' holds what is no finite number; keep the node in float (--keep)");
  int64_t count = int64_t(elements.size()), channels = 1, inner = count;
  if (result.axis >= 0) {
    channels = values->dims[result.axis];
    inner = 1;
    for (size_t d = result.axis + 1; d < values->dims.size(); ++d)
      inner *= values->dims[d];
  }
  result.integers.resize(elements.size());
  for (int64_t c = 0; c < channels; ++c) {
    Channel channel = {elements, c * inner, inner,
                       std::max<int64_t>(1, channels * inner)};
    float scale = chooseScale(channel, state.options.range);
    // A channel of 0, or of what is 0 beside anything else.
    if (!std::isnormal(scale))
      scale = 1;
    result.scales.push_back(scale);
    channel.forEach(
        [&](int64_t i) { result.integers[i] = round(elements[i], scale); });
  }
  return result;
}

/// Rounds a weight again so that what the product gives changes least. There
/// are moments for each group of its channels.
static Error roundByMoments(const Product &product,
                            const graph::FloatTensor &values,
                            ArrayRef<MomentMatrix> moments,
                            const QuantizeOptions &options,
                            QuantizedWeight &weight) {
  const int64_t groups = int64_t(moments.size());
  int64_t axis = product.weight->channelAxis, sums = moments.front().size,
          channels = values.dims[size_t(axis)] / groups;
  MutableArrayRef<int8_t> integers = weight.integers;
  MutableArrayRef<float> scales = weight.scales;
  for (int64_t group = 0; group < groups; ++group) {
    size_t first = size_t(group * channels * sums),
           count = size_t(channels * sums);
    SummedMatrix matrix = {ArrayRef(values.elements).slice(first, count), sums,
                           channels, axis == 0 ? 1 : channels,
                           axis == 0 ? sums : 1};
    Expected<ErrorFeedback> feedback =
        ErrorFeedback::create(moments[size_t(group)]);
    if (!feedback)
      return createStringError("node '" + getName(*product.node) +
                               "': its input '" + product.node->input(0) +
                               "' " + toString(feedback.takeError()));
    bool isOne = weight.axis < 0;
    ChannelGrid grid(
        matrix, options.range, isOne ? scales[0] : 0,
        integers.slice(first, count),
        isOne ? MutableArrayRef<float>()
              : scales.slice(size_t(group * channels), size_t(channels)));
    if (options.rounding == SampleRounding::Together)
      roundTogether(matrix, grid, *feedback, *options.samples);
    else
      roundMatrix(matrix, grid, &*feedback);
  }
  return Error::success();
}

/// Rounds a weight by what samples multiply it with, or notes why they do not
/// say how.
static Error roundBySamples(Quantization &state, LayerMoments &moments,
                            const Product &product, size_t index,
                            QuantizedWeight &result) {
  Expected<std::vector<MomentMatrix>> matrices =
      moments.takeAll(index, result.whyNearest);
  if (!matrices)
    return matrices.takeError();
  if (matrices->empty())
    return Error::success();
  Expected<graph::FloatTensor> values =
      state.model.readFloats(*product.weight->tensor);
  if (!values)
    return values.takeError();
  return roundByMoments(product, *values, *matrices, state.options, result);
}

Error quantizeWeights(Quantization &state) {
  Network network(state.model);
  std::vector<Product> products = findProducts(network, state.model.getGraph());
  LayerMoments moments(state, products);
  for (auto [index, product] : enumerate(products))
    for (std::optional<Weight> *operand :
         {&product.weight, &product.recurrent}) {
      if (!*operand || state.kept.contains(getName(*product.node)))
        continue;
      Weight &weight = **operand;
      auto found = state.weights.find(weight.tensor->name());
      int64_t axis = state.options.isPerTensor ? -1 : weight.channelAxis;
      if (found != state.weights.end() && found->second.axis == axis)
        continue;
      // Another product needs it along another axis.
      if (found != state.weights.end())
        weight.tensor = &network.makeOwn(*weight.tensor, weight.use);
      Expected<QuantizedWeight> quantized = quantizeChannels(state, weight);
      if (!quantized)
        return quantized.takeError();
      if (state.options.samples)
        if (Error error =
                roundBySamples(state, moments, product, index, *quantized))
          return error;
      state.weights[weight.tensor->name()] = std::move(*quantized);
    }
  return Error::success();
}

} // namespace lambent::quantization
