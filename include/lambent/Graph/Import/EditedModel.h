//===- EditedModel.h - A model that is rewritten ----------------*- C++ -*-===//
//
// Weights that stay as they are stay where they are, in the mapped files. What
// a rewrite makes new lies beside the message, until the model is written or
// handed on.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_GRAPH_IMPORT_EDITEDMODEL_H
#define LAMBENT_GRAPH_IMPORT_EDITEDMODEL_H

#include "lambent/Graph/Import/ModelFile.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lambent::graph {

/// A dense tensor of numbers, row-major.
struct FloatTensor {
  std::vector<int64_t> dims;
  std::vector<float> elements;
};

class EditedModel {
public:
  static llvm::Expected<std::shared_ptr<EditedModel>> open(ModelSource source);

  /// The name of the file, for messages.
  llvm::StringRef getPath() const { return file->getPath(); }
  onnx::ModelProto &getModel() { return model; }
  onnx::GraphProto &getGraph() { return *model.mutable_graph(); }

  /// The bytes of a tensor's elements, of any type that has raw data.
  llvm::Expected<OwnedBytes> getBytes(const onnx::TensorProto &tensor);
  /// The elements of a tensor of FLOAT, DOUBLE, FLOAT16 or BFLOAT16.
  llvm::Expected<FloatTensor> readFloats(const onnx::TensorProto &tensor);
  /// The elements of a tensor of INT64.
  llvm::Expected<std::vector<int64_t>>
  readIntegers(const onnx::TensorProto &tensor);
  /// Gives a tensor new elements; its name stays. `bytes` are little-endian, of
  /// type `dataType`.
  void setBytes(onnx::TensorProto &tensor, int32_t dataType,
                llvm::ArrayRef<int64_t> dims, std::string bytes);
  /// The same with elements of FLOAT.
  void setFloats(onnx::TensorProto &tensor, llvm::ArrayRef<int64_t> dims,
                 llvm::ArrayRef<float> elements);

  /// Makes dense initializers of the graph's sparse ones. Fails where these are
  /// wrong.
  llvm::Error makeDense();

  /// The rewritten model in memory, whose weights stay where they are and alive
  /// as long as the source.
  llvm::Expected<ModelSource> share();
  /// How many bytes its weights have.
  llvm::Expected<uint64_t> countBytes();
  /// Writes the model with its weights to one file.
  llvm::Error writeWhole(llvm::StringRef path);
  /// Writes the model to one file and its weights to another, which the model
  /// knows as `location`, for models beyond the 2 GB of a message.
  llvm::Error writeParts(llvm::StringRef path, llvm::StringRef weightsPath,
                         llvm::StringRef location);

private:
  using SeeTensor = llvm::function_ref<llvm::Error(onnx::TensorProto &)>;
  static llvm::Error walk(onnx::ModelProto &model, SeeTensor see);
  /// Visits the tensors of a copy of the model whose data lies outside of the
  /// message, with their data.
  using SeeOutside =
      llvm::function_ref<void(onnx::TensorProto &, OwnedBytes bytes)>;
  llvm::Error walkOutside(onnx::ModelProto &model, SeeOutside see);
  static llvm::Error walk(onnx::GraphProto &graph, SeeTensor see);
  static llvm::Error
  walk(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes,
       SeeTensor see);

  std::shared_ptr<ModelFile> file;
  onnx::ModelProto model;
  /// The elements that a rewrite made, by their numbers.
  std::vector<std::shared_ptr<std::string>> made;
};

} // namespace lambent::graph

#endif
