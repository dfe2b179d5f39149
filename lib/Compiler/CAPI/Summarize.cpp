//===- Summarize.cpp - What a model is, for the C API ---------------------===//

#include "Convert.h"
#include "lambent/Graph/Import/Import.h"

using namespace lambent;
using namespace lambent::capi;

namespace {
/// A summary with what its pointers point at. The view comes first, so that the
/// C handle is this object's address.
struct OwnedSummary {
  LambentModelSummary view = {};
  ModelSummary summary;
  std::vector<LambentNamedNumber> opsets, opCounts;
  std::vector<LambentNamedText> metadata;
  std::vector<LambentValueSummary> inputs, outputs;
  std::vector<uint8_t> defaults;
  std::vector<std::vector<const char *>> dimNames;
  std::vector<const char *> externalFiles;

  explicit OwnedSummary(ModelSummary given);

private:
  static std::vector<LambentNamedNumber>
  viewNumbers(const std::vector<std::pair<std::string, int64_t>> &numbers);
  std::vector<LambentValueSummary>
  viewValues(const std::vector<ModelSummary::Value> &values);
};
} // namespace

std::vector<LambentNamedNumber> OwnedSummary::viewNumbers(
    const std::vector<std::pair<std::string, int64_t>> &numbers) {
  std::vector<LambentNamedNumber> views;
  for (const auto &[name, value] : numbers)
    views.push_back({name.c_str(), value});
  return views;
}

std::vector<LambentValueSummary>
OwnedSummary::viewValues(const std::vector<ModelSummary::Value> &values) {
  std::vector<LambentValueSummary> views;
  for (const ModelSummary::Value &value : values) {
    std::vector<const char *> names(value.dims.size(), "");
    for (size_t i = 0; i < std::min(names.size(), value.dimNames.size()); ++i)
      names[i] = value.dimNames[i].c_str();
    dimNames.push_back(std::move(names)); // moves the vector, not its elements
    static constexpr int64_t noDims = 0;  // what a scalar's list points at
    views.push_back({value.name.c_str(), value.type.c_str(),
                     value.hasShape && value.dims.empty() ? &noDims
                     : value.hasShape                     ? value.dims.data()
                                                          : nullptr,
                     dimNames.back().data(), value.dims.size()});
  }
  return views;
}

OwnedSummary::OwnedSummary(ModelSummary given) : summary(std::move(given)) {
  opsets = viewNumbers(summary.opsets);
  opCounts = viewNumbers(summary.opCounts);
  for (const auto &[name, value] : summary.metadata)
    metadata.push_back({name.c_str(), value.c_str()});
  inputs = viewValues(summary.inputs);
  outputs = viewValues(summary.outputs);
  for (const ModelSummary::Value &input : summary.inputs)
    defaults.push_back(input.hasDefault);
  view.input_has_default = defaults.data();
  for (const std::string &file : summary.externalFiles)
    externalFiles.push_back(file.c_str());
  view.external_files = externalFiles.data();
  view.num_external_files = externalFiles.size();
  view.producer = summary.producer.c_str();
  view.graph_name = summary.graphName.c_str();
  view.doc = summary.doc.c_str();
  view.graph_doc = summary.graphDoc.c_str();
  view.domain = summary.domain.c_str();
  view.model_version = summary.modelVersion;
  view.ir_version = summary.irVersion;
  view.weight_bytes = summary.weightBytes;
  view.opsets = opsets.data();
  view.num_opsets = opsets.size();
  view.op_counts = opCounts.data();
  view.num_op_counts = opCounts.size();
  view.metadata = metadata.data();
  view.num_metadata = metadata.size();
  view.inputs = inputs.data();
  view.num_inputs = inputs.size();
  view.outputs = outputs.data();
  view.num_outputs = outputs.size();
}

LambentStatus *lambent_summarize(const LambentModelSource *source,
                                 const LambentModelSummary **result) {
  if (LambentStatus *status = runtime::requireArguments(
          __func__, {{"source", source}, {"summary", result}}))
    return status;
  *result = nullptr;
  return protect([&]() -> LambentStatus * {
    ModelSource model;
    if (LambentStatus *status = readSource(source, model))
      return status;
    llvm::Expected<ModelSummary> summary = summarizeModel(std::move(model));
    if (!summary)
      return toStatus(summary.takeError());
    *result = &(new OwnedSummary(std::move(*summary)))->view;
    return nullptr;
  });
}

LambentStatus *lambent_model_origin(const LambentModel *model,
                                    const LambentModelSummary **result) {
  if (LambentStatus *status = runtime::requireArguments(
          __func__, {{"model", model}, {"origin", result}}))
    return status;
  *result = nullptr;
  return protect([&]() -> LambentStatus * {
    llvm::Expected<ModelSummary> origin =
        readModelOrigin(model->metadata ? llvm::StringRef(model->metadata,
                                                          model->metadata_bytes)
                                        : "");
    if (!origin)
      return toStatus(origin.takeError());
    *result = &(new OwnedSummary(std::move(*origin)))->view;
    return nullptr;
  });
}

void lambent_list_operators(void (*found)(void *user, const char *op,
                                          int64_t since),
                            void *user) {
  if (!found)
    return;
  for (const graph::ImportedOp &row : graph::listImportedOps())
    found(user, row.op.c_str(), row.since);
}

void lambent_model_summary_destroy(const LambentModelSummary *summary) {
  delete reinterpret_cast<const OwnedSummary *>(summary);
}
