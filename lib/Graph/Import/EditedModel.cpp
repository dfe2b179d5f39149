//===- EditedModel.cpp - A model that is rewritten ------------------------===//

#include "lambent/Graph/Import/EditedModel.h"
#include "Tensor.h"
#include "WireFormat.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace llvm;

namespace lambent::graph {

/// The key of the external_data entry of elements that a rewrite made; the
/// value is an index into them.
static constexpr StringLiteral madeDataKey = "lambent.made";

Expected<std::shared_ptr<EditedModel>> EditedModel::open(ModelSource source) {
  Expected<std::shared_ptr<ModelFile>> file =
      ModelFile::open(std::move(source));
  if (!file)
    return file.takeError();
  auto edited = std::make_shared<EditedModel>();
  edited->model = (*file)->getModel();
  edited->file = std::move(*file);
  return edited;
}

Error EditedModel::walk(onnx::ModelProto &model, SeeTensor see) {
  if (Error error = walk(*model.mutable_graph(), see))
    return error;
  for (onnx::FunctionProto &function : *model.mutable_functions())
    if (Error error = walk(*function.mutable_node(), see))
      return error;
  return Error::success();
}

Error EditedModel::walk(onnx::GraphProto &graph, SeeTensor see) {
  for (onnx::TensorProto &tensor : *graph.mutable_initializer())
    if (Error error = see(tensor))
      return error;
  for (onnx::SparseTensorProto &sparse : *graph.mutable_sparse_initializer())
    for (auto *tensor : {sparse.mutable_values(), sparse.mutable_indices()})
      if (Error error = see(*tensor))
        return error;
  return walk(*graph.mutable_node(), see);
}

Error EditedModel::walk(
    google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes, SeeTensor see) {
  for (onnx::NodeProto &node : nodes)
    for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_t())
        if (Error error = see(*attribute.mutable_t()))
          return error;
      if (attribute.has_sparse_tensor())
        for (auto *tensor :
             {attribute.mutable_sparse_tensor()->mutable_values(),
              attribute.mutable_sparse_tensor()->mutable_indices()})
          if (Error error = see(*tensor))
            return error;
      for (onnx::TensorProto &tensor : *attribute.mutable_tensors())
        if (Error error = see(tensor))
          return error;
      if (attribute.has_g())
        if (Error error = walk(*attribute.mutable_g(), see))
          return error;
      for (onnx::GraphProto &graph : *attribute.mutable_graphs())
        if (Error error = walk(graph, see))
          return error;
    }
  return Error::success();
}

/// The number behind the key of an external_data entry.
static std::optional<unsigned> findEntry(const onnx::TensorProto &tensor,
                                         StringRef key) {
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    unsigned index;
    if (entry.key() == key && !StringRef(entry.value()).getAsInteger(10, index))
      return index;
  }
  return std::nullopt;
}

Expected<OwnedBytes> EditedModel::getBytes(const onnx::TensorProto &tensor) {
  if (std::optional<unsigned> index = findEntry(tensor, madeDataKey))
    return OwnedBytes{*made[*index], made[*index]};
  return file->getRawData(tensor);
}

/// A little-endian element of a float type, by its bits.
static float readFloat(const char *bytes, int32_t dataType) {
  switch (dataType) {
  case onnx::TensorProto::DOUBLE:
    return float(support::endian::read<double, endianness::little>(bytes));
  case onnx::TensorProto::FLOAT16:
    return APFloat(APFloat::IEEEhalf(),
                   APInt(16, support::endian::read16le(bytes)))
        .convertToFloat();
  case onnx::TensorProto::BFLOAT16:
    return APFloat(APFloat::BFloat(),
                   APInt(16, support::endian::read16le(bytes)))
        .convertToFloat();
  default:
    return support::endian::read<float, endianness::little>(bytes);
  }
}

static size_t getFloatBytes(int32_t dataType) {
  switch (dataType) {
  case onnx::TensorProto::FLOAT:
    return 4;
  case onnx::TensorProto::DOUBLE:
    return 8;
  case onnx::TensorProto::FLOAT16:
  case onnx::TensorProto::BFLOAT16:
    return 2;
  default:
    return 0;
  }
}

static Error makeTensorError(const onnx::TensorProto &tensor,
                             const Twine &why) {
  return createStringError("tensor '" + tensor.name() + "': " + why);
}

