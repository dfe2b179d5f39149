//===- SampleWalk.h - Samples on their way through a model ------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_SAMPLEWALK_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_SAMPLEWALK_H

#include "ModelPiece.h"
#include "lambent/Quantization/SampleRunner.h"
#include "lambent/Quantization/SecondMoments.h"
#include "llvm/ADT/StringSet.h"
#include <map>

namespace lambent::quantization {

/// Runs samples through the float model and through one with other weights,
/// piece after piece: what later nodes read is kept, so that each node runs
/// once on each, whenever its weights are decided.
class SampleWalk {
public:
  /// The model stays as it is while this lives, but for constants that nothing
  /// reads.
  SampleWalk(graph::EditedModel &model, SampleRunner &samples);

  /// The moments of tensors in the float model, from the model's inputs.
  llvm::Expected<SecondMoments> lookAhead(llvm::ArrayRef<std::string> tensors);
  /// Walks on to a tensor: its moments with the weights set so far, which were
  /// to be what the float model has.
  llvm::Expected<SecondMoments> walkTo(const std::string &tensor);
  /// A tensor of a sample, and what the float model has there; nothing where no
  /// weight was set before.
  using SeePair = llvm::function_ref<llvm::Error(const TensorView &tensor,
                                                 llvm::ArrayRef<float> wanted)>;
  /// Walks on to a tensor and shows it, as it is with the weights set so far.
  llvm::Error walkTo(const std::string &tensor, SeePair see);
  /// Gives the other model a weight, which no node has read that was run.
  void setWeight(llvm::StringRef name, const graph::FloatTensor &matrix);

private:
  struct Kept {
    std::vector<int64_t> dims;
    std::vector<float> elements;
  };
  /// A model, and what is kept of each sample.
  struct Path {
    graph::EditedModel *model;
    std::vector<llvm::StringMap<Kept>> kept;
  };
  using Sizes = std::vector<int64_t>; ///< of a dim on each sample

  llvm::Error readDims();
  onnx::TensorShapeProto::Dimension makeDim(const Sizes &sizes);
  llvm::Error run(Path &path, const llvm::BitVector &nodes,
                  llvm::ArrayRef<std::string> tensors, bool isKept,
                  SeePair see);

  SampleRunner &samples;
  const NodeNetwork network;
  Path floats;
  std::shared_ptr<graph::EditedModel> otherModel;
  std::optional<Path> other; ///< once a weight was set
  llvm::StringSet<> known;   ///< what is kept
  llvm::BitVector done;      ///< nodes that were run
  /// The dims of the model's inputs, and a name for each row of sizes.
  std::map<std::string, std::vector<Sizes>> inputDims;
  std::map<Sizes, std::string> names;
};

} // namespace lambent::quantization

#endif
