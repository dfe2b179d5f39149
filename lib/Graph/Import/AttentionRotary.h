//===- AttentionRotary.h - Rotary position embeddings -----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONROTARY_H
#define LAMBENT_LIB_GRAPH_IMPORT_ATTENTIONROTARY_H

#include "Node.h"

namespace lambent::graph {

struct Rotation {
  /// [B or 1, S, R / 2] each: the first R elements of a head are rotated.
  mlir::Value cosines, sines;
  /// Whether pairs lie next to each other, not half a head apart.
  bool interleaved = false;
  /// Whether the heads are dim 1, not dim 2.
  bool headsFirst = true;
};

/// x [B, H, S, D], or [B, S, H, D], with pairs of elements rotated by the
/// angles of their positions.
mlir::Value rotate(Node &node, mlir::Value x, const Rotation &rotation);

} // namespace lambent::graph

#endif
