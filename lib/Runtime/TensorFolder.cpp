//===- TensorFolder.cpp - A model's inputs and outputs in folders ---------===//

#include "TensorPaths.h"
#include "TensorSet.h"
#include "lambent/Runtime/Arguments.h"
#include <dirent.h>
#include <errno.h>
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
                              uint32_t count, LambentTensorSet **result) {
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
      paths.make(folder, "input", names, count, set->isProtobuf);
  for (uint32_t i = 0; i < count && !status; ++i) {
    if (optional && optional[i] && access(paths[i], F_OK) != 0) {
      set->views[i].ndim = -1;
      continue;
    }
    status = readTensor(paths[i], set->owned[i]);
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
  return readSet(__func__, folder, names, nullptr, count, result);
}

LambentStatus *lambent_tensor_set_read_optional(const char *folder,
                                                const char *const *names,
                                                const uint8_t *optional,
                                                uint32_t count,
                                                LambentTensorSet **result) {
  return readSet(__func__, folder, names, optional, count, result);
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
  if (LambentStatus *status =
          inputPaths.make(folder, "input", inputs, numInputs, isProtobuf))
    return status;
  if (LambentStatus *status =
          outputPaths.make(folder, "output", outputs, numOutputs, isProtobuf))
    return status;
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

namespace {
/// What writing must not replace.
struct KeptFiles {
  const LambentTensorSet *inputs;
  const char *const *paths;
  uint32_t numPaths;

  LambentStatus *check(const char *path) const {
    FileIdentity file(path);
    for (uint32_t i = 0; inputs && i < inputs->count; ++i)
      if (inputs->files[i] == file)
        return makeError("cannot write '%s': it is the file of an input; write "
                         "the outputs to another folder",
                         path);
    for (uint32_t i = 0; i < numPaths; ++i)
      if (FileIdentity(paths[i]) == file)
        return makeError("cannot write '%s': it is the file '%s', which was "
                         "read; write the outputs to another folder",
                         path, paths[i]);
    return nullptr;
  }
};
} // namespace

/// Writes the tensors one by one; a link must not lead from one to another.
static LambentStatus *writeTensors(const LambentTensorSet &set,
                                   const TensorPaths &paths,
                                   const char *const *names) {
  auto *written = static_cast<FileIdentity *>(
      calloc(uint64_t(set.count) + 1, sizeof(FileIdentity)));
  if (!written)
    return makeOutOfMemory("paths", set.count * sizeof(FileIdentity));
  LambentStatus *status = nullptr;
  for (uint32_t i = 0; i < set.count && !status; ++i) {
    if (paths.isRepeated(i))
      continue;
    FileIdentity file(paths[i]);
    for (uint32_t j = 0; j < i && !status; ++j)
      if (written[j] == file)
        status = makeError("cannot write '%s': it is the same file as '%s'",
                           paths[i], paths[j]);
    if (!status)
      status = lambent_tensor_write(paths[i], &set.views[i], names[i]);
    written[i] = FileIdentity(paths[i]);
  }
  free(written);
  return status;
}

static LambentStatus *writeSet(const LambentTensorSet &set, const char *folder,
                               const char *const *names, bool isProtobuf,
                               const KeptFiles &kept) {
  TensorPaths paths;
  if (LambentStatus *status =
          paths.make(folder, "output", names, set.count, isProtobuf))
    return status;
  if (!makeFolders(folder))
    return makeError("cannot make the folder '%s': %s", folder,
                     strerror(errno));
  for (uint32_t i = 0; i < set.count; ++i)
    if (LambentStatus *status = kept.check(paths[i]))
      return status;
  return writeTensors(set, paths, names);
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
  return writeSet(*set, folder, names, asProtobuf != 0, {nullptr, nullptr, 0});
}

LambentStatus *lambent_tensor_set_write_outputs(const LambentTensorSet *outputs,
                                                const char *folder,
                                                const char *const *names,
                                                const LambentTensorSet *inputs,
                                                const char *const *kept,
                                                uint32_t numKept) {
  if (LambentStatus *status = requireArguments(
          __func__,
          {{"outputs", outputs}, {"folder", folder}, {"inputs", inputs}}))
    return status;
  if (LambentStatus *status = requireNames(__func__, names, outputs->count))
    return status;
  if (numKept && !kept)
    return requireArguments(__func__, {{"kept", kept}});
  return writeSet(*outputs, folder, names, inputs->isProtobuf,
                  {inputs, kept, numKept});
}
