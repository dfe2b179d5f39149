//===- TensorSet.cpp - A model's inputs or outputs in a folder ------------===//

#include "OwnedTensor.h"
#include "TensorCheck.h"
#include "lambent-c/tensor_file.h"
#include "lambent/Runtime/Arguments.h"
#include <errno.h>
#include <new>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lambent::runtime;

struct LambentTensorSet {
  uint32_t count;
  bool isProtobuf;
  OwnedTensor *owned;
  LambentTensor *views; ///< what callers see, one for each of `owned`
};

namespace lambent::runtime {

/// A path in memory of its own.
struct Path {
  char *text = nullptr;
  Path() = default;
  Path(const Path &) = delete;
  ~Path() { free(text); }
};

static LambentStatus *createSet(uint32_t count, LambentTensorSet **result) {
  auto *set =
      static_cast<LambentTensorSet *>(calloc(1, sizeof(LambentTensorSet)));
  auto *owned = static_cast<OwnedTensor *>(
      calloc(uint64_t(count) + 1, sizeof(OwnedTensor)));
  auto *views = static_cast<LambentTensor *>(
      calloc(uint64_t(count) + 1, sizeof(LambentTensor)));
  if (!set || !owned || !views) {
    free(set);
    free(owned);
    free(views);
    return makeOutOfMemory("a set of tensors", count * sizeof(OwnedTensor));
  }
  for (uint32_t i = 0; i < count; ++i)
    new (&owned[i]) OwnedTensor();
  *set = {count, false, owned, views};
  *result = set;
  return nullptr;
}

/// FOLDER/NAME.npy with the name's odd characters replaced.
static LambentStatus *makeNpyPath(const char *folder, const char *name,
                                  Path &path) {
  if (asprintf(&path.text, "%s/%s.npy", folder, name) < 0) {
    path.text = nullptr;
    return makeOutOfMemory("a path", strlen(name));
  }
  char *at = path.text + strlen(folder) + 1;
  for (char *end = at + strlen(name); at != end; ++at) {
    bool isPlain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                   (*at >= '0' && *at <= '9');
    if (!isPlain && !strchr("._-", *at))
      *at = '_';
  }
  return nullptr;
}

static LambentStatus *makeProtobufPath(const char *folder, const char *role,
                                       uint32_t index, Path &path) {
  if (asprintf(&path.text, "%s/%s_%u.pb", folder, role, index) < 0) {
    path.text = nullptr;
    return makeOutOfMemory("a path", strlen(folder));
  }
  return nullptr;
}

/// The path of tensor `index`; an error when an earlier tensor's file has the
/// same name.
static LambentStatus *makePath(const char *folder, const char *role,
                               const char *const *names, uint32_t index,
                               bool isProtobuf, Path &path) {
  if (isProtobuf)
    return makeProtobufPath(folder, role, index, path);
  if (LambentStatus *status = makeNpyPath(folder, names[index], path))
    return status;
  for (uint32_t i = 0; i < index; ++i) {
    Path other;
    if (LambentStatus *status = makeNpyPath(folder, names[i], other))
      return status;
    if (strcmp(path.text, other.text) == 0)
      return makeError("%ss '%s' and '%s' share the file name '%s'", role,
                       names[i], names[index], path.text);
  }
  return nullptr;
}

static bool endsWith(const char *text, const char *end) {
  size_t length = strlen(text), endLength = strlen(end);
  return length >= endLength && strcmp(text + length - endLength, end) == 0;
}

static LambentStatus *readTensor(const char *path, OwnedTensor &tensor) {
  return endsWith(path, ".pb") ? readTensorProto(path, tensor)
                               : readNpy(path, tensor);
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
  return elements ? checkMemory(tensor, "tensor", path) : nullptr;
}

static LambentStatus *requireNames(const char *function,
                                   const char *const *names, uint32_t count) {
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
  if (LambentStatus *status = readTensor(path, set->owned[0])) {
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
  if (LambentStatus *status = checkWritable(*tensor, path))
    return status;
  return endsWith(path, ".pb") ? writeTensorProto(path, *tensor, name)
                               : writeNpy(path, *tensor);
}

LambentStatus *lambent_tensor_set_read(const char *folder,
                                       const char *const *names, uint32_t count,
                                       LambentTensorSet **result) {
  return lambent_tensor_set_read_optional(folder, names, nullptr, count,
                                          result);
}

LambentStatus *lambent_tensor_set_read_optional(const char *folder,
                                                const char *const *names,
                                                const uint8_t *optional,
                                                uint32_t count,
                                                LambentTensorSet **result) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"folder", folder}, {"set", result}}))
    return status;
  *result = nullptr;
  if (LambentStatus *status = requireNames(__func__, names, count))
    return status;
  LambentTensorSet *set;
  if (LambentStatus *status = createSet(count, &set))
    return status;
  Path first;
  LambentStatus *status = makeProtobufPath(folder, "input", 0, first);
  set->isProtobuf = !status && (count == 0 || access(first.text, F_OK) == 0);
  for (uint32_t i = 0; i < count && !status; ++i) {
    Path path;
    status = makePath(folder, "input", names, i, set->isProtobuf, path);
    if (!status && optional && optional[i] && access(path.text, F_OK) != 0) {
      set->views[i] = {};
      set->views[i].ndim = -1;
      continue;
    }
    if (!status)
      status = readTensor(path.text, set->owned[i]);
    if (!status)
      set->views[i] = set->owned[i].get();
  }
  if (status) {
    lambent_tensor_set_destroy(set);
    return status;
  }
  *result = set;
  return nullptr;
}

