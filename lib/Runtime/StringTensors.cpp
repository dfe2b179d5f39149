//===- StringTensors.cpp - Strings that callers see, and numbers ----------===//

#include "StringTensors.h"
#include "OwnedTensor.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

LambentStatus *checkStrings(const LambentTensor &tensor, const char *role,
                            const char *name) {
  const LambentString *strings = getStrings(tensor);
  for (uint64_t i = 0, count = countElements(tensor); i < count; ++i)
    if (strings[i].length && !strings[i].data)
      return makeError("%s '%s': expected the bytes of string %llu, but got a "
                       "null pointer",
                       role, name, static_cast<unsigned long long>(i));
  return nullptr;
}

LambentStatus *readStrings(const LambentTensor &tensor, const char *name,
                           StringTable &table, int64_t *numbers) {
  if (LambentStatus *status = checkStrings(tensor, "input", name))
    return status;
  const LambentString *strings = getStrings(tensor);
  for (uint64_t i = 0, count = countElements(tensor); i < count; ++i)
    if (LambentStatus *status = table.add(strings[i], numbers[i]))
      return status;
  return nullptr;
}

LambentStatus *countStringBytes(const int64_t *numbers, uint64_t count,
                                const char *name, const StringTable &table,
                                uint64_t &bytes) {
  for (uint64_t i = 0; i < count; ++i) {
    const LambentString *string = table.find(numbers[i]);
    if (!string)
      return makeError("output '%s': element %llu is no string of the run: an "
                       "index may have led out of its dim",
                       name, static_cast<unsigned long long>(i));
    if (__builtin_add_overflow(bytes, sizeof(LambentString) + 1, &bytes) ||
        __builtin_add_overflow(bytes, string->length, &bytes))
      return makeOutOfMemory(name, UINT64_MAX);
  }
  return nullptr;
}

void copyStrings(const int64_t *numbers, uint64_t count,
                 const StringTable &table, char *data) {
  auto *strings = reinterpret_cast<LambentString *>(data);
  char *next = data + count * sizeof(LambentString);
  for (uint64_t i = 0; i < count; ++i) {
    const LambentString &source = *table.find(numbers[i]);
    if (source.length)
      memcpy(next, source.data, source.length);
    next[source.length] = 0;
    strings[i] = {next, source.length};
    next += source.length + 1;
  }
}

void viewStrings(const int64_t *numbers, uint64_t count,
                 const StringTable &table, LambentString *strings) {
  for (uint64_t i = 0; i < count; ++i)
    strings[i] = *table.find(numbers[i]);
}

} // namespace lambent::runtime
