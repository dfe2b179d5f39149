//===- DeclaredInputs.cpp - Inputs as an ONNX file declares them ----------===//

#include "DeclaredInputs.h"
#include "Report.h"
#include "TensorText.h"
#include "UnsupportedNodes.h"
#include <algorithm>

namespace lambent::driver {

int reportMissingFolder() {
  return reportError("the model has inputs: --input-dir says where they lie");
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
                     const LambentTensor &given, const std::string &file,
                     const ModelOptions &options) {
  int status = Done;
  for (uint64_t i = 0;
       i < declared.rank && i < static_cast<uint64_t>(given.ndim); ++i)
    for (const auto &[name, size] : options.dims)
      if (name == declared.dim_names[i] && size != given.shape[i])
        status = reportError(
            file + ": input " + quoted(declared.name) + " has shape " +
            shapeText(given.shape, declared.rank) + ", but --dim " + name +
            "=" + std::to_string(size) + " was given");
  return status;
}

int bindShapes(const LambentModelSummary &declared, const std::string &folder,
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
    std::string file = quoted(findInputFile(folder, value.name, i));
    bool stated = false;
    for (const auto &[name, constant] : options.constants)
      stated |= name == value.name;
    // No size follows from strings.
    if (!stated && given.dtype.code != LAMBENT_STRING)
      options.constants.emplace_back(value.name, &given);
    if (int wrong = checkDims(value, given, file, options))
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
      std::string text = file + ": input " + quoted(value.name) +
                         " has shape " + shape + ", but the model expects " +
                         shapeText(value.dims, value.rank);
      // No option overrides a rank, and none has a word for a scalar.
      if (options.hasShapeOption && rank == value.rank && rank > 0)
        text += "; --shape " + std::string(value.name) + "=" + shape +
                " overrides a wrong declaration";
      status = reportError(text);
    }
    options.shapes.emplace_back(
        value.name, std::vector<int64_t>(given.shape, given.shape + rank));
  }
  return status;
}

int readDeclaredInputs(const std::string &path, const std::string &folder,
                       const CompileRequest &declared,
                       const LambentModelSummary &summary,
                       const std::vector<std::string> &moreOutputs,
                       TensorSet &inputs) {
  WantedInputs wanted;
  for (uint64_t i = 0; i < summary.num_inputs; ++i)
    wanted.add(summary.inputs[i].name, summary.input_has_default[i],
               findListCode(summary.inputs[i].type));
  if (folder.empty() && wanted.needsFolder())
    return reportMissingFolder();
  Names outputs = getNames(summary.outputs, summary.num_outputs);
  for (const std::string &name : moreOutputs)
    outputs.push_back(name.c_str());
  if (int status = reportStatus(warnOfStrays(folder, wanted.names, outputs)))
    return status;
  if (LambentStatus *failure = readInputFolder(folder, wanted, inputs))
    return reportInputs(failure, path, declared, summary);
  for (uint32_t i = 0; i < summary.num_inputs; ++i)
    if (int status = reportStatus(lambent_tensor_set_type(
            inputs.get(), i, findType(summary.inputs[i].type))))
      return status;
  return Done;
}

} // namespace lambent::driver
