//===- GraphLayout.cpp - Where the layers of a graph are drawn ------------===//
//
// Sugiyama's method: ranks, an order in each rank by the means of what places
// are linked to, then coordinates. Those are the closest to the means that keep
// order and gaps: an isotonic regression (pool adjacent violators).
//
//===----------------------------------------------------------------------===//

#include "GraphLayout.h"
#include <algorithm>
#include <cstddef>
#include <tuple>

namespace lambent::driver {

namespace {

class LayoutBuilder {
public:
  LayoutBuilder(const std::vector<std::vector<unsigned>> &sources,
                GraphLayout &layout)
      : sources(sources), layout(layout) {}

  void build() {
    assignRanks();
    addLinks();
    order();
    place();
  }

private:
  using Neighbours = std::vector<std::vector<unsigned>>;
  void assignRanks();
  void addLinks();
  void order();
  void place();
  /// Moves the places of a rank towards their neighbours' means.
  void moveRank(std::vector<unsigned> &rank, const Neighbours &neighbours);
  /// The mean of a place's neighbours; only of those that are layers as it is,
  /// or lines, if there are such and `prefersAlike`: chains and lines then run
  /// straight down.
  double getMean(unsigned place, const Neighbours &neighbours,
                 bool prefersAlike) const;
  double getWeight(unsigned place) const;
  double getGap(unsigned left, unsigned right) const;

