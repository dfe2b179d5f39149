//===- ListStore.cpp - Sequences and optionals of a run -------------------===//

#include "ListStore.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

void ListStore::release(Node *node) {
  bytes -= node->bytes;
  free(node->owned);
  free(node);
}

void ListStore::clear() {
  while (nodes) {
    Node *next = nodes->next;
    release(nodes);
    nodes = next;
  }
}

ListStore::Mark ListStore::getMark() const {
  Mark mark;
  mark.newest = nodes;
  return mark;
}

void ListStore::markFound(const List *list) {
  for (; list; list = list->sequence) {
    getNode(list).found = collections;
    getNode(list->items).found = collections;
    // Those behind its own are of lists that nothing may lead to any more. An
    // optional of a sequence has no tensors.
    for (uint64_t i = 0; !list->sequence && i < list->length; ++i)
      getNode(list->items->tensors[i]).found = collections;
  }
}

void ListStore::collect(Mark mark, const List *const *roots, uint64_t count) {
  ++collections;
  for (uint64_t i = 0; i < count; ++i)
    markFound(roots[i]);
  for (Node **link = &nodes; *link != mark.newest;) {
    Node *node = *link;
    if (node->found == collections) {
      link = &node->next;
      continue;
    }
    *link = node->next;
    release(node);
  }
}

void *ListStore::allocate(uint64_t wanted) {
  uint64_t size;
  if (__builtin_add_overflow(wanted, sizeof(Node), &size))
    return nullptr;
  auto *node = static_cast<Node *>(malloc(size));
  if (!node)
    return nullptr;
  *node = {nodes, nullptr, size, 0};
  nodes = node;
  bytes += size;
  return node + 1;
}

LambentStatus *ListStore::makeList(uint64_t capacity, List *&list) {
  list = static_cast<List *>(allocate(sizeof(List)));
  auto *items = static_cast<ListItems *>(allocate(sizeof(ListItems)));
  uint64_t size = 0;
  const LambentTensor **tensors = nullptr;
  if (list && items &&
      !__builtin_mul_overflow(capacity + 1, sizeof(void *), &size))
    tensors = static_cast<const LambentTensor **>(malloc(size));
  if (!tensors)
    return makeOutOfMemory("a sequence", size);
  Node &node = getNode(items);
  node.owned = tensors;
  node.bytes += size;
  bytes += size;
  *items = {tensors, 0, capacity};
  *list = {items, 0, nullptr};
  return nullptr;
}

LambentStatus *ListStore::grow(ListItems &items) {
  uint64_t capacity = 2 * items.capacity + 4, size = 0;
  const LambentTensor **tensors = nullptr;
  if (!__builtin_mul_overflow(capacity, sizeof(void *), &size))
    tensors = static_cast<const LambentTensor **>(realloc(items.tensors, size));
  if (!tensors)
    return makeOutOfMemory("a sequence", size);
  uint64_t added = (capacity - items.capacity) * sizeof(void *);
  Node &node = getNode(&items);
  node.owned = tensors;
  node.bytes += added;
  bytes += added;
  items.tensors = tensors;
  items.capacity = capacity;
  return nullptr;
}

LambentStatus *ListStore::append(const List &source,
                                 const LambentTensor *tensor, List *&list) {
  ListItems *items = source.items;
  // Where another list has gone on from there, the tensors are copied.
  if (source.length != items->count) {
    if (LambentStatus *status = makeList(source.length + 1, list))
      return status;
    memcpy(list->items->tensors, items->tensors,
           source.length * sizeof(void *));
    list->items->count = source.length;
    items = list->items;
  } else {
    list = static_cast<List *>(allocate(sizeof(List)));
    if (!list)
      return makeOutOfMemory("a sequence", sizeof(List));
  }
  if (items->count == items->capacity)
    if (LambentStatus *status = grow(*items))
      return status;
  items->tensors[items->count++] = tensor;
  *list = {items, source.length + 1, nullptr};
  return nullptr;
}

LambentStatus *ListStore::makeTensor(LambentDataType type, const int64_t *dims,
                                     int32_t rank, LambentTensor *&tensor) {
  uint64_t elements = 1;
  bool overflows = false;
  for (int32_t i = 0; i < rank; ++i)
    overflows |= __builtin_mul_overflow(
        elements, static_cast<uint64_t>(dims[i]), &elements);
  uint64_t head = sizeof(LambentTensor) + uint64_t(rank) * sizeof(int64_t);
  head = (head + 15) / 16 * 16;
  char *memory =
      overflows || elements > (uint64_t(1) << 56)
          ? nullptr
          : static_cast<char *>(allocate(head + getBytes(elements, type)));
  if (!memory)
    return makeOutOfMemory("a tensor of a sequence", elements);
  tensor = reinterpret_cast<LambentTensor *>(memory);
  auto *shape = reinterpret_cast<int64_t *>(memory + sizeof(LambentTensor));
  if (rank)
    memcpy(shape, dims, uint64_t(rank) * sizeof(int64_t));
  *tensor = {
      memory + head, {LAMBENT_DEVICE_CPU, 0}, rank, type, shape, nullptr, 0};
  return nullptr;
}

} // namespace lambent::runtime
