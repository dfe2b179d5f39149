//===- StringTable.cpp - The strings of a run by number -------------------===//
//
// Open addressing with steps of one. Entries go in the reverse of the order in
// which they came, so that a slot that is emptied is never in the middle of
// another's search.
//
//===----------------------------------------------------------------------===//

#include "StringTable.h"
#include "Hash.h"
#include "lambent/Runtime/Status.h"
#include <new>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

static uint64_t hashOf(const LambentString &string) {
  return hash64(string.data, string.length, nullptr);
}

static bool areEqual(const LambentString &a, const LambentString &b) {
  return a.length == b.length &&
         (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

LambentStatus *StringTable::create(const LambentModel &model,
                                   StringTable **result) {
  void *memory = malloc(sizeof(StringTable));
  if (!memory)
    return makeOutOfMemory("a table of strings", sizeof(StringTable));
  auto *table = new (memory) StringTable();
  LambentStatus *status = table->grow(uint64_t(model.num_strings) + 1);
  LambentString empty = {nullptr, 0};
  int64_t number;
  if (!status)
    status = table->add(empty, number);
  for (uint32_t i = 1; i < model.num_strings && !status; ++i)
    status = table->add(model.strings[i], number);
  if (!status && model.num_strings && table->count != model.num_strings)
    status =
        makeError("'%s' is damaged: two of its strings are equal", model.name);
  if (status) {
    table->destroy();
    return status;
  }
  table->own = table->count;
  *result = table;
  return nullptr;
}

void StringTable::destroy() {
  free(entries);
  free(slots);
  this->~StringTable();
  free(this);
}

LambentStatus *StringTable::grow(uint64_t wanted) {
  uint64_t larger = 64;
  while (larger < wanted && larger < UINT64_MAX / 256)
    larger *= 2;
  uint64_t bytes = larger * sizeof(Entry);
  auto *grown = static_cast<Entry *>(realloc(entries, bytes));
  if (!grown)
    return makeOutOfMemory("a table of strings", bytes);
  entries = grown;
  auto *others = static_cast<uint64_t *>(calloc(2 * larger, sizeof(uint64_t)));
  if (!others)
    return makeOutOfMemory("a table of strings", 2 * larger * sizeof(uint64_t));
  free(slots);
  slots = others;
  capacity = larger;
  uint64_t mask = 2 * capacity - 1;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t slot = entries[i].hash & mask;
    while (slots[slot])
      slot = (slot + 1) & mask;
    slots[slot] = i + 1;
    entries[i].slot = slot;
  }
  return nullptr;
}

uint64_t StringTable::findSlot(const LambentString &string,
                               uint64_t hash) const {
  uint64_t mask = 2 * capacity - 1, slot = hash & mask;
  for (; slots[slot]; slot = (slot + 1) & mask) {
    const Entry &entry = entries[slots[slot] - 1];
    if (entry.hash == hash && areEqual(entry.string, string))
      break;
  }
  return slot;
}

LambentStatus *StringTable::add(const LambentString &string, int64_t &number) {
  uint64_t hash = hashOf(string), slot = findSlot(string, hash);
  if (!slots[slot]) {
    if (count == capacity) {
      if (LambentStatus *status = grow(2 * capacity))
        return status;
      slot = findSlot(string, hash);
    }
    entries[count] = {string, hash, slot};
    slots[slot] = ++count;
  }
  number = static_cast<int64_t>(slots[slot] - 1);
  return nullptr;
}

void StringTable::forget() {
  while (count > own)
    slots[entries[--count].slot] = 0;
}

} // namespace lambent::runtime
