//===- PruneSearch.cpp - How many zeros each layer gets -------------------===//

#include "PruneSearch.h"
#include "../Handles.h"
#include "../Report.h"
#include <algorithm>
#include <string_view>

namespace lambent::driver {

/// Of a layer's time: less is what measurements differ by.
static constexpr double leastGain = 0.05;

int PruneSearch::prune(const std::vector<int> &rungs,
                       const LambentPruneOptions &base,
                       const std::string &output,
                       const LambentPruneReport **report) const {
  std::vector<LambentLayerZeros> zeros;
  std::vector<const char *> keep(base.keep, base.keep + base.num_keep);
  for (size_t i = 0; i < layers.size(); ++i)
    if (rungs[i] < 0)
      keep.push_back(layers[i].node.c_str());
    else
      zeros.push_back({layers[i].node.c_str(), pruneLadder[rungs[i]]});
  LambentPruneOptions options = base;
  options.keep = keep.data();
  options.num_keep = static_cast<uint32_t>(keep.size());
  options.layers = zeros.data();
  options.num_layers = static_cast<uint32_t>(zeros.size());
  return reportStatus(
      lambent_prune_to_file(&model, &options, output.c_str(), report));
}

/// The same, by magnitude; another name than a method's stays, for the library
/// to say so before anything is measured.
static LambentPruneOptions withoutSamples(LambentPruneOptions options) {
  if (std::string_view(options.method) == "reconstruct")
    options.method = "magnitude";
  options.samples = nullptr;
  return options;
}

int PruneSearch::findLayers() {
  LambentPruneOptions options = withoutSamples(how);
  options.zeros = pruneLadder[0];
  const LambentPruneReport *report = nullptr;
  if (int status = reportStatus(
          lambent_prune_to_file(&model, &options, trial.path.c_str(), &report)))
    return status;
  PruneReport owned(report);
  auto add = [](void *user, const LambentPrunedLayer *layer) {
    if (layer->reason)
      return;
    PruneLayer &added =
        static_cast<std::vector<PruneLayer> *>(user)->emplace_back();
    added.node = layer->node;
    added.op = layer->op;
  };
  lambent_prune_report_list(report, add, &layers);
  return Done;
}

int PruneSearch::writeTrial(size_t rung) const {
  LambentPruneOptions options = withoutSamples(how);
  return prune(std::vector<int>(layers.size(), int(rung)), options, trial.path,
               nullptr);
}

int PruneSearch::prune(const std::string &output,
                       const LambentPruneReport **report) const {
  std::vector<int> rungs;
  for (const PruneLayer &layer : layers)
    rungs.push_back(layer.rung);
  return prune(rungs, how, output, report);
}

bool PruneSearch::findSteps() {
  for (size_t i = 0; i < layers.size(); ++i) {
    const PruneLayer &layer = layers[i];
    std::optional<double> now = layer.denseMs;
    int before = -1;
    for (size_t rung = 0; rung < std::size(pruneLadder); ++rung) {
      std::optional<double> next = layer.ms[rung];
      if (!now || !next || *next > (1 - leastGain) * *now)
        continue;
      SearchLayer item;
      item.node = layer.node;
      item.op = layer.op;
      item.floatMs = now;
      item.quantizedMs = now = next;
      items.push_back(item);
      steps.push_back({i, rung, before});
      before = int(steps.size()) - 1;
    }
  }
  return !steps.empty();
}

double PruneSearch::getAddedLoss(size_t item) const {
  int before = steps[item].before;
  double loss = getLoss(*items[item].alone);
  return std::max(0.0,
                  before < 0 ? loss : loss - getLoss(*items[before].alone));
}

std::vector<int> PruneSearch::findRungs(const std::vector<bool> &taken) const {
  std::vector<int> rungs(layers.size(), -1);
  for (size_t i = 0; i < steps.size(); ++i)
    if (taken[i])
      rungs[steps[i].layer] =
          std::max(rungs[steps[i].layer], int(steps[i].rung));
  return rungs;
}

int PruneSearch::measure(const std::vector<bool> &taken, double &score) {
  if (int status = measure(findRungs(taken), score))
    return status;
  if (!best || getLoss(score) < getLoss(*best))
    best = score;
  return Done;
}

int PruneSearch::measure(const std::vector<int> &rungs, double &score) {
  std::string key;
  for (int rung : rungs)
    key += char('1' + rung);
  if (std::optional<double> found = known.find(key)) {
    score = *found;
    return Done;
  }
  if (int status = prune(rungs, how, trial.path, nullptr))
    return status;
  if (int status = theScore.score(trial.path, score))
    return status;
  return known.add(key, score);
}

int PruneSearch::search(double goal) {
  if (int status = run(items, goal))
    return status;
  std::vector<bool> taken;
  for (size_t i = 0; i < steps.size(); ++i) {
    taken.push_back(items[i].isQuantized);
    layers[steps[i].layer].alone[steps[i].rung] = items[i].alone;
  }
  std::vector<int> rungs = findRungs(taken);
  for (size_t i = 0; i < layers.size(); ++i)
    layers[i].rung = rungs[i];
  return Done;
}

} // namespace lambent::driver
