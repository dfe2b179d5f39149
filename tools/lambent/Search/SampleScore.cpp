//===- SampleScore.cpp - Signal to noise of outputs on samples ------------===//

#include "../Report.h"
#include "ModelScore.h"
#include "lambent-c/profile.h"
#include <algorithm>
#include <cmath>
#include <map>

namespace lambent::driver {

/// Where nothing is off, in dB.
static constexpr double exact = 200;

namespace {

class SampleScore : public ModelScore {
public:
  SampleScore(const SampleInputs &samples, const ModelOptions &options,
              LambentThreadPool *pool)
      : samples(samples), options(options), pool(pool) {}

  int begin(const std::string &model) override;
  int score(const std::string &model, double &score) override;
  double getLoss(double score) const override {
    return std::pow(10, -score / 10);
  }
  std::string show(double score) const override {
    char text[40];
    std::snprintf(text, sizeof text, "%.1f dB", score);
    return text;
  }

private:
  using Sample = std::map<std::string, std::vector<float>>;
  int observe(const std::string &model, std::vector<Sample> &found) const;
  int checkOutputs(const std::string &model);

  const SampleInputs &samples;
  const ModelOptions &options;
  LambentThreadPool *pool;
  std::vector<std::string> names; ///< of outputs
  std::vector<Sample> wanted;     ///< those of the float model
};

} // namespace

int SampleScore::observe(const std::string &model,
                         std::vector<Sample> &found) const {
  CompileRequest request(model, options);
  std::vector<const char *> wantedNames;
  for (const std::string &name : names)
    wantedNames.push_back(name.c_str());
  LambentObserver *made = nullptr;
  if (int status = reportStatus(lambent_observer_create(
          request.source(), request.options(), wantedNames.data(),
          wantedNames.size(), pool, &made)))
    return status;
  Observer observer(made);
  for (size_t i = 0; i < samples.size(); ++i) {
    TensorSet inputs;
    if (int status = samples.read(i, inputs))
      return status;
    Sample sample;
    auto see = [](void *user, const LambentObservedTensor *tensor) {
      (*static_cast<Sample *>(user))[tensor->name].assign(
          tensor->elements, tensor->elements + tensor->num_elements);
    };
    if (int status = reportStatus(lambent_observer_run(
            made, lambent_tensor_set_tensors(inputs.get()),
            lambent_tensor_set_size(inputs.get()), see, &sample)))
      return status;
    found.push_back(std::move(sample));
  }
  return Done;
}

int SampleScore::begin(const std::string &model) {
  CompileRequest request(model, options);
  const LambentModelSummary *found = nullptr;
  if (int status = reportStatus(lambent_summarize(request.source(), &found)))
    return status;
  ModelSummary summary(found);
  for (uint32_t i = 0; i < found->num_outputs; ++i)
    names.push_back(found->outputs[i].name);
  if (int status = observe(model, wanted))
    return status;
  return checkOutputs(model);
}

int SampleScore::checkOutputs(const std::string &model) {
  for (const Sample &sample : wanted)
    for (const auto &[name, elements] : sample)
      for (float element : elements)
        if (!std::isfinite(element))
          return reportError("output " + quoted(name) + " of " + quoted(model) +
                             " holds NaN or Inf on a sample: there is nothing "
                             "to compare");
  for (const Sample &sample : wanted)
    if (!sample.empty())
      return Done;
  return reportError("no output of " + quoted(model) +
                     " is a tensor of floats: --max-error has nothing to "
                     "compare; give a --score-command");
}

int SampleScore::score(const std::string &model, double &score) {
  std::vector<Sample> found;
  if (int status = observe(model, found))
    return status;
  score = exact;
  for (const std::string &name : names) {
    double signal = 0, noise = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      const std::vector<float> &a = wanted[i][name], &b = found[i][name];
      // Sizes that follow from data may differ: then nothing is right.
      if (a.size() != b.size())
        noise = INFINITY;
      for (size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
        double difference = double(a[k]) - b[k];
        signal += double(a[k]) * a[k];
        noise += difference * difference;
      }
    }
    if (noise == 0)
      continue;
    double ratio = signal > 0 && std::isfinite(noise)
                       ? 10 * std::log10(signal / noise)
                       : -exact;
    score = std::min(score, ratio);
  }
  return Done;
}

std::unique_ptr<ModelScore> makeSampleScore(const SampleInputs &samples,
                                            const ModelOptions &options,
                                            LambentThreadPool *pool) {
  return std::make_unique<SampleScore>(samples, options, pool);
}

} // namespace lambent::driver
