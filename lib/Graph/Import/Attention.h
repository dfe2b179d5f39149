//===- Attention.h - Attention as its ops have it in common -----*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ATTENTION_H
#define LAMBENT_LIB_GRAPH_IMPORT_ATTENTION_H

#include "Node.h"
#include <functional>

namespace lambent::graph {

/// softmax(softcap(scale * query . key^T) + bias) . value. Heads of queries may
/// share heads of keys and values, as many next to each other each.
struct Attention {
  /// [B, H, S, D], [B, H / G, T, D] and [B, H / G, T, E], of one float type.
  mlir::Value query, key, value;
  /// A float, broadcastable to [B, H, S, T], or null.
  mlir::Value bias;
  /// Where not, bools broadcastable to [B, H, S, T], a query does not see a
  /// key. A query that sees none has a result of zeros.
  llvm::SmallVector<mlir::Value> visible;
  double scale = 1;
  /// softcap(x) = cap * tanh(x / cap), or x where it is 0.
  double softcap = 0;
  /// Whether every query sees a key, whatever the data is.
  bool seesAlways = true;
  /// The float type in which the softmax is computed at least.
  mlir::Type precision;
  /// What becomes of the biased scores and of the probabilities, [B, H, S, T]
  /// of the type `precision`, if set.
  std::function<mlir::Value(mlir::Value)> modifyScores, modifyProbabilities;
};

/// What attention computes on its way, of shape [B, H, S, T].
struct AttentionScores {
  mlir::Value products, capped, biased, probabilities;
};

/// The result [B, H, S, E]. With `scores`, they are computed too, which the
/// attention kernel does not.
mlir::Value attend(Node &node, const Attention &attention,
                   AttentionScores *scores = nullptr);

/// [B, S, heads * D] as [B, heads, S, D].
mlir::Value splitHeads(Node &node, mlir::Value x, int64_t heads);
/// [B, heads, S, D] as [B, S, heads * D].
mlir::Value joinHeads(Node &node, mlir::Value x);
/// first <= key - query <= last for the positions of queries, of shape [S, 1]
/// or [B, 1, S, 1], and of keys [T]; either bound may be left out.
mlir::Value seesWindow(Node &node, mlir::Value queries, mlir::Value keys,
                       std::optional<int64_t> first,
                       std::optional<int64_t> last);

} // namespace lambent::graph

#endif
