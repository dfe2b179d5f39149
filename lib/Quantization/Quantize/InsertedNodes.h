//===- InsertedNodes.h - New nodes among a graph's own ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_INSERTEDNODES_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_INSERTEDNODES_H

#include "Network.h"
#include <map>
#include <memory>

namespace lambent::quantization {

/// Nodes that wait for `apply`, which puts them in front of all that read
/// their results.
class InsertedNodes {
public:
  explicit InsertedNodes(const Network &network) : network(network) {}

  /// A node before all others.
  onnx::NodeProto &addFirst(llvm::StringRef op, std::string name,
                            llvm::ArrayRef<std::string> inputs,
                            std::string output);
  /// One behind what makes `tensor`, and behind others that were added there.
  onnx::NodeProto &addBehind(llvm::StringRef tensor, llvm::StringRef op,
                             std::string name,
                             llvm::ArrayRef<std::string> inputs,
                             std::string output);
  void apply(onnx::GraphProto &graph);

private:
  using Nodes = std::vector<std::unique_ptr<onnx::NodeProto>>;

  const Network &network;
  Nodes first;
  std::map<const onnx::NodeProto *, Nodes> after;
};

} // namespace lambent::quantization

#endif
