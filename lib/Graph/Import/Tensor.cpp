//===- Tensor.cpp - ONNX tensors and types as MLIR attributes and types ---===//
//
// Data comes as bytes (raw_data or an external file: little endian, bool one
// byte) or as a list of numbers (float_data, int32_data, ...; the small types
// all lie in int32_data, floats as their bits, packed types a byte a number).
//
//===----------------------------------------------------------------------===//

#include "Tensor.h"
#include "WireFormat.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;
using onnx::TensorProto;

namespace lambent::graph {

Type getElementType(MLIRContext *context, int32_t dataType) {
  const ElementType *type = findElementType(uint64_t(dataType));
  return type ? getMLIRType(context, *type) : Type();
}

uint64_t getDataBytes(int32_t dataType, uint64_t count) {
  const ElementType *type = findElementType(uint64_t(dataType));
  return type ? getPackedBytes(count, type->bits) : 0;
}

Type importType(MLIRContext *context, const onnx::TypeProto &type) {
  if (type.has_sequence_type()) {
    auto element = dyn_cast_or_null<TensorType>(
        importType(context, type.sequence_type().elem_type()));
    return element ? Type(SequenceType::get(element)) : Type();
  }
  if (type.has_optional_type()) {
    Type element = importType(context, type.optional_type().elem_type());
    return element && !isa<OptionalType>(element)
               ? Type(OptionalType::get(element))
               : Type();
  }
  Type elementType = getElementType(context, type.tensor_type().elem_type());
  if (!elementType)
    return {};
  if (!type.tensor_type().has_shape())
    return UnrankedTensorType::get(elementType);
  SmallVector<int64_t> dims;
  for (const auto &dim : type.tensor_type().shape().dim())
    dims.push_back(dim.has_dim_value() && dim.dim_value() >= 0
                       ? dim.dim_value()
                       : ShapedType::kDynamic);
  if (countLeastElements(dims) < 0)
    return {};
  return RankedTensorType::get(dims, elementType);
}

std::string getDataTypeName(int32_t dataType) {
  if (onnx::TensorProto_DataType_IsValid(dataType))
    return onnx::TensorProto_DataType_Name(
        onnx::TensorProto_DataType(dataType));
  return "number " + itostr(dataType);
}

int64_t countElements(ArrayRef<int64_t> dims) {
  int64_t count = 1;
  bool empty = is_contained(dims, 0);
  for (int64_t dim : dims) {
    if (dim < 0)
      return -1;
    if (empty)
      continue;
    if (dim > mostElements / count)
      return -1;
    count *= dim;
  }
  return empty ? 0 : count;
}

int64_t countLeastElements(ArrayRef<int64_t> dims) {
  SmallVector<int64_t> least(
      map_range(dims, [](int64_t dim) { return dim < 0 ? 1 : dim; }));
  return countElements(least);
}

/// A constant that refers to bytes which `owner` keeps alive.
static ElementsAttr referTo(RankedTensorType type, StringRef name,
                            StringRef bytes, std::shared_ptr<void> owner) {
  // Raw data may lie at any offset of the file: whoever reads a blob must not
  // assume more than bytes.
  AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(
      ArrayRef<char>(bytes.data(), bytes.size()), /*align=*/1,
      [owner = std::move(owner)](void *, size_t, size_t) mutable {
        owner.reset();
      });
  return DenseResourceElementsAttr::get(type, name.empty() ? "constant" : name,
                                        std::move(blob));
}

ElementsAttr makeConstant(RankedTensorType type, StringRef name,
                          OwnedBytes data) {
  StringRef bytes = data.bytes;
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (unsigned bits = type.getElementTypeBitWidth();
      bits < 8 && !type.getElementType().isInteger(1)) {
    auto copy = std::make_shared<std::string>(type.getNumElements(), '\0');
    unpackElements(bytes.data(), copy->data(), copy->size(), bits);
    data = {StringRef(*copy), copy};
    bytes = data.bytes;
  }
  if (type.getElementType().isInteger(1)) {
    // A byte of a bool tensor may be anything but 0; here it becomes 0 or 1.
    bool normal =
        all_of(bytes, [](char byte) { return byte == 0 || byte == 1; });
    if (bytes.size() <= inlineDataLimit) {
      SmallVector<bool> values(
          map_range(bytes, [](char byte) { return byte != 0; }));
      return DenseElementsAttr::get(type, ArrayRef<bool>(values));
    }
    if (!normal) {
      auto copy = std::make_shared<std::string>(bytes);
      for (char &byte : *copy)
        byte = byte != 0;
      return referTo(type, name, *copy, copy);
    }
  }
  if (bytes.size() <= inlineDataLimit)
    return DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef<char>(bytes.data(), bytes.size()));
  return referTo(type, name, bytes, std::move(data.owner));
}

