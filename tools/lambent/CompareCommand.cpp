//===- CompareCommand.cpp - lambent compare -------------------------------===//

#include "Artefact.h"
#include "Commands.h"
#include "Comparison/Comparison.h"
#include "Limits.h"
#include "Report.h"
#include "WholeFile.h"
#include <cstdio>

namespace lambent::driver {

/// The second model's options: the first's, but for those that --b-... give.
static std::optional<ModelOptions>
parseOtherOptions(const Arguments &arguments, const ModelOptions &options) {
  ModelOptions other = options;
  other.cpu = arguments.get("--b-cpu", other.cpu);
  std::string accuracy = arguments.get("--b-accuracy", "default");
  if (accuracy != "default" && accuracy != "strict") {
    reportError("expected default or strict for --b-accuracy, but got " +
                quoted(accuracy));
    return std::nullopt;
  }
  if (arguments.has("--b-accuracy"))
    other.strict = accuracy == "strict";
  std::optional<double> zeros = arguments.percent("--b-winograd-zeros");
  if (!zeros)
    return std::nullopt;
  // Strict accuracy takes no Winograd, and a share for all is that of each.
  if (arguments.has("--b-winograd-zeros") || other.strict) {
    other.winogradZeros = *zeros;
    other.winogradLayers.clear();
  }
  return other;
}

/// A model with what tells it from the other one.
static std::string makeTitle(const ComparedModel &model,
                             const ComparedModel &other) {
  std::string title = model.path;
  if (model.options.cpu != other.options.cpu)
    title += " --cpu=" + model.options.cpu;
  if (model.options.strict != other.options.strict)
    title += model.options.strict ? " --accuracy=strict" : "";
  if (double zeros = model.options.winogradZeros;
      zeros != other.options.winogradZeros) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", zeros);
    title += std::string(" --winograd-zeros=") + text;
  }
  if (model.options.winogradLayers != other.options.winogradLayers &&
      !model.options.winogradLayers.empty())
    title += " --winograd-zeros-of";
  return title;
}

static int refuseArtefact(const std::string &path) {
  return isArtefact(path)
             ? reportError(quoted(path) + " is compiled already: 'compare' "
                                          "needs the ONNX file")
             : Done;
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  std::optional<double> threshold = arguments.number("--threshold", 20, 300);
  if (!options || !threads || !threshold)
    return Error;
  std::optional<ModelOptions> others = parseOtherOptions(arguments, *options);
  if (!others)
    return Error;
  ComparedModel first{arguments.operand(), *options};
  ComparedModel second{arguments.second().empty() ? arguments.operand()
                                                  : arguments.second(),
                       *others};
  for (const ComparedModel *model : {&first, &second})
    if (int status = refuseArtefact(model->path))
      return status;
  if (!arguments.has("--input-dir"))
    return reportError("'compare' needs --input-dir: the folder of the "
                       "samples");
  if (arguments.second().empty() && !arguments.has("--b-cpu") &&
      !arguments.has("--b-accuracy") && !arguments.has("--b-winograd-zeros"))
    return reportError("'compare' needs a second model, or --b-cpu, "
                       "--b-accuracy or --b-winograd-zeros for the same one");
  std::string output = arguments.get("-o");
  if (!output.empty())
    if (int status = checkPlace(output))
      return status;
  SampleInputs samples;
  if (int status =
          samples.open(first.path, arguments.get("--input-dir"), *options))
    return status;
  ReadFiles files;
  samples.addFiles(files);
  files.add(second.path);
  if (int status = output.empty() ? Done : files.checkOutput(output))
    return status;
  LambentThreadPool *pool = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(*threads, &pool)))
    return status;
  ThreadPool owned(pool);
  Comparison comparison;
  comparison.first = makeTitle(first, second);
  comparison.second = makeTitle(second, first);
  comparison.threshold = *threshold;
  if (int status = compareModels(first, second, samples, pool, comparison))
    return status;
  if (!output.empty())
    if (int status = writeWholeFile(output, writePage(comparison)))
      return status;
  std::string text =
      arguments.has("--json") ? writeJson(comparison) : writeText(comparison);
  std::fputs(text.c_str(), stdout);
  bool fails = arguments.has("--threshold") && comparison.findFirst();
  return fails ? Error : Done;
}

Command compareCommand() {
  std::vector<Option> options = withSampleOptions({
      {"--input-dir", "DIR",
       "The samples, as for 'lambent profile': a folder with a folder of "
       "inputs for each, or one that is a sample itself."},
      {"--threshold", "DB",
       "Which signal to noise ratio is too little, 20 by default. The first "
       "tensor below it is named; where this option is given, the exit status "
       "is then 1."},
      {"--json", "", "Print a JSON object instead of a table."},
      {"-o", "FILE", "Also write the table as a page, HTML."},
      {"--b-cpu", "CPU", "The --cpu of the second one."},
      {"--b-accuracy", "default|strict", "The --accuracy of the second one."},
      {"--b-winograd-zeros", "PERCENT",
       "The --winograd-zeros of the second one."},
      {"--threads", "N",
       "Threads to compute on; 0, the default, takes one for each CPU."},
      cacheOption(),
  });
  return {"compare",
          "MODEL.onnx",
          "--input-dir=DIR",
          "compare two models, or two ways to compile one, layer by layer",
          "Runs both on the same samples and compares the float tensors that "
          "both have, by their names, in the order in which the first model "
          "computes them: a model and its quantized form, or one model with "
          "other options. Of each it shows the signal to noise ratio in dB, "
          "the largest difference beside the largest value, and the cosine "
          "between both. Of a tensor that a model quantizes, and reads in no "
          "other way, what is compared is what becomes of it when it is "
          "dequantized. To have all tensors, what would be computed together "
          "is computed apart.",
          withLimits(std::move(options)),
          "lambent compare model.onnx quantized.onnx --input-dir samples\n"
          "lambent compare model.onnx --b-accuracy=strict --input-dir samples "
          "-o page.html",
          run,
          /*instead=*/{},
          /*second=*/"OTHER.onnx"};
}

} // namespace lambent::driver
