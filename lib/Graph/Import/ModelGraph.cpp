//===- ModelGraph.cpp - The nodes of a model, and its hash ----------------===//

#include "lambent/Graph/Import/ModelGraph.h"
#include "Importer.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;

namespace lambent::graph {

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

static Expected<std::shared_ptr<ModelFile>>
openModel(const ModelSource &source) {
  Expected<std::shared_ptr<ModelFile>> file =
      ModelFile::open(shareSource(source));
  if (!file)
    return createStringError((source.path.empty() ? "<memory>" : source.path) +
                             ": " + toString(file.takeError()));
  return file;
}

//===-- Nodes -------------------------------------------------------------===//

/// Adds the names that nodes read, and those within them. A name that a graph
/// inside defines itself counts as well.
static void addRead(const Nodes &nodes, llvm::StringSet<> &read) {
  for (const onnx::NodeProto &node : nodes) {
    for (const std::string &input : node.input())
      if (!input.empty())
        read.insert(input);
    for (const onnx::GraphProto *graph : getGraphs(node)) {
      addRead(graph->node(), read);
      for (const onnx::ValueInfoProto &output : graph->output())
        read.insert(output.name());
    }
  }
}

/// Whether a node makes the same of every run's inputs, as far as is seen here:
/// what draws random numbers has a constant input at most.
static bool isConstant(const onnx::NodeProto &node,
                       const llvm::StringSet<> &constants) {
  if (node.op_type() == "Constant")
    return true;
  return node.input_size() > 0 && getGraphs(node).empty() &&
         all_of(node.input(), [&](const std::string &input) {
           return input.empty() || constants.contains(input);
         });
}

Expected<ModelGraph> readModelGraph(const ModelSource &source) {
  Expected<std::shared_ptr<ModelFile>> file = openModel(source);
  if (!file)
    return file.takeError();
  const onnx::ModelProto &model = (*file)->getModel();
  const onnx::GraphProto &graph = model.graph();
  ModelGraph result;
  for (const onnx::TensorProto &initializer : graph.initializer())
    result.constants.insert(initializer.name());
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
    result.constants.insert(sparse.values().name());
  for (const onnx::ValueInfoProto &input : graph.input()) {
    // Before IR version 4 every initializer had to be an input as well.
    if (result.constants.contains(input.name()) && model.ir_version() < 4)
      continue;
    result.constants.erase(input.name());
    result.inputs.push_back(input.name());
  }
  for (const onnx::NodeProto &node : graph.node()) {
    result.nodes.push_back({node.name(),
                            node.op_type(),
                            normalizeDomain(node.domain()).str(),
                            {node.input().begin(), node.input().end()},
                            {node.output().begin(), node.output().end()}});
    if (isConstant(node, result.constants))
      for (const std::string &output : node.output())
        result.constants.insert(output);
  }
  addRead(graph.node(), result.read);
  for (const onnx::ValueInfoProto &output : graph.output()) {
    result.outputs.push_back(output.name());
    result.read.insert(output.name());
  }
  return result;
}

//===-- Hash --------------------------------------------------------------===//

namespace {

/// Takes in a model piece by piece, each with its length, so that no two lists
/// of pieces are alike.
class ModelHash {
public:
  explicit ModelHash(ModelFile &file) : file(file) {}

  Error add(const onnx::ModelProto &model) {
    for (const onnx::OperatorSetIdProto &opset : model.opset_import()) {
      add(normalizeDomain(opset.domain()));
      add(uint64_t(opset.version()));
    }
    if (Error error = add(model.graph()))
      return error;
    for (const onnx::FunctionProto &function : model.functions()) {
      add(function.domain());
      add(function.name());
      addNames(function.input());
      addNames(function.output());
      if (Error error = add(function.node()))
        return error;
    }
    return Error::success();
  }
  std::string finish() { return toHex(hash.final(), /*LowerCase=*/true); }

private:
  void add(StringRef bytes) {
    add(uint64_t(bytes.size()));
    hash.update(bytes);
  }
  void add(uint64_t number) {
    uint8_t bytes[sizeof number];
    support::endian::write64le(bytes, number);
    hash.update(ArrayRef<uint8_t>(bytes));
  }
  template <typename List> void addNames(const List &names) {
    add(uint64_t(names.size()));
    for (const std::string &name : names)
      add(name);
  }

