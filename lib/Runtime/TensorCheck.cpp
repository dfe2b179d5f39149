//===- TensorCheck.cpp - Is a tensor what the model expects? --------------===//

#include "TensorCheck.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>

namespace lambent::runtime {

uint64_t getBytes(uint64_t count, LambentDataType type) {
  return getPackedBytes(count, type.bits);
}

TypeText::TypeText(LambentDataType type, const int64_t *dims, int64_t rank) {
  const ElementType *known = findElementType(type.code, type.bits);
  int used =
      known ? snprintf(text, sizeof(text), "%s[", known->text)
      : type.code == LAMBENT_OPAQUE
          ? snprintf(text, sizeof(text), "opaque%d[", type.bits)
          : snprintf(text, sizeof(text), "type%d/%d[", type.code, type.bits);
  for (int64_t i = 0; i < rank; ++i) {
    // No model has such a rank.
    if (used > static_cast<int>(sizeof(text)) - 32) {
      used += snprintf(text + used, sizeof(text) - used, "x...");
      break;
    }
    used += snprintf(text + used, sizeof(text) - used, "%s%lld", i ? "x" : "",
                     static_cast<long long>(dims[i]));
  }
  snprintf(text + used, sizeof(text) - used, "]");
}

static LambentDataType getType(const LambentTensorInfo &info) {
  return {info.type_code, info.type_bits, 1};
}

void describeTensor(const LambentTensorInfo &info, LambentTensor &tensor) {
  tensor.device = {LAMBENT_DEVICE_CPU, 0};
  tensor.ndim = info.rank;
  tensor.dtype = getType(info);
  tensor.shape = const_cast<int64_t *>(info.dims);
  tensor.strides = nullptr;
  tensor.byte_offset = 0;
}

/// Strides that say what null says. A dim of 1 may have any stride.
static bool isDense(const LambentTensor &tensor) {
  int64_t expected = 1;
  for (int32_t i = tensor.ndim - 1; i >= 0; --i) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected)
      return false;
    expected *= tensor.shape[i];
  }
  return true;
}

/// Whether it has the dims of `info`. One element of any rank may stand for a
/// scalar: the data are the same, and models in use are fed that way.
static bool hasShapeOf(const LambentTensor &tensor,
                       const LambentTensorInfo &info) {
  if (tensor.ndim < 0 || (tensor.ndim > 0 && !tensor.shape) ||
      (info.rank > 0 && tensor.ndim != static_cast<int32_t>(info.rank)))
    return false;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    if (tensor.shape[i] != (info.rank ? info.dims[i] : 1))
      return false;
  return true;
}

LambentStatus *checkType(const LambentTensor &tensor,
                         const LambentTensorInfo &info, const char *role) {
  if (tensor.dtype.lanes != 1)
    return makeError("%s '%s': expected elements of 1 lane, but got %d", role,
                     info.name, tensor.dtype.lanes);
  bool sameType = tensor.dtype.code == info.type_code &&
                  tensor.dtype.bits == info.type_bits;
  if (!sameType || !hasShapeOf(tensor, info)) {
    TypeText expected(getType(info), info.dims, info.rank);
    TypeText given(tensor.dtype, tensor.shape, tensor.shape ? tensor.ndim : 0);
    return makeError("%s '%s': expected %s, but got %s", role, info.name,
                     expected.text, given.text);
  }
  return nullptr;
}

LambentStatus *checkTensor(const LambentTensor &tensor,
                           const LambentTensorInfo &info, const char *role) {
  if (LambentStatus *status = checkType(tensor, info, role))
    return status;
  uint64_t bytes = lambent_tensor_info_bytes(&info);
  if (bytes == 0)
    return nullptr;
  return checkMemory(tensor, role, info.name);
}

LambentStatus *checkMemory(const LambentTensor &tensor, const char *role,
                           const char *name) {
  if (tensor.strides && !isDense(tensor))
    return makeError(
        "%s '%s': expected a dense row-major tensor, but got strides", role,
        name);
  return checkPlace(tensor, role, name);
}

LambentStatus *checkPlace(const LambentTensor &tensor, const char *role,
                          const char *name) {
  if (tensor.device.device_type != LAMBENT_DEVICE_CPU)
    return makeError("%s '%s': expected CPU memory, but got device type %d",
                     role, name, tensor.device.device_type);
  if (!tensor.data)
    return makeError("%s '%s': expected data, but got a null pointer", role,
                     name);
  uintptr_t address =
      reinterpret_cast<uintptr_t>(tensor.data) + tensor.byte_offset;
  // A string is a pointer and a length.
  int alignment = tensor.dtype.bits / 8 > 8 ? 8 : tensor.dtype.bits / 8;
  if (alignment && address % static_cast<unsigned>(alignment))
    return makeError("%s '%s': expected data aligned to its elements' %d "
                     "bytes, but got address %p",
                     role, name, alignment, reinterpret_cast<void *>(address));
  return nullptr;
}

} // namespace lambent::runtime

uint64_t lambent_tensor_info_bytes(const LambentTensorInfo *info) {
  if (!info)
    return 0;
  uint64_t count = 1;
  for (uint32_t i = 0; i < info->rank; ++i)
    if (info->dims[i] < 0)
      return 0;
  for (uint32_t i = 0; i < info->rank; ++i)
    count *= static_cast<uint64_t>(info->dims[i]);
  return lambent::runtime::getBytes(count,
                                    {info->type_code, info->type_bits, 1});
}
