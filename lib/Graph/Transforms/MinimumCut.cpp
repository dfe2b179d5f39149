//===- MinimumCut.cpp - The cheapest split of a weighted graph ------------===//

#include "MinimumCut.h"
#include <algorithm>

namespace lambent::graph {

MinimumCut::Node MinimumCut::addNode() {
  edgesOf.emplace_back();
  return edgesOf.size() - 1;
}

void MinimumCut::addEdge(Node from, Node to, int64_t capacity) {
  if (capacity == 0 || from == to)
    return;
  edgesOf[from].push_back(edges.size());
  edges.push_back({to, capacity});
  edgesOf[to].push_back(edges.size());
  edges.push_back({from, 0});
}

bool MinimumCut::measure() {
  level.assign(edgesOf.size(), -1);
  level[source] = 0;
  std::vector<Node> queue = {source};
  for (size_t i = 0; i < queue.size(); ++i)
    for (uint32_t index : edgesOf[queue[i]]) {
      const Edge &edge = edges[index];
      if (edge.residual == 0 || level[edge.to] >= 0)
        continue;
      level[edge.to] = level[queue[i]] + 1;
      queue.push_back(edge.to);
    }
  return level[sink] >= 0;
}

int64_t MinimumCut::push(int64_t limit) {
  // A path is walked with its own stack: graphs are as deep as models.
  std::vector<uint32_t> path;
  Node node = source;
  while (node != sink) {
    uint32_t &i = next[node];
    while (i < edgesOf[node].size()) {
      const Edge &edge = edges[edgesOf[node][i]];
      if (edge.residual > 0 && level[edge.to] == level[node] + 1)
        break;
      ++i;
    }
    if (i < edgesOf[node].size()) {
      path.push_back(edgesOf[node][i]);
      node = edges[path.back()].to;
      continue;
    }
    if (path.empty())
      return 0;
    node = edges[path.back() ^ 1].to;
    path.pop_back();
    ++next[node];
  }
  for (uint32_t index : path)
    limit = std::min(limit, edges[index].residual);
  for (uint32_t index : path) {
    edges[index].residual -= limit;
    edges[index ^ 1].residual += limit;
  }
  return limit;
}

std::vector<bool> MinimumCut::solve() {
  while (measure()) {
    next.assign(edgesOf.size(), 0);
    while (push(unlimited) > 0) {
    }
  }
  // What still reaches the sink lies on its side, and what nothing ties down.
  std::vector<bool> reaches(edgesOf.size());
  reaches[sink] = true;
  std::vector<Node> queue = {sink};
  for (size_t i = 0; i < queue.size(); ++i)
    for (uint32_t index : edgesOf[queue[i]]) {
      Node from = edges[index].to;
      if (edges[index ^ 1].residual == 0 || reaches[from])
        continue;
      reaches[from] = true;
      queue.push_back(from);
    }
  std::vector<bool> side(edgesOf.size());
  for (size_t i = 0; i < side.size(); ++i)
    side[i] = !reaches[i] && !edgesOf[i].empty();
  return side;
}

} // namespace lambent::graph
