//===- ModelBytes.cpp - All bytes that a model is made of -----------------===//

#include "lambent/Graph/Import/ModelBytes.h"
#include "lambent/Graph/Import/ModelFile.h"

using namespace llvm;

namespace lambent::graph {

ModelSource shareSource(const ModelSource &source) {
  ModelSource shared;
  shared.path = source.path;
  if (source.bytes)
    shared.bytes = MemoryBuffer::getMemBuffer(source.bytes->getMemBufferRef(),
                                              /*RequiresNullTerminator=*/false);
  shared.externalData = source.externalData;
  shared.followLinks = source.followLinks;
  return shared;
}

namespace {
/// The walk over the tensors of a model that lie in other files.
class ExternalReader {
public:
  ExternalReader(ModelFile &file, function_ref<void(StringRef)> take)
      : file(file), take(take) {}

  Error read(const onnx::GraphProto &graph) {
    for (const onnx::TensorProto &tensor : graph.initializer())
      if (Error error = read(tensor))
        return error;
    for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
      if (Error error = read(sparse))
        return error;
    return read(graph.node());
  }

  Error read(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
    for (const onnx::NodeProto &node : nodes)
      for (const onnx::AttributeProto &attribute : node.attribute())
        if (Error error = read(attribute))
          return error;
    return Error::success();
  }

private:
  Error read(const onnx::AttributeProto &attribute) {
    if (attribute.has_t())
      if (Error error = read(attribute.t()))
        return error;
    if (attribute.has_sparse_tensor())
      if (Error error = read(attribute.sparse_tensor()))
        return error;
    if (attribute.has_g())
      if (Error error = read(attribute.g()))
        return error;
    for (const onnx::TensorProto &tensor : attribute.tensors())
      if (Error error = read(tensor))
        return error;
    for (const onnx::GraphProto &graph : attribute.graphs())
      if (Error error = read(graph))
        return error;
    return Error::success();
  }

  Error read(const onnx::SparseTensorProto &sparse) {
    for (const auto *tensor : {&sparse.values(), &sparse.indices()})
      if (Error error = read(*tensor))
        return error;
    return Error::success();
  }

  Error read(const onnx::TensorProto &tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return Error::success();
    Expected<OwnedBytes> data = file.getRawData(tensor);
    if (!data)
      return data.takeError();
    take(data->bytes);
    return Error::success();
  }

  ModelFile &file;
  function_ref<void(StringRef)> take;
};
} // namespace

Error readModelBytes(const ModelSource &source,
                     function_ref<void(StringRef)> take) {
  if (source.bytes) {
    take(source.bytes->getBuffer());
  } else {
    Expected<SharedBytes> mapped = mapModelFile(source.path);
    if (!mapped)
      return mapped.takeError();
    take((*mapped)->getBuffer());
  }
  Expected<std::shared_ptr<ModelFile>> file =
      ModelFile::open(shareSource(source));
  if (!file)
    return file.takeError();
  const onnx::ModelProto &model = (*file)->getModel();
  ExternalReader reader(**file, take);
  if (Error error = reader.read(model.graph()))
    return error;
  for (const onnx::FunctionProto &function : model.functions())
    if (Error error = reader.read(function.node()))
      return error;
  return Error::success();
}

} // namespace lambent::graph
