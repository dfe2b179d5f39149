//===- PruneSearch.h - How many zeros each layer gets -----------*- C++ -*-===//
//
// Each layer may have one of a few shares of zeros. A step is from one share of
// a layer to the next that is faster; steps are taken in the order of what they
// add to the error for the time that they save, as layers of other searches.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_SEARCH_PRUNESEARCH_H
#define LAMBENT_TOOLS_SEARCH_PRUNESEARCH_H

#include "../PruneRequest.h"
#include "MeasuredScores.h"
#include "ModelScore.h"
#include "PrecisionSearch.h"
#include "TrialFile.h"

namespace lambent::driver {

/// The shares of zeros that are tried, in percent.
inline constexpr double pruneLadder[] = {50, 60, 70, 80, 90};

/// A layer that may be pruned.
struct PruneLayer {
  std::string node, op;
  std::optional<double> denseMs;
  /// For each rung of the ladder what it takes, and the score where nothing
  /// else is pruned, if that was measured.
  std::optional<double> ms[std::size(pruneLadder)],
      alone[std::size(pruneLadder)];
  int rung = -1; ///< that was chosen; -1: it stays as it is
};

class PruneSearch : public PrecisionSearch {
public:
  PruneSearch(const LambentModelSource &model, const LambentPruneOptions &how,
              std::vector<PruneLayer> &layers, ModelScore &score,
              MeasuredScores &known, const std::string &output)
      : model(model), how(how), layers(layers), theScore(score), known(known),
        trial(output) {}
  ~PruneSearch() override { hideProgress(); }

  /// Finds the layers that may be pruned.
  int findLayers();
  /// Writes a model whose layers all have the zeros of a rung, chosen by
  /// magnitude: how fast it is does not depend on which.
  int writeTrial(size_t rung) const;
  const std::string &getTrial() const { return trial.path; }
  /// Whether any step saves time, once layers have their times.
  bool findSteps();
  /// The best score that was measured with something pruned.
  std::optional<double> getBest() const { return best; }
  /// Chooses the layers' rungs.
  int search(double goal);
  /// Writes the model as its layers say. `report` may be null.
  int prune(const std::string &output, const LambentPruneReport **report) const;

private:
  struct Step {
    size_t layer, rung;
    int before; ///< the step of this layer before it, -1: none
  };
  int prune(const std::vector<int> &rungs, const LambentPruneOptions &how,
            const std::string &output, const LambentPruneReport **report) const;
  std::vector<int> findRungs(const std::vector<bool> &taken) const;
  int measure(const std::vector<bool> &taken, double &score) override;
  /// The same, of what was not measured before.
  int measure(const std::vector<int> &rungs, double &score);
  void showProgress(size_t done, size_t total) override {
    showMeasured(done, total);
  }
  double getLoss(double score) const override {
    return theScore.getLoss(score);
  }
  double getAddedLoss(size_t item) const override;
  std::string showScore(double score) const override {
    return theScore.show(score);
  }

  const LambentModelSource &model;
  const LambentPruneOptions &how;
  std::vector<PruneLayer> &layers;
  ModelScore &theScore;
  MeasuredScores &known;
  TrialFile trial;
  std::vector<Step> steps;
  std::vector<SearchLayer> items; ///< one for each step
  std::optional<double> best;     ///< of all scores with something pruned
};

} // namespace lambent::driver

#endif
