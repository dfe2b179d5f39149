//===- Model.cpp - A model that is ready to run ---------------------------===//

#include "Model.h"
#include "Artefact.h"
#include "CompileRequest.h"
#include "InputFolder.h"
#include "MadeInputs.h"
#include "Report.h"
#include "TensorText.h"
#include "UnsupportedNodes.h"
#include <algorithm>
#include <chrono>
#include <filesystem>

namespace lambent::driver {

using Clock = std::chrono::steady_clock;

static double msSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start)
      .count();
}

template <typename Value>
static Names getNames(const Value *values, uint64_t count) {
  Names names;
  for (uint64_t i = 0; i < count; ++i)
    names.push_back(values[i].name);
  return names;
}

static int reportMissingFolder() {
  return reportError("the model has inputs: --input-dir says where they lie");
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

/// Whether no file can hold a value, as strings.
static bool isBeyondFiles(const LambentValueSummary &value) {
  return findType(value.type).bits == 0 && !findListCode(value.type);
}

/// What is wrong with inputs that could not be read: where the model is not
/// supported in the first place, as with inputs that are no tensors, that.
static int reportInputs(LambentStatus *failure, const std::string &model,
                        const CompileRequest &request,
                        const LambentModelSummary &declared) {
  if (std::none_of(declared.inputs, declared.inputs + declared.num_inputs,
                   isBeyondFiles))
    return reportStatus(failure);
  const LambentCheckReport *report = nullptr;
  LambentStatus *status =
      lambent_check(request.source(), request.options(), &report);
  CheckReport owned(report);
  if (!status && report->num_nodes > 0) {
    lambent_status_destroy(failure);
    return reportUnsupported(model, *report);
  }
  lambent_status_destroy(status);
  return reportStatus(failure);
}

/// An input whose size contradicts a --dim is an error.
static int checkDims(const LambentValueSummary &declared,
                     const LambentTensor &given, const ModelOptions &options) {
  int status = Done;
  for (uint64_t i = 0;
       i < declared.rank && i < static_cast<uint64_t>(given.ndim); ++i)
    for (const auto &[name, size] : options.dims)
      if (name == declared.dim_names[i] && size != given.shape[i])
        status =
            reportError("input " + quoted(declared.name) + " has shape " +
                        shapeText(given.shape, declared.rank) + ", but --dim " +
                        name + "=" + std::to_string(size) + " was given");
  return status;
}

/// Binds the shapes of the inputs at hand where the caller did not state one,
/// and offers their values: the model is compiled for these inputs. An input
/// that contradicts its declaration is an error: a wrong declaration is
/// overridden by --shape only.
static int bindShapes(const LambentModelSummary &declared,
                      LambentTensorSet *inputs, ModelOptions &options) {
  int status = Done;
  for (uint64_t i = 0; i < declared.num_inputs; ++i) {
    const LambentValueSummary &value = declared.inputs[i];
    const LambentTensor &given = lambent_tensor_set_tensors(inputs)[i];
    if (given.ndim < 0)
      continue; // there is no file: it keeps its default
    if (findListCode(value.type))
      continue; // a run takes any that its type allows
    size_t rank = static_cast<size_t>(given.ndim);
    bool stated = false;
    for (const auto &[name, constant] : options.constants)
      stated |= name == value.name;
    // No size follows from strings.
    if (!stated && given.dtype.code != LAMBENT_STRING)
      options.constants.emplace_back(value.name, &given);
    if (int wrong = checkDims(value, given, options))
      status = wrong;
    stated = false;
    for (const auto &[name, shape] : options.shapes)
      stated |= name == value.name;
    if (stated)
      continue;
    bool fits = !value.dims || rank == value.rank;
    for (size_t j = 0; fits && j < rank; ++j)
      fits =
          !value.dims || value.dims[j] < 0 || value.dims[j] == given.shape[j];
    if (!fits) {
      std::string shape = shapeText(given.shape, rank);
      std::string text = "input " + quoted(value.name) + " has shape " + shape +
                         ", but the model expects " +
                         shapeText(value.dims, value.rank);
      // No option overrides a rank, and none has a word for a scalar.
      if (rank == value.rank && rank > 0)
        text += "; --shape " + std::string(value.name) + "=" + shape +
                " overrides a wrong declaration";
      status = reportError(text);
    }
    options.shapes.emplace_back(
        value.name, std::vector<int64_t>(given.shape, given.shape + rank));
  }
  return status;
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
    WantedInputs wanted;
    for (uint64_t i = 0; i < summary->num_inputs; ++i)
      wanted.add(summary->inputs[i].name, summary->input_has_default[i],
                 findListCode(summary->inputs[i].type));
    if (folder.empty() && wanted.needsFolder())
      return reportMissingFolder();
    Names outputs = getNames(summary->outputs, summary->num_outputs);
    for (const std::string &name : options.dumps)
      outputs.push_back(name.c_str());
    if (int status = reportStatus(warnOfStrays(folder, wanted.names, outputs)))
      return status;
    if (LambentStatus *failure = readInputFolder(folder, wanted, offered))
      return reportInputs(failure, path, declared, *summary);
    for (uint32_t i = 0; i < summary->num_inputs; ++i)
      if (int status = reportStatus(lambent_tensor_set_type(
              offered.get(), i, findType(summary->inputs[i].type))))
        return status;
    if (int status = bindShapes(*summary, offered.get(), options))
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
