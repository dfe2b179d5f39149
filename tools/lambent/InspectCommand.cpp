//===- InspectCommand.cpp - lambent inspect -------------------------------===//

#include "Artefact.h"
#include "Commands.h"
#include "CompileRequest.h"
#include "Model.h"
#include "Report.h"
#include "TensorText.h"
#include <cstdio>

namespace lambent::driver {

static constexpr char defaultNote[] = " (has a default)";

static void printValues(const char *title, const LambentValueSummary *values,
                        uint64_t count, const uint8_t *hasDefault = nullptr) {
  for (uint64_t i = 0; i < count; ++i) {
    const LambentValueSummary &value = values[i];
    std::string shape;
    for (uint64_t j = 0; j < value.rank; ++j) {
      std::string dim = value.dim_names[j];
      if (value.dims[j] >= 0)
        dim = std::to_string(value.dims[j]);
      shape += (j ? " x " : "") + (dim.empty() ? "?" : dim);
    }
    std::printf("%-10s %s: %s %s%s\n", title, shown(value.name).c_str(),
                value.type,
                !value.dims     ? "(the model states no shape)"
                : shape.empty() ? "scalar"
                                : shown(shape).c_str(),
                hasDefault && hasDefault[i] ? defaultNote : "");
  }
}

static bool hasOpenDims(const LambentModelSummary &summary) {
  for (uint64_t i = 0; i < summary.num_inputs; ++i) {
    if (!summary.inputs[i].dims)
      return true;
    for (uint64_t j = 0; j < summary.inputs[i].rank; ++j)
      if (summary.inputs[i].dims[j] < 0)
        return true;
  }
  return false;
}

static void printText(const char *title, const char *text) {
  if (*text)
    std::printf("%-10s %s\n", title, quoted(text).c_str());
}

/// What a model says of itself beside its tensors.
static void printRemarks(const LambentModelSummary &summary) {
  printText("domain", summary.domain);
  if (summary.model_version)
    std::printf("version    %lld\n",
                static_cast<long long>(summary.model_version));
  printText("doc", summary.doc);
  printText("graph doc", summary.graph_doc);
  for (uint64_t i = 0; i < summary.num_metadata; ++i)
    std::printf("property   %s: %s\n", shown(summary.metadata[i].name).c_str(),
                quoted(summary.metadata[i].value).c_str());
}

static void printSummary(const LambentModelSummary &summary) {
  std::printf("graph      %s\nproducer   %s\nIR version %lld\n",
              shown(summary.graph_name).c_str(),
              shown(summary.producer).c_str(),
              static_cast<long long>(summary.ir_version));
  for (uint64_t i = 0; i < summary.num_opsets; ++i)
    std::printf("opset      %s %lld\n",
                *summary.opsets[i].name ? shown(summary.opsets[i].name).c_str()
                                        : "ai.onnx",
                static_cast<long long>(summary.opsets[i].value));
  printValues("input", summary.inputs, summary.num_inputs,
              summary.input_has_default);
  printValues("output", summary.outputs, summary.num_outputs);
  std::printf("weights    %s\n", sizeText(summary.weight_bytes).c_str());
  for (uint64_t i = 0; i < summary.num_op_counts; ++i)
    std::printf("op         %6lld %s\n",
                static_cast<long long>(summary.op_counts[i].value),
                shown(summary.op_counts[i].name).c_str());
  printRemarks(summary);
}

/// What a compiled model keeps of its ONNX file's remarks.
static int printOrigin(const LambentModel &model) {
  const LambentModelSummary *origin = nullptr;
  if (int status = reportStatus(lambent_model_origin(&model, &origin)))
    return status;
  ModelSummary owned(origin);
  printText("graph", origin->graph_name);
  printText("made by", origin->producer);
  printRemarks(*origin);
  return Done;
}

/// Which output takes the memory of an input, or the other way round.
static std::string donationText(const LambentModel &model,
                                const LambentTensorInfo *infos, uint32_t i) {
  if (!infos[i].donated)
    return "";
  bool isInput = infos == model.inputs;
  const LambentTensorInfo *others = isInput ? model.outputs : model.inputs;
  return (isInput ? ", in the memory of output " : ", in that of input ") +
         shown(others[infos[i].donated - 1].name);
}

static void printTensors(const char *title, const LambentModel &model,
                         const LambentTensorInfo *infos, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    std::printf("%-10s %s: %s%s %s%s%s\n", title, shown(infos[i].name).c_str(),
                listText(infos[i]).c_str(),
                typeText(infos[i].type_code, infos[i].type_bits).c_str(),
                shown(shapeText(model, infos[i])).c_str(),
                infos[i].default_offset ? defaultNote : "",
                donationText(model, infos, i).c_str());
}

/// What open dims may be: those with names, and those that data decides.
static void printOpenDims(const LambentModel &model) {
  for (uint32_t i = 0; i < model.num_symbols; ++i) {
    const LambentSymbolInfo &symbol = model.symbols[i];
    if (symbol.is_spare)
      continue;
    std::string name = *symbol.name ? shown(symbol.name) : "?";
    std::string decides = "data decides";
    if (symbol.input >= 0)
      decides = "dim " + std::to_string(symbol.dim) + " of input " +
                shown(model.inputs[symbol.input].name);
    std::printf("open dim   %s: %s (%s)\n", name.c_str(),
                rangeText(symbol).c_str(), decides.c_str());
  }
}

static void printMemory(const LambentModel &model) {
  if (model.num_values) {
    std::printf("memory     depends on sizes: %u blocks of an arena, planned "
                "when a context first sees a size; %s packed weights\n",
                model.num_blocks, sizeText(model.weight_bytes).c_str());
    return;
  }
  double ratio = model.live_bytes ? static_cast<double>(model.arena_bytes) /
                                        static_cast<double>(model.live_bytes)
                                  : 1;
  std::printf("memory     %s arena (%.3f times the %s live at once), %s of "
              "scratch for each thread, %s packed weights\n",
              sizeText(model.arena_bytes).c_str(), ratio,
              sizeText(model.live_bytes).c_str(),
              sizeText(model.scratch_bytes).c_str(),
              sizeText(model.weight_bytes).c_str());
}

static void printPlan(const LambentModel &model) {
  printMemory(model);
  std::printf("layers     %u\n", model.num_layers);
  for (uint32_t i = 0; i < model.num_layers; ++i)
    std::printf("%10u %s: %s\n", i, shown(model.layers[i].kernel).c_str(),
                shown(model.layers[i].name).c_str());
}

static int inspectArtefact(const std::string &path) {
  LambentArtefact *artefact = nullptr;
  if (int status = reportStatus(lambent_artefact_read(path.c_str(), &artefact)))
    return status;
  Artefact owned(artefact);
  const LambentModel &model = *lambent_artefact_model(artefact);
  std::printf("model      %s\nproducer   %s\ncpu        %s\ntuned for  %s\n"
              "needs      %s\n",
              shown(model.name).c_str(), shown(model.producer).c_str(),
              shown(model.cpu).c_str(), shown(model.tuning.description).c_str(),
              *model.cpu_features ? shown(model.cpu_features).c_str()
                                  : "nothing beyond the architecture");
  if (int status = printOrigin(model))
    return status;
  printTensors("input", model, model.inputs, model.num_inputs);
  printTensors("output", model, model.outputs, model.num_outputs);
  printOpenDims(model);
  printPlan(model);
  return Done;
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  if (!options)
    return Error;
  if (isArtefact(arguments.operand())) {
    if (int status = refuseModelOptions(*options, arguments.operand()))
      return status;
    return inspectArtefact(arguments.operand());
  }
  CompileRequest request(arguments.operand(), *options);
  const LambentModelSummary *summary = nullptr;
  if (int status = reportStatus(lambent_summarize(request.source(), &summary)))
    return status;
  ModelSummary ownedSummary(summary);
  printSummary(*summary);
  if (options->dims.empty() && options->shapes.empty() &&
      options->constants.empty() && hasOpenDims(*summary)) {
    std::printf(
        "memory     the plan needs bound dims: give --dim or --shape\n");
    return Done;
  }
  LambentModule *module = nullptr;
  if (int status = reportStatus(
          lambent_compile(request.source(), request.options(), &module)))
    return status;
  Module owned(module);
  printPlan(*lambent_module_model(module));
  return Done;
}

Command inspectCommand() {
  return {
      "inspect",
      "MODEL.onnx|ARTEFACT",
      "",
      "print a model's inputs, outputs, ops, weight size and memory plan",
      "Of an ONNX file it prints what the file declares and, once its dims are "
      "bound, the memory plan: the size of the arena that holds all values, "
      "the sum of those that live at once, and the kernels in order. Of an "
      "artefact, of any form and for any processor, it prints what it says of "
      "itself and of the ONNX file that it came from, with the description of "
      "a CPU that it was tuned for, the CPU features that its code needs and "
      "the ranges of its open dims.",
      withModelOptions({}),
      "lambent inspect model.onnx\n"
      "lambent inspect model.onnx --dim batch=1\n"
      "lambent inspect model.so",
      run};
}

} // namespace lambent::driver
