//===- TensorProtoStrings.cpp - Strings in ONNX's TensorProto -------------===//

#include "ProtoFile.h"
#include "StringTensors.h"
#include "TensorCheck.h"

namespace lambent::runtime {

static constexpr uint64_t stringField = 6; // string_data

/// Calls `visit` with each string; false where the message is damaged.
template <typename Visit>
static bool forEachString(Piece message, Visit visit) {
  while (message.at != message.end) {
    uint64_t field, number;
    uint32_t wire;
    Piece content{};
    if (!message.readField(field, wire, number, content) ||
        (field == stringField && wire != Bytes))
      return false;
    if (field == stringField)
      visit(reinterpret_cast<const char *>(content.at),
            static_cast<uint64_t>(content.end - content.at));
  }
  return true;
}

LambentStatus *readStringData(Piece message, const char *path,
                              const int64_t *dims, uint32_t rank,
                              OwnedTensor &tensor) {
  uint64_t count = 0, text = 0;
  if (!forEachString(message, [&](const char *, uint64_t length) {
        ++count;
        text += length;
      }))
    return makeError("'%s' is not a TensorProto, or is damaged", path);
  LambentDataType type = {LAMBENT_STRING, stringBits, 1};
  if (LambentStatus *status = tensor.allocate(type, dims, rank, path, text))
    return status;
  if (count != tensor.getElements())
    return makeError("'%s': it describes %s, but has %llu elements", path,
                     TypeText(type, dims, rank).text,
                     static_cast<unsigned long long>(count));
  LambentString *next = getStrings(tensor.get());
  char *bytes = static_cast<char *>(tensor.get().data) + tensor.getBytes();
  forEachString(message, [&](const char *string, uint64_t length) {
    if (length)
      memcpy(bytes, string, length);
    *next++ = {bytes, length};
    bytes += length;
  });
  return nullptr;
}

bool writeStringData(FILE *file, const LambentTensor &tensor) {
  const LambentString *strings = getStrings(tensor);
  for (uint64_t i = 0, count = countElements(tensor); i < count; ++i)
    if (!writeBytes(file, stringField, strings[i].data, strings[i].length))
      return false;
  return true;
}

} // namespace lambent::runtime
