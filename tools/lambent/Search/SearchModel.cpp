//===- SearchModel.cpp - Quantizes as much as an error allows -------------===//

#include "SearchModel.h"
#include "../Report.h"
#include "../ShownSamples.h"
#include "LayerTimes.h"
#include "ModelSearch.h"
#include "SearchGoal.h"
#include "SearchReport.h"
#include <algorithm>

namespace lambent::driver {

static constexpr std::string_view sampleOption = "--input-dir";
static constexpr std::string_view searchOptions[] = {
    "--max-error", "--score-command", "--min-score", sampleOption, "--report"};

std::vector<Option> withSearchOptions(std::vector<Option> options) {
  std::vector<Option> more = listSearchOptions(
      "Leave layers in float, as few as it takes, so that the outputs' signal "
      "to noise ratio on the samples is so many dB or more, as 30 or 30dB. "
      "Layers are chosen by what they add to the error for the time that they "
      "save, both measured. What was measured is kept in Q.onnx.search until "
      "a search succeeds, so that the next one goes on where it was.",
      "The samples to measure on, and to round weights by, as for 'lambent "
      "profile'. For a search others than those of the profile are best.",
      "Also write what was measured, layer by layer, and the error beside the "
      "time saved: FILE ends in .json or .html.");
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

/// What scores depend on.
static constexpr std::string_view relevantOptions[] = {
    "--quantize",  "--calibration", "--schema",    "--keep-first",
    "--keep-last", "--group",       "--rounding",  "--migrate",
    "--keep",      "--bf16",        "--per-tensor"};

bool asksForSearch(const Arguments &arguments) {
  return arguments.has("--max-error") || arguments.has("--score-command");
}

std::vector<std::string> listTrialFiles(const Arguments &arguments) {
  if (!asksForSearch(arguments) || !arguments.has("-o"))
    return {};
  return TrialFile::list(arguments.get("-o"));
}

int refuseSearchOptions(const Arguments &arguments) {
  for (std::string_view name : searchOptions)
    if (arguments.has(std::string(name)) &&
        !(ShownSamples::isAskedFor(arguments) && name == sampleOption))
      return reportError(
          std::string(name) +
          (name == sampleOption
               ? " is for a search or a rounding by samples, and needs "
                 "--max-error, --score-command, --rounding=gptq or "
                 "--rounding=adaround"
               : " is for a search, and needs --max-error or "
                 "--score-command"));
  return Done;
}

/// The layers of a model that may be chosen, and the forms that they have.
static int listLayers(const LambentModelSource &model,
                      const LambentQuantizeOptions &how,
                      std::vector<SearchLayer> &layers) {
  auto add = [](void *user, const LambentLayerForms *forms) {
    SearchLayer layer;
    layer.node = forms->node;
    layer.op = forms->op;
    layer.hasIntegers = !forms->no_integers;
    layer.hasBF16 = !forms->no_bf16;
    static_cast<std::vector<SearchLayer> *>(user)->push_back(layer);
  };
  if (int status =
          reportStatus(lambent_list_layer_forms(&model, &how, add, &layers)))
    return status;
  bool isAny = std::ranges::any_of(layers, [](const SearchLayer &layer) {
    return layer.hasIntegers || layer.hasBF16;
  });
  return isAny ? int(Done)
               : reportError(driver::quoted(model.path) +
                             " has no layer that may be quantized");
}

/// Measures times, and chooses what layers are.
static int choose(ModelSearch &search, const SearchTask &task,
                  SearchResult &result) {
  std::string sample = task.samples.getName(0);
  const ModelOptions &options = task.options;
  bool multipliesBF16;
  double ms; // of a whole run, which layers are told apart in
  if (search.hasIntegers())
    if (int status = search.writeTrial(/*isBF16=*/false))
      return status;
  if (int status =
          measureTimes(result.model, sample, options, result.layers,
                       &SearchLayer::floatMs, result.beforeMs, &multipliesBF16))
    return status;
  if (search.hasIntegers()) {
    if (int status = measureTimes(search.getTrial(), sample, options,
                                  result.layers, &SearchLayer::quantizedMs, ms))
      return status;
    if (int status = search.searchIntegers(result.goal))
      return status;
  }
  if (!multipliesBF16 || !search.hasBF16())
    return Done;
  if (int status = search.writeTrial(/*isBF16=*/true))
    return status;
  if (int status = measureTimes(search.getTrial(), sample, options,
                                result.layers, &SearchLayer::bf16Ms, ms))
    return status;
  return search.searchBF16(result.goal);
}

/// What says that no choice of layers meets the goal.
static int reportUnmet(const ModelSearch &search, const SearchResult &result,
                       const ModelScore &score) {
  std::string best = search.describeBest();
  std::string text = "a budget of " + score.show(result.goal) +
                     " cannot be met: " +
                     (best.empty() ? "no layer can be made faster"
                                   : "the best measured is " + best) +
                     score.describeFloat();
  return reportError(text + "; keep the model as it is, or choose other "
                            "numbers or another calibration");
}

int searchModel(const Arguments &arguments, const QuantizeRequest &request,
                const std::string &output) {
  SearchTask task;
  SearchResult result;
  if (int status = task.open(arguments, output, {request.getProfile()}, result))
    return status;
  CompileRequest source(result.model, task.options);
  if (int status =
          listLayers(*source.source(), *request.options(), result.layers))
    return status;
  MeasuredScores known(output + ".search",
                       describeSearch(arguments, {request.getProfile()},
                                      task.samples, relevantOptions));
  ModelSearch search(*source.source(), *request.options(), result.layers,
                     *task.score, known, output);
  if (int status = choose(search, task, result))
    return status;
  if (!search.hasMetGoal())
    return reportUnmet(search, result, *task.score);
  const LambentQuantizeReport *details = nullptr;
  if (int status = search.quantize(output, &details))
    return status;
  QuantizeReport owned(details);
  result.details = lambent_quantize_report_json(details);
  if (int status = task.close(output, search, result))
    return status;
  known.remove();
  printResult(result, *task.score);
  return task.report.empty()
             ? int(Done)
             : writeSearchReport(task.report, result, *task.score);
}

} // namespace lambent::driver
