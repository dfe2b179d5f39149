//===- TensorSet.cpp - A model's inputs or outputs ------------------------===//

#include "TensorSet.h"
#include "InputSizes.h"
#include "ListTensors.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Arguments.h"
#include <new>
#include <stdlib.h>
#include <string.h>

using namespace lambent::runtime;

namespace lambent::runtime {

LambentStatus *createSet(uint32_t count, LambentTensorSet **result) {
  auto *set =
      static_cast<LambentTensorSet *>(calloc(1, sizeof(LambentTensorSet)));
  auto *owned = static_cast<OwnedTensor *>(
      calloc(uint64_t(count) + 1, sizeof(OwnedTensor)));
  auto *views = static_cast<LambentTensor *>(
      calloc(uint64_t(count) + 1, sizeof(LambentTensor)));
  auto *files = static_cast<FileIdentity *>(
      calloc(uint64_t(count) + 1, sizeof(FileIdentity)));
  if (!set || !owned || !views || !files) {
    free(set);
    free(owned);
    free(views);
    free(files);
    return makeOutOfMemory("a set of tensors", count * sizeof(OwnedTensor));
  }
  for (uint32_t i = 0; i < count; ++i) {
    new (&owned[i]) OwnedTensor();
    new (&files[i]) FileIdentity();
  }
  *set = {count, false, owned, views, files, nullptr};
  *result = set;
  return nullptr;
}

static bool endsWith(const char *text, const char *end) {
  size_t length = strlen(text), endLength = strlen(end);
  return length >= endLength && strcmp(text + length - endLength, end) == 0;
}

static bool isListCode(uint8_t code) {
  return code == LAMBENT_SEQUENCE || code == LAMBENT_OPTIONAL;
}

LambentStatus *readTensor(const char *path, uint8_t code, OwnedTensor &tensor) {
  bool isProtobuf = endsWith(path, ".pb");
  if (isListCode(code))
    return isProtobuf ? readListProto(path, code, tensor)
                      : readListFolder(path, code, tensor);
  return isProtobuf ? readTensorProto(path, tensor) : readNpy(path, tensor);
}

/// A tensor that a caller wants written: dense data of dims that are known.
static LambentStatus *checkWritable(const LambentTensor &tensor,
                                    const char *path) {
  if (tensor.ndim < 0 ||
      tensor.ndim > static_cast<int32_t>(OwnedTensor::maxRank))
    return makeError("tensor '%s': expected a rank from 0 to %u, but got %d",
                     path, OwnedTensor::maxRank, tensor.ndim);
  if (tensor.ndim && !tensor.shape)
    return makeError("tensor '%s': expected a shape, but got a null pointer",
                     path);
  if (tensor.dtype.lanes != 1)
    return makeError("tensor '%s': expected elements of 1 lane, but got %d",
                     path, tensor.dtype.lanes);
  uint64_t elements = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    if (tensor.shape[i] < 0 ||
        __builtin_mul_overflow(elements, static_cast<uint64_t>(tensor.shape[i]),
                               &elements))
      return makeError("tensor '%s': expected dims of at least 0 that memory "
                       "can hold, but got %lld",
                       path, static_cast<long long>(tensor.shape[i]));
  if (!elements)
    return nullptr;
  LambentStatus *status = checkMemory(tensor, "tensor", path);
  return status || !isString(tensor.dtype)
             ? status
             : checkStrings(tensor, "tensor", path);
}

/// The same of a sequence or optional, and of what it holds.
static LambentStatus *checkWritableList(const LambentTensor &list,
                                        const char *path) {
  if (list.ndim != 1 || !list.shape || list.shape[0] < 0 ||
      (list.shape[0] && !list.data))
    return makeError("tensor '%s': expected a list of tensors, with its length "
                     "as its shape",
                     path);
  auto *values = reinterpret_cast<const LambentTensor *>(
      static_cast<const char *>(list.data) + list.byte_offset);
  for (int64_t i = 0; i < list.shape[0]; ++i)
    if (LambentStatus *status = isList(values[i])
                                    ? checkWritableList(values[i], path)
                                    : checkWritable(values[i], path))
      return status;
  return nullptr;
}

static LambentStatus *writeList(const char *path, const LambentTensor &list,
                                const char *name) {
  if (LambentStatus *status = checkWritableList(list, path))
    return status;
  return endsWith(path, ".pb") ? writeListProto(path, list, name)
                               : writeListFolder(path, list);
}

LambentStatus *requireNames(const char *function, const char *const *names,
                            uint32_t count) {
  if (count == 0)
    return nullptr;
  if (LambentStatus *status = requireArguments(function, {{"names", names}}))
    return status;
  for (uint32_t i = 0; i < count; ++i)
    if (!names[i])
      return makeError("%s: expected a name of tensor %u, but got a null "
                       "pointer",
                       function, i);
  return nullptr;
}

} // namespace lambent::runtime

