//===- Prune.cpp - The C API of pruning -----------------------------------===//

#include "lambent-c/prune.h"
#include "Convert.h"
#include "Samples.h"

using namespace lambent;
using namespace lambent::capi;
using namespace lambent::runtime;

struct LambentPruneReport {
  quantization::PruneReport report;
  std::string json;
};

/// Reads names and percentages of nodes.
static LambentStatus *readLayers(const LambentPruneOptions &from,
                                 PruneRequest &request) {
  if (from.num_keep && !from.keep)
    return requireArguments("LambentPruneOptions", {{"keep", from.keep}});
  if (from.num_layers && !from.layers)
    return requireArguments("LambentPruneOptions", {{"layers", from.layers}});
  for (const char *name : llvm::ArrayRef(from.keep, from.num_keep)) {
    if (!name)
      return makeError("a node that stays as it is needs a name");
    request.keep.push_back(name);
  }
  for (const LambentLayerZeros &layer :
       llvm::ArrayRef(from.layers, from.num_layers)) {
    if (!layer.node)
      return makeError("a node that has a share of zeros needs a name");
    request.layers.emplace_back(layer.node, layer.percent);
  }
  return nullptr;
}

static LambentStatus *readPruneOptions(const LambentPruneOptions &from,
                                       PruneRequest &request) {
  if (LambentStatus *status =
          requireFlag("LambentPruneOptions.watch_signals", from.watch_signals))
    return status;
  if (LambentStatus *status = readLayers(from, request))
    return status;
  if (from.mask) {
    auto mask = std::make_shared<ModelSource>();
    if (LambentStatus *status = readSource(from.mask, *mask))
      return status;
    request.mask = std::move(mask);
  }
  if (from.structure)
    request.structure = from.structure;
  if (from.method)
    request.method = from.method;
  request.percent = from.zeros;
  request.keepFirst = from.keep_first;
  request.keepLast = from.keep_last;
  return nullptr;
}

LambentStatus *lambent_prune_to_file(const LambentModelSource *source,
                                     const LambentPruneOptions *options,
                                     const char *output,
                                     const LambentPruneReport **report) {
  if (LambentStatus *status = requireArguments(
          __func__, {{"source", source}, {"options", options}}))
    return status;
  if (report)
    *report = nullptr;
  if (!output || !*output)
    return makeError("expected a path to write to, but got none");
  return protect([&]() -> LambentStatus * {
    LambentPruneOptions from;
    if (LambentStatus *status = readStructure(
            options, "LambentPruneOptions", from, sizeof(LambentPruneOptions)))
      return status;
    ModelSource model;
    PruneRequest request;
    if (LambentStatus *status = readSource(source, model))
      return status;
    if (LambentStatus *status = readPruneOptions(from, request))
      return status;
    auto result = std::make_unique<LambentPruneReport>();
    StatusHandle failure;
    if (LambentStatus *status =
            readSamples(from.samples, model, request.samples, failure))
      return status;
    LambentStatus *status =
        toStatus(pruneToFile(std::move(model), request, output,
                             from.watch_signals != 0, result->report));
    if (status && failure) {
      lambent_status_destroy(status);
      return failure.release();
    }
    if (status)
      return status;
    result->json = quantization::formatReport(result->report);
    if (report)
      *report = result.release();
    return nullptr;
  });
}

const char *lambent_prune_report_json(const LambentPruneReport *report) {
  return report ? report->json.c_str() : nullptr;
}

void lambent_prune_report_list(const LambentPruneReport *report,
                               void (*see)(void *user,
                                           const LambentPrunedLayer *layer),
                               void *user) {
  if (!report || !see)
    return;
  for (const quantization::PrunedLayer &layer : report->report.layers) {
    LambentPrunedLayer shown = {};
    shown.node = layer.node.c_str();
    shown.op = layer.op.c_str();
    shown.reason = layer.reason.empty() ? nullptr : layer.reason.c_str();
    shown.weights = uint64_t(layer.weights);
    shown.zeros = uint64_t(layer.zeros);
    see(user, &shown);
  }
}

void lambent_prune_report_destroy(const LambentPruneReport *report) {
  delete report;
}
