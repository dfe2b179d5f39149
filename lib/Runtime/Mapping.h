//===- Mapping.h - Memory and files from the kernel -------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_MAPPING_H
#define LAMBENT_RUNTIME_MAPPING_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// A range of pages that unmaps itself.
class Mapping {
public:
  Mapping() = default;
  Mapping(Mapping &&other)
      : base(other.base), mapped(other.mapped), offset(other.offset),
        length(other.length) {
    other.base = nullptr;
  }
  Mapping &operator=(Mapping &&other);
  ~Mapping();

  /// Zeroed memory, 2 MiB aligned and backed by huge pages where it is large
  /// enough for that. May be of 0 bytes.
  static LambentStatus *allocate(uint64_t bytes, const char *what,
                                 Mapping &mapping);
  /// Bytes of a file, read only; `offset` need not be a multiple of the page
  /// size. `path` is for messages.
  static LambentStatus *mapFile(int file, const char *path, uint64_t offset,
                                uint64_t bytes, Mapping &mapping);

  char *data() const { return base ? base + offset : nullptr; }
  uint64_t size() const { return length; }
  /// Tells the kernel that all of it will be read soon.
  void willNeed() const;

private:
  char *base = nullptr;
  uint64_t mapped = 0, offset = 0, length = 0;
};

/// An open file that closes itself.
class File {
public:
  File() = default;
  ~File();
  File(const File &) = delete;
  File &operator=(const File &) = delete;

  /// Opens a regular file for reading.
  LambentStatus *open(const char *path);
  /// Reads exactly `bytes` bytes at `offset`.
  LambentStatus *read(void *data, uint64_t offset, uint64_t bytes) const;
  int descriptor() const { return fd; }
  uint64_t size() const { return bytes; }
  const char *path() const { return name; }

private:
  int fd = -1;
  uint64_t bytes = 0;
  const char *name = "";
};

} // namespace lambent::runtime

#endif