LambentStatus *lambent_tensor_set_create(const LambentTensorInfo *infos,
                                         uint32_t count,
                                         LambentTensorSet **result) {
  if (LambentStatus *status = requireArguments(__func__, {{"set", result}}))
    return status;
  *result = nullptr;
  if (count && !infos)
    return requireArguments(__func__, {{"infos", infos}});
  LambentTensorSet *set;
  if (LambentStatus *status = createSet(count, &set))
    return status;
  for (uint32_t i = 0; i < count; ++i) {
    LambentDataType type = {infos[i].type_code, infos[i].type_bits, 1};
    if (LambentStatus *status = set->owned[i].allocate(
            type, infos[i].dims, infos[i].rank, infos[i].name)) {
      lambent_tensor_set_destroy(set);
      return status;
    }
    set->views[i] = set->owned[i].get();
  }
  *result = set;
  return nullptr;
}

/// Makes a folder and those that it lies in. errno tells of a failure.
static bool makeFolders(const char *folder) {
  size_t length = strlen(folder);
  char path[4096];
  if (length >= sizeof(path)) {
    errno = ENAMETOOLONG;
    return false;
  }
  for (size_t i = 0; i <= length; ++i) {
    path[i] = folder[i];
    bool isEnd = folder[i] == 0 || folder[i] == '/';
    if (i == 0 || !isEnd)
      continue;
    path[i] = 0;
    if (mkdir(path, 0777) && errno != EEXIST)
      return false;
    path[i] = folder[i];
  }
  return true;
}

LambentStatus *lambent_tensor_set_write(const LambentTensorSet *set,
                                        const char *folder,
                                        const char *const *names,
                                        int asProtobuf) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"set", set}, {"folder", folder}}))
    return status;
  if (LambentStatus *status =
          requireFlag("as_protobuf", static_cast<uint32_t>(asProtobuf)))
    return status;
  if (LambentStatus *status = requireNames(__func__, names, set->count))
    return status;
  if (!makeFolders(folder))
    return makeError("cannot make the folder '%s': %s", folder,
                     strerror(errno));
  for (uint32_t i = 0; i < set->count; ++i) {
    Path path;
    if (LambentStatus *status =
            makePath(folder, "output", names, i, asProtobuf != 0, path))
      return status;
    if (LambentStatus *status =
            lambent_tensor_write(path.text, &set->views[i], names[i]))
      return status;
  }
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
  free(set);
}
