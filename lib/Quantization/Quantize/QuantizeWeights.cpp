//===- QuantizeWeights.cpp - The integers of weights ----------------------===//
//
// w = scale * q, q from -127 to 127. The scale is that of the largest magnitude
// or, where that leaves less error, a smaller one, which cuts off a few.
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"
#include <cmath>

using namespace llvm;

namespace lambent::quantization {

static constexpr float mostInteger = 127;

float QuantizedWeight::get(const onnx::TensorProto &tensor, int64_t i) const {
  if (axis < 0)
    return scales[0] * integers[i];
  int64_t inner = 1;
  for (int d = int(axis) + 1; d < tensor.dims_size(); ++d)
    inner *= tensor.dims(d);
  return scales[i / inner % int64_t(scales.size())] * integers[i];
}

static int8_t round(float value, float scale) {
  float integer = std::nearbyint(value / scale);
  return int8_t(std::min(std::max(integer, -mostInteger), mostInteger));
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
  float scale = largest / mostInteger;
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

Error quantizeWeights(Quantization &state) {
  Network network(state.model);
  for (Product &product : findProducts(network, state.model.getGraph()))
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
      state.weights[weight.tensor->name()] = std::move(*quantized);
    }
  return Error::success();
}

} // namespace lambent::quantization
