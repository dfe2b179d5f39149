//===- TensorFolder.cpp - A model's inputs in a folder --------------------===//

#include "TensorPaths.h"
#include "TensorSet.h"
#include "lambent/Runtime/Arguments.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace lambent::runtime;

namespace {

/// The names in a folder, sorted, but for hidden ones; none where it can't be
/// read.
struct Listing {
  explicit Listing(const char *folder)
      : count(scandir(folder, &entries, isVisible, alphasort)) {}
  Listing(const Listing &) = delete;
  ~Listing() {
    for (int i = 0; i < count; ++i)
      free(entries[i]);
    free(entries);
  }
  static int isVisible(const dirent *entry) { return entry->d_name[0] != '.'; }

  dirent **entries = nullptr;
  int count; ///< -1: there is no such folder
};

} // namespace

/// Whether a folder's tensors are input_0.pb and so on, and not NAME.npy. What
/// decides for a model without inputs is whether the folder is one of ONNX's
/// tests, which hold no .npy file.
static bool isProtobufFolder(const char *folder, uint32_t count) {
  if (count) {
    TensorPaths first;
    LambentStatus *status = first.make(folder, "input", nullptr, 1, true);
    bool exists = !status && access(first[0], F_OK) == 0;
    lambent_status_destroy(status);
    return exists;
  }
  Listing listing(folder);
  for (int i = 0; i < listing.count; ++i) {
    const char *end = strrchr(listing.entries[i]->d_name, '.');
    if (end && strcmp(end, ".npy") == 0)
      return false;
  }
  return listing.count >= 0;
}

/// Reads a set for `function`, which its messages name.
static LambentStatus *readSet(const char *function, const char *folder,
                              const char *const *names, const uint8_t *optional,
                              const uint8_t *codes, uint32_t count,
                              LambentTensorSet **result) {
  if (LambentStatus *status =
          requireArguments(function, {{"folder", folder}, {"set", result}}))
    return status;
  *result = nullptr;
  if (LambentStatus *status = requireNames(function, names, count))
    return status;
  LambentTensorSet *set;
  if (LambentStatus *status = createSet(count, &set))
    return status;
  set->isProtobuf = isProtobufFolder(folder, count);
  TensorPaths paths;
  LambentStatus *status =
      paths.make(folder, "input", names, count, set->isProtobuf, optional);
  for (uint32_t i = 0; i < count && !status; ++i) {
    if (optional && optional[i] && access(paths[i], F_OK) != 0) {
      set->views[i].ndim = -1;
      continue;
    }
    status =
        readTensor(paths[i], codes ? codes[i] : LAMBENT_INT, set->owned[i]);
    set->files[i] = FileIdentity(paths[i]);
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

LambentStatus *lambent_tensor_set_read(const char *folder,
                                       const char *const *names, uint32_t count,
                                       LambentTensorSet **result) {
  return readSet(__func__, folder, names, nullptr, nullptr, count, result);
}

LambentStatus *lambent_tensor_set_read_optional(const char *folder,
                                                const char *const *names,
                                                const uint8_t *optional,
                                                uint32_t count,
                                                LambentTensorSet **result) {
  return readSet(__func__, folder, names, optional, nullptr, count, result);
}

LambentStatus *lambent_tensor_set_read_values(const char *folder,
                                              const char *const *names,
                                              const uint8_t *optional,
                                              const uint8_t *codes,
                                              uint32_t count,
                                              LambentTensorSet **result) {
  return readSet(__func__, folder, names, optional, codes, count, result);
}

/// Whether a name is output_0.pb or the like.
static bool isTestOutput(const char *name) {
  int end = 0;
  unsigned index;
  return sscanf(name, "output_%u.pb%n", &index, &end) == 1 && end && !name[end];
}

LambentStatus *lambent_tensor_folder_find_strays(
    const char *folder, const char *const *inputs, uint32_t numInputs,
    const char *const *outputs, uint32_t numOutputs,
    void (*found)(void *user, const char *file), void *user) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"folder", folder},
                     {"found", reinterpret_cast<const void *>(found)}}))
    return status;
  if (LambentStatus *status = requireNames(__func__, inputs, numInputs))
    return status;
  if (LambentStatus *status = requireNames(__func__, outputs, numOutputs))
    return status;
  bool isProtobuf = isProtobufFolder(folder, numInputs);
  TensorPaths inputPaths, outputPaths;
  // Which inputs may have no file is for reading them to know.
  auto *optional = static_cast<uint8_t *>(malloc(uint64_t(numInputs) + 1));
  if (!optional)
    return makeOutOfMemory("paths", numInputs);
  memset(optional, 1, numInputs);
  LambentStatus *failure =
      inputPaths.make(folder, "input", inputs, numInputs, isProtobuf, optional);
  free(optional);
  if (failure)
    return failure;
  // Who writes the outputs says when two of them share a name.
  lambent_status_destroy(
      outputPaths.make(folder, "output", outputs, numOutputs, isProtobuf));
  Listing listing(folder);
  for (int i = 0; i < listing.count; ++i) {
    const char *name = listing.entries[i]->d_name;
    char *path;
    struct stat info;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
      return makeOutOfMemory("a path", strlen(name));
    if (!inputPaths.contains(path) && !outputPaths.contains(path) &&
        !(isProtobuf && isTestOutput(name)) && stat(path, &info) == 0 &&
        S_ISREG(info.st_mode))
      found(user, path);
    free(path);
  }
  return nullptr;
}
