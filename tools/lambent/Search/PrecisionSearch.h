//===- PrecisionSearch.h - Which layers stay in float -----------*- C++ -*-===//
//
// Each layer alone is measured first. Layers are then quantized in the order of
// what they add to the error for the time that they save, as many as the goal
// allows: errors of layers add up nearly, so that few steps find the end. What
// is left is tried once more, by the time that it saves.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_SEARCH_PRECISIONSEARCH_H
#define LAMBENT_TOOLS_SEARCH_PRECISIONSEARCH_H

#include <optional>
#include <string>
#include <vector>

namespace lambent::driver {

/// A layer that may be quantized.
struct SearchLayer {
  std::string node, op;
  /// Whether it has a form in the integers asked for, and in bf16.
  bool hasIntegers = false, hasBF16 = false;
  /// What it takes in float and quantized, in ms; nothing where it is a part of
  /// no layer that was measured.
  std::optional<double> floatMs, quantizedMs;
  /// The score where it alone is quantized.
  std::optional<double> alone;
  bool isQuantized = false;
  /// The same in bf16, of a layer that is not quantized: alone beside all that
  /// are.
  std::optional<double> bf16Ms, bf16Alone;
  bool isBF16 = false;

  /// What quantizing it saves, at least something: what was not measured has
  /// its turn, too.
  double saves() const {
    constexpr double least = 1e-6;
    double saved = floatMs && quantizedMs ? *floatMs - *quantizedMs : 0;
    return saved > least ? saved : least;
  }
};

/// Layers that were quantized together, and what came of it.
struct SearchPoint {
  size_t count = 0; ///< of layers
  double savedMs = 0;
  double score = 0;
};

class PrecisionSearch {
public:
  virtual ~PrecisionSearch() = default;

  /// Chooses which of the layers are quantized, so that the score is `goal` or
  /// more; none, if no score is. `before` came of other layers. Returns an exit
  /// status; what is wrong was printed.
  int run(std::vector<SearchLayer> &layers, double goal,
          const SearchPoint &before = {});
  /// Whether a score of a run was the goal or more.
  bool hasMetGoal() const { return isMet; }

  /// All that was measured beyond layers alone, in the order of time.
  const std::vector<SearchPoint> &getPoints() const { return points; }
  /// The best that met the goal.
  double getScore() const { return score; }

protected:
  /// How right the model is with just these layers quantized: more is better.
  /// Returns an exit status.
  virtual int measure(const std::vector<bool> &quantized, double &score) = 0;
  /// Says what is going on: `done` of about `total` measurements.
  virtual void showProgress(size_t done, size_t total) = 0;
  /// What a score is off by, in what adds up where layers are quantized
  /// together.
  virtual double getLoss(double score) const = 0;
  /// What an item of the search, measured alone, adds to what others lose.
  virtual double getAddedLoss(size_t item) const {
    return getLoss(*(*layers)[item].alone);
  }
  /// A score as text, with its unit.
  virtual std::string showScore(double score) const = 0;

private:
  /// Whether one of them meets the goal.
  int measureAlone(bool &isEnough);
  int findCount(size_t &count);
  int tryOthers(size_t count);
  int measurePoint(const std::vector<bool> &quantized, bool &isEnough);
  std::vector<bool> takeFirst(size_t count) const;

  std::vector<SearchLayer> *layers = nullptr;
  std::vector<size_t> order;
  std::vector<bool> best;
  std::vector<SearchPoint> points;
  SearchPoint before;
  double goal = 0, score = 0;
  bool isMet = false;
  size_t done = 0;
};

} // namespace lambent::driver

#endif
