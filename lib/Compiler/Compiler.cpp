//===- Compiler.cpp - Compile and summarize ONNX models -------------------===//

#include "lambent/Compiler/Compiler.h"
#include "Compilation.h"
#include "Evaluation.h"
#include "JIT.h"
#include "MachineCheck.h"

using namespace lambent;
using llvm::Expected;

Expected<std::unique_ptr<JITModel>>
lambent::compileInProcess(ModelSource source, const CompileOptions &options) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  if (auto error = (*compilation)->requireRunnable())
    return error;
  if (auto error = requireThisMachine((*compilation)->getTarget(), options.cpu))
    return error;
  if (auto error = (*compilation)->import(std::move(source)))
    return error;
  if (auto error =
          (*compilation)->optimizeGraph(createEvaluator(options).get()))
    return error;
  if (auto error = (*compilation)->lower())
    return error;
  auto weights = (*compilation)->packWeights();
  if (!weights)
    return weights.takeError();
  // Code and weights were made in this process: there is nothing to check by a
  // hash.
  auto objects = (*compilation)->emitObjects(/*weightHash=*/0);
  if (!objects)
    return objects.takeError();
  return linkInProcess(std::move(*objects), std::move(*weights), options.name);
}

Expected<ModelSummary> lambent::summarizeModel(ModelSource source) {
  return graph::summarizeModel(std::move(source));
}
