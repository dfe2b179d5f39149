//===- OwnedTensor.h - A tensor with its memory -----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_OWNEDTENSOR_H
#define LAMBENT_RUNTIME_OWNEDTENSOR_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Dims and data of its own, 64-byte aligned. `tensor` points into itself: the
/// object does not move.
class OwnedTensor {
public:
  static constexpr uint32_t maxRank = 64; ///< NumPy's limit

  OwnedTensor() = default;
  ~OwnedTensor();
  OwnedTensor(const OwnedTensor &) = delete;
  OwnedTensor &operator=(const OwnedTensor &) = delete;

  /// Allocates zeroed memory, with room for the bytes of strings behind the
  /// elements. `origin` (a file, a name) is for messages; dims may come from a
  /// hostile file.
  LambentStatus *allocate(LambentDataType type, const int64_t *dims,
                          uint64_t rank, const char *origin,
                          uint64_t textBytes = 0);

  /// Room for dims that are not known yet, and no memory.
  LambentStatus *reserve(LambentDataType type, uint64_t rank,
                         const char *origin);

  /// Makes it a sequence or an optional (`code`) of so many values, each a
  /// child to be filled and then linked.
  LambentStatus *allocateList(uint8_t code, uint64_t count, const char *origin);
  OwnedTensor &getChild(uint64_t index) { return children[index]; }
  void linkChildren();
  /// Memory for a sequence or optional that a run gives.
  LambentStatus *allocateBytes(uint64_t count, const char *origin);

  /// Says of what type opaque bytes are, one for each element. A type of more
  /// than 8 bits is none of theirs: they stay opaque.
  void interpret(LambentDataType type);

  LambentTensor &get() { return tensor; }
  const LambentTensor &get() const { return tensor; }
  uint64_t getElements() const { return elements; }
  uint64_t getBytes() const { return bytes; }

private:
  LambentTensor tensor = {};
  int64_t dims[maxRank];
  uint64_t elements = 0, bytes = 0;
  OwnedTensor *children = nullptr;
  uint64_t numChildren = 0;
};

/// Reads one tensor of a file whose kind its name tells.
LambentStatus *readNpy(const char *path, OwnedTensor &tensor);
LambentStatus *readTensorProto(const char *path, OwnedTensor &tensor);
/// Reads a sequence or an optional, as `code` says.
LambentStatus *readListProto(const char *path, uint8_t code, OwnedTensor &list);
LambentStatus *writeListProto(const char *path, const LambentTensor &list,
                              const char *name);
LambentStatus *writeNpy(const char *path, const LambentTensor &tensor);
LambentStatus *writeTensorProto(const char *path, const LambentTensor &tensor,
                                const char *name);

/// The same in a folder: NAME/0.npy, NAME/1.npy ... for NAME.npy, or, of an
/// optional with a tensor, NAME.npy itself.
LambentStatus *readListFolder(const char *path, uint8_t code,
                              OwnedTensor &list);
LambentStatus *writeListFolder(const char *path, const LambentTensor &list);

/// Elements and bytes of a dense tensor.
uint64_t countElements(const LambentTensor &tensor);

} // namespace lambent::runtime

#endif
