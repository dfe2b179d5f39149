//===- ProtoFile.h - Messages of protobuf in files --------------*- C++ -*-===//
//
// Just enough of the wire format for ONNX's TensorProto, and for a
// SequenceProto or OptionalProto of such.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_PROTOFILE_H
#define LAMBENT_RUNTIME_PROTOFILE_H

#include "Mapping.h"
#include "OwnedTensor.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

namespace lambent::runtime {

enum Wire : uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// A piece of a message.
struct Piece {
  const unsigned char *at, *end;

  bool readVarint(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at == end)
        return false;
      value |= static_cast<uint64_t>(*at & 127) << shift;
      if (!(*at++ & 128))
        return true;
    }
    return false;
  }
  bool readFixed(uint64_t &value, uint64_t bytes) {
    value = 0;
    if (static_cast<uint64_t>(end - at) < bytes)
      return false;
    memcpy(&value, at, bytes);
    at += bytes;
    return true;
  }
  /// Reads a field: its number, and its content as a number or as a piece.
  bool readField(uint64_t &field, uint32_t &wire, uint64_t &number,
                 Piece &content) {
    uint64_t key;
    if (!readVarint(key))
      return false;
    field = key >> 3;
    wire = key & 7;
    switch (wire) {
    case Varint:
      return readVarint(number);
    case Fixed64:
      return readFixed(number, 8);
    case Fixed32:
      return readFixed(number, 4);
    case Bytes:
      if (!readVarint(number) || number > static_cast<uint64_t>(end - at))
        return false;
      content = {at, at + number};
      at += number;
      return true;
    }
    return false; // groups, which ONNX never had
  }
};

/// Maps a file for `read`.
template <typename Read>
LambentStatus *readMessage(const char *path, Read read) {
  File file;
  if (LambentStatus *status = file.open(path))
    return status;
  Mapping mapping;
  if (LambentStatus *status =
          Mapping::mapFile(file.descriptor(), path, 0, file.size(), mapping))
    return status;
  const auto *start = reinterpret_cast<const unsigned char *>(mapping.data());
  return read(Piece{start, start + file.size()});
}

inline bool writeVarint(FILE *file, uint64_t value) {
  while (value >= 128) {
    if (fputc(static_cast<int>(value & 127) | 128, file) < 0)
      return false;
    value >>= 7;
  }
  return fputc(static_cast<int>(value), file) >= 0;
}

inline bool writeBytes(FILE *file, uint64_t field, const void *data,
                       uint64_t bytes) {
  return writeVarint(file, field << 3 | Bytes) && writeVarint(file, bytes) &&
         (!bytes || fwrite(data, 1, bytes, file) == bytes);
}

inline bool writeNumber(FILE *file, uint64_t field, uint64_t number) {
  return writeVarint(file, field << 3 | Varint) && writeVarint(file, number);
}

/// Writes a file by `write`.
template <typename Write>
LambentStatus *writeMessage(const char *path, Write write) {
  FILE *file = fopen(path, "we");
  if (!file)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  bool isGood = write(file);
  if (fclose(file) || !isGood)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  return nullptr;
}

/// The elements of a TensorProto of strings, of which memory is asked for here.
LambentStatus *readStringData(Piece message, const char *path,
                              const int64_t *dims, uint32_t rank,
                              OwnedTensor &tensor);
bool writeStringData(FILE *file, const LambentTensor &tensor);

/// A TensorProto; `path` is for messages.
LambentStatus *readTensorMessage(Piece message, const char *path,
                                 OwnedTensor &tensor);
/// `type` is a TensorProto.DataType.
bool writeTensorMessage(FILE *file, const LambentTensor &tensor, uint64_t type,
                        const char *name);

} // namespace lambent::runtime

#endif
