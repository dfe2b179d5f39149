//===- ListTensors.cpp - Sequences and optionals that callers see ---------===//

#include "ListTensors.h"
#include "OwnedTensor.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>
#include <string.h>

namespace lambent::runtime {

ListText::ListText(const LambentTensorInfo &info) {
  TypeText element({info.type_code, info.type_bits, 1}, nullptr, 0);
  size_t used = size_t(
      snprintf(text, sizeof(text), "%s%s%.*s",
               info.list & LAMBENT_LIST_OPTIONAL ? "an optional of " : "",
               info.list & LAMBENT_LIST_SEQUENCE ? "a sequence of " : "",
               int(strlen(element.text)) - 1, element.text));
  // No model has a rank for which there is no room.
  for (uint32_t i = 0; i < info.rank && used < sizeof(text) - 32; ++i) {
    const char *separator = i ? "x" : "";
    used += size_t(
        info.dims[i] < 0
            ? snprintf(text + used, sizeof(text) - used, "%s?", separator)
            : snprintf(text + used, sizeof(text) - used, "%s%lld", separator,
                       static_cast<long long>(info.dims[i])));
  }
  snprintf(text + used, sizeof(text) - used,
           info.list & LAMBENT_LIST_ANY_RANK ? "...]" : "]");
}

/// Whether a tensor is what is said of a list's elements.
static bool fits(const LambentTensor &tensor, const LambentTensorInfo &info) {
  bool hasRank = !(info.list & LAMBENT_LIST_ANY_RANK);
  if (tensor.dtype.lanes != 1 || tensor.dtype.code != info.type_code ||
      tensor.dtype.bits != info.type_bits || tensor.ndim < 0 ||
      (tensor.ndim && !tensor.shape) || (hasRank && tensor.ndim != info.rank))
    return false;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    if (tensor.shape[i] < 0 ||
        (hasRank && info.dims[i] >= 0 && tensor.shape[i] != info.dims[i]))
      return false;
  return true;
}

static bool isEmpty(const LambentTensor &tensor) {
  for (int32_t i = 0; i < tensor.ndim; ++i)
    if (tensor.shape[i] == 0)
      return true;
  return false;
}

static LambentStatus *refuse(const LambentTensor &tensor,
                             const LambentTensorInfo &info) {
  ListText expected(info);
  if (isList(tensor))
    return makeError(
        "input '%s': expected %s, but got %s", info.name, expected.text,
        tensor.dtype.code == LAMBENT_SEQUENCE ? "a sequence" : "an optional");
  TypeText given(tensor.dtype, tensor.shape, tensor.shape ? tensor.ndim : 0);
  return makeError("input '%s': expected %s, but got %s", info.name,
                   expected.text, given.text);
}

/// A tensor that was checked, as a run has it.
static LambentStatus *readValue(const LambentTensor &tensor,
                                const LambentTensorInfo &info, ListStore &store,
                                StringTable *strings, LambentTensor *&own) {
  if (isString(info)) {
    if (LambentStatus *status =
            store.makeTensor(numberType, tensor.shape, tensor.ndim, own))
      return status;
    return readStrings(tensor, info.name, *strings,
                       static_cast<int64_t *>(own->data));
  }
  own = static_cast<LambentTensor *>(store.allocate(sizeof(LambentTensor)));
  if (!own)
    return makeOutOfMemory(info.name, sizeof(LambentTensor));
  *own = tensor;
  return nullptr;
}

/// A list of values of `code`; of an optional of sequences, the outer one.
static LambentStatus *readValues(const LambentTensor &tensor,
                                 const LambentTensorInfo &info, uint8_t code,
                                 ListStore &store, StringTable *strings,
                                 const List *&result) {
  bool isOptional = code == LAMBENT_OPTIONAL;
  if (tensor.dtype.code != code || tensor.ndim != 1 || !tensor.shape ||
      tensor.shape[0] < 0 || (isOptional && tensor.shape[0] > 1) ||
      (tensor.shape[0] && !tensor.data))
    return refuse(tensor, info);
  auto *values = reinterpret_cast<const LambentTensor *>(
      static_cast<const char *>(tensor.data) + tensor.byte_offset);
  uint64_t length = uint64_t(tensor.shape[0]);
  bool holdsSequence = isOptional && (info.list & LAMBENT_LIST_SEQUENCE);
  List *list;
  if (LambentStatus *status = store.makeList(holdsSequence ? 0 : length, list))
    return status;
  result = list;
  list->length = length;
  if (holdsSequence)
    return length ? readValues(values[0], info, LAMBENT_SEQUENCE, store,
                               strings, list->sequence)
                  : nullptr;
  for (uint64_t i = 0; i < length; ++i) {
    if (!fits(values[i], info))
      return refuse(values[i], info);
    if (!isEmpty(values[i]))
      if (LambentStatus *status = checkMemory(values[i], "input", info.name))
        return status;
    LambentTensor *own;
    if (LambentStatus *status = readValue(values[i], info, store, strings, own))
      return status;
    list->items->tensors[i] = own;
  }
  list->items->count = length;
  return nullptr;
}

LambentStatus *readList(const LambentTensor &tensor,
                        const LambentTensorInfo &info, ListStore &store,
                        StringTable *strings, const List *&list) {
  return readValues(tensor, info, getListCode(info), store, strings, list);
}

static uint64_t align(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

static uint64_t countElementBytes(const LambentTensor &tensor) {
  return getBytes(countElements(tensor), tensor.dtype);
}

static const int64_t *getNumbers(const LambentTensor &tensor) {
  return reinterpret_cast<const int64_t *>(
      static_cast<const char *>(tensor.data) + tensor.byte_offset);
}

static uint64_t getHeadBytes(const List &list) {
  return align(list.length * (sizeof(LambentTensor)));
}

/// The bytes of a tensor's dims, and those of its elements.
static LambentStatus *countTensor(const GivenList &given,
                                  const LambentTensor &tensor, uint64_t &dims,
                                  uint64_t &elements) {
  dims = align(uint64_t(tensor.ndim) * sizeof(int64_t));
  elements = 0;
  LambentStatus *status = nullptr;
  if (given.strings)
    status = countStringBytes(getNumbers(tensor), countElements(tensor),
                              given.info.name, *given.strings, elements);
  else
    elements = countElementBytes(tensor);
  elements = align(elements);
  return status;
}

static LambentStatus *addListBytes(const GivenList &given, const List &list,
                                   uint64_t &bytes) {
  bytes += getHeadBytes(list);
  if (list.sequence) {
    bytes += 64;
    return addListBytes(given, *list.sequence, bytes);
  }
  for (uint64_t i = 0; i < list.length; ++i) {
    uint64_t dims, elements;
    if (LambentStatus *status =
            countTensor(given, *list.items->tensors[i], dims, elements))
      return status;
    bytes += dims + elements;
  }
  return nullptr;
}

LambentStatus *getListBytes(const GivenList &given, uint64_t &bytes) {
  bytes = 0;
  return addListBytes(given, given.list, bytes);
}

/// Copies elements and, of strings, what they stand for.
static void writeElements(const GivenList &given, const LambentTensor &source,
                          char *elements) {
  uint64_t count = countElements(source);
  if (!count)
    return;
  if (given.strings)
    copyStrings(getNumbers(source), count, *given.strings, elements);
  else
    memcpy(elements,
           static_cast<const char *>(source.data) + source.byte_offset,
           countElementBytes(source));
}

static void writeValues(const GivenList &given, const List &list, uint8_t code,
                        char *data, int64_t *length, LambentTensor &tensor) {
  *length = int64_t(list.length);
  tensor = {list.length ? data : nullptr,
            {LAMBENT_DEVICE_CPU, 0},
            1,
            {code, 0, 1},
            length,
            nullptr,
            0};
  auto *values = reinterpret_cast<LambentTensor *>(data);
  char *next = data + getHeadBytes(list);
  if (list.sequence) {
    writeValues(given, *list.sequence, LAMBENT_SEQUENCE, next + 64,
                reinterpret_cast<int64_t *>(next), values[0]);
    return;
  }
  for (uint64_t i = 0; i < list.length; ++i) {
    const LambentTensor &source = *list.items->tensors[i];
    uint64_t dims, bytes;
    // It was counted before without a failure.
    lambent_status_destroy(countTensor(given, source, dims, bytes));
    if (source.ndim)
      memcpy(next, source.shape, uint64_t(source.ndim) * sizeof(int64_t));
    writeElements(given, source, next + dims);
    values[i] = {next + dims,
                 {LAMBENT_DEVICE_CPU, 0},
                 source.ndim,
                 given.strings ? LambentDataType{LAMBENT_STRING, stringBits, 1}
                               : source.dtype,
                 reinterpret_cast<int64_t *>(next),
                 nullptr,
                 0};
    next += dims + bytes;
  }
}

void writeList(const GivenList &given, char *data, int64_t *length,
               LambentTensor &tensor) {
  writeValues(given, given.list, getListCode(given.info), data, length, tensor);
}

} // namespace lambent::runtime
