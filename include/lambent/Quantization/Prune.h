//===- Prune.h - Turn weights of a model into zeros -------------*- C++ -*-===//
//
// Pruning gives the products of an ONNX model weights that are 0 in the places
// that cost least. Nodes and names stay: any engine runs what comes of it, and
// a training framework may go on with it.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_PRUNE_H
#define LAMBENT_QUANTIZATION_PRUNE_H

#include "lambent/Graph/Import/EditedModel.h"
#include "lambent/Quantization/PruneReport.h"
#include "lambent/Quantization/SampleRunner.h"
#include "llvm/ADT/StringMap.h"
#include <memory>

namespace lambent::quantization {

/// Which weights of a layer are 0 together.
struct ZeroStructure {
  /// So many output channels in a row have their zeros in the same places, of
  /// so many input channels in a row at one tap each.
  int64_t channels = 1, inputs = 1;
  /// Of `of` input channels in a row, at one tap, `kept` may stay; 0: any.
  int64_t kept = 0, of = 0;

  bool isNofM() const { return of != 0; }
};

/// "unstructured", "4x1", "4x2", "4x4", "1x32" or "N:M", as "2:4", with
/// 0 < N < M <= 64.
std::optional<ZeroStructure> findStructure(llvm::StringRef name);

enum class PruneMethod {
  Magnitude,   ///< the smallest weights become 0, all others stay
  Reconstruct, ///< those that change least on samples, which the others make up
               ///< for
};

/// "magnitude" or "reconstruct".
std::optional<PruneMethod> findPruneMethod(llvm::StringRef name);

struct PruneOptions {
  /// Of the weights of a layer, from 0 to less than 1; of N:M not asked for.
  double share = 0;
  ZeroStructure structure;
  PruneMethod method = PruneMethod::Magnitude;
  /// Nodes whose weights stay, by name.
  std::vector<std::string> keep;
  /// How many of the first and last products stay as they are.
  unsigned keepFirst = 0, keepLast = 0;
  /// Other shares of single nodes, by name; 0: it stays as it is.
  llvm::StringMap<double> shares;
  /// What the method Reconstruct looks at.
  std::shared_ptr<SampleRunner> samples;
  /// A model whose zeros are taken instead, by the names of weights.
  std::shared_ptr<graph::EditedModel> mask;
};

/// Rewrites the model. Errors name the model's node or tensor at fault, but not
/// its file.
llvm::Error pruneModel(graph::EditedModel &model, const PruneOptions &options,
                       PruneReport &report);

} // namespace lambent::quantization

#endif