  Error add(const onnx::GraphProto &graph) {
    for (const auto *values : {&graph.input(), &graph.output()}) {
      add(uint64_t(values->size()));
      for (const onnx::ValueInfoProto &value : *values) {
        add(value.name());
        add(uint64_t(value.type().tensor_type().elem_type()));
      }
    }
    for (const onnx::TensorProto &tensor : graph.initializer())
      if (Error error = add(tensor))
        return error;
    for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
      if (Error error = add(sparse))
        return error;
    return add(graph.node());
  }

  Error add(const Nodes &nodes) {
    add(uint64_t(nodes.size()));
    for (const onnx::NodeProto &node : nodes) {
      add(node.op_type());
      add(normalizeDomain(node.domain()));
      addNames(node.input());
      addNames(node.output());
      for (const onnx::AttributeProto &attribute : node.attribute())
        if (Error error = add(attribute))
          return error;
    }
    return Error::success();
  }

  Error add(const onnx::AttributeProto &attribute) {
    onnx::AttributeProto plain = attribute;
    for (auto clear :
         {&onnx::AttributeProto::clear_doc_string,
          &onnx::AttributeProto::clear_t, &onnx::AttributeProto::clear_g,
          &onnx::AttributeProto::clear_tensors,
          &onnx::AttributeProto::clear_graphs,
          &onnx::AttributeProto::clear_sparse_tensor,
          &onnx::AttributeProto::clear_sparse_tensors})
      (plain.*clear)();
    add(plain.SerializeAsString());
    if (attribute.has_t())
      if (Error error = add(attribute.t()))
        return error;
    if (attribute.has_sparse_tensor())
      if (Error error = add(attribute.sparse_tensor()))
        return error;
    if (attribute.has_g())
      if (Error error = add(attribute.g()))
        return error;
    for (const onnx::TensorProto &tensor : attribute.tensors())
      if (Error error = add(tensor))
        return error;
    for (const onnx::GraphProto &graph : attribute.graphs())
      if (Error error = add(graph))
        return error;
    return Error::success();
  }

  Error add(const onnx::SparseTensorProto &sparse) {
    for (int64_t dim : sparse.dims())
      add(uint64_t(dim));
    if (Error error = add(sparse.values()))
      return error;
    return add(sparse.indices());
  }

  Error add(const onnx::TensorProto &tensor) {
    add(tensor.name());
    add(uint64_t(tensor.data_type()));
    add(uint64_t(tensor.dims_size()));
    for (int64_t dim : tensor.dims())
      add(uint64_t(dim));
    if (ModelFile::hasRawData(tensor)) {
      Expected<OwnedBytes> data = file.getRawData(tensor);
      if (!data)
        return createStringError("tensor '" + tensor.name() +
                                 "': " + toString(data.takeError()));
      add(data->bytes);
      return Error::success();
    }
    onnx::TensorProto plain = tensor;
    plain.clear_name();
    plain.clear_doc_string();
    add(plain.SerializeAsString());
    return Error::success();
  }

  ModelFile &file;
  SHA256 hash;
};

} // namespace

Expected<std::string> hashModel(const ModelSource &source) {
  Expected<std::shared_ptr<ModelFile>> file = openModel(source);
  if (!file)
    return file.takeError();
  ModelHash hash(**file);
  if (Error error = hash.add((*file)->getModel()))
    return createStringError((*file)->getPath() + ": " +
                             toString(std::move(error)));
  return hash.finish();
}

} // namespace lambent::graph
