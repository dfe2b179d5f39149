//===- Compiler.cpp - Compile and summarize ONNX models -------------------===//

#include "lambent/Compiler/Compiler.h"
#include "Compilation.h"
#include "Evaluation.h"
#include "JIT.h"
#include "MachineCheck.h"
#include "ModelCache.h"
#include "QuantizeModel.h"

using namespace lambent;
using llvm::Expected;

namespace {
/// What is linked into the process.
struct CompiledParts {
  EmittedModel objects;
  std::unique_ptr<WeightMemory> weights;
};
} // namespace

static Expected<CompiledParts> compileParts(Compilation &compilation,
                                            ModelSource source,
                                            const CompileOptions &options) {
  if (auto error = compilation.import(std::move(source)))
    return error;
  if (auto error = compilation.optimizeGraph(createEvaluator(options).get()))
    return error;
  if (auto error = compilation.lower())
    return error;
  if (auto error = compilation.requireArena())
    return error;
  auto weights = compilation.packWeights();
  if (!weights)
    return weights.takeError();
  // Code and weights were made in this process: there is nothing to check by a
  // hash.
  auto objects = compilation.emitObjects(/*weightHash=*/0);
  if (!objects)
    return objects.takeError();
  return CompiledParts{std::move(*objects), std::move(*weights)};
}

/// Links what an entry of the cache holds; nothing where that cannot be done,
/// or takes more memory than is allowed: compiling it anew says why.
static std::unique_ptr<JITModel> linkEntry(CacheEntry entry,
                                           const CompileOptions &options) {
  auto isAllowed = [&](uint64_t bytes) {
    return options.maxMemory == 0 || bytes <= options.maxMemory;
  };
  if (!isAllowed(entry.weights.size()))
    return nullptr;
  auto model = linkInProcess({std::move(entry.objects)},
                             WeightMemory::share(entry.weights, entry.owner),
                             options.name);
  if (model && isAllowed((*model)->getModel().arena_bytes))
    return std::move(*model);
  llvm::consumeError(model.takeError());
  return nullptr;
}

Expected<std::unique_ptr<JITModel>>
lambent::compileInProcess(ModelSource given, const CompileOptions &options) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  if (auto error = (*compilation)->requireRunnable())
    return error;
  if (auto error = requireThisMachine((*compilation)->getTarget(), options.cpu))
    return error;
  Expected<ModelSource> prepared = prepareSource(std::move(given), options);
  if (!prepared)
    return prepared.takeError();
  ModelSource source = std::move(*prepared);
  auto cache =
      ModelCache::open(source, options, (*compilation)->getTarget(), "process");
  if (!cache)
    return cache.takeError();
  if (auto entry = cache->find())
    if (auto model = linkEntry(std::move(*entry), options))
      return model;
  ModelSource again = cache->keepSource(source);
  auto parts = compileParts(**compilation, std::move(source), options);
  if (!parts)
    return parts.takeError();
  cache->insert(again,
                {parts->objects.objects, parts->weights->bytes(), "", {}});
  return linkInProcess(std::move(parts->objects), std::move(parts->weights),
                       options.name);
}

Expected<ModelSummary> lambent::summarizeModel(ModelSource source) {
  return graph::summarizeModel(std::move(source));
}
