//===- StringTensors.h - Strings that callers see, and numbers --*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_STRINGTENSORS_H
#define LAMBENT_RUNTIME_STRINGTENSORS_H

#include "StringTable.h"

namespace lambent::runtime {

constexpr uint8_t stringBits = 8 * sizeof(LambentString);

/// What stands for strings in the buffers of a run.
constexpr LambentDataType numberType = {LAMBENT_INT, 64, 1};

inline bool isString(const LambentTensorInfo &info) {
  return info.type_code == LAMBENT_STRING;
}
inline bool isString(LambentDataType type) {
  return type.code == LAMBENT_STRING && type.bits == stringBits;
}

/// The elements of a dense tensor of strings.
inline LambentString *getStrings(const LambentTensor &tensor) {
  return reinterpret_cast<LambentString *>(static_cast<char *>(tensor.data) +
                                           tensor.byte_offset);
}

/// An error where a string of some bytes has none. `role` is "input" or
/// "tensor".
LambentStatus *checkStrings(const LambentTensor &tensor, const char *role,
                            const char *name);

/// Numbers an input's strings.
LambentStatus *readStrings(const LambentTensor &tensor, const char *name,
                           StringTable &table, int64_t *numbers);

/// Checks numbers of an output, and adds the bytes of their strings, as
/// `copyStrings` lays them out, to `bytes`.
LambentStatus *countStringBytes(const int64_t *numbers, uint64_t count,
                                const char *name, const StringTable &table,
                                uint64_t &bytes);

/// Writes an array of strings, which were counted, with all their bytes behind
/// it, each with a zero after it.
void copyStrings(const int64_t *numbers, uint64_t count,
                 const StringTable &table, char *data);

/// Writes an array of strings whose bytes stay where they are.
void viewStrings(const int64_t *numbers, uint64_t count,
                 const StringTable &table, LambentString *strings);

} // namespace lambent::runtime

#endif
