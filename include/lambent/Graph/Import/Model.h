//===- Model.h - ONNX models as the importer takes them ---------*- C++ -*-===//
//
// Plain data, without MLIR: the compiler's own entry points take and return the
// same.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_GRAPH_IMPORT_MODEL_H
#define LAMBENT_GRAPH_IMPORT_MODEL_H

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lambent {

/// Where a model comes from: a file, or bytes in memory whose external data a
/// callback supplies.
struct ModelSource {
  /// The file; with `bytes` only a name for messages.
  std::string path;
  /// The serialized ModelProto, or null: map `path`.
  std::unique_ptr<llvm::MemoryBuffer> bytes;
  /// Returns the external data file `location` of a model in memory.
  std::function<llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>(
      llvm::StringRef location)>
      externalData;
  /// Whether external files may be links or have several names.
  bool followLinks = false;
};

/// A node that asks for something that is not supported.
struct UnsupportedNode {
  /// "" for what belongs to no node.
  std::string name, op, domain, reason;
  /// 0 where it is not known.
  int64_t opset = 0;
  /// Of the model; "" where it is not known.
  std::string file;
  /// The place in the compiler that reports it, as a number within this
  /// process. What one place says differs by names and numbers only.
  uint64_t site = 0;

  bool operator==(const UnsupportedNode &other) const = default;
};

/// What a model says about itself.
struct ModelSummary {
  struct Value {
    std::string name, type; ///< type as in "f32"
    /// Whether the model says how many dims it has.
    bool hasShape = false;
    /// Whether the model has a value for an input that is not given.
    bool hasDefault = false;
    /// -1 where a dim is open, and "" where it has no name.
    std::vector<int64_t> dims;
    std::vector<std::string> dimNames;
  };
  std::string producer, graphName;
  int64_t irVersion = 0;
  std::vector<std::pair<std::string, int64_t>> opsets, opCounts;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<Value> inputs, outputs;
  uint64_t weightBytes = 0;
  /// Locations of external data, beside the model.
  std::vector<std::string> externalFiles;
  std::string doc, graphDoc, domain;
  int64_t modelVersion = 0;
};

} // namespace lambent

#endif
