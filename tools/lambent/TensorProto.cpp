//===- TensorProto.cpp - ONNX's serialized tensors
//-------------------------===//
//
// The fields are those of onnx.proto: 1 dims, 2 data_type, 4 float_data,
// 5 int32_data, 7 int64_data, 8 name, 9 raw_data, 10 double_data,
// 11 uint64_data, 14 data_location.
//
//===----------------------------------------------------------------------===//

#include "TensorProto.h"
#include <cstring>

namespace lambent::driver {

namespace {

enum Field {
  Dims = 1,
  DataType = 2,
  FloatData = 4,
  Int32Data = 5,
  Int64Data = 7,
  Name = 8,
  RawData = 9,
  DoubleData = 10,
  Uint64Data = 11,
  DataLocation = 14
};
enum Wire { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

/// Takes values off the front of a message.
class Reader {
public:
  explicit Reader(std::string_view bytes) : rest(bytes) {}
  bool done() const { return rest.empty(); }

  bool varint(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      uint64_t byte = static_cast<unsigned char>(rest.front());
      rest.remove_prefix(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return true;
    }
    return false;
  }

  bool take(uint64_t count, std::string_view &value) {
    if (count > rest.size())
      return false;
    value = rest.substr(0, count);
    rest.remove_prefix(count);
    return true;
  }

private:
  std::string_view rest;
};

/// The fields of a TensorProto. Numbers in typed fields end up as raw little
/// endian bytes, the varints as 64-bit words.
struct Fields {
  std::vector<int64_t> dims;
  uint64_t dataType = 0, location = 0;
  bool hasRaw = false;
  std::string_view raw;
  std::string fixed; // float_data or double_data
  std::vector<uint64_t> words;
};

} // namespace

/// Takes one value, or a packed run of them.
static bool readNumbers(Reader &reader, Wire wire, std::vector<uint64_t> &to) {
  uint64_t value;
  if (wire == Varint) {
    if (!reader.varint(value))
      return false;
    to.push_back(value);
    return true;
  }
  std::string_view packed;
  if (wire != Length || !reader.varint(value) || !reader.take(value, packed))
    return false;
  for (Reader inner(packed); !inner.done(); to.push_back(value))
    if (!inner.varint(value))
      return false;
  return true;
}

static bool readField(Reader &reader, uint64_t field, Wire wire, Fields &to) {
  if (field == Dims) {
    std::vector<uint64_t> values;
    if (!readNumbers(reader, wire, values))
      return false;
    to.dims.insert(to.dims.end(), values.begin(), values.end());
    return true;
  }
  if (field == Int32Data || field == Int64Data || field == Uint64Data)
    return readNumbers(reader, wire, to.words);
  uint64_t number = 0;
  std::string_view bytes;
  switch (wire) {
  case Varint:
    if (!reader.varint(number))
      return false;
    break;
  case Length:
    if (!reader.varint(number) || !reader.take(number, bytes))
      return false;
    break;
  case Fixed32:
  case Fixed64:
    if (!reader.take(wire == Fixed32 ? 4 : 8, bytes))
      return false;
    break;
  default:
    return false;
  }
  if (field == DataType && wire == Varint) {
    to.dataType = number;
  } else if (field == DataLocation && wire == Varint) {
    to.location = number;
  } else if (field == RawData && wire == Length) {
    to.hasRaw = true;
    to.raw = bytes;
  } else if (field == FloatData || field == DoubleData) {
    to.fixed += bytes;
  }
  return true;
}

static bool readFields(std::string_view bytes, Fields &to) {
  Reader reader(bytes);
  while (!reader.done()) {
    uint64_t tag;
    if (!reader.varint(tag) ||
        !readField(reader, tag >> 3, static_cast<Wire>(tag & 7), to))
      return false;
  }
  return true;
}

std::optional<Tensor> parseTensorProto(std::string_view bytes,
                                       std::string &error) {
  auto fail = [&](std::string reason) {
    error = std::move(reason);
    return std::nullopt;
  };
  Fields fields;
  if (!readFields(bytes, fields))
    return fail("is not a serialized TensorProto");
  const ElementType *type = nullptr;
  for (const ElementType &candidate : elementTypes())
    if (static_cast<uint64_t>(candidate.onnx) == fields.dataType)
      type = &candidate;
  if (!type)
    return fail("holds elements of data type " +
                std::to_string(fields.dataType) + ", which is not supported");
  if (fields.location != 0)
    return fail("keeps its data in another file, which is not supported here");
  std::optional<Tensor> tensor = Tensor::create(*type, fields.dims);
  if (!tensor)
    return fail("has an impossible shape: " +
                shapeText(fields.dims.data(), fields.dims.size()));
  size_t width = type->bits / 8;
  if (!fields.hasRaw && fields.fixed.empty()) {
    if (fields.words.size() != tensor->elements())
      return fail("holds " + std::to_string(fields.words.size()) +
                  " elements, but its shape needs " +
                  std::to_string(tensor->elements()));
    for (size_t i = 0; i < fields.words.size(); ++i)
      std::memcpy(tensor->data() + i * width, &fields.words[i], width);
    return tensor;
  }
  std::string_view data = fields.hasRaw ? fields.raw : fields.fixed;
  if (data.size() != tensor->size())
    return fail("holds " + std::to_string(data.size()) +
                " bytes of data, but its shape needs " +
                std::to_string(tensor->size()));
  std::memcpy(tensor->data(), data.data(), data.size());
  return tensor;
}

static void appendVarint(std::string &to, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    to += static_cast<char>((value & 0x7f) | 0x80);
  to += static_cast<char>(value);
}

std::string tensorProtoHeader(const Tensor &tensor, std::string_view name) {
  std::string result;
  for (int64_t dim : tensor.shape()) {
    appendVarint(result, Dims << 3 | Varint);
    appendVarint(result, static_cast<uint64_t>(dim));
  }
  appendVarint(result, DataType << 3 | Varint);
  appendVarint(result, static_cast<uint64_t>(tensor.type().onnx));
  appendVarint(result, Name << 3 | Length);
  appendVarint(result, name.size());
  result += name;
  appendVarint(result, RawData << 3 | Length);
  appendVarint(result, tensor.size());
  return result;
}

} // namespace lambent::driver
