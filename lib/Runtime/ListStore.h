//===- ListStore.h - Sequences and optionals of a run -----------*- C++ -*-===//
//
// A list never changes: what inserts or erases makes another one, which shares
// the tensors. A number, its handle, stands for a list in the buffers of the
// run. Lists and their tensors live until the run is over.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_LISTSTORE_H
#define LAMBENT_RUNTIME_LISTSTORE_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// The tensors of several lists: each list has the first of them. A list of all
/// of them grows by one without a copy.
struct ListItems {
  ListItems *next; ///< in the store
  const LambentTensor **tensors;
  uint64_t count, capacity;
};

struct List {
  ListItems *items;
  uint64_t length;
  const List *sequence; ///< of an optional of a sequence that has one
};

/// A list operation of a run: what it is, and the buffers of its operands.
struct ListStep {
  const LambentListInfo &info;
  const LambentLayerInfo &layer;
  void *const *buffers;
  const int64_t *values; ///< of open sizes
};

class ListStore {
public:
  ListStore() = default;
  ListStore(const ListStore &) = delete;
  ~ListStore() { clear(); }

  /// Forgets all lists.
  void clear();
  LambentStatus *run(const ListStep &step);

  /// Memory of the store; null when there is none left.
  void *allocate(uint64_t bytes);
  /// An empty list with room for so many tensors, which are not yet its own.
  LambentStatus *makeList(uint64_t capacity, List *&list);
  /// A list of `source`'s first tensors and one more.
  LambentStatus *append(const List &source, const LambentTensor *tensor,
                        List *&list);
  /// A tensor of these dims with memory that nothing was written to.
  LambentStatus *makeTensor(LambentDataType type, const int64_t *dims,
                            int32_t rank, LambentTensor *&tensor);

private:
  struct Node {
    Node *next;
    uint64_t padding; ///< what follows is aligned to 16 bytes
  };
  Node *nodes = nullptr;
  ListItems *growing = nullptr;
};

inline int64_t getHandle(const List *list) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(list));
}
inline const List *getList(int64_t handle) {
  return reinterpret_cast<const List *>(static_cast<intptr_t>(handle));
}

} // namespace lambent::runtime

#endif
