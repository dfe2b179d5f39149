//===- ModelFile.h - A model whose weights stay where they are --*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IMPORT_MODELFILE_H
#define LAMBENT_GRAPH_IMPORT_MODELFILE_H

#include "lambent/Graph/Import/ExternalFile.h"
#include "lambent/Graph/Import/Import.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/StringMap.h"

namespace lambent::graph {

/// Bytes and what keeps them alive.
struct OwnedBytes {
  llvm::StringRef bytes;
  std::shared_ptr<void> owner;
};

/// An opened model: its message without the large tensors, and the files that
/// hold those.
class ModelFile {
public:
  static llvm::Expected<std::shared_ptr<ModelFile>> open(ModelSource source);

  /// The name of the file, for messages.
  llvm::StringRef getPath() const { return path; }
  const onnx::ModelProto &getModel() const { return *model; }
  /// The model's bytes and those of the external files read so far.
  std::vector<SharedBytes> getFiles() const;
  /// The message itself, for values that refer into it.
  std::shared_ptr<void> getModelOwner() const { return model; }

  /// Whether the tensor's data is bytes (raw_data or external) and not a list
  /// of numbers.
  static bool hasRawData(const onnx::TensorProto &tensor);
  /// In how many of its fields a tensor has data; ONNX allows one.
  static unsigned countSources(const onnx::TensorProto &tensor);
  /// These bytes: part of the message, of the model file or of an external
  /// file.
  llvm::Expected<OwnedBytes> getRawData(const onnx::TensorProto &tensor);

private:
  llvm::Expected<OwnedBytes> getExternalData(const onnx::TensorProto &tensor);
  llvm::Expected<SharedBytes> getExternalFile(llvm::StringRef location);

  struct External {
    SharedBytes bytes;
    std::string sha1; ///< hexadecimal; computed when a tensor asks for it
  };
  std::string path;
  SharedBytes bytes;
  bool inMemory = false, followLinks = false;
  std::shared_ptr<onnx::ModelProto> model =
      std::make_shared<onnx::ModelProto>();
  std::vector<llvm::StringRef> mapped;
  std::function<llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>(
      llvm::StringRef)>
      externalData;
  llvm::StringMap<External> externals;
};

} // namespace lambent::graph

#endif
