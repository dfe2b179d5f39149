//===- TensorProtoFile.cpp - Read and write ONNX's TensorProto ------------===//
//
// Just enough of protobuf's wire format for a tensor, and for a SequenceProto
// or OptionalProto of such. A message is read twice: first for type, dims and
// where the data is, then, with memory at hand, for the data.
//
//===----------------------------------------------------------------------===//

#include "ProtoFile.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

namespace {

enum Field : uint64_t {
  Dims = 1,
  DataType = 2,
  FloatData = 4,
  Int32Data = 5,
  Int64Data = 7,
  Name = 8,
  RawData = 9,
  DoubleData = 10,
  Uint64Data = 11,
  DataLocation = 14,
};
/// The field that holds elements where raw_data does not. In int32_data, floats
/// are their bits, and each number holds a byte of packed elements.
Field getField(const ElementType &type) {
  if (type.code == LAMBENT_FLOAT && type.bits == 64)
    return DoubleData;
  if (type.code == LAMBENT_FLOAT && type.bits == 32)
    return FloatData;
  if (type.bits == 64 && type.code == LAMBENT_INT)
    return Int64Data;
  return type.bits >= 32 && type.code == LAMBENT_UINT ? Uint64Data : Int32Data;
}

/// What the first reading finds.
struct Summary {
  uint64_t dataType = 0, location = 0;
  int64_t dims[OwnedTensor::maxRank];
  uint32_t rank = 0;
  bool hasRaw = false;
  Piece raw{};

  bool addDim(uint64_t dim) {
    if (rank == OwnedTensor::maxRank)
      return false;
    dims[rank++] = static_cast<int64_t>(dim);
    return true;
  }
  bool read(Piece message) {
    while (message.at != message.end) {
      uint64_t field, number;
      uint32_t wire;
      Piece content{};
      if (!message.readField(field, wire, number, content))
        return false;
      if (field == Dims && wire == Varint && !addDim(number))
        return false;
      if (field == Dims && wire == Bytes)
        while (content.at != content.end)
          if (!content.readVarint(number) || !addDim(number))
            return false;
      if (field == DataType && wire == Varint)
        dataType = number;
      if (field == DataLocation && wire == Varint)
        location = number;
      if (field == RawData && wire == Bytes) {
        hasRaw = true;
        raw = content;
      }
    }
    return true;
  }
};

/// Stores elements one behind the other, and counts them.
struct ElementWriter {
  char *data;
  uint64_t capacity, count = 0;
  uint32_t bytes;

  void add(uint64_t element) {
    if (count < capacity)
      memcpy(data + count * bytes, &element, bytes);
    ++count;
  }
  bool addAll(Piece message, Field wanted) {
    while (message.at != message.end) {
      uint64_t field, number;
      uint32_t wire;
      Piece content{};
      if (!message.readField(field, wire, number, content))
        return false;
      if (field != wanted)
        continue;
      if (wire != Bytes) {
        add(number);
        continue;
      }
      while (content.at != content.end) {
        bool isRead = wanted == FloatData    ? content.readFixed(number, 4)
                      : wanted == DoubleData ? content.readFixed(number, 8)
                                             : content.readVarint(number);
        if (!isRead)
          return false;
        add(number);
      }
    }
    return true;
  }
};

} // namespace

LambentStatus *readTensorMessage(Piece message, const char *path,
                                 OwnedTensor &tensor) {
  Summary summary;
  // Other messages, and empty files, have no element type.
  if (!summary.read(message) || summary.dataType == 0)
    return makeError("'%s' is not a TensorProto, or is damaged", path);
  const ElementType *row = findElementType(summary.dataType);
  if (!row)
    return makeUnsupported(
        "'%s': elements of TensorProto type %llu are not supported", path,
        static_cast<unsigned long long>(summary.dataType));
  if (summary.location != 0)
    return makeUnsupported(
        "'%s': a TensorProto whose data lies in another file is not supported",
        path);
  // The file holds the elements: no need to ask for memory when there are too
  // few.
  uint64_t elements = 1;
  for (uint32_t i = 0; i < summary.rank; ++i)
    if (summary.dims[i] < 0 ||
        __builtin_mul_overflow(elements, static_cast<uint64_t>(summary.dims[i]),
                               &elements))
      elements = UINT64_MAX;
  LambentDataType dataType = {row->code, row->bits, 1};
  TypeText type(dataType, summary.dims, summary.rank);
  // A number of int32_data may take less room than its element.
  uint64_t least =
      row->isPacked() ? getPackedBytes(elements, row->bits) : elements;
  if (least > static_cast<uint64_t>(message.end - message.at))
    return makeError("'%s': it describes %s, but has fewer elements", path,
                     type.text);
  if (isString(dataType))
    return summary.hasRaw
               ? makeError("'%s': it describes %s, but has raw data, which "
                           "strings can't have",
                           path, type.text)
               : readStringData(message, path, summary.dims, summary.rank,
                                tensor);
  if (LambentStatus *status =
          tensor.allocate(dataType, summary.dims, summary.rank, path))
    return status;
  char *data = static_cast<char *>(tensor.get().data);
  if (summary.hasRaw) {
    uint64_t bytes = static_cast<uint64_t>(summary.raw.end - summary.raw.at);
    if (bytes != tensor.getBytes())
      return makeError("'%s': it describes %s, but has %llu bytes of data",
                       path, type.text, static_cast<unsigned long long>(bytes));
    memcpy(data, summary.raw.at, bytes);
  } else {
    uint32_t width = row->isPacked() ? 1 : row->bits / 8u;
    ElementWriter writer = {data, tensor.getBytes() / width, 0, width};
    if (!writer.addAll(message, getField(*row)))
      return makeError("'%s' is not a TensorProto, or is damaged", path);
    if (writer.count != writer.capacity)
      return makeError("'%s': it describes %s, but has %llu elements", path,
                       type.text,
                       static_cast<unsigned long long>(writer.count));
  }
  if (row->code == LAMBENT_BOOL)
    for (uint64_t i = 0; i < elements; ++i)
      data[i] = data[i] != 0;
  return nullptr;
}

LambentStatus *readTensorProto(const char *path, OwnedTensor &tensor) {
  return readMessage(path, [&](Piece message) {
    return readTensorMessage(message, path, tensor);
  });
}

bool writeTensorMessage(FILE *file, const LambentTensor &tensor, uint64_t type,
                        const char *name) {
  bool isGood = true;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    isGood = isGood &&
             writeNumber(file, Dims, static_cast<uint64_t>(tensor.shape[i]));
  isGood = isGood && writeNumber(file, DataType, type);
  if (name)
    isGood = isGood && writeBytes(file, Name, name, strlen(name));
  if (isString(tensor.dtype))
    return isGood && writeStringData(file, tensor);
  return isGood &&
         writeBytes(file, RawData,
                    static_cast<const char *>(tensor.data) + tensor.byte_offset,
                    getBytes(countElements(tensor), tensor.dtype));
}

LambentStatus *writeTensorProto(const char *path, const LambentTensor &tensor,
                                const char *name) {
  const ElementType *row =
      findElementType(tensor.dtype.code, tensor.dtype.bits);
  if (!row)
    return makeUnsupported(
        "cannot write '%s': no TensorProto type for its elements", path);
  return writeMessage(path, [&](FILE *file) {
    return writeTensorMessage(file, tensor, uint64_t(row->number), name);
  });
}

} // namespace lambent::runtime
