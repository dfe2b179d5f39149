//===- ModelSearch.h - The models that a search measures --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_MODELSEARCH_H
#define LAMBENT_TOOLS_SEARCH_MODELSEARCH_H

#include "../QuantizeRequest.h"
#include "MeasuredScores.h"
#include "ModelScore.h"
#include "PrecisionSearch.h"
#include "TrialFile.h"

namespace lambent::driver {

/// Searches among layers for those that are quantized, and then among the
/// others for those that are bf16.
class ModelSearch : public PrecisionSearch {
public:
  ModelSearch(const LambentModelSource &model,
              const LambentQuantizeOptions &how,
              std::vector<SearchLayer> &layers, ModelScore &score,
              MeasuredScores &known, const std::string &output)
      : model(model), how(how), layers(layers), theScore(score), known(known),
        trial(output) {}
  ~ModelSearch() override { hideProgress(); }

  /// Chooses among all layers that have a form in integers.
  int searchIntegers(double goal);
  /// Chooses among those that are not quantized, that have a form in bf16 and
  /// that it makes faster.
  int searchBF16(double goal);
  /// Whether a layer may be chosen by the searches above, in any case.
  bool hasIntegers() const;
  bool hasBF16() const;
  /// The best of all that was measured, and with which layers: "61.2 dB, with
  /// layer 'conv' alone in int8"; "" where nothing was.
  std::string describeBest() const;
  /// Writes the model as its layers say. `report` may be null.
  int quantize(const std::string &output,
               const LambentQuantizeReport **report) const;
  /// With all layers quantized that have a form in integers, or all others in
  /// bf16 that have one. Returns an exit status.
  int writeTrial(bool isBF16) const;
  const std::string &getTrial() const { return trial.path; }

private:
  /// By a digit for each layer, as MeasuredScores has them.
  int quantize(const std::string &numbers, const std::string &output,
               const LambentQuantizeReport **report) const;
  std::string listNumbers() const;
  std::string describe(const std::string &numbers) const;
  int measure(const std::vector<bool> &quantized, double &score) override;
  void showProgress(size_t done, size_t total) override {
    showMeasured(done, total);
  }
  double getLoss(double score) const override {
    return theScore.getLoss(score);
  }
  std::string showScore(double score) const override {
    return theScore.show(score);
  }

  const LambentModelSource &model;
  LambentQuantizeOptions how;
  std::vector<SearchLayer> &layers;
  ModelScore &theScore;
  MeasuredScores &known;
  TrialFile trial;
  std::vector<size_t> places; ///< of the layers that are searched among
  char digit = '1';           ///< of what is chosen
  /// The best score, and what layers were then.
  std::optional<std::pair<double, std::string>> best;
};

} // namespace lambent::driver

#endif
