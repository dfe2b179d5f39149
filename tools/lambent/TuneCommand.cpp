//===- TuneCommand.cpp - lambent tune -------------------------------------===//

#include "Artefact.h"
#include "Commands.h"
#include "ReadFiles.h"
#include "Report.h"
#include "Tuning/TuneCPU.h"
#include "Tuning/TuneModel.h"
#include <algorithm>

namespace lambent::driver {

static constexpr double cpuSeconds = 60, modelSeconds = 60;

/// The options of a model alone: what is measured is this machine, and what
/// estimates choose.
static std::vector<Option> listModelOptions() {
  std::vector<Option> options = withModelOptions({});
  std::erase_if(options, [](const Option &option) {
    return option.name == "--cpu" || option.name == "--tuned-choices";
  });
  options.insert(options.begin(),
                 {{"--input-dir", "DIR",
                   "The folder of the model's inputs, as for 'run'. Without "
                   "it they are made up, as for 'bench'."},
                  {"--threads", "N",
                   "Threads to compute on; 0, the default, takes one for each "
                   "CPU."}});
  return options;
}

static int runOnCPU(const Arguments &arguments, const Budget &budget) {
  if (!arguments.operand().empty())
    return reportError("expected a model or --cpu, but got both: " +
                       quoted(arguments.operand()));
  for (const Option &option : listModelOptions())
    if (arguments.has(option.name))
      return reportError(std::string(option.name) +
                         " is an option for 'lambent tune MODEL.onnx'");
  return tuneCPU(budget, arguments.get("--output"));
}

static int run(const Arguments &arguments) {
  bool isForCPU = arguments.has("--cpu");
  std::optional<Budget> budget =
      Budget::parse(arguments, isForCPU ? cpuSeconds : modelSeconds);
  if (!budget)
    return Error;
  if (isForCPU)
    return runOnCPU(arguments, *budget);
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  if (!options || !threads)
    return Error;
  if (isArtefact(arguments.operand()))
    return reportError(quoted(arguments.operand()) +
                       " is compiled already: 'tune' needs the ONNX file");
  ModelTuning how{arguments.operand(), arguments.get("--input-dir"),
                  arguments.get("--output"), *threads, *budget};
  ReadFiles files;
  files.add(how.model);
  files.add(options->constantPaths);
  if (!how.output.empty())
    if (int status = files.checkOutput(how.output))
      return status;
  return tuneModel(how, *options);
}

Command tuneCommand() {
  std::vector<Option> options = {
      {"--cpu", "",
       "Measure this machine: its multiply-add peak, what it reads from each "
       "cache and from memory, and which loops of products are the fastest on "
       "weights that come from memory. The description that results is kept "
       "for the user, and code that is compiled for 'native' follows it from "
       "then on."},
      {"--budget", "TIME",
       "How long to search, as 90s or 2m; a minute by default. The speeds of "
       "the machine are measured in any case."},
      {"--output", "FILE",
       "Write the description, or the choices, to this file instead, for "
       "--cpu-description and --tuned-choices. By default they are kept in "
       "$XDG_CACHE_HOME/lambent, or ~/.cache/lambent."}};
  std::vector<Option> more = listModelOptions();
  options.insert(options.end(), more.begin(), more.end());
  return {"tune",
          "MODEL.onnx",
          "",
          "measure this machine, or the kernels of a model on it",
          "Instead of a model, --cpu measures this machine. With a model, it "
          "measures other algorithms and tiles for each of its kernels than "
          "those that estimates choose, in the model and on this machine, and "
          "keeps those that gain more than noise. Later compilations for "
          "'native' use what is kept, wherever the same kernel comes. A search "
          "that ended early, by its budget or by Ctrl-C, goes on where it "
          "was. The bounds of accuracy hold for all that is tried.",
          options,
          "lambent tune --cpu\n"
          "lambent tune --cpu --output=server.json\n"
          "lambent tune model.onnx --dim batch=1 --budget=2m",
          run,
          "--cpu"};
}

} // namespace lambent::driver