LambentStatus *lambent_tensor_read(const char *path,
                                   LambentTensorSet **result) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"path", path}, {"set", result}}))
    return status;
  *result = nullptr;
  LambentTensorSet *set;
  if (LambentStatus *status = createSet(1, &set))
    return status;
  if (LambentStatus *status = readTensor(path, LAMBENT_INT, set->owned[0])) {
    lambent_tensor_set_destroy(set);
    return status;
  }
  set->views[0] = set->owned[0].get();
  set->isProtobuf = endsWith(path, ".pb");
  *result = set;
  return nullptr;
}

LambentStatus *lambent_tensor_write(const char *path,
                                    const LambentTensor *tensor,
                                    const char *name) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"path", path}, {"tensor", tensor}}))
    return status;
  if (isList(*tensor))
    return writeList(path, *tensor, name);
  if (LambentStatus *status = checkWritable(*tensor, path))
    return status;
  return endsWith(path, ".pb") ? writeTensorProto(path, *tensor, name)
                               : writeNpy(path, *tensor);
}

LambentStatus *lambent_tensor_set_create(const LambentTensorInfo *infos,
                                         uint32_t count,
                                         LambentTensorSet **result) {
  if (LambentStatus *status = requireArguments(__func__, {{"set", result}}))
    return status;
  *result = nullptr;
  if (count && !infos)
    return requireArguments(__func__, {{"infos", infos}});
  for (uint32_t i = 0; i < count; ++i) {
    if (!infos[i].name || (infos[i].rank && !infos[i].dims))
      return makeError("%s: expected a %s of tensor %u, but got a null pointer",
                       __func__, infos[i].name ? "shape" : "name", i);
    if (!infos[i].type_bits)
      return makeError("%s: tensor '%s': expected elements of at least 1 bit, "
                       "but got 0",
                       __func__, infos[i].name);
  }
  LambentTensorSet *set;
  if (LambentStatus *status = createSet(count, &set))
    return status;
  for (uint32_t i = 0; i < count; ++i) {
    LambentDataType type = {infos[i].type_code, infos[i].type_bits, 1};
    if (isList(infos[i]))
      type = {getListCode(infos[i]), 0, 1};
    OwnedTensor &owned = set->owned[i];
    // A run says how much memory strings take.
    if (LambentStatus *status =
            isList(infos[i]) ? owned.reserve(type, 1, infos[i].name)
            : isOpen(infos[i]) || isString(infos[i]) || infos[i].most_rank
                ? owned.reserve(type, getMostRank(infos[i]), infos[i].name)
                : owned.allocate(type, infos[i].dims, infos[i].rank,
                                 infos[i].name)) {
      lambent_tensor_set_destroy(set);
      return status;
    }
    set->views[i] = owned.get();
  }
  *result = set;
  return nullptr;
}

void *lambent_tensor_set_allocate(void *user, uint32_t output, uint64_t bytes) {
  auto *set = static_cast<LambentTensorSet *>(user);
  if (!set || output >= set->count)
    return nullptr;
  // The run wrote the dims before it asks.
  const LambentTensor &view = set->views[output];
  OwnedTensor &owned = set->owned[output];
  LambentStatus *status =
      isList(view) || isString(view.dtype)
          ? owned.allocateBytes(bytes, "an output")
          : owned.allocate(view.dtype, view.shape,
                           static_cast<uint64_t>(view.ndim), "an output");
  lambent_status_destroy(status);
  return status || owned.getBytes() < bytes ? nullptr : owned.get().data;
}

LambentStatus *lambent_tensor_set_type(LambentTensorSet *set, uint32_t index,
                                       LambentDataType type) {
  if (LambentStatus *status = requireArguments(__func__, {{"set", set}}))
    return status;
  if (index >= set->count)
    return makeError("%s: expected an index below %u, but got %u", __func__,
                     set->count, index);
  if (set->views[index].dtype.code != LAMBENT_OPAQUE)
    return nullptr;
  set->owned[index].interpret(type);
  set->views[index] = set->owned[index].get();
  return nullptr;
}

LambentTensor *lambent_tensor_set_tensors(LambentTensorSet *set) {
  return set ? set->views : nullptr;
}

uint32_t lambent_tensor_set_size(const LambentTensorSet *set) {
  return set ? set->count : 0;
}

int lambent_tensor_set_is_protobuf(const LambentTensorSet *set) {
  return set && set->isProtobuf;
}

void lambent_tensor_set_destroy(LambentTensorSet *set) {
  if (!set)
    return;
  for (uint32_t i = 0; i < set->count; ++i)
    set->owned[i].~OwnedTensor();
  free(set->owned);
  free(set->views);
  free(set->files);
  free(set->strides);
  free(set);
}
