//===- ListTensors.h - Sequences and optionals that callers see -*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_LISTTENSORS_H
#define LAMBENT_RUNTIME_LISTTENSORS_H

#include "ListStore.h"
#include "StringTable.h"

namespace lambent::runtime {

/// Whether an input or output is a sequence or an optional, and not a tensor.
inline bool isList(const LambentTensorInfo &info) {
  return (info.list & (LAMBENT_LIST_SEQUENCE | LAMBENT_LIST_OPTIONAL)) != 0;
}
inline bool isList(const LambentTensor &tensor) {
  return tensor.dtype.code == LAMBENT_SEQUENCE ||
         tensor.dtype.code == LAMBENT_OPTIONAL;
}

/// LAMBENT_SEQUENCE or LAMBENT_OPTIONAL, the code of the values of a list.
inline uint8_t getListCode(const LambentTensorInfo &info) {
  return info.list & LAMBENT_LIST_OPTIONAL ? LAMBENT_OPTIONAL
                                           : LAMBENT_SEQUENCE;
}

/// Checks an input and makes a list of its tensors, whose dims and elements
/// stay the caller's; of strings it makes numbers.
LambentStatus *readList(const LambentTensor &tensor,
                        const LambentTensorInfo &info, ListStore &store,
                        StringTable *strings, const List *&list);

/// A list that is given to a caller.
struct GivenList {
  const List &list;
  const LambentTensorInfo &info;
  const StringTable *strings; ///< those that its numbers stand for, or null
};

/// The bytes that a list takes as `writeList` lays it out.
LambentStatus *getListBytes(const GivenList &given, uint64_t &bytes);

/// Fills a sequence or optional whose data, so many bytes and 64-byte aligned,
/// takes a copy of all: an array of LambentTensor, and behind it the dims and
/// elements. `length` is where its shape is.
void writeList(const GivenList &given, char *data, int64_t *length,
               LambentTensor &tensor);

/// "a sequence of f32[?x3]": what a model says of a list.
struct ListText {
  char text[192];
  explicit ListText(const LambentTensorInfo &info);
};

} // namespace lambent::runtime

#endif
