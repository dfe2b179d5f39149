//===- PruneModel.cpp - Prunes as much as an error allows -----------------===//

#include "PruneModel.h"
#include "../Report.h"
#include "LayerTimes.h"
#include "PruneResult.h"
#include "SearchGoal.h"

namespace lambent::driver {

/// What scores depend on.
static constexpr std::string_view relevantOptions[] = {
    "--structure", "--method", "--keep", "--keep-first", "--keep-last"};

std::vector<Option> withPruneSearchOptions(std::vector<Option> options) {
  std::vector<Option> more = listSearchOptions(
      "Instead of --zeros: give layers 50 to 90 % of zeros, those for which "
      "that saves time, so that the outputs' signal to noise ratio on the "
      "samples is so many dB or more, as 20 or 20dB. Shares are chosen by "
      "what they add to the error for the time that they save, both measured. "
      "What "
      "was measured is kept in PRUNED.onnx.search until a search succeeds, so "
      "that the next one goes on where it was.",
      "The samples that weights follow, and that a search measures on, as for "
      "'lambent profile'.",
      "Also write what became of each product, to FILE.json; of a search what "
      "was measured, too, layer by layer, and the error beside the time "
      "saved: FILE ends in .json or .html.");
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

/// Whether the options say what a search is to find.
static int refuseShares(const Arguments &arguments) {
  for (const char *option : {"--zeros", "--zeros-of", "--mask-from"})
    if (arguments.has(option))
      return reportError(std::string(option) +
                         " says how many zeros there are, which a search is to "
                         "find");
  if (arguments.get("--structure").find(':') != std::string::npos)
    return reportError("the structure " + arguments.get("--structure") +
                       " leaves a search no choice: it has one share of zeros");
  return Done;
}

/// Measures times, and chooses what layers are.
static int choose(PruneSearch &search, const SearchTask &task,
                  PruneResult &result) {
  std::string sample = task.samples.getName(0);
  const ModelOptions &options = task.options;
  if (int status = search.findLayers())
    return status;
  std::vector<SearchLayer> times;
  for (const PruneLayer &layer : result.layers) {
    times.emplace_back().node = layer.node;
    times.back().op = layer.op;
  }
  double ms; // of a whole run, which layers are told apart in
  if (int status = measureTimes(result.model, sample, options, times,
                                &SearchLayer::floatMs, result.beforeMs))
    return status;
  for (size_t rung = 0; rung < std::size(pruneLadder); ++rung) {
    if (int status = search.writeTrial(rung))
      return status;
    for (SearchLayer &layer : times)
      layer.quantizedMs.reset();
    if (int status = measureTimes(search.getTrial(), sample, options, times,
                                  &SearchLayer::quantizedMs, ms))
      return status;
    for (size_t i = 0; i < times.size(); ++i) {
      result.layers[i].denseMs = times[i].floatMs;
      result.layers[i].ms[rung] = times[i].quantizedMs;
    }
  }
  if (!search.findSteps())
    return reportError("none of its " + std::to_string(result.layers.size()) +
                       " layers is faster with 50 to 90 % of zeros in the "
                       "structure asked for: keep the model as it is, or "
                       "choose another structure");
  return search.search(result.goal);
}

int pruneByGoal(const Arguments &arguments, const PruneRequest &request,
                const std::string &output) {
  if (int status = refuseShares(arguments))
    return status;
  SearchTask task;
  PruneResult result;
  if (int status = task.open(arguments, output, {}, result))
    return status;
  CompileRequest source(result.model, task.options);
  MeasuredScores known(
      output + ".search",
      describeSearch(arguments, {}, task.samples, relevantOptions));
  PruneSearch search(*source.source(), *request.options(), result.layers,
                     *task.score, known, output);
  if (int status = choose(search, task, result))
    return status;
  if (!search.hasMetGoal())
    return reportError("a budget of " + task.score->show(result.goal) +
                       " cannot be met: the best that was measured is " +
                       task.score->show(search.getBest().value_or(0)) +
                       "; keep the model as it is, or choose another "
                       "structure or method");
  const LambentPruneReport *details = nullptr;
  if (int status = search.prune(output, &details))
    return status;
  PruneReport owned(details);
  result.details = lambent_prune_report_json(details);
  if (int status = task.close(output, search, result))
    return status;
  known.remove();
  printResult(result, *task.score);
  return task.report.empty()
             ? int(Done)
             : writePruneReport(task.report, result, *task.score);
}

} // namespace lambent::driver
