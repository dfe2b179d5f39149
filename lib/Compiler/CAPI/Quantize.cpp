//===- Quantize.cpp - The C API of quantization ---------------------------===//

#include "lambent-c/quantize.h"
#include "Convert.h"
#include "Samples.h"
#include "lambent/Graph/Import/ModelBytes.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

struct LambentQuantizeReport {
  std::string json;
};

LambentStatus *capi::readQuantizeOptions(const LambentQuantizeOptions *given,
                                         QuantizeRequest &request) {
  LambentQuantizeOptions from;
  if (LambentStatus *status =
          readStructure(given, "LambentQuantizeOptions", from,
                        offsetof(LambentQuantizeOptions, bf16)))
    return status;
  if (from.num_keep && !from.keep)
    return requireArguments("LambentQuantizeOptions", {{"keep", from.keep}});
  if (LambentStatus *status =
          requireFlag("LambentQuantizeOptions.per_tensor", from.per_tensor))
    return status;
  if (LambentStatus *status = requireFlag(
          "LambentQuantizeOptions.watch_signals", from.watch_signals))
    return status;
  if (from.numbers)
    request.numbers = from.numbers;
  if (from.calibration)
    request.calibration = from.calibration;
  if (from.schema)
    request.schema = from.schema;
  if (from.rounding)
    request.rounding = from.rounding;
  if (from.profile)
    request.profile = from.profile;
  for (const char *name : llvm::ArrayRef(from.keep, from.num_keep)) {
    if (!name)
      return makeError("a node that stays in float needs a name");
    request.keep.push_back(name);
  }
  if (from.num_bf16 && !from.bf16)
    return requireArguments("LambentQuantizeOptions", {{"bf16", from.bf16}});
  for (const char *name : llvm::ArrayRef(from.bf16, from.num_bf16)) {
    if (!name)
      return makeError("a node that is multiplied in bf16 needs a name");
    request.bf16.push_back(name);
  }
  request.keepFirst = from.keep_first;
  request.keepLast = from.keep_last;
  request.isPerTensor = from.per_tensor != 0;
  if (from.group)
    request.group = from.group;
  if (from.migration)
    request.migration = from.migration;
  return nullptr;
}

LambentStatus *lambent_quantize_to_file(const LambentModelSource *source,
                                        const LambentQuantizeOptions *options,
                                        const char *output,
                                        const LambentQuantizeReport **report) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"source", source}, {"options", options}}))
    return status;
  if (report)
    *report = nullptr;
  if (!output || !*output)
    return makeError("expected a path to write to, but got none");
  return protect([&]() -> LambentStatus * {
    ModelSource model;
    QuantizeRequest request;
    if (LambentStatus *status = readSource(source, model))
      return status;
    if (LambentStatus *status = readQuantizeOptions(options, request))
      return status;
    auto result = std::make_unique<LambentQuantizeReport>();
    StatusHandle failure;
    if (LambentStatus *status =
            readSamples(options->samples, model, request.samples, failure))
      return status;
    LambentStatus *status =
        toStatus(quantizeToFile(std::move(model), request, output,
                                options->watch_signals != 0, &result->json));
    if (status && failure) {
      lambent_status_destroy(status);
      return failure.release();
    }
    if (status)
      return status;
    if (report)
      *report = result.release();
    return nullptr;
  });
}

LambentStatus *lambent_list_layer_forms(
    const LambentModelSource *source, const LambentQuantizeOptions *options,
    void (*found)(void *user, const LambentLayerForms *forms), void *user) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"source", source},
                     {"options", options},
                     {"found", reinterpret_cast<const void *>(found)}}))
    return status;
  return protect([&]() -> LambentStatus * {
    ModelSource model;
    QuantizeRequest request;
    if (LambentStatus *status = readSource(source, model))
      return status;
    if (LambentStatus *status = readQuantizeOptions(options, request))
      return status;
    StatusHandle failure;
    if (LambentStatus *status =
            readSamples(options->samples, model, request.samples, failure))
      return status;
    auto layers = listLayerForms(std::move(model), request);
    if (!layers)
      return toStatus(layers.takeError());
    auto view = [](const std::string &why) {
      return why.empty() ? nullptr : why.c_str();
    };
    for (const LayerForms &layer : *layers) {
      LambentLayerForms forms = {layer.node.c_str(), layer.op.c_str(),
                                 view(layer.whyNoIntegers),
                                 view(layer.whyNoBF16)};
      found(user, &forms);
    }
    return nullptr;
  });
}

const char *lambent_quantize_report_json(const LambentQuantizeReport *report) {
  return report ? report->json.c_str() : nullptr;
}

void lambent_quantize_report_destroy(const LambentQuantizeReport *report) {
  delete report;
}
