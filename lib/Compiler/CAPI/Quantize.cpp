//===- Quantize.cpp - The C API of quantization ---------------------------===//

#include "lambent-c/quantize.h"
#include "Convert.h"

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
                        sizeof(LambentQuantizeOptions)))
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
  if (from.profile)
    request.profile = from.profile;
  for (const char *name : llvm::ArrayRef(from.keep, from.num_keep)) {
    if (!name)
      return makeError("a node that stays in float needs a name");
    request.keep.push_back(name);
  }
  request.keepFirst = from.keep_first;
  request.keepLast = from.keep_last;
  request.isPerTensor = from.per_tensor != 0;
  if (from.group)
    request.group = from.group;
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
    if (LambentStatus *status = toStatus(
            quantizeToFile(std::move(model), request, output,
                           options->watch_signals != 0, &result->json)))
      return status;
    if (report)
      *report = result.release();
    return nullptr;
  });
}

const char *lambent_quantize_report_json(const LambentQuantizeReport *report) {
  return report ? report->json.c_str() : nullptr;
}

void lambent_quantize_report_destroy(const LambentQuantizeReport *report) {
  delete report;
}
