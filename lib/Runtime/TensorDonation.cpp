//===- TensorDonation.cpp - Inputs in the memory of outputs ---------------===//

#include "TensorSet.h"
#include "lambent/Runtime/Arguments.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

/// Moves a dense input to the beginning of memory that has the output's dims.
static void moveInto(LambentTensor &input, const LambentTensor &output,
                     uint32_t grown, int64_t *strides) {
  uint64_t runs = 1, rows = 1, step = 1;
  uint64_t bytes = input.dtype.bits / 8u;
  for (int32_t i = 0; i < input.ndim; ++i) {
    bool isOuter = static_cast<uint32_t>(i) + 1 < grown;
    (isOuter ? runs : rows) *= static_cast<uint64_t>(input.shape[i]);
    if (!isOuter)
      step *= static_cast<uint64_t>(output.shape[i]);
  }
  auto *to = static_cast<char *>(output.data);
  auto *from = static_cast<const char *>(input.data);
  for (uint64_t i = 0; from && rows && i < runs; ++i)
    memcpy(to + i * step * bytes, from + input.byte_offset + i * rows * bytes,
           rows * bytes);
  int64_t stride = 1;
  for (int32_t i = input.ndim - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= output.shape[i];
  }
  input.data = to;
  input.byte_offset = 0;
  // Of what does not grow, dense says as much.
  input.strides = grown ? strides : nullptr;
}

} // namespace lambent::runtime

using namespace lambent::runtime;

LambentStatus *lambent_tensor_set_donate(const LambentModel *model,
                                         LambentTensorSet *inputs,
                                         LambentTensorSet *outputs) {
  if (LambentStatus *status = requireArguments(
          __func__,
          {{"model", model}, {"inputs", inputs}, {"outputs", outputs}}))
    return status;
  if (inputs->count != model->num_inputs ||
      outputs->count != model->num_outputs)
    return makeError("%s: expected the model's inputs and outputs", __func__);
  constexpr uint64_t maxRank = OwnedTensor::maxRank;
  if (!inputs->strides)
    inputs->strides = static_cast<int64_t *>(
        calloc(inputs->count * maxRank + 1, sizeof(int64_t)));
  if (!inputs->strides)
    return makeOutOfMemory("strides", inputs->count * maxRank);
  for (uint32_t i = 0; i < model->num_inputs; ++i) {
    const LambentTensorInfo &info = model->inputs[i];
    if (!info.donated)
      continue;
    // Its view may lie in outputs of before, which may be gone.
    LambentTensor &input = inputs->views[i] = inputs->owned[i].get();
    LambentTensor &output = outputs->views[info.donated - 1];
    OwnedTensor &owned = outputs->owned[info.donated - 1];
    bool fits = input.ndim == info.rank && output.ndim == info.rank &&
                input.dtype.bits == output.dtype.bits;
    for (int32_t d = 0; fits && d < output.ndim; ++d)
      fits = input.shape[d] >= 0 && input.shape[d] <= output.shape[d];
    if (!fits)
      return makeError("input '%s': expected no more elements than output '%s' "
                       "has, which takes its memory",
                       info.name, model->outputs[info.donated - 1].name);
    if (LambentStatus *status =
            owned.allocate(output.dtype, output.shape,
                           static_cast<uint64_t>(output.ndim), info.name))
      return status;
    output = owned.get();
    moveInto(input, output, info.grown, inputs->strides + i * maxRank);
  }
  return nullptr;
}
