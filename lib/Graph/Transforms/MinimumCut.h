//===- MinimumCut.h - The cheapest split of a weighted graph --------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_MINIMUMCUT_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_MINIMUMCUT_H

#include <cstdint>
#include <limits>
#include <vector>

namespace lambent::graph {

/// Splits nodes into a source side and a sink side such that the edges that
/// lead from the first to the second cost least, by the maximum flow that
/// equals it (Dinic, 1970). Of equal splits it takes the largest source side,
/// without nodes that have no edges.
class MinimumCut {
public:
  using Node = uint32_t;
  static constexpr Node source = 0, sink = 1;
  static constexpr int64_t unlimited = std::numeric_limits<int64_t>::max() / 4;

  MinimumCut() : edgesOf(2) {}
  Node addNode();
  /// Costs `capacity` when `from` is on the source side and `to` on the sink
  /// side.
  void addEdge(Node from, Node to, int64_t capacity);
  /// For each node, whether it is on the source side.
  std::vector<bool> solve();

private:
  struct Edge {
    Node to;
    int64_t residual;
  };
  /// Distances from the source through edges with room; returns whether the
  /// sink is reached.
  bool measure();
  /// Sends flow along shortest paths until one is blocked.
  int64_t push(int64_t limit);

  std::vector<Edge> edges; ///< edge i ^ 1 is the reverse of edge i
  std::vector<std::vector<uint32_t>> edgesOf;
  std::vector<int32_t> level;
  /// The first edge of each node that may still lead on.
  std::vector<uint32_t> next;
};

} // namespace lambent::graph

#endif
