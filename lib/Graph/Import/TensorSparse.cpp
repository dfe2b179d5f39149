//===- TensorSparse.cpp - ONNX's sparse tensors as dense constants --------===//
//
// Values with their places, as row-major numbers [values] or as coordinates
// [values, rank], in ascending order. Weights are dense here: what is sparse on
// disk is written out.
//
//===----------------------------------------------------------------------===//

#include "Tensor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

/// A few bytes of sparse data must not fill memory.
static constexpr uint64_t mostDenseBytes = uint64_t(1) << 31;

namespace {
/// The places of values in a dense tensor.
class Places {
public:
  Places(const TensorData &indices, ArrayRef<int64_t> dims)
      : bytes(indices.data.bytes), dims(dims),
        areTuples(indices.type.getRank() == 2) {}

  /// The row-major number of value `index`, or -1 where it is outside.
  int64_t find(int64_t index) const {
    if (!areTuples) {
      int64_t place = read(index);
      return place >= 0 && place < countElements(dims) ? place : -1;
    }
    int64_t place = 0, rank = dims.size();
    for (auto [dim, size] : enumerate(dims)) {
      int64_t coordinate = read(index * rank + int64_t(dim));
      if (coordinate < 0 || coordinate >= size)
        return -1;
      place = place * size + coordinate;
    }
    return place;
  }

  /// What the tensor says of value `index`, for messages.
  std::string describe(int64_t index) const {
    if (!areTuples)
      return itostr(read(index));
    std::string text = "[";
    int64_t rank = dims.size();
    for (int64_t dim = 0; dim < rank; ++dim)
      text += (dim ? ", " : "") + itostr(read(index * rank + dim));
    return text + "]";
  }

private:
  int64_t read(int64_t index) const {
    return support::endian::read<int64_t, endianness::little>(bytes.data() +
                                                              index * 8);
  }

  StringRef bytes;
  ArrayRef<int64_t> dims;
  bool areTuples;
};
} // namespace

/// Whether indices are a vector, or tuples of a tensor of this rank.
static bool fits(RankedTensorType indices, int64_t count, size_t rank) {
  ArrayRef<int64_t> shape = indices.getShape();
  return indices.getElementType().isInteger(64) && !shape.empty() &&
         shape[0] == count &&
         (shape.size() == 1 ||
          (shape.size() == 2 && shape[1] == int64_t(rank)));
}

std::variant<TensorData, TensorError>
readSparseTensor(MLIRContext *context, ModelFile &file,
                 const onnx::SparseTensorProto &tensor) {
  std::string name = "sparse tensor '" + tensor.values().name() + "'";
  if (tensor.values().data_type() == onnx::TensorProto::STRING)
    return TensorError{name + ": strings are not supported", true};
  auto readValues = readTensor(context, file, tensor.values()),
       readIndices = readTensor(context, file, tensor.indices());
  for (auto *read : {&readValues, &readIndices})
    if (auto *problem = std::get_if<TensorError>(read))
      return TensorError{name + ": " + problem->message, problem->unsupported};
  auto &values = std::get<TensorData>(readValues);
  auto &indices = std::get<TensorData>(readIndices);
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  int64_t count = countElements(dims);
  if (count < 0)
    return TensorError{name + " has an impossible shape"};
  if (values.type.getRank() != 1)
    return TensorError{name + ": expected a vector of values, but got rank " +
                       itostr(values.type.getRank())};
  int64_t numValues = values.type.getDimSize(0);
  if (!fits(indices.type, numValues, dims.size()))
    return TensorError{name + ": expected int64 indices of " +
                       itostr(numValues) + " values, each a number or " +
                       utostr(dims.size()) + " coordinates"};
  unsigned bits = values.type.getElementTypeBitWidth();
  if (bits < 8 && !values.type.getElementType().isInteger(1))
    return TensorError{name + ": elements of " + utostr(bits) +
                           " bits are not supported",
                       true};
  uint64_t width = getDataBytes(tensor.values().data_type(), 1),
           bytes = uint64_t(count) * width;
  if (bytes > mostDenseBytes)
    return TensorError{name + ": sparse tensors that take " + utostr(bytes) +
                           " bytes are not supported",
                       true};
  auto dense = std::make_shared<std::string>(bytes, '\0');
  Places places(indices, dims);
  int64_t before = -1;
  for (int64_t index = 0; index < numValues; ++index) {
    int64_t place = places.find(index);
    if (place < 0)
      return TensorError{name + ": index " + places.describe(index) +
                         " of value " + itostr(index) + " is out of range"};
    if (place <= before)
      return TensorError{name +
                         ": expected indices in ascending order, but "
                         "got " +
                         places.describe(index) + " for value " +
                         itostr(index)};
    before = place;
    std::memcpy(dense->data() + place * width,
                values.data.bytes.data() + index * width, width);
  }
  return TensorData{RankedTensorType::get(dims, values.type.getElementType()),
                    {StringRef(*dense), dense}};
}

std::variant<ElementsAttr, TensorError>
importSparseTensor(MLIRContext *context, ModelFile &file,
                   const onnx::SparseTensorProto &tensor) {
  auto read = readSparseTensor(context, file, tensor);
  if (auto *problem = std::get_if<TensorError>(&read))
    return *problem;
  auto &data = std::get<TensorData>(read);
  return makeConstant(data.type, tensor.values().name(), std::move(data.data));
}

} // namespace lambent::graph
