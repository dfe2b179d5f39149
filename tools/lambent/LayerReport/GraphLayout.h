//===- GraphLayout.h - Where the layers of a graph are drawn ----*- C++ -*-===//
//
// Ranks from top to bottom, each below what its layers read. A value that is
// read further down passes the ranks between along one line, whoever reads it.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_GRAPHLAYOUT_H
#define LAMBENT_TOOLS_LAYERREPORT_GRAPHLAYOUT_H

#include <vector>

namespace lambent::driver {

/// A layer, or the place where a line passes a rank.
struct GraphPlace {
  int layer = -1; ///< -1: a line
  unsigned rank = 0;
  double x = 0; ///< of its middle
};

/// A piece of a line from one rank to the next.
struct GraphLink {
  unsigned from, to; ///< in GraphLayout::places
  unsigned writer;   ///< the layer whose value it is
};

struct GraphLayout {
  /// The first are the layers, in order.
  std::vector<GraphPlace> places;
  std::vector<GraphLink> links;
  /// Edges that would pass too many ranks, by reader, are left out.
  unsigned numLeftOut = 0;
  unsigned numRanks = 0;
  double width = 0;

  static constexpr double nodeWidth = 184, nodeGap = 14, lineGap = 9;

  /// `sources[i]` are the layers, all below i, that layer i reads.
  static GraphLayout create(const std::vector<std::vector<unsigned>> &sources);
};

} // namespace lambent::driver

#endif
