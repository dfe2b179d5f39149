//===- RunCommand.cpp - lambent run ---------------------------------------===//

#include "Artefact.h"
#include "Commands.h"
#include "Execution.h"
#include "Limits.h"
#include "Report.h"

namespace lambent::driver {

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  if (!options || !threads)
    return Error;
  if (!arguments.has("--output-dir"))
    return reportError("'run' needs --output-dir: the folder that the outputs "
                       "are written to");
  if (isExecutable(arguments.operand())) {
    if (int status = refuseModelOptions(*options, arguments.operand()))
      return status;
    if (arguments.has("--dump"))
      return reportError(quoted(arguments.operand()) +
                         " is compiled already: --dump needs the ONNX file");
    std::vector<std::string> words;
    for (const char *flag : {"--input-dir", "--output-dir", "--threads"})
      if (arguments.has(flag))
        words.insert(words.end(), {flag, arguments.get(flag)});
    return becomeExecutable(arguments.operand(), words);
  }
  PreparedModel prepared;
  if (int status =
          prepareModel(arguments.operand(), arguments.get("--input-dir"),
                       /*mayMakeInputs=*/false, *options, prepared))
    return status;

  LambentThreadPool *pool = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(*threads, &pool)))
    return status;
  ThreadPool owned(pool);
  Execution execution(prepared);
  if (int status = execution.create(pool))
    return status;
  if (int status = execution.run())
    return status;
  std::vector<const char *> names;
  const LambentModel &model = prepared.description();
  for (uint32_t i = 0; i < model.num_outputs; ++i)
    names.push_back(model.outputs[i].name);
  std::vector<const char *> kept = prepared.files.getPaths();
  return reportStatus(lambent_tensor_set_write_outputs(
      execution.getOutputs(), arguments.get("--output-dir").c_str(),
      names.data(), prepared.inputs.get(), kept.data(),
      static_cast<uint32_t>(kept.size())));
}

Command runCommand() {
  return {
      "run",
      "MODEL.onnx|ARTEFACT",
      "--output-dir=DIR",
      "run a model once on inputs from files",
      "Reads a model's inputs from a folder, runs it, and writes its outputs "
      "to another. An ONNX file is compiled in process, for the inputs at "
      "hand: their shapes bind its open dims, and an input that sizes or axes "
      "follow from becomes a constant. An input for which the model itself has "
      "a value (an initializer that is an input too, since IR 4) needs no "
      "file. An artefact is what 'lambent compile' "
      "wrote, in any form: a library is loaded, an object or a bundle's object "
      "is linked in process, an executable is started. Its dims and accuracy "
      "are those that it was compiled with: options for them are errors.",
      withLimits(withModelOptions({
          {"--input-dir", "DIR",
           "The folder of the inputs: NAME.npy, or input_0.pb and so on. "
           "Strings are NumPy's arrays of unicode or bytes, not of objects. A "
           "model without inputs needs none. Files that are no inputs bring "
           "a warning."},
          {"--output-dir", "DIR",
           "The folder that the outputs go to; made where it is missing. It "
           "may be that of the inputs; a file that was read is not "
           "replaced. Strings are an array of unicode where all of them are "
           "UTF-8, else one of bytes; of one that ends in a zero, which NumPy "
           "drops, only .pb files can be written."},
          {"--threads", "N",
           "Threads to compute on; 0, the default, takes one for each CPU. "
           "Results do not depend on it."},
          cacheOption(),
          {"--dump", "NAME",
           "Also write a value inside the graph of an ONNX file, by its name, "
           "as the outputs are written. Layers that would be computed together "
           "are computed apart to have it. May be given once for each value.",
           true},
      })),
      "lambent run model.onnx --input-dir in --output-dir out\n"
      "lambent run model.so --input-dir in --output-dir out --threads=1",
      run};
}

} // namespace lambent::driver
