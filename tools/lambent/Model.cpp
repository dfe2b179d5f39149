//===- Model.cpp - A model that is ready to run ---------------------------===//

#include "Model.h"
#include "Artefact.h"
#include "CompileRequest.h"
#include "DeclaredInputs.h"
#include "InputFolder.h"
#include "MadeInputs.h"
#include "Report.h"
#include "TensorText.h"
#include <chrono>
#include <filesystem>

namespace lambent::driver {

using Clock = std::chrono::steady_clock;

static double msSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start)
      .count();
}

/// Reads what the compiled model takes.
static int readModelInputs(const std::string &folder, PreparedModel &prepared) {
  const LambentModel &model = prepared.description();
  WantedInputs wanted;
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    wanted.add(model.inputs[i].name, model.inputs[i].default_offset != 0,
               getListCode(model.inputs[i]));
  if (folder.empty() && wanted.needsFolder())
    return reportMissingFolder();
  LambentStatus *status = readInputFolder(folder, wanted, prepared.inputs);
  for (uint32_t i = 0; i < model.num_inputs && !status; ++i)
    status = lambent_tensor_set_type(
        prepared.inputs.get(), i,
        {model.inputs[i].type_code, model.inputs[i].type_bits, 1});
  return reportStatus(status);
}

/// Sizes may be given where inputs are to be made of an artefact's open dims.
static int prepareArtefact(const std::string &path, const std::string &folder,
                           bool mayMakeInputs, const ModelOptions &options,
                           PreparedModel &prepared) {
  if (int status = refuseFixedOptions(options, path))
    return status;
  Clock::time_point start = Clock::now();
  if (int status = loadArtefact(path, prepared.module))
    return status;
  prepared.loadMs = msSince(start);
  const LambentModel &model = prepared.description();
  bool make = folder.empty() && mayMakeInputs;
  if (!make || model.num_symbols == 0)
    if (int status = refuseModelOptions(options, path))
      return status;
  if (make)
    return makeInputs(model, options, prepared.inputs);
  if (int status = reportStatus(
          warnOfStrays(folder, getNames(model.inputs, model.num_inputs),
                       getNames(model.outputs, model.num_outputs))))
    return status;
  return readModelInputs(folder, prepared);
}

static int prepareOnnx(const std::string &path, const std::string &folder,
                       bool mayMakeInputs, ModelOptions options,
                       PreparedModel &prepared) {
  bool make = folder.empty() && mayMakeInputs;
  CompileRequest declared(path, options);
  const LambentModelSummary *summary = nullptr;
  if (int status = reportStatus(lambent_summarize(declared.source(), &summary)))
    return status;
  ModelSummary owned(summary);
  prepared.files.addExternal(path, *summary);
  TensorSet offered; // what is read here is offered while it compiles
  if (!make) {
    if (int status = readDeclaredInputs(path, folder, declared, *summary,
                                        options.dumps, offered))
      return status;
    if (int status = bindShapes(*summary, folder, offered.get(), options))
      return status;
  }
  Clock::time_point start = Clock::now();
  LambentModule *module = nullptr;
  CompileRequest request(path, options);
  if (int status = reportStatus(
          lambent_compile(request.source(), request.options(), &module)))
    return status;
  prepared.module.reset(module);
  prepared.compileMs = msSince(start);
  if (make)
    return makeInputs(prepared.description(), options, prepared.inputs);
  if (lambent_tensor_set_size(offered.get()) ==
      prepared.description().num_inputs) {
    prepared.inputs = std::move(offered);
    return Done;
  }
  // Some with a default have become constants of the compiled model.
  return readModelInputs(folder, prepared);
}

int prepareModel(const std::string &path, const std::string &inputFolder,
                 bool mayMakeInputs, const ModelOptions &options,
                 PreparedModel &prepared) {
  prepared.files.add(path);
  prepared.files.add(options.constantPaths);
  prepared.cancellation = options.cancellation;
  if (isArtefact(path)) {
    if (!options.dumps.empty())
      return reportError(driver::quoted(path) +
                         " is compiled already: --dump needs "
                         "the ONNX file");
    // Where a bundle has its weights.
    prepared.files.add(
        std::filesystem::path(path).replace_extension(".weights").string());
    return prepareArtefact(path, inputFolder, mayMakeInputs, options, prepared);
  }
  return prepareOnnx(path, inputFolder, mayMakeInputs, options, prepared);
}

} // namespace lambent::driver