namespace {

/// The bytes of a list of numbers that already has the element's type.
template <typename List>
OwnedBytes viewList(const List &list, std::shared_ptr<void> owner) {
  return {StringRef(reinterpret_cast<const char *>(list.data()),
                    list.size() * sizeof(*list.data())),
          std::move(owner)};
}

/// The bytes of a list of numbers of another type, each cut to the element's
/// size.
template <typename Element, typename List>
OwnedBytes convertList(const List &list) {
  auto copy = std::make_shared<std::vector<Element>>(list.begin(), list.end());
  return viewList(*copy, copy);
}

OwnedBytes getTypedData(ModelFile &file, const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return viewList(tensor.float_data(), file.getModelOwner());
  case TensorProto::DOUBLE:
    return viewList(tensor.double_data(), file.getModelOwner());
  case TensorProto::INT64:
    return viewList(tensor.int64_data(), file.getModelOwner());
  case TensorProto::UINT64:
    return viewList(tensor.uint64_data(), file.getModelOwner());
  case TensorProto::INT32:
    return viewList(tensor.int32_data(), file.getModelOwner());
  case TensorProto::UINT32:
    return convertList<uint32_t>(tensor.uint64_data());
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return convertList<uint16_t>(tensor.int32_data());
  default:
    return convertList<uint8_t>(tensor.int32_data());
  }
}

} // namespace

/// The type of a tensor that has its data once.
static std::variant<RankedTensorType, TensorError>
readType(MLIRContext *context, const TensorProto &tensor) {
  std::string name = "tensor '" + tensor.name() + "'";
  Type elementType = getElementType(context, tensor.data_type());
  if (tensor.data_type() == TensorProto::UNDEFINED)
    return TensorError{name + " has no element type"};
  if (!elementType)
    return TensorError{name + ": elements of type " +
                           getDataTypeName(tensor.data_type()) +
                           " are not supported",
                       true};
  if (tensor.has_segment())
    return TensorError{name + ": segments of larger tensors are not supported",
                       true};
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  int64_t count = countElements(dims);
  if (count < 0)
    return TensorError{name + " has an impossible shape"};

  // ONNX says which field holds the data by its being there: of two that differ
  // none is right.
  if (ModelFile::countSources(tensor) > 1)
    return TensorError{name + " has its data twice, in fields that exclude "
                              "each other"};
  return RankedTensorType::get(dims, elementType);
}

std::variant<TensorData, TensorError>
readTensor(MLIRContext *context, ModelFile &file, const TensorProto &tensor) {
  std::string name = "tensor '" + tensor.name() + "'";
  auto read = readType(context, tensor);
  if (auto *problem = std::get_if<TensorError>(&read))
    return std::move(*problem);
  auto type = std::get<RankedTensorType>(read);
  OwnedBytes data;
  if (ModelFile::hasRawData(tensor)) {
    Expected<OwnedBytes> raw = file.getRawData(tensor);
    if (!raw)
      return TensorError{name + ": " + toString(raw.takeError())};
    data = *raw;
  } else {
    data = getTypedData(file, tensor);
  }
  uint64_t expected =
      getDataBytes(tensor.data_type(), uint64_t(type.getNumElements()));
  // External data without a length means all from the offset on, of which a
  // tensor may be the beginning.
  bool open = tensor.data_location() == TensorProto::EXTERNAL &&
              none_of(tensor.external_data(), [](const auto &entry) {
                return entry.key() == "length";
              });
  if (open)
    data.bytes = data.bytes.take_front(expected);
  if (data.bytes.size() != expected)
    return TensorError{name + ": expected " + utostr(expected) +
                       " bytes of data, but got " + utostr(data.bytes.size())};
  return TensorData{type, std::move(data)};
}

static std::variant<ElementsAttr, TensorError>
importStrings(MLIRContext *context, Strings &strings,
              const TensorProto &tensor) {
  std::string name = "tensor '" + tensor.name() + "'";
  auto read = readType(context, tensor);
  if (auto *problem = std::get_if<TensorError>(&read))
    return std::move(*problem);
  auto type = std::get<RankedTensorType>(read);
  // ONNX forbids what says nothing of where one ends.
  if (ModelFile::hasRawData(tensor))
    return TensorError{name + " has raw or external data, which strings can't "
                              "have"};
  if (tensor.string_data_size() != type.getNumElements())
    return TensorError{name + ": expected " + itostr(type.getNumElements()) +
                       " strings, but got " +
                       itostr(tensor.string_data_size())};
  SmallVector<StringRef> texts(tensor.string_data().begin(),
                               tensor.string_data().end());
  return strings.makeConstant(context, texts, type.getShape(), tensor.name());
}

std::variant<ElementsAttr, TensorError>
importTensor(MLIRContext *context, ModelFile &file, Strings &strings,
             const TensorProto &tensor) {
  if (tensor.data_type() == TensorProto::STRING)
    return importStrings(context, strings, tensor);
  auto read = readTensor(context, file, tensor);
  if (auto *problem = std::get_if<TensorError>(&read))
    return std::move(*problem);
  auto &[type, data] = std::get<TensorData>(read);
  return makeConstant(type, tensor.name(), std::move(data));
}

} // namespace lambent::graph
