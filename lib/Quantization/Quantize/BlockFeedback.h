//===- BlockFeedback.h - What samples say of weights in blocks --*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKFEEDBACK_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_BLOCKFEEDBACK_H

#include "Quantization.h"
#include "SampleWalk.h"
#include "WeightRounding.h"

namespace lambent::quantization {

/// By what samples show at products, how weights are rounded one after the
/// other.
class BlockFeedback {
public:
  /// The network stays as it is while this lives, but for new constants.
  BlockFeedback(Quantization &state, const Network &network)
      : network(network), walk(state.model, *state.options.samples) {}

  /// The products to round, in the order to do so: first those whose weight
  /// another op reads, too, as an embedding, since all others then see what it
  /// became.
  std::vector<const Product *> order(llvm::ArrayRef<const Product *> rounded);

  /// How the weight of one of them is rounded, until the next call. Null where
  /// samples say nothing, and notes why then. Products that read one tensor
  /// share it.
  llvm::Expected<const ErrorFeedback *> find(const Product &product,
                                             std::string &whyNearest);

  /// Says what a weight became.
  void setWeight(llvm::StringRef name, const graph::FloatTensor &matrix) {
    walk.setWeight(name, matrix);
  }

private:
  /// A tensor whose moments count for a weight, whether of the float model.
  struct Source {
    std::string tensor;
    bool isAhead;
    bool operator==(const Source &) const = default;
  };
  bool isShared(const Product &product) const;
  std::vector<Source> listSources(const Product &first) const;
  llvm::Expected<std::optional<MomentMatrix>>
  addMoments(const Product &product, llvm::ArrayRef<Source> sources);

  const Network &network;
  SampleWalk walk;
  std::vector<const Product *> products; ///< that are rounded
  /// Nodes that read weights as products.
  llvm::SmallPtrSet<const onnx::NodeProto *, 16> readers;
  /// The last one that was asked for, and what it is of.
  std::optional<ErrorFeedback> feedback;
  std::vector<Source> feedbackSources;
};

} // namespace lambent::quantization

#endif
