//===- ListProtoFile.cpp - ONNX's SequenceProto and OptionalProto ---------===//

#include "ProtoFile.h"
#include "lambent/ElementTypes/ElementType.h"
#include <stdlib.h>

namespace lambent::runtime {

namespace {

/// The fields of a SequenceProto, and of an OptionalProto.
enum ListField : uint64_t {
  ListName = 1,
  ValueKind = 2,
  TensorValue = 3,
  SequenceValue = 5
};
/// What their values are, as ValueKind says it.
enum Kind : uint64_t { NoKind = 0, TensorKind = 1, SequenceKind = 3 };

} // namespace

/// The values of a SequenceProto or OptionalProto.
struct ListSummary {
  uint64_t kind = NoKind, count = 0;
  Piece sequence{}; ///< of an optional

  /// Calls `visit` with each tensor; false where the message is damaged.
  template <typename Visit> bool read(Piece message, Visit visit) {
    while (message.at != message.end) {
      uint64_t field, number;
      uint32_t wire;
      Piece content{};
      if (!message.readField(field, wire, number, content))
        return false;
      if (field == ValueKind && wire == Varint)
        kind = number;
      if (field == TensorValue && wire == Bytes && !visit(content, count++))
        return false;
      if (field == SequenceValue && wire == Bytes)
        sequence = content;
    }
    return true;
  }
};

static LambentStatus *readListMessage(Piece message, const char *path,
                                      uint8_t code, OwnedTensor &list) {
  const char *what =
      code == LAMBENT_SEQUENCE ? "a SequenceProto" : "an OptionalProto";
  ListSummary summary;
  if (!summary.read(message, [](Piece, uint64_t) { return true; }))
    return makeError("'%s' is not %s, or is damaged", path, what);
  bool hasSequence = code == LAMBENT_OPTIONAL && summary.kind == SequenceKind;
  if (!hasSequence && summary.kind != TensorKind && summary.kind != NoKind)
    return makeUnsupported("'%s': %s of other values than tensors is not "
                           "supported",
                           path, what);
  if (code == LAMBENT_OPTIONAL && summary.count > 1)
    return makeError("'%s' is not %s, or is damaged", path, what);
  uint64_t count = hasSequence ? (summary.sequence.at ? 1 : 0) : summary.count;
  if (LambentStatus *status = list.allocateList(code, count, path))
    return status;
  LambentStatus *failure = nullptr;
  if (hasSequence && count)
    failure = readListMessage(summary.sequence, path, LAMBENT_SEQUENCE,
                              list.getChild(0));
  else if (!hasSequence)
    ListSummary().read(message, [&](Piece content, uint64_t index) {
      failure = readTensorMessage(content, path, list.getChild(index));
      return !failure;
    });
  list.linkChildren();
  return failure;
}

LambentStatus *readListProto(const char *path, uint8_t code,
                             OwnedTensor &list) {
  return readMessage(path, [&](Piece message) {
    return readListMessage(message, path, code, list);
  });
}

static const LambentTensor *getValues(const LambentTensor &list) {
  return reinterpret_cast<const LambentTensor *>(
      static_cast<const char *>(list.data) + list.byte_offset);
}

/// A message of a file that is made in memory, so that its length is known.
class HeldMessage {
public:
  HeldMessage() : file(open_memstream(&data, &size)) {}
  HeldMessage(const HeldMessage &) = delete;
  ~HeldMessage() {
    if (file)
      fclose(file);
    free(data);
  }
  FILE *get() const { return file; }
  /// Writes it as a field of another one.
  bool writeTo(FILE *outer, uint64_t field) {
    return fflush(file) == 0 && writeBytes(outer, field, data, size);
  }

private:
  char *data = nullptr;
  size_t size = 0;
  FILE *file;
};

static bool writeListMessage(FILE *file, const LambentTensor &list,
                             const char *name) {
  uint64_t count = static_cast<uint64_t>(list.shape[0]);
  bool hasSequence = count && getValues(list)[0].dtype.code == LAMBENT_SEQUENCE;
  // An optional without a value does not say what it would be.
  uint64_t kind = hasSequence                                    ? SequenceKind
                  : count || list.dtype.code == LAMBENT_SEQUENCE ? TensorKind
                                                                 : NoKind;
  bool isGood = !name || writeBytes(file, ListName, name, strlen(name));
  isGood = isGood && writeNumber(file, ValueKind, kind);
  for (uint64_t i = 0; i < count && isGood; ++i) {
    const LambentTensor &value = getValues(list)[i];
    HeldMessage message;
    if (!message.get())
      return false;
    const ElementType *row =
        findElementType(value.dtype.code, value.dtype.bits);
    isGood = hasSequence
                 ? writeListMessage(message.get(), value, nullptr) &&
                       message.writeTo(file, SequenceValue)
                 : row &&
                       writeTensorMessage(message.get(), value,
                                          uint64_t(row->number), nullptr) &&
                       message.writeTo(file, TensorValue);
  }
  return isGood;
}

LambentStatus *writeListProto(const char *path, const LambentTensor &list,
                              const char *name) {
  return writeMessage(
      path, [&](FILE *file) { return writeListMessage(file, list, name); });
}

} // namespace lambent::runtime
