//===- ListFolder.cpp - Sequences and optionals as .npy files -------------===//

#include "OwnedTensor.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lambent::runtime {

namespace {

/// The folder of NAME.npy, which is NAME, and the files in it.
class ListPath {
public:
  explicit ListPath(const char *path)
      : length(strlen(path) - strlen(".npy")),
        text(static_cast<char *>(malloc(length + 32))) {
    if (text)
      memcpy(text, path, length);
  }
  ListPath(const ListPath &) = delete;
  ~ListPath() { free(text); }

  bool isThere() const { return text != nullptr; }
  const char *getFolder() {
    text[length] = 0;
    return text;
  }
  const char *getFile(uint64_t index) {
    snprintf(text + length, 32, "/%llu.npy",
             static_cast<unsigned long long>(index));
    return text;
  }
  bool isFolder() {
    struct stat info;
    return stat(getFolder(), &info) == 0 && S_ISDIR(info.st_mode);
  }
  bool hasFile(uint64_t index) { return access(getFile(index), F_OK) == 0; }

private:
  size_t length;
  char *text;
};

LambentStatus *readSequence(ListPath &path, OwnedTensor &list) {
  uint64_t count = 0;
  while (path.hasFile(count))
    ++count;
  if (LambentStatus *status =
          list.allocateList(LAMBENT_SEQUENCE, count, path.getFolder()))
    return status;
  for (uint64_t i = 0; i < count; ++i)
    if (LambentStatus *status = readNpy(path.getFile(i), list.getChild(i)))
      return status;
  list.linkChildren();
  return nullptr;
}

LambentStatus *makeNoFolder(ListPath &path) {
  return makeError("cannot open '%s': expected a folder with the tensors of a "
                   "sequence, 0.npy, 1.npy ...",
                   path.getFolder());
}

} // namespace

LambentStatus *readListFolder(const char *npy, uint8_t code,
                              OwnedTensor &list) {
  ListPath path(npy);
  if (!path.isThere())
    return makeOutOfMemory("a path", strlen(npy));
  if (code == LAMBENT_SEQUENCE)
    return path.isFolder() ? readSequence(path, list) : makeNoFolder(path);
  bool isFile = access(npy, F_OK) == 0, isFolder = path.isFolder();
  if (LambentStatus *status = list.allocateList(
          LAMBENT_OPTIONAL, isFile || isFolder, path.getFolder()))
    return status;
  if (isFile || isFolder)
    if (LambentStatus *status = isFile ? readNpy(npy, list.getChild(0))
                                       : readSequence(path, list.getChild(0)))
      return status;
  list.linkChildren();
  return nullptr;
}

static LambentStatus *writeSequence(ListPath &path, const LambentTensor &list) {
  if (mkdir(path.getFolder(), 0777) && errno != EEXIST)
    return makeError("cannot make the folder '%s': %s", path.getFolder(),
                     strerror(errno));
  auto *values = reinterpret_cast<const LambentTensor *>(
      static_cast<const char *>(list.data) + list.byte_offset);
  uint64_t count = static_cast<uint64_t>(list.shape[0]);
  for (uint64_t i = 0; i < count; ++i)
    if (LambentStatus *status = writeNpy(path.getFile(i), values[i]))
      return status;
  // What a longer sequence has left would be read as a part of this one.
  for (uint64_t i = count; path.hasFile(i); ++i)
    if (unlink(path.getFile(i)))
      return makeError("cannot remove '%s': %s", path.getFile(i),
                       strerror(errno));
  return nullptr;
}

LambentStatus *writeListFolder(const char *npy, const LambentTensor &list) {
  ListPath path(npy);
  if (!path.isThere())
    return makeOutOfMemory("a path", strlen(npy));
  if (list.dtype.code == LAMBENT_SEQUENCE)
    return writeSequence(path, list);
  // An optional without a value is one without files.
  if (list.shape[0] == 0)
    return nullptr;
  auto *value = reinterpret_cast<const LambentTensor *>(
      static_cast<const char *>(list.data) + list.byte_offset);
  return value->dtype.code == LAMBENT_SEQUENCE ? writeSequence(path, *value)
                                               : writeNpy(npy, *value);
}

} // namespace lambent::runtime
