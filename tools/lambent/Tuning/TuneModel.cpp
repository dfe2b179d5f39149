//===- TuneModel.cpp - Searches for a model's fastest kernels -------------===//
//
// In each round all kernels take their next candidate, in one compilation, and
// run in turns with those that estimates choose. What was found is written
// after each round: whoever ends the search keeps it, and the next one goes on.
//
//===----------------------------------------------------------------------===//

#include "TuneModel.h"
#include "../Handles.h"
#include "../Report.h"
#include "KernelTimes.h"
#include <algorithm>
#include <cstdio>

namespace lambent::driver {

namespace {

class ModelSearch {
public:
  ModelSearch(const ModelTuning &how, ModelOptions options)
      : how(how), options(std::move(options)) {}

  int run() {
    if (int status = open())
      return status;
    if (kernels.empty()) {
      std::printf("no layer of the model can be computed in several ways\n");
      return Done;
    }
    if (int status = search())
      return status;
    if (int status = confirm())
      return status;
    print();
    return Done;
  }

private:
  /// Compiles what estimates choose, and reads what is known.
  int open() {
    const char *description =
        options.cpuDescription ? options.cpuDescription->c_str() : nullptr;
    LambentTunedChoices *read = nullptr;
    if (int status = reportStatus(lambent_tuned_choices_read(
            how.output.empty() ? nullptr : how.output.c_str(), description,
            &read)))
      return status;
    choices.reset(read);
    options.tunedChoices = "";
    if (int status = prepare(options, estimated))
      return status;
    kernels = listKernels(estimated.description());
    LambentThreadPool *created = nullptr;
    int status =
        reportStatus(lambent_thread_pool_create(how.threads, &created));
    pool.reset(created);
    return status;
  }

  int prepare(const ModelOptions &how, PreparedModel &model) const {
    return prepareModel(this->how.model, this->how.inputFolder,
                        /*mayMakeInputs=*/true, how, model);
  }

  LambentTunedChoice getChoice(const std::string &key) const {
    const LambentTunedChoice *known =
        lambent_tuned_choices_find(choices.get(), key.c_str());
    return known ? *known : LambentTunedChoice{"", 0, 0, 0};
  }

  int search() {
    uint64_t next = UINT64_MAX;
    for (const auto &[key, kernel] : kernels)
      next = std::min(next, getChoice(key).num_tried + 1);
    for (double longest = 0;; ++next) {
      double begin = how.budget.passed();
      if (!how.budget.allows(longest))
        return Done;
      if (int status = measureRound(next))
        return status;
      if (isComplete)
        return Done;
      longest = std::max(longest, how.budget.passed() - begin);
    }
  }

  int measureRound(uint64_t candidate) {
    ModelOptions other = options;
    other.candidate = static_cast<uint32_t>(candidate);
    PreparedModel tried;
    if (int status = prepare(other, tried))
      return status;
    const LambentModel &model = tried.description();
    auto differs = [&](const TunedKernel &kernel) {
      return getAlgorithm(model.layers[kernel.layers[0]]) != kernel.algorithm;
    };
    isComplete = true;
    for (const auto &[key, kernel] : kernels)
      isComplete &= !differs(kernel);
    if (isComplete)
      return Done;
    VersionTimes times[2];
    PreparedModel *versions[] = {&estimated, &tried};
    if (int status =
            compareVersions(versions, kernels, pool.get(), roundSeconds, times))
      return status;
    for (const auto &[key, kernel] : kernels) {
      std::string algorithm = getAlgorithm(model.layers[kernel.layers[0]]);
      if (int status = record(key, differs(kernel) ? algorithm : "", candidate,
                              times[0].kernels[key], times[1].kernels[key]))
        return status;
    }
    std::printf("round %llu: %.3f ms, by estimates %.3f ms\n",
                static_cast<unsigned long long>(candidate), times[1].run,
                times[0].run);
    std::fflush(stdout);
    return reportStatus(lambent_tuned_choices_write(choices.get()));
  }

