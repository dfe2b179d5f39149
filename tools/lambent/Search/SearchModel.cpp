//===- SearchModel.cpp - Quantizes as much as an error allows -------------===//

#include "SearchModel.h"
#include "../LayerReport/LayerReport.h"
#include "../Measurement.h"
#include "../Report.h"
#include "../SampleInputs.h"
#include "../ShownSamples.h"
#include "ModelSearch.h"
#include "SearchReport.h"
#include <algorithm>
#include <filesystem>

namespace lambent::driver {

static constexpr std::string_view sampleOption = "--input-dir";
static constexpr std::string_view searchOptions[] = {
    "--max-error", "--score-command", "--min-score", sampleOption, "--report"};

std::vector<Option> withSearchOptions(std::vector<Option> options) {
  std::vector<Option> more = {
      {"--max-error", "DB",
       "Leave layers in float, as few as it takes, so that the outputs' signal "
       "to noise ratio on the samples is so many dB or more, as 30 or 30dB. "
       "Layers are chosen by what they add to the error for the time that they "
       "save, both measured. What was measured is kept in Q.onnx.search until "
       "the search ends, so that the next one goes on where it was."},
      {"--score-command", "CMD",
       "Instead of signal to noise: a command that is run with a model's file "
       "as its last word and prints a number last, the more the better."},
      {"--min-score", "X", "The least score that the command may print."},
      {"--input-dir", "DIR",
       "The samples to measure on, and to round weights by, as for 'lambent "
       "profile'. For a search others than those of the profile are best."},
      {"--report", "FILE",
       "Also write what was measured, layer by layer, and the error beside the "
       "time saved: FILE ends in .json or .html."},
  };
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

bool asksForSearch(const Arguments &arguments) {
  return arguments.has("--max-error") || arguments.has("--score-command");
}

int refuseSearchOptions(const Arguments &arguments) {
  for (std::string_view name : searchOptions)
    if (arguments.has(std::string(name)) &&
        !(ShownSamples::isAskedFor(arguments) && name == sampleOption))
      return reportError(
          std::string(name) +
          (name == sampleOption
               ? " is for a search or a rounding by samples, and needs "
                 "--max-error, --score-command or --rounding=gptq"
               : " is for a search, and needs --max-error or "
                 "--score-command"));
  return Done;
}

/// "30" or "30dB"; nothing if it is neither.
static std::optional<double> readNumber(std::string text,
                                        const std::string &unit) {
  if (!unit.empty() && text.ends_with(unit))
    text.erase(text.size() - unit.size());
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  bool isNumber = !text.empty() && *end == '\0' && number - number == 0;
  return isNumber ? std::optional(number) : std::nullopt;
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

/// Whether the CPU adds up products of bf16, which a compilation for it says.
static bool hasBF16(const LambentModel &model) {
  std::string features = "," + std::string(model.cpu_features) + ",";
  return features.find(",avx512bf16,") != std::string::npos;
}

/// Measures the model at `path`; gives layers their times through `place`.
static int measureTimes(const std::string &path, const std::string &sample,
                        const ModelOptions &options,
                        std::vector<SearchLayer> &layers,
                        std::optional<double> SearchLayer::*place,
                        double &runMs, bool *multipliesBF16 = nullptr) {
  PreparedModel prepared;
  if (int status = prepareModel(path, sample, false, options, prepared))
    return status;
  MeasurementOptions how;
  how.threads = 1;
  how.seconds = 1;
  how.layers = true;
  Measurement measured;
  if (int status = measure(prepared, how, measured))
    return status;
  runMs = measured.medianMs();
  const LambentModel &model = prepared.description();
  if (multipliesBF16)
    *multipliesBF16 = hasBF16(model);
  for (size_t i = 0; i < measured.layerMs.size(); ++i) {
    // "conv1+relu1": one of the nodes is the product.
    std::string names = "+" + std::string(model.layers[i].name) + "+";
    for (SearchLayer &layer : layers)
      if (names.find("+" + layer.node + "+") != std::string::npos)
        layer.*place = (layer.*place).value_or(0) + measured.layerMs[i];
  }
  return Done;
}

/// What a search's results depend on, as text.
static std::string describe(const Arguments &arguments,
                            const std::string &profile,
                            const SampleInputs &samples) {
  std::error_code error; // what cannot be looked at has no size
  std::vector<std::string> paths{arguments.operand(), profile};
  for (size_t i = 0; i < samples.size(); ++i)
    for (const auto &file :
         std::filesystem::directory_iterator(samples.getName(i), error))
      paths.push_back(file.path().string());
  std::sort(paths.begin(), paths.end());
  std::string text = lambent_version();
  for (const std::string &path : paths) {
    auto time = std::filesystem::last_write_time(path, error);
    text += "\n" + path + " " +
            std::to_string(std::filesystem::file_size(path, error)) + " " +
            std::to_string(time.time_since_epoch().count());
  }
  for (const char *option :
       {"--quantize", "--calibration", "--schema", "--keep-first",
        "--keep-last", "--group", "--rounding", "--migrate", "--score-command",
        "--input-dir"})
    text += option + arguments.get(option) + "\n";
  for (const char *option : {"--keep", "--bf16"})
    for (const std::string &node : arguments.all(option))
      text += option + node + "\n";
  return text + (arguments.has("--per-tensor") ? "per tensor" : "");
}

/// The least score. Prints what is wrong and returns nothing on failure.
static std::optional<double> parseGoal(const Arguments &arguments) {
  bool hasCommand = arguments.has("--score-command");
  if (hasCommand && arguments.has("--max-error")) {
    reportError("--max-error and --score-command exclude each other");
    return std::nullopt;
  }
  if (hasCommand != arguments.has("--min-score")) {
    reportError("--score-command and --min-score belong together");
    return std::nullopt;
  }
  std::string option = hasCommand ? "--min-score" : "--max-error";
  std::optional<double> goal =
      readNumber(arguments.get(option), hasCommand ? "" : "dB");
  if (!goal)
    reportError("expected " + option + " to be a number" +
                (hasCommand ? "" : " of dB, as 30") + ", but got " +
                driver::quoted(arguments.get(option)));
  return goal;
}

/// Measures times, and chooses what layers are.
static int choose(ModelSearch &search, const std::string &model,
                  const std::string &sample, const ModelOptions &options,
                  SearchResult &result) {
  bool multipliesBF16;
  double ms; // of a whole run, which layers are told apart in
  if (search.hasIntegers())
    if (int status = search.writeTrial(/*isBF16=*/false))
      return status;
  if (int status =
          measureTimes(model, sample, options, result.layers,
                       &SearchLayer::floatMs, result.floatMs, &multipliesBF16))
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
  const std::string &model = arguments.operand();
  bool hasCommand = arguments.has("--score-command");
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
  if (!request.getProfile().empty())
    files.add(request.getProfile());
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

  SearchResult result;
  result.model = model;
  result.goal = *goal;
  result.goalOption = hasCommand ? "--min-score" : "--max-error";
  CompileRequest source(model, options);
  if (int status =
          listLayers(*source.source(), *request.options(), result.layers))
    return status;
  MeasuredScores known(output + ".search",
                       describe(arguments, request.getProfile(), samples));
  ModelSearch search(*source.source(), *request.options(), result.layers,
                     *score, known, output);
  if (int status = choose(search, model, samples.getName(0), options, result))
    return status;
  if (!search.hasMetGoal())
    return reportUnmet(search, result, *score);
  const LambentQuantizeReport *details = nullptr;
  if (int status = search.quantize(output, &details))
    return status;
  QuantizeReport owned(details);
  std::vector<SearchLayer> none;
  if (int status = measureTimes(output, samples.getName(0), options, none,
                                &SearchLayer::quantizedMs, result.ms))
    return status;
  known.remove();
  result.points = search.getPoints();
  result.score = search.getScore();
  result.details = lambent_quantize_report_json(details);
  printResult(result, *score);
  return report.empty() ? int(Done) : writeSearchReport(report, result, *score);
}

} // namespace lambent::driver
