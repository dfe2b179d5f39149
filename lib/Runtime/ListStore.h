//===- ListStore.h - Sequences and optionals of a run -----------*- C++ -*-===//
//
// A list never changes: what inserts or erases makes another one, which shares
// the tensors. A number, its handle, stands for a list in the buffers of the
// run and of all bodies that it calls. Lists and their tensors live until the
// run is over, but for those that a loop made and did not carry on.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_LISTSTORE_H
#define LAMBENT_RUNTIME_LISTSTORE_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// The tensors of several lists: each list has the first of them. A list of all
/// of them grows by one without a copy.
struct ListItems {
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

  /// What was made up to here is older than what will be.
  class Mark {
    friend class ListStore;
    const void *newest;
  };
  Mark getMark() const;
  /// Forgets what is newer than `mark` and is not found from these lists.
  void collect(Mark mark, const List *const *roots, uint64_t count);
  /// The memory of all lists.
  uint64_t countBytes() const { return bytes; }

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
  /// What comes before each piece of memory, which is aligned to 16 bytes.
  struct Node {
    Node *next;
    void *owned; ///< memory that is freed with it
    uint64_t bytes;
    uint64_t found; ///< the last collection that found it
  };
  static Node &getNode(const void *memory) {
    return *(static_cast<Node *>(const_cast<void *>(memory)) - 1);
  }
  void release(Node *node);
  void markFound(const List *list);
  /// Makes room for one tensor more.
  LambentStatus *grow(ListItems &items);

  Node *nodes = nullptr; ///< the newest first
  uint64_t bytes = 0, collections = 0;
};

inline int64_t getHandle(const List *list) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(list));
}
inline const List *getList(int64_t handle) {
  return reinterpret_cast<const List *>(static_cast<intptr_t>(handle));
}

} // namespace lambent::runtime

#endif