Expected<FloatTensor> EditedModel::readFloats(const onnx::TensorProto &tensor) {
  FloatTensor result;
  result.dims.assign(tensor.dims().begin(), tensor.dims().end());
  int64_t count = countElements(result.dims);
  size_t width = getFloatBytes(tensor.data_type());
  if (count < 0 || width == 0)
    return makeTensorError(tensor, count < 0 ? "its shape is impossible"
                                             : "it holds no floats");
  if (tensor.float_data_size() != 0) {
    result.elements.assign(tensor.float_data().begin(),
                           tensor.float_data().end());
  } else if (tensor.double_data_size() != 0) {
    result.elements.assign(tensor.double_data().begin(),
                           tensor.double_data().end());
  } else if (tensor.int32_data_size() != 0) {
    for (int32_t bits : tensor.int32_data()) {
      char bytes[2];
      support::endian::write16le(bytes, uint16_t(bits));
      result.elements.push_back(readFloat(bytes, tensor.data_type()));
    }
  } else {
    Expected<OwnedBytes> data = getBytes(tensor);
    if (!data)
      return makeTensorError(tensor, toString(data.takeError()));
    result.elements.resize(data->bytes.size() / width);
    for (size_t i = 0; i < result.elements.size(); ++i)
      result.elements[i] =
          readFloat(data->bytes.data() + i * width, tensor.data_type());
  }
  if (result.elements.size() != size_t(count))
    return makeTensorError(tensor, "its shape needs " + Twine(count) +
                                       " elements, but it has " +
                                       Twine(result.elements.size()));
  return result;
}

Expected<std::vector<int64_t>>
EditedModel::readIntegers(const onnx::TensorProto &tensor) {
  std::vector<int64_t> result(tensor.int64_data().begin(),
                              tensor.int64_data().end());
  if (!result.empty())
    return result;
  Expected<OwnedBytes> data = getBytes(tensor);
  if (!data)
    return makeTensorError(tensor, toString(data.takeError()));
  for (size_t i = 0; i + 8 <= data->bytes.size(); i += 8)
    result.push_back(
        int64_t(support::endian::read64le(data->bytes.data() + i)));
  return result;
}

/// Takes all data out of a tensor.
static void clearData(onnx::TensorProto &tensor) {
  tensor.clear_raw_data();
  tensor.clear_float_data();
  tensor.clear_double_data();
  tensor.clear_int32_data();
  tensor.clear_int64_data();
  tensor.clear_uint64_data();
  tensor.clear_external_data();
  tensor.clear_data_location();
}

static void addEntry(onnx::TensorProto &tensor, StringRef key,
                     const std::string &value) {
  onnx::StringStringEntryProto *entry = tensor.add_external_data();
  entry->set_key(key.str());
  entry->set_value(value);
}

void EditedModel::setBytes(onnx::TensorProto &tensor, int32_t dataType,
                           ArrayRef<int64_t> dims, std::string bytes) {
  clearData(tensor);
  tensor.set_data_type(dataType);
  tensor.mutable_dims()->Assign(dims.begin(), dims.end());
  if (bytes.size() <= inlineDataLimit) {
    tensor.set_raw_data(std::move(bytes));
    return;
  }
  addEntry(tensor, madeDataKey, utostr(made.size()));
  made.push_back(std::make_shared<std::string>(std::move(bytes)));
}

void EditedModel::setFloats(onnx::TensorProto &tensor, ArrayRef<int64_t> dims,
                            ArrayRef<float> elements) {
  std::string bytes(elements.size() * sizeof(float), '\0');
  for (size_t i = 0; i < elements.size(); ++i)
    support::endian::write<float, endianness::little>(&bytes[i * sizeof(float)],
                                                      elements[i]);
  setBytes(tensor, onnx::TensorProto::FLOAT, dims, std::move(bytes));
}

Error EditedModel::makeDense() {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  onnx::GraphProto &graph = getGraph();
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer()) {
    auto read = readSparseTensor(&context, *file, sparse);
    if (auto *problem = std::get_if<TensorError>(&read))
      return createStringError(problem->message);
    onnx::TensorProto *dense = graph.add_initializer();
    dense->set_name(sparse.values().name());
    auto &data = std::get<TensorData>(read).data;
    setBytes(*dense, sparse.values().data_type(),
             SmallVector<int64_t>(sparse.dims().begin(), sparse.dims().end()),
             data.bytes.str());
  }
  graph.clear_sparse_initializer();
  return Error::success();
}

/// Whether a tensor's data lies outside the message.
static bool liesOutside(const onnx::TensorProto &tensor) {
  return tensor.external_data_size() != 0;
}

Error EditedModel::walkOutside(onnx::ModelProto &model, SeeOutside see) {
  return walk(model, [&](onnx::TensorProto &tensor) -> Error {
    if (!liesOutside(tensor))
      return Error::success();
    Expected<OwnedBytes> bytes = getBytes(tensor);
    if (!bytes)
      return makeTensorError(tensor, toString(bytes.takeError()));
    see(tensor, std::move(*bytes));
    return Error::success();
  });
}

