//===- ModelPiece.h - A part of a model that runs by itself -----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_MODELPIECE_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_MODELPIECE_H

#include "lambent/Graph/Import/EditedModel.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringMap.h"

namespace lambent::quantization {

/// Which nodes of a graph read what others give. Nodes are their places in the
/// graph; graphs inside of a node read for it.
class NodeNetwork {
public:
  explicit NodeNetwork(const onnx::GraphProto &graph);

  using IsKnown = llvm::function_ref<bool(llvm::StringRef tensor)>;
  /// The nodes that it takes to compute a tensor from those that are known.
  llvm::BitVector findSources(llvm::StringRef tensor, IsKnown isKnown) const;
  llvm::ArrayRef<std::string> getReads(unsigned node) const {
    return reads[node];
  }
  llvm::ArrayRef<std::string> getResults(unsigned node) const {
    return results[node];
  }
  /// Whether all that read a tensor are among some nodes.
  bool isReadBy(llvm::StringRef tensor, const llvm::BitVector &nodes) const;

private:
  void addReads(const onnx::NodeProto &node, std::vector<std::string> &into);

  std::vector<std::vector<std::string>> reads, results;
  llvm::StringMap<unsigned> producers;
  llvm::StringMap<std::vector<unsigned>> readers;
};

/// An input of floats of a piece.
struct PieceInput {
  std::string name;
  /// A number for a dim that is always the same, or a name for one that is like
  /// others of this name.
  std::vector<onnx::TensorShapeProto::Dimension> dims;
};

/// A model of some nodes alone, whose outputs are `results`, tensors of floats.
/// It has the inputs given, and those of the model that nodes read or that are
/// results, whose dims `setDims` may say.
llvm::Expected<ModelSource>
cutPiece(const graph::EditedModel &model, const NodeNetwork &network,
         const llvm::BitVector &nodes, llvm::ArrayRef<PieceInput> given,
         llvm::ArrayRef<std::string> results,
         llvm::function_ref<void(onnx::ValueInfoProto &input)> setDims);

} // namespace lambent::quantization

#endif
