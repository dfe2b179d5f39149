//===- Tensor.cpp - A tensor that owns its bytes
//---------------------------===//

#include "Tensor.h"
#include <cstring>

namespace lambent::driver {

const std::vector<ElementType> &elementTypes() {
  static const std::vector<ElementType> types = {
      {LAMBENT_FLOAT, 32, "float32", "<f4", 1},
      {LAMBENT_UINT, 8, "uint8", "|u1", 2},
      {LAMBENT_INT, 8, "int8", "|i1", 3},
      {LAMBENT_UINT, 16, "uint16", "<u2", 4},
      {LAMBENT_INT, 16, "int16", "<i2", 5},
      {LAMBENT_INT, 32, "int32", "<i4", 6},
      {LAMBENT_INT, 64, "int64", "<i8", 7},
      {LAMBENT_BOOL, 8, "bool", "|b1", 9},
      {LAMBENT_FLOAT, 16, "float16", "<f2", 10},
      {LAMBENT_FLOAT, 64, "float64", "<f8", 11},
      {LAMBENT_UINT, 32, "uint32", "<u4", 12},
      {LAMBENT_UINT, 64, "uint64", "<u8", 13},
      {LAMBENT_BFLOAT, 16, "bfloat16", "<V2", 16},
  };
  return types;
}

const ElementType *findElementType(uint8_t code, uint8_t bits) {
  for (const ElementType &type : elementTypes())
    if (type.code == code && type.bits == bits)
      return &type;
  return nullptr;
}

std::string typeName(uint8_t code, uint8_t bits) {
  if (const ElementType *type = findElementType(code, bits))
    return type->name;
  return "type " + std::to_string(code) + "/" + std::to_string(bits);
}

std::string shapeText(const int64_t *dims, size_t rank) {
  if (rank == 0)
    return "scalar";
  std::string text;
  for (size_t i = 0; i < rank; ++i)
    text += (i ? "x" : "") + (dims[i] < 0 ? "?" : std::to_string(dims[i]));
  return text;
}

std::optional<Tensor> Tensor::create(const ElementType &type,
                                     std::vector<int64_t> shape) {
  constexpr uint64_t limit = uint64_t(1) << 48;
  uint64_t count = 1;
  bool empty = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return std::nullopt;
    if (dim == 0)
      empty = true;
    else if (count > limit / static_cast<uint64_t>(dim))
      return std::nullopt;
    else
      count *= static_cast<uint64_t>(dim);
  }
  Tensor tensor;
  tensor.elementType = &type;
  tensor.dims = std::move(shape);
  tensor.count = empty ? 0 : count;
  uint64_t bytes = (tensor.size() + 63) / 64 * 64;
  tensor.bytes.reset(
      static_cast<char *>(std::aligned_alloc(64, bytes ? bytes : 64)));
  if (!tensor.bytes)
    return std::nullopt;
  return tensor;
}

LambentTensor Tensor::view() {
  LambentTensor view = {};
  view.data = bytes.get();
  view.device.device_type = LAMBENT_DEVICE_CPU;
  view.ndim = static_cast<int32_t>(dims.size());
  view.dtype = {elementType->code, elementType->bits, 1};
  view.shape = dims.data();
  return view;
}

} // namespace lambent::driver
