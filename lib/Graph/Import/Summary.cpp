//===- Summary.cpp - What a model says about itself -----------------------===//

#include "Tensor.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Graph/Import/ModelFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <map>
#include <set>

using namespace llvm;

namespace lambent::graph {
namespace {

/// A data type as the compiler names it (f32, i64, bf16, bool), else in ONNX's
/// words.
std::string getTypeText(int32_t dataType) {
  const ElementType *type = findElementType(uint64_t(dataType));
  return type ? type->text : StringRef(getDataTypeName(dataType)).lower();
}

ModelSummary::Value describeValue(const onnx::ValueInfoProto &info) {
  ModelSummary::Value value;
  value.name = info.name();
  if (!info.type().has_tensor_type()) {
    value.type = info.type().has_sequence_type()   ? "sequence"
                 : info.type().has_optional_type() ? "optional"
                 : info.type().has_map_type()      ? "map"
                                                   : "unknown";
    return value;
  }
  value.type = getTypeText(info.type().tensor_type().elem_type());
  value.hasShape = info.type().tensor_type().has_shape();
  for (const auto &dim : info.type().tensor_type().shape().dim()) {
    value.dims.push_back(
        dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : -1);
    value.dimNames.push_back(dim.dim_param());
  }
  return value;
}

class Counter {
public:
  Counter(ModelFile &file) : file(file) {}

  void count(const onnx::GraphProto &graph) {
    for (const onnx::TensorProto &initializer : graph.initializer())
      countBytes(initializer);
    for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
      count(sparse);
    count(graph.node());
  }
  void count(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
    for (const onnx::NodeProto &node : nodes) {
      bool standard = node.domain().empty() || node.domain() == "ai.onnx";
      ++ops[standard ? node.op_type() : node.domain() + "." + node.op_type()];
      for (const onnx::AttributeProto &attribute : node.attribute()) {
        if (attribute.has_t())
          countBytes(attribute.t());
        if (attribute.has_sparse_tensor())
          count(attribute.sparse_tensor());
        for (const onnx::TensorProto &tensor : attribute.tensors())
          noteLocation(tensor);
        if (attribute.has_g())
          count(attribute.g());
        for (const onnx::GraphProto &graph : attribute.graphs())
          count(graph);
      }
    }
  }

  std::map<std::string, int64_t> ops;
  uint64_t bytes = 0;
  std::set<std::string> locations;

private:
  void count(const onnx::SparseTensorProto &sparse) {
    countBytes(sparse.values());
    countBytes(sparse.indices());
  }
  void noteLocation(const onnx::TensorProto &tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL)
      return;
    for (const onnx::StringStringEntryProto &entry : tensor.external_data())
      if (entry.key() == "location")
        locations.insert(entry.value());
  }
  void countBytes(const onnx::TensorProto &tensor) {
    noteLocation(tensor);
    int64_t elements = countElements(
        ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()));
    if (tensor.data_type() == onnx::TensorProto::STRING) {
      for (const std::string &text : tensor.string_data())
        bytes += text.size();
      return;
    }
    if (elements > 0 && findElementType(uint64_t(tensor.data_type())))
      bytes += getDataBytes(tensor.data_type(), uint64_t(elements));
    else if (Expected<OwnedBytes> data = file.getRawData(tensor))
      bytes += data->bytes.size();
    else
      consumeError(data.takeError());
  }

  ModelFile &file;
};

} // namespace

Expected<ModelSummary> summarizeModel(ModelSource source) {
  std::string path = source.path.empty() ? "<memory>" : source.path;
  Expected<std::shared_ptr<ModelFile>> file =
      ModelFile::open(std::move(source));
  if (!file)
    return createStringError(path + ": " + toString(file.takeError()));

  const onnx::ModelProto &model = (*file)->getModel();
  const onnx::GraphProto &graph = model.graph();
  ModelSummary summary;
  summary.producer =
      StringRef(model.producer_name() + " " + model.producer_version())
          .trim()
          .str();
  summary.graphName = graph.name();
  summary.doc = model.doc_string();
  summary.graphDoc = graph.doc_string();
  summary.domain = model.domain();
  summary.modelVersion = model.model_version();
  summary.irVersion = model.ir_version();
  for (const onnx::OperatorSetIdProto &opset : model.opset_import())
    summary.opsets.emplace_back(
        opset.domain().empty() ? "ai.onnx" : opset.domain(), opset.version());
  for (const onnx::StringStringEntryProto &entry : model.metadata_props())
    summary.metadata.emplace_back(entry.key(), entry.value());
  llvm::StringSet<> initializers;
  for (const onnx::TensorProto &initializer : graph.initializer())
    initializers.insert(initializer.name());
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer())
    initializers.insert(sparse.values().name());
  for (const onnx::ValueInfoProto &input : graph.input()) {
    bool hasDefault = initializers.contains(input.name());
    // Before IR version 4 every initializer had to be an input as well.
    if (hasDefault && model.ir_version() < 4)
      continue;
    summary.inputs.push_back(describeValue(input));
    summary.inputs.back().hasDefault = hasDefault;
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    summary.outputs.push_back(describeValue(output));

  Counter counter(**file);
  counter.count(graph);
  for (const onnx::FunctionProto &function : model.functions())
    counter.count(function.node());
  summary.opCounts.assign(counter.ops.begin(), counter.ops.end());
  summary.weightBytes = counter.bytes;
  summary.externalFiles.assign(counter.locations.begin(),
                               counter.locations.end());
  return summary;
}

} // namespace lambent::graph
