//===- ModelGraph.h - The nodes of a model, and its hash --------*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IMPORT_MODELGRAPH_H
#define LAMBENT_GRAPH_IMPORT_MODELGRAPH_H

#include "lambent/Graph/Import/Model.h"
#include "llvm/ADT/StringSet.h"

namespace lambent::graph {

/// A node as the model has it. The default domain is "".
struct ModelNode {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;
};

/// What a model's own graph computes from what, without what it holds inside
/// branches and loops.
struct ModelGraph {
  /// Of a run: without initializers.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  /// In the order of the file.
  std::vector<ModelNode> nodes;
  /// Names that nodes read, those inside branches, too, and the outputs.
  llvm::StringSet<> read;
  /// Of initializers that no run gives another value, and of what nodes make of
  /// such alone.
  llvm::StringSet<> constants;
};

/// Reads a model's nodes. The source stays as it is.
llvm::Expected<ModelGraph> readModelGraph(const ModelSource &source);

/// SHA-256, hexadecimal, of what a model computes: its nodes, the names of
/// tensors and its weights, wherever these lie. Names of nodes, remarks and the
/// sizes of inputs and outputs are not in it.
llvm::Expected<std::string> hashModel(const ModelSource &source);

} // namespace lambent::graph

#endif
