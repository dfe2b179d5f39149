//===- PruneModel.cpp - Prunes as much as an error allows -----------------===//

#include "PruneModel.h"
#include "../LayerReport/LayerReport.h"
#include "../Report.h"
#include "../SampleInputs.h"
#include "LayerTimes.h"
#include "PruneResult.h"
#include "SearchGoal.h"

namespace lambent::driver {

/// What scores depend on.
static constexpr std::string_view relevantOptions[] = {
    "--structure", "--method", "--keep", "--keep-first", "--keep-last"};

std::vector<Option> withPruneSearchOptions(std::vector<Option> options) {
  std::vector<Option> more = {
      {"--max-error", "DB",
       "Instead of --zeros: give layers 50 to 90 % of zeros, those for which "
       "that saves time, so that the outputs' signal to noise ratio on the "
       "samples is so many dB or more, as 20 or 20dB. Shares are chosen by "
       "what "
       "they add to the error for the time that they save, both measured. What "
       "was measured is kept in PRUNED.onnx.search until the search ends, so "
       "that the next one goes on where it was."},
      {"--score-command", "CMD",
       "Instead of signal to noise: a command that is run with a model's file "
       "as its last word and prints a number last, the more the better."},
      {"--min-score", "X", "The least score that the command may print."},
      {"--input-dir", "DIR",
       "The samples that weights follow, and that a search measures on, as for "
       "'lambent profile'."},
      {"--report", "FILE",
       "Also write what became of each product, to FILE.json; of a search what "
       "was measured, too, layer by layer, and the error beside the time "
       "saved: "
       "FILE ends in .json or .html."},
  };
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
static int choose(PruneSearch &search, const std::string &sample,
                  const ModelOptions &options, PruneResult &result) {
  if (int status = search.findLayers())
    return status;
  std::vector<SearchLayer> times;
  for (const PruneLayer &layer : result.layers) {
    times.emplace_back().node = layer.node;
    times.back().op = layer.op;
  }
  double ms; // of a whole run, which layers are told apart in
  if (int status = measureTimes(result.model, sample, options, times,
                                &SearchLayer::floatMs, result.denseMs))
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
  const std::string &model = arguments.operand();
  bool hasCommand = arguments.has("--score-command");
  if (int status = refuseShares(arguments))
    return status;
  std::optional<double> goal = parseGoal(arguments);
  if (!goal)
    return Error;
  if (!arguments.has("--input-dir"))
    return reportError("a search needs --input-dir: the samples to measure on");
  std::string report = arguments.get("--report");
  if (!report.empty() && !mayWriteReport(report))
    return Error;
  ModelOptions options;
  options.followLinks = arguments.has("--follow-links");
  SampleInputs samples;
  if (int status = samples.open(model, arguments.get("--input-dir"), options))
    return status;
  ReadFiles files;
  samples.addFiles(files);
  for (const std::string &path :
       {output, output + ".search", TrialFile::list(output).front(), report})
    if (!path.empty())
      if (int status = files.checkOutput(path))
        return status;
  LambentThreadPool *pool = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(0, &pool)))
    return status;
  ThreadPool ownedPool(pool);
  std::unique_ptr<ModelScore> score =
      hasCommand ? makeCommandScore(arguments.get("--score-command"))
                 : makeSampleScore(samples, options, pool);
  if (int status = score->begin(model))
    return status;

  PruneResult result;
  result.model = model;
  result.goal = *goal;
  result.goalOption = hasCommand ? "--min-score" : "--max-error";
  CompileRequest source(model, options);
  MeasuredScores known(output + ".search",
                       describeSearch(arguments, {}, samples, relevantOptions));
  PruneSearch search(*source.source(), *request.options(), result.layers,
                     *score, known, output);
  if (int status = choose(search, samples.getName(0), options, result))
    return status;
  if (!search.hasMetGoal())
    return reportError("a budget of " + score->show(*goal) +
                       " cannot be met: with one layer pruned it is " +
                       score->show(search.getScore()) +
                       " at most; keep the model as it is, or choose another "
                       "structure or method");
  const LambentPruneReport *details = nullptr;
  if (int status = search.prune(output, &details))
    return status;
  PruneReport owned(details);
  std::vector<SearchLayer> none;
  if (int status = measureTimes(output, samples.getName(0), options, none,
                                &SearchLayer::quantizedMs, result.ms))
    return status;
  known.remove();
  result.points = search.getPoints();
  result.score = search.getScore();
  result.details = lambent_prune_report_json(details);
  printResult(result, *score);
  return report.empty() ? int(Done) : writePruneReport(report, result, *score);
}

} // namespace lambent::driver
