//===- ModelScore.h - How right a quantized model is ------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_MODELSCORE_H
#define LAMBENT_TOOLS_SEARCH_MODELSCORE_H

#include "../SampleInputs.h"
#include <memory>
#include <string>
#include <vector>

namespace lambent::driver {

/// Scores a model file; more is better. What is wrong is printed; methods
/// return an exit status.
class ModelScore {
public:
  virtual ~ModelScore() = default;
  /// Scores the float model first.
  virtual int begin(const std::string &model) = 0;
  virtual int score(const std::string &model, double &score) = 0;
  /// What a score is off by, in what adds up.
  virtual double getLoss(double score) const = 0;
  /// "30.1 dB"
  virtual std::string show(double score) const = 0;
  /// What the float model's score is, where that says something: ", and ..."
  virtual std::string describeFloat() const { return ""; }
};

/// The signal to noise ratio of the outputs on samples, in dB: that of the
/// output where it is the least. `pool` must outlive it.
std::unique_ptr<ModelScore> makeSampleScore(const SampleInputs &samples,
                                            const ModelOptions &options,
                                            LambentThreadPool *pool);

/// The number that a command of the shell prints last, which is given the
/// model's file behind its own words.
std::unique_ptr<ModelScore> makeCommandScore(const std::string &command);

} // namespace lambent::driver

#endif
