//===- OutputFolder.cpp - A model's outputs in a folder -------------------===//

#include "TensorPaths.h"
#include "TensorSet.h"
#include "lambent/Runtime/Arguments.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

using namespace lambent::runtime;

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