  /// Keeps an algorithm that gains more than noise over the best so far.
  int record(const std::string &key, const std::string &algorithm,
             uint64_t candidate, double estimatedMs, double ms) {
    constexpr double mostPart = 0.97;
    LambentTunedChoice known = getChoice(key);
    if (known.num_tried >= candidate)
      return Done;
    known.num_tried = candidate;
    std::string before = known.algorithm;
    double part = before.empty() ? 1 : known.ms / known.estimated_ms;
    bool isBetter = !algorithm.empty() && estimatedMs > 0 &&
                    ms / estimatedMs < mostPart * part;
    if (isBetter || before.empty()) {
      known.ms = isBetter ? ms : estimatedMs;
      known.estimated_ms = estimatedMs;
    }
    const std::string &kept = isBetter ? algorithm : before;
    known.algorithm = kept.c_str();
    return reportStatus(
        lambent_tuned_choices_set(choices.get(), key.c_str(), &known));
  }

  /// Measures all that was found together, and gives up what gains nothing
  /// there.
  int confirm() {
    bool hasFound = false;
    for (const auto &[key, kernel] : kernels)
      hasFound |= *getChoice(key).algorithm != 0;
    if (!hasFound)
      return Done;
    ModelOptions tuned = options;
    tuned.tunedChoices = lambent_tuned_choices_file(choices.get());
    PreparedModel model;
    if (int status = prepare(tuned, model))
      return status;
    PreparedModel *versions[] = {&estimated, &model};
    if (int status = compareVersions(versions, kernels, pool.get(),
                                     2 * roundSeconds, confirmed))
      return status;
    for (const auto &[key, kernel] : kernels) {
      LambentTunedChoice choice = getChoice(key);
      std::string algorithm = choice.algorithm;
      if (algorithm.empty())
        continue;
      choice.estimated_ms = confirmed[0].kernels[key];
      choice.ms = confirmed[1].kernels[key];
      if (choice.ms > mostConfirmed * choice.estimated_ms)
        algorithm.clear();
      choice.algorithm = algorithm.c_str();
      if (int status = reportStatus(
              lambent_tuned_choices_set(choices.get(), key.c_str(), &choice)))
        return status;
    }
    return reportStatus(lambent_tuned_choices_write(choices.get()));
  }

  void print() const {
    std::printf("\n%10s %10s %7s  %s\n", "estimated", "measured", "gain",
                "layers: algorithm");
    for (const auto &[key, kernel] : kernels) {
      LambentTunedChoice choice = getChoice(key);
      std::string label = shown(kernel.name);
      if (kernel.layers.size() > 1)
        label += " and " + std::to_string(kernel.layers.size() - 1) + " more";
      if (!*choice.algorithm) {
        std::printf("%10.4f %10s %7s  %s: %s\n", choice.estimated_ms, "", "",
                    label.c_str(), shown(kernel.algorithm).c_str());
        continue;
      }
      std::printf(
          "%10.4f %10.4f %5.1f %%  %s: %s, was %s\n", choice.estimated_ms,
          choice.ms, 100 * (choice.estimated_ms / choice.ms - 1), label.c_str(),
          shown(choice.algorithm).c_str(), shown(kernel.algorithm).c_str());
    }
    if (confirmed[1].run > 0)
      std::printf("\nthe model    %.3f ms, by estimates %.3f ms\n",
                  confirmed[1].run, confirmed[0].run);
    std::printf("choices      %s\n",
                shown(lambent_tuned_choices_file(choices.get())).c_str());
    std::printf("search       %s\n",
                isComplete ? "complete"
                           : "not complete: the same command goes on");
  }

  static constexpr double roundSeconds = 0.5;
  /// Of the estimated time, that a choice may take and stay.
  static constexpr double mostConfirmed = 0.98;
  const ModelTuning &how;
  ModelOptions options;
  TunedChoices choices;
  ThreadPool pool;
  PreparedModel estimated;
  std::map<std::string, TunedKernel> kernels;
  VersionTimes confirmed[2];
  bool isComplete = false;
};

} // namespace

int tuneModel(const ModelTuning &how, ModelOptions options) {
  return ModelSearch(how, std::move(options)).run();
}

} // namespace lambent::driver
