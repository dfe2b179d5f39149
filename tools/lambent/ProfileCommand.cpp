//===- ProfileCommand.cpp - lambent profile -------------------------------===//

#include "Artefact.h"
#include "Commands.h"
#include "Limits.h"
#include "Report.h"
#include "SampleInputs.h"
#include "WholeFile.h"
#include <cstdio>

namespace lambent::driver {

static int addSamples(const SampleInputs &samples, LambentProfile *profile) {
  for (size_t i = 0; i < samples.size(); ++i) {
    samples.showProgress(i);
    TensorSet inputs;
    if (int status = samples.read(i, inputs))
      return status;
    if (int status = reportStatus(lambent_profile_add_sample(
            profile, lambent_tensor_set_tensors(inputs.get()),
            lambent_tensor_set_size(inputs.get()), samples.getName(i).c_str())))
      return status;
  }
  samples.showProgress(samples.size());
  return Done;
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  std::optional<uint32_t> threads = arguments.wholeNumber("--threads", 0, 1024);
  if (!options || !threads)
    return Error;
  const std::string &model = arguments.operand();
  std::string output = arguments.get("-o");
  if (output.empty())
    return reportError("'profile' needs -o: the file to write");
  std::vector<std::string> merged = arguments.all("--merge");
  if (!arguments.has("--input-dir") && merged.empty())
    return reportError("'profile' needs --input-dir: the folder of the "
                       "samples");
  if (isArtefact(model))
    return reportError(driver::quoted(model) +
                       " is compiled already: 'profile' needs the ONNX file");
  if (int status = checkPlace(output))
    return status;
  SampleInputs samples;
  ReadFiles files; // a profile that is merged may be replaced
  files.add(model);
  if (arguments.has("--input-dir")) {
    if (int status =
            samples.open(model, arguments.get("--input-dir"), *options))
      return status;
    samples.addFiles(files);
  }
  if (int status = files.checkOutput(output))
    return status;
  LambentThreadPool *pool = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(*threads, &pool)))
    return status;
  ThreadPool ownedPool(pool);
  CompileRequest request(model, *options);
  LambentProfile *profile = nullptr;
  if (int status = reportStatus(lambent_profile_create(
          request.source(), request.options(), pool, &profile)))
    return status;
  Profile owned(profile);
  for (const std::string &file : merged)
    if (int status = reportStatus(lambent_profile_merge(profile, file.c_str())))
      return status;
  if (int status = addSamples(samples, profile))
    return status;
  if (int status = reportStatus(lambent_profile_write(profile, output.c_str())))
    return status;
  std::printf(
      "profile      %s\nsamples      %llu\ntensors      %llu\n",
      shown(output).c_str(),
      static_cast<unsigned long long>(lambent_profile_num_samples(profile)),
      static_cast<unsigned long long>(lambent_profile_num_tensors(profile)));
  return Done;
}

Command profileCommand() {
  std::vector<Option> options = withSampleOptions({
      {"--input-dir", "DIR",
       "The samples: a folder with a folder for each, with inputs as 'run' "
       "takes them, in it or in a folder 'inputs' within. Or one such folder "
       "that is a sample itself. Sizes may differ from sample to sample."},
      {"-o", "FILE",
       "The profile to write, as JSON. It is replaced when the new one is "
       "complete."},
      {"--merge", "FILE",
       "Add what another profile of the same model holds, to go on with more "
       "samples. It may be the file of -o. May be given several times, and "
       "without samples.",
       true},
      {"--threads", "N",
       "Threads to compute on; 0, the default, takes one for each CPU."},
      cacheOption(),
  });
  return {"profile",
          "MODEL.onnx",
          "-o FILE",
          "collect what values a model's tensors take on samples",
          "Runs a model on samples of its inputs and writes what its tensors "
          "held: least and greatest value, sums, a histogram, and what its "
          "channels held where convolutions and products read them. "
          "Quantization chooses ranges by it. A profile goes by the names of "
          "tensors and by what the model computes: it serves other batch sizes "
          "and options, but no other weights. The order of samples makes no "
          "difference but for the last places of sums. A sample on which a "
          "tensor holds NaN or Inf is an error.",
          withLimits(std::move(options)),
          "lambent profile model.onnx --input-dir samples -o profile.json\n"
          "lambent profile model.onnx --input-dir more --merge profile.json -o "
          "profile.json",
          run};
}

} // namespace lambent::driver
