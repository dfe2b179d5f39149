//===- Network.h - Who makes and reads the tensors of a model -------------===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_NETWORK_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_NETWORK_H

#include "lambent/Graph/Import/EditedModel.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace lambent::quantization {

/// An index of a model's main graph. It is of the graph as it was when the
/// index was made, but for the constants and names that it makes itself.
class Network {
public:
  explicit Network(graph::EditedModel &model);

  /// An operand of a node.
  struct Use {
    onnx::NodeProto *node;
    int operand;
  };
  /// The node that a tensor is a result of, or null.
  onnx::NodeProto *findProducer(llvm::StringRef tensor) const;
  llvm::ArrayRef<Use> getUses(llvm::StringRef tensor) const;
  /// Whether a tensor is an output of the graph or read by a graph inside.
  bool isReadElsewhere(llvm::StringRef tensor) const {
    return readElsewhere.contains(tensor);
  }
  /// The one operand that a tensor is, or nothing.
  std::optional<Use> findOnlyUse(llvm::StringRef tensor) const;
  /// The initializer of that name, unless a caller may give another value.
  onnx::TensorProto *findConstant(llvm::StringRef name) const;
  /// The same where it holds floats of 32 bits.
  onnx::TensorProto *findFloats(llvm::StringRef name) const;
  /// The element type of a tensor as the model declares it, UNDEFINED where it
  /// does not.
  int32_t findType(llvm::StringRef tensor) const;
  /// Whether it holds floats of 32 bits, as far as is declared.
  bool mayBeFloats(llvm::StringRef tensor) const;

  /// `wanted`, or one like it that is no name yet.
  std::string makeName(llvm::StringRef wanted);
  /// A new initializer of a new name.
  onnx::TensorProto &addConstant(llvm::StringRef wanted);
  /// An initializer that holds what `tensor` does and is read by the one
  /// operand alone, so that it may change.
  onnx::TensorProto &makeOwn(onnx::TensorProto &tensor, const Use &use);

private:
  void addReads(const onnx::GraphProto &graph);

  graph::EditedModel &model;
  llvm::StringMap<onnx::NodeProto *> producers;
  llvm::StringMap<std::vector<Use>> uses;
  llvm::StringMap<onnx::TensorProto *> constants;
  llvm::StringMap<int32_t> types; ///< that are declared
  llvm::StringSet<> readElsewhere, names;
};

/// The node's name, or that of its first result.
llvm::StringRef getName(const onnx::NodeProto &node);

/// Gives a node an attribute that it does not have yet.
void setInteger(onnx::NodeProto &node, llvm::StringRef name, int64_t value);

/// An attribute that is an integer, a float or a text.
int64_t getInteger(const onnx::NodeProto &node, llvm::StringRef name,
                   int64_t otherwise);
float getFloat(const onnx::NodeProto &node, llvm::StringRef name,
               float otherwise);
const onnx::AttributeProto *findAttribute(const onnx::NodeProto &node,
                                          llvm::StringRef name);

/// Whether the op is ONNX's of that name.
bool isOp(const onnx::NodeProto &node, llvm::StringRef op);

/// Removes the nodes for which `isGone` says so.
void removeNodes(onnx::GraphProto &graph,
                 llvm::function_ref<bool(const onnx::NodeProto &)> isGone);

/// Removes initializers that nothing reads.
void removeUnread(graph::EditedModel &model);

/// Makes initializers of Constant nodes with floats, and of those that had to
/// be inputs as well before version 4 of the IR. What an Identity makes of an
/// initializer is read from there.
void gatherConstants(graph::EditedModel &model);

/// Makes initializers of FLOAT of what a Cast makes of others.
llvm::Error foldCasts(graph::EditedModel &model);

} // namespace lambent::quantization

#endif
