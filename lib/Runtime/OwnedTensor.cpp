//===- OwnedTensor.cpp - A tensor with its memory -------------------------===//

#include "OwnedTensor.h"
#include "TensorCheck.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Runtime/Status.h"
#include <new>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

OwnedTensor::~OwnedTensor() {
  free(tensor.data);
  for (uint64_t i = 0; i < numChildren; ++i)
    children[i].~OwnedTensor();
  free(children);
}

LambentStatus *OwnedTensor::allocateBytes(uint64_t count, const char *origin) {
  free(tensor.data);
  tensor.data = aligned_alloc(64, (count / 64 + 1) * 64);
  bytes = count;
  return tensor.data ? nullptr : makeOutOfMemory(origin, count);
}

LambentStatus *OwnedTensor::allocateList(uint8_t code, uint64_t count,
                                         const char *origin) {
  uint64_t size;
  if (__builtin_mul_overflow(count + 1, sizeof(OwnedTensor), &size) ||
      !(children = static_cast<OwnedTensor *>(malloc(size))))
    return makeOutOfMemory(origin, count);
  for (; numChildren < count; ++numChildren)
    new (&children[numChildren]) OwnedTensor();
  dims[0] = static_cast<int64_t>(count);
  tensor = {nullptr, {LAMBENT_DEVICE_CPU, 0}, 1, {code, 0, 1},
            dims,    nullptr,                 0};
  return allocateBytes(count * sizeof(LambentTensor), origin);
}

void OwnedTensor::linkChildren() {
  auto *values = static_cast<LambentTensor *>(tensor.data);
  for (uint64_t i = 0; i < numChildren; ++i)
    values[i] = children[i].tensor;
}

static LambentStatus *checkRank(uint64_t rank, const char *origin) {
  return rank <= OwnedTensor::maxRank
             ? nullptr
             : makeError("'%s': expected a rank of at most %u, but got %llu",
                         origin, OwnedTensor::maxRank,
                         static_cast<unsigned long long>(rank));
}

LambentStatus *OwnedTensor::reserve(LambentDataType type, uint64_t rank,
                                    const char *origin) {
  if (LambentStatus *status = checkRank(rank, origin))
    return status;
  for (uint64_t i = 0; i < rank; ++i)
    dims[i] = 0;
  tensor.device = {LAMBENT_DEVICE_CPU, 0};
  tensor.ndim = static_cast<int32_t>(rank);
  tensor.dtype = type;
  tensor.shape = dims;
  return nullptr;
}

LambentStatus *OwnedTensor::allocate(LambentDataType type, const int64_t *shape,
                                     uint64_t rank, const char *origin,
                                     uint64_t textBytes) {
  if (LambentStatus *status = checkRank(rank, origin))
    return status;
  elements = 1;
  bool isEmpty = false, overflows = false;
  for (uint64_t i = 0; i < rank; ++i) {
    if (shape[i] < 0)
      return makeError("'%s': expected dims of at least 0, but got %lld",
                       origin, static_cast<long long>(shape[i]));
    isEmpty |= shape[i] == 0;
    overflows |= __builtin_mul_overflow(
        elements, static_cast<uint64_t>(shape[i]), &elements);
    dims[i] = shape[i];
  }
  if (isEmpty)
    elements = 0;
  else if (overflows || elements > (uint64_t(1) << 56))
    return makeError(
        "'%s': its dims multiply to more elements than memory can hold",
        origin);
  bytes = runtime::getBytes(elements, type);
  uint64_t size;
  if (__builtin_add_overflow(bytes, textBytes, &size) || size > UINT64_MAX - 64)
    return makeOutOfMemory(origin, UINT64_MAX);
  size = (size / 64 + 1) * 64;
  free(tensor.data);
  tensor = {aligned_alloc(64, size),
            {LAMBENT_DEVICE_CPU, 0},
            static_cast<int32_t>(rank),
            type,
            dims,
            nullptr,
            0};
  if (!tensor.data)
    return makeOutOfMemory(origin, bytes);
  memset(tensor.data, 0, size);
  return nullptr;
}

void OwnedTensor::interpret(LambentDataType type) {
  if (!findElementType(type.code, type.bits) || type.bits > 8)
    return;
  tensor.dtype = type;
  if (type.bits == 8)
    return;
  char *data = static_cast<char *>(tensor.data);
  packElements(data, data, elements, type.bits);
  bytes = runtime::getBytes(elements, type);
}

uint64_t countElements(const LambentTensor &tensor) {
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= static_cast<uint64_t>(tensor.shape[i]);
  return count;
}

} // namespace lambent::runtime
