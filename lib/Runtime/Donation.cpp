//===- Donation.cpp - Inputs whose memory outputs take --------------------===//

#include "Donation.h"
#include "InputSizes.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"

namespace lambent::runtime {

/// How long the memory of a tensor is along a dim; -1 where no dim before it
/// has a step that says so.
static int64_t getRoom(const LambentTensor &tensor, int32_t dim) {
  int64_t step = 1;
  for (int32_t i = tensor.ndim - 1; i > dim; --i)
    if (__builtin_mul_overflow(step, tensor.shape[i], &step))
      return -1;
  for (int32_t i = dim - 1; i >= 0; --i) {
    if (tensor.shape[i] == 0 || step == 0)
      return -1;
    if (tensor.shape[i] > 1)
      return tensor.strides ? tensor.strides[i] / step : tensor.shape[dim];
  }
  return -1;
}

LambentStatus *readSpare(const LambentModel &model,
                         const LambentSymbolInfo &symbol,
                         const LambentTensor *inputs,
                         const LambentTensor *outputs, int64_t &spare) {
  spare = 0;
  if (!outputs)
    return nullptr;
  const LambentTensorInfo &info = model.inputs[symbol.input];
  const LambentTensor &input = inputs[symbol.input],
                      &output = outputs[info.donated - 1];
  // What else is wrong with the output is said when its dims are known.
  if (input.ndim != info.rank || output.ndim != info.rank || !output.shape)
    return nullptr;
  int64_t room = getRoom(input, symbol.dim), needed = output.shape[symbol.dim];
  if (room < 0)
    return nullptr;
  if (room < needed)
    return makeError("input '%s': expected memory with room for %lld along dim "
                     "%d, as output '%s' needs, but its strides say %lld",
                     info.name, static_cast<long long>(needed), symbol.dim,
                     model.outputs[info.donated - 1].name,
                     static_cast<long long>(room));
  spare = room - needed;
  return nullptr;
}

/// Whether the strides are those of memory that is `room` long along dim
/// `grown` - 1. A dim of 1 may have any stride.
static bool fits(const LambentTensor &tensor, uint32_t grown, int64_t room) {
  int64_t expected = 1, dense = 1;
  for (int32_t i = tensor.ndim - 1; i >= 0; --i) {
    int64_t stride = tensor.strides ? tensor.strides[i] : dense;
    if (tensor.shape[i] > 1 && stride != expected)
      return false;
    bool isGrown = static_cast<uint32_t>(i) + 1 == grown;
    if (__builtin_mul_overflow(expected, isGrown ? room : tensor.shape[i],
                               &expected))
      return false;
    dense *= tensor.shape[i];
  }
  return true;
}

LambentStatus *checkDonated(const LambentTensorInfo &info,
                            const LambentTensor &tensor, const char *role,
                            const int64_t *values) {
  if (!isOpen(info))
    if (LambentStatus *status = checkType(tensor, info, role))
      return status;
  bool isEmpty = false;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    isEmpty |= tensor.shape[i] == 0;
  if (!isEmpty && !info.grown)
    return checkMemory(tensor, role, info.name);
  if (!isEmpty && !fits(tensor, info.grown, values[info.room]))
    return makeError("%s '%s': expected strides of memory with room for %lld "
                     "along dim %u",
                     role, info.name, static_cast<long long>(values[info.room]),
                     info.grown - 1);
  return isEmpty ? nullptr : checkPlace(tensor, role, info.name);
}

LambentStatus *checkTaker(const LambentModel &model,
                          const LambentTensorInfo &info,
                          const LambentTensor &tensor, const int64_t *values,
                          bool isShared) {
  const char *input = model.inputs[info.donated - 1].name;
  if (!tensor.data && lambent_tensor_info_bytes(&info))
    return makeError("output '%s': expected the memory of input '%s', which is "
                     "donated to it, but got no data",
                     info.name, input);
  if (LambentStatus *status = checkDonated(info, tensor, "output", values))
    return status;
  if (isShared || !lambent_tensor_info_bytes(&info))
    return nullptr;
  return makeError("output '%s': expected the memory of input '%s', which is "
                   "donated to it, but got another address",
                   info.name, input);
}

} // namespace lambent::runtime