Expected<ModelSource> EditedModel::share() {
  auto parts = std::make_shared<std::vector<OwnedBytes>>();
  onnx::ModelProto message = model;
  Error error =
      walkOutside(message, [&](onnx::TensorProto &tensor, OwnedBytes bytes) {
        clearData(tensor);
        tensor.set_data_location(onnx::TensorProto::EXTERNAL);
        addEntry(tensor, "location", utostr(parts->size()));
        parts->push_back(std::move(bytes));
      });
  if (error)
    return error;
  std::string text;
  if (!message.SerializePartialToString(&text))
    return createStringError("it holds more than 2 GiB besides its raw data");
  ModelSource source;
  source.path = getPath().str();
  source.bytes = MemoryBuffer::getMemBufferCopy(text, source.path);
  source.externalData =
      [parts](StringRef location) -> Expected<std::unique_ptr<MemoryBuffer>> {
    size_t index;
    if (location.getAsInteger(10, index) || index >= parts->size())
      return createStringError("'" + location + "' is no part of the model");
    // The caller may outlive the source, but not the file that is mapped: a
    // buffer that owns a share of it keeps that.
    struct Part : MemoryBuffer {
      explicit Part(OwnedBytes bytes) : bytes(std::move(bytes)) {
        init(this->bytes.bytes.begin(), this->bytes.bytes.end(), false);
      }
      BufferKind getBufferKind() const override { return MemoryBuffer_Malloc; }
      OwnedBytes bytes;
    };
    return std::make_unique<Part>((*parts)[index]);
  };
  return source;
}

/// Of a tensor whose elements are in the message.
static uint64_t countInside(const onnx::TensorProto &tensor) {
  if (tensor.has_raw_data())
    return tensor.raw_data().size();
  // Narrow elements lie in i32, one each; those of 4 bits do in pairs.
  uint64_t narrow = 4;
  switch (tensor.data_type()) {
  case onnx::TensorProto::INT16:
  case onnx::TensorProto::UINT16:
  case onnx::TensorProto::FLOAT16:
  case onnx::TensorProto::BFLOAT16:
    narrow = 2;
    break;
  case onnx::TensorProto::INT32:
    break;
  default:
    narrow = 1;
  }
  return 4 * uint64_t(tensor.float_data_size()) +
         8 * (uint64_t(tensor.double_data_size()) + tensor.int64_data_size() +
              tensor.uint64_data_size()) +
         narrow * tensor.int32_data_size();
}

Expected<uint64_t> EditedModel::countBytes() {
  uint64_t total = 0;
  Error error = walk(model, [&](onnx::TensorProto &tensor) -> Error {
    if (!liesOutside(tensor)) {
      total += countInside(tensor);
      return Error::success();
    }
    Expected<OwnedBytes> bytes = getBytes(tensor);
    if (!bytes)
      return makeTensorError(tensor, toString(bytes.takeError()));
    total += bytes->bytes.size();
    return Error::success();
  });
  if (error)
    return error;
  return total;
}

static Error writeMessage(const onnx::ModelProto &message, StringRef path) {
  std::string text;
  if (!message.SerializePartialToString(&text))
    return createStringError("it does not fit into a message");
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (!code) {
    os << text;
    os.close();
    code = os.error();
    os.clear_error();
  }
  return code ? createStringError(code, path + ": " + code.message())
              : Error::success();
}

Error EditedModel::writeWhole(StringRef path) {
  onnx::ModelProto message = model;
  Error error =
      walkOutside(message, [&](onnx::TensorProto &tensor, OwnedBytes bytes) {
        clearData(tensor);
        tensor.set_raw_data(bytes.bytes.str());
      });
  if (error)
    return error;
  return writeMessage(message, path);
}

Error EditedModel::writeParts(StringRef path, StringRef weightsPath,
                              StringRef location) {
  constexpr uint64_t page = 4096; // a reader may map tensors one by one
  std::error_code code;
  raw_fd_ostream os(weightsPath, code);
  if (code)
    return createStringError(code, weightsPath + ": " + code.message());
  onnx::ModelProto message = model;
  Error error =
      walkOutside(message, [&](onnx::TensorProto &tensor, OwnedBytes bytes) {
        os.write_zeros(unsigned(-os.tell() % page));
        clearData(tensor);
        tensor.set_data_location(onnx::TensorProto::EXTERNAL);
        addEntry(tensor, "location", location.str());
        addEntry(tensor, "offset", utostr(os.tell()));
        addEntry(tensor, "length", utostr(bytes.bytes.size()));
        os << bytes.bytes;
      });
  os.close();
  code = os.error();
  os.clear_error();
  if (error)
    return error;
  if (code)
    return createStringError(code, weightsPath + ": " + code.message());
  return writeMessage(message, path);
}

} // namespace lambent::graph
