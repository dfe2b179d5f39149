//===- PrecisionSearch.cpp - Which layers stay in float -------------------===//

#include "PrecisionSearch.h"
#include "../Report.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace lambent::driver {

/// Layers that are tried behind the end of the order.
static constexpr size_t mostOthers = 12;

std::vector<bool> PrecisionSearch::takeFirst(size_t count) const {
  std::vector<bool> quantized(layers->size());
  for (size_t i = 0; i < count; ++i)
    quantized[order[i]] = true;
  return quantized;
}

int PrecisionSearch::measurePoint(const std::vector<bool> &quantized,
                                  bool &isEnough) {
  SearchPoint point = before;
  for (size_t i = 0; i < layers->size(); ++i)
    if (quantized[i]) {
      ++point.count;
      point.savedMs += (*layers)[i].saves();
    }
  // About what the search for the end takes.
  size_t total = std::max(done + 1, layers->size() + mostOthers +
                                        size_t(std::log2(layers->size() + 1)));
  showProgress(done++, total);
  if (int status = measure(quantized, point.score))
    return status;
  points.push_back(point);
  isEnough = point.score >= goal;
  if (isEnough) {
    best = quantized;
    score = point.score;
    isMet = true;
  }
  return Done;
}

int PrecisionSearch::measureAlone(bool &isEnough) {
  std::vector<bool> quantized(layers->size());
  double most = 0;
  for (size_t i = 0; i < layers->size(); ++i) {
    showProgress(done++, layers->size() + mostOthers);
    quantized[i] = true;
    double alone;
    if (int status = measure(quantized, alone))
      return status;
    quantized[i] = false;
    (*layers)[i].alone = alone;
    most = i ? std::max(most, alone) : alone;
  }
  isEnough = most >= goal;
  return Done;
}

int PrecisionSearch::findCount(size_t &count) {
  // [good, bad): `good` are enough, `bad` too many. None of them need not be
  // measured, and neither all, which came first.
  size_t good = 0, bad = layers->size(), step = 1;
  // Where losses add up to the goal's.
  double loss = 0;
  size_t next = 0;
  while (next < layers->size()) {
    loss += getAddedLoss(order[next]);
    if (loss > getLoss(goal))
      break;
    ++next;
  }
  next = std::clamp<size_t>(next, 1, bad - 1);
  while (good + 1 < bad) {
    bool isEnough;
    if (int status = measurePoint(takeFirst(next), isEnough))
      return status;
    (isEnough ? good : bad) = next;
    // Strides from the estimate, then halves.
    if (isEnough && next + step < bad)
      next += step;
    else if (!isEnough && next > good + step)
      next -= step;
    else
      next = good + (bad - good) / 2;
    step *= 2;
  }
  count = good;
  return Done;
}

int PrecisionSearch::tryOthers(size_t count) {
  std::vector<size_t> others(order.begin() + count, order.end());
  std::sort(others.begin(), others.end(), [&](size_t a, size_t b) {
    return std::pair((*layers)[b].saves(), a) <
           std::pair((*layers)[a].saves(), b);
  });
  size_t tries = 0;
  for (size_t other : others) {
    if (*(*layers)[other].alone < goal || tries == mostOthers)
      continue;
    ++tries;
    std::vector<bool> more =
        best.empty() ? std::vector<bool>(layers->size()) : best;
    more[other] = true;
    bool isEnough;
    if (int status = measurePoint(more, isEnough))
      return status;
  }
  return Done;
}

int PrecisionSearch::run(std::vector<SearchLayer> &all, double wanted,
                         const SearchPoint &known) {
  layers = &all;
  goal = wanted;
  before = known;
  best.clear();
  bool isEnough;
  if (int status =
          measurePoint(std::vector<bool>(layers->size(), true), isEnough))
    return status;
  if (!isEnough) {
    if (int status = measureAlone(isEnough))
      return status;
    if (!isEnough)
      return Done;
    order.resize(layers->size());
    std::iota(order.begin(), order.end(), 0);
    auto getPrice = [&](size_t i) {
      return getAddedLoss(i) / (*layers)[i].saves();
    };
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::pair(getPrice(a), a) < std::pair(getPrice(b), b);
    });
    size_t count = 0;
    if (int status = findCount(count))
      return status;
    if (int status = tryOthers(count))
      return status;
  }
  for (size_t i = 0; i < layers->size(); ++i)
    (*layers)[i].isQuantized = best[i];
  showProgress(done, done);
  return Done;
}

} // namespace lambent::driver
