//===- CheckModel.cpp - What stands between a model and its code ----------===//

#include "CheckEvaluation.h"
#include "Compilation.h"
#include "QuantizeModel.h"

using namespace lambent;

/// Adds what a stage reported. Whether the stage succeeded.
static bool addTo(CheckReport &report, llvm::Error error) {
  if (!error)
    return true;
  llvm::handleAllErrors(
      std::move(error),
      [&](const CompileError &failed) {
        report.errors.insert(report.errors.end(), failed.messages.begin(),
                             failed.messages.end());
        report.nodes.insert(report.nodes.end(), failed.nodes.begin(),
                            failed.nodes.end());
      },
      [&](const llvm::ErrorInfoBase &other) {
        report.errors.push_back(other.message());
      });
  return false;
}

/// Takes a model through all stages.
static CheckReport checkStages(Compilation &model, ModelSource source,
                               const CompileOptions &options) {
  CheckReport report;
  if (!addTo(report, model.import(std::move(source))))
    return report;
  if (llvm::Error error = model.requireBoundDims()) {
    CheckReport open;
    addTo(open, std::move(error));
    report.unchecked = std::move(open.errors);
    return report;
  }
  std::unique_ptr<graph::Evaluator> evaluator =
      createCheckEvaluator(options);
  if (addTo(report, model.optimizeGraph(evaluator.get())) &&
      addTo(report, model.lower()))
    addTo(report, model.checkKernels());
  return report;
}

llvm::Expected<CheckReport> lambent::checkModel(ModelSource given,
                                                const CompileOptions &options) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  llvm::Expected<ModelSource> source = prepareSource(std::move(given), options);
  if (!source)
    return source.takeError();
  CheckReport report = checkStages(**compilation, std::move(*source), options);
  // What a stage says that was cut short is of no use.
  if (!report.errors.empty() && options.interruption &&
      options.interruption->isDue())
    return llvm::make_error<CancelledError>();
  return report;
}