  const std::vector<std::vector<unsigned>> &sources;
  GraphLayout &layout;
  std::vector<std::vector<unsigned>> ranks;
  Neighbours above, below; ///< of each place
  /// Of each place that is no layer: how many ranks its line passes.
  std::vector<size_t> lineLengths;
};

} // namespace

/// As high as what it reads allows, but no rank is wider than a page.
void LayoutBuilder::assignRanks() {
  constexpr unsigned mostInRank = 8;
  std::vector<unsigned> counts;
  layout.places.resize(sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    unsigned rank = 0;
    for (unsigned source : sources[i])
      rank = std::max(rank, layout.places[source].rank + 1);
    counts.resize(std::max<size_t>(counts.size(), rank + 1));
    while (counts[rank] >= mostInRank)
      if (++rank == counts.size())
        counts.push_back(0);
    ++counts[rank];
    layout.places[i].layer = static_cast<int>(i);
    layout.places[i].rank = rank;
  }
  // What reads nothing stands right above its first reader.
  std::vector<unsigned> lowest(sources.size(), ~0u);
  for (size_t i = 0; i < sources.size(); ++i)
    for (unsigned source : sources[i])
      lowest[source] = std::min(lowest[source], layout.places[i].rank - 1);
  for (size_t i = 0; i < sources.size(); ++i) {
    GraphPlace &place = layout.places[i];
    if (!sources[i].empty() || lowest[i] == ~0u ||
        counts[lowest[i]] >= mostInRank)
      continue;
    --counts[place.rank];
    place.rank = lowest[i];
    ++counts[place.rank];
  }
  layout.numRanks = static_cast<unsigned>(counts.size());
}

void LayoutBuilder::addLinks() {
  // More lines than that make neither a picture nor a file that one can read.
  constexpr size_t mostPlaces = 60000;
  constexpr unsigned shortLine = 24;
  /// Where the line of each layer's value passes the rank last met.
  std::vector<std::vector<unsigned>> lines(sources.size());
  for (size_t reader = 0; reader < sources.size(); ++reader)
    for (unsigned writer : sources[reader]) {
      unsigned last = layout.places[reader].rank - 1,
               first = layout.places[writer].rank;
      std::vector<unsigned> &line = lines[writer];
      if (line.empty())
        line.push_back(writer);
      if (last - first >= line.size() + shortLine &&
          layout.places.size() > mostPlaces) {
        ++layout.numLeftOut;
        continue;
      }
      while (line.size() <= last - first) {
        unsigned next = static_cast<unsigned>(layout.places.size());
        layout.places.push_back(
            {-1, first + static_cast<unsigned>(line.size()), 0});
        layout.links.push_back({line.back(), next, writer});
        line.push_back(next);
      }
      layout.links.push_back(
          {line[last - first], static_cast<unsigned>(reader), writer});
    }
  lineLengths.resize(layout.places.size() - sources.size());
  for (const std::vector<unsigned> &line : lines)
    for (size_t i = 1; i < line.size(); ++i)
      lineLengths[line[i] - sources.size()] = line.size() - 1;
}

double LayoutBuilder::getMean(unsigned place, const Neighbours &neighbours,
                              bool prefersAlike) const {
  auto isLine = [&](unsigned each) { return layout.places[each].layer < 0; };
  double sum = 0;
  unsigned count = 0;
  for (bool any : {!prefersAlike, true}) {
    for (unsigned other : neighbours[place])
      if (any || isLine(other) == isLine(place)) {
        sum += layout.places[other].x;
        ++count;
      }
    if (count)
      return sum / count;
  }
  return layout.places[place].x;
}

void LayoutBuilder::order() {
  above.resize(layout.places.size());
  below.resize(layout.places.size());
  for (const GraphLink &link : layout.links) {
    above[link.to].push_back(link.from);
    below[link.from].push_back(link.to);
  }
  ranks.resize(layout.numRanks);
  for (unsigned i = 0; i < layout.places.size(); ++i) {
    std::vector<unsigned> &rank = ranks[layout.places[i].rank];
    layout.places[i].x = static_cast<double>(rank.size());
    rank.push_back(i);
  }
  auto sweep = [&](std::vector<unsigned> &rank, const Neighbours &neighbours) {
    std::vector<std::tuple<double, size_t, unsigned>> means;
    for (size_t i = 0; i < rank.size(); ++i)
      means.emplace_back(getMean(rank[i], neighbours, false), i, rank[i]);
    std::sort(means.begin(), means.end());
    for (size_t i = 0; i < rank.size(); ++i) {
      rank[i] = std::get<2>(means[i]);
      layout.places[rank[i]].x = static_cast<double>(i);
    }
  };
  constexpr int sweeps = 6;
  for (int i = 0; i < sweeps; ++i) {
    for (size_t r = 1; r < ranks.size(); ++r)
      sweep(ranks[r], above);
    for (size_t r = ranks.size(); r-- > 0;)
      sweep(ranks[r], below);
  }
}

/// Long lines had rather be straight; layers matter more.
double LayoutBuilder::getWeight(unsigned place) const {
  constexpr unsigned longLine = 6;
  if (layout.places[place].layer >= 0)
    return 1;
  return lineLengths[place - sources.size()] >= longLine ? 0.3 : 0.02;
}

double LayoutBuilder::getGap(unsigned left, unsigned right) const {
  auto half = [&](unsigned place) {
    return layout.places[place].layer < 0
               ? GraphLayout::lineGap / 2
               : (GraphLayout::nodeWidth + GraphLayout::nodeGap) / 2;
  };
  return half(left) + half(right);
}

void LayoutBuilder::moveRank(std::vector<unsigned> &rank,
                             const Neighbours &neighbours) {
  // With the gaps taken off, coordinates must not fall: blocks of places that
  // would are put together at their mean.
  struct Block {
    double sum, weight;
    size_t count;
    double mean() const { return sum / weight; }
  };
  std::vector<Block> blocks;
  std::vector<double> offsets;
  for (size_t i = 0; i < rank.size(); ++i) {
    offsets.push_back(i ? offsets.back() + getGap(rank[i - 1], rank[i]) : 0);
    double weight = getWeight(rank[i]),
           wanted = getMean(rank[i], neighbours, /*prefersAlike=*/true);
    blocks.push_back({weight * (wanted - offsets[i]), weight, 1});
    while (blocks.size() > 1 &&
           blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().weight += last.weight;
      blocks.back().count += last.count;
    }
  }
  size_t i = 0;
  for (const Block &block : blocks)
    for (size_t end = i + block.count; i < end; ++i)
      layout.places[rank[i]].x = block.mean() + offsets[i];
}

void LayoutBuilder::place() {
  for (std::vector<unsigned> &rank : ranks) {
    double x = 0;
    for (size_t i = 0; i < rank.size(); ++i) {
      x += i ? getGap(rank[i - 1], rank[i]) : 0;
      layout.places[rank[i]].x = x;
    }
    for (unsigned each : rank)
      layout.places[each].x -= x / 2;
  }
  constexpr int sweeps = 8;
  for (int i = 0; i < sweeps; ++i) {
    for (size_t r = 1; r < ranks.size(); ++r)
      moveRank(ranks[r], above);
    for (size_t r = ranks.size() - 1; r-- > 0;)
      moveRank(ranks[r], below);
  }
  double least = 0, most = 0;
  for (size_t i = 0; i < layout.places.size(); ++i) {
    double x = layout.places[i].x;
    least = i ? std::min(least, x) : x;
    most = i ? std::max(most, x) : x;
  }
  double margin = GraphLayout::nodeWidth / 2 + GraphLayout::nodeGap;
  for (GraphPlace &each : layout.places)
    each.x += margin - least;
  layout.width = most - least + 2 * margin;
}

GraphLayout
GraphLayout::create(const std::vector<std::vector<unsigned>> &sources) {
  GraphLayout layout;
  if (!sources.empty())
    LayoutBuilder(sources, layout).build();
  return layout;
}

} // namespace lambent::driver
