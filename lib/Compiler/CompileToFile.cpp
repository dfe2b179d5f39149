//===- CompileToFile.cpp - Ahead-of-time compilation ----------------------===//

#include "Artefact/ArtefactLinker.h"
#include "Artefact/HeaderWriter.h"
#include "Artefact/ModelDescription.h"
#include "Compilation.h"
#include "Evaluation.h"
#include "ModelCache.h"
#include "ModelFiles.h"
#include "QuantizeModel.h"
#include "lambent-c/runtime.h"
#include "lambent/Runtime/Artefact.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <unistd.h>

using namespace lambent;
using llvm::Error;
using llvm::StringRef;

/// Large constants and weights as `...`, or a ResNet would print 100 MB.
static mlir::OpPrintingFlags getPrintingFlags() {
  return mlir::OpPrintingFlags()
      .elideLargeElementsAttrs(16)
      .elideLargeResourceString(64);
}

using WriteText = llvm::function_ref<Error(llvm::raw_ostream &)>;

/// Writes all of a stream.
static Error writeStream(llvm::raw_fd_ostream &os, const OutputPlace &place,
                         WriteText write) {
  Error error = write(os);
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  if (error || !code)
    return error;
  if (place.given == "-")
    return llvm::createStringError("cannot write to standard output: " +
                                   code.message());
  return place.refuse(code.message());
}

/// Text replaces regular files when it is complete; to all else, as devices
/// and FIFOs, it is written as it comes.
static Error writeText(const OutputPlace &place, StagedFiles &files,
                       WriteText write) {
  if (place.given == "-") {
    llvm::raw_fd_ostream os(STDOUT_FILENO, /*shouldClose=*/false);
    return writeStream(os, place, write);
  }
  std::error_code code;
  if (!place.obstacle.empty()) {
    llvm::raw_fd_ostream os(place.path, code, llvm::sys::fs::CD_OpenExisting,
                            llvm::sys::fs::FA_Write, llvm::sys::fs::OF_Append);
    return code ? place.refuse(code.message()) : writeStream(os, place, write);
  }
  auto path = files.add(place);
  if (!path)
    return path.takeError();
  llvm::raw_fd_ostream os(*path, code);
  if (code)
    return place.refuse(code.message());
  if (Error error = writeStream(os, place, write))
    return error;
  return files.moveToPlaces();
}

/// The inputs and outputs of a model that was emitted, for its header.
static llvm::Expected<HeaderModel> getHeader(llvm::MemoryBufferRef object,
                                             const CompileOptions &options,
                                             OutputForm form,
                                             const OutputPlan &plan) {
  auto description = describeModel(object, options.name + "_model");
  if (!description)
    return description.takeError();
  const LambentModel *model =
      resolveDescription(description->data(), description->size() + 1);
  if (!model)
    return llvm::createStringError("the object's description is damaged");
  HeaderModel header = HeaderModel::get(*model, form);
  header.artefact = llvm::sys::path::filename(plan.main.given).str();
  return header;
}

static Error writeArtefact(Compilation &compilation,
                           const CompileOptions &options, OutputForm form,
                           const OutputPlan &plan, StagedFiles &files,
                           llvm::function_ref<void(const CacheEntry &)> keep) {
  auto weights = compilation.packWeights();
  if (!weights)
    return weights.takeError();
  llvm::ArrayRef<char> bytes = (*weights)->bytes();
  uint64_t hash = lambent_hash64(bytes.data(), bytes.size());

  // The assembler reads the weights of an object from a file.
  std::string weightsFile;
  if (!hasWeightsOutside(form) && !bytes.empty()) {
    auto path = files.addTemporary(plan.main);
    if (!path)
      return path.takeError();
    if (Error error = writeFile(*path, {bytes.data(), bytes.size()}))
      return error;
    weightsFile = *path;
  }
  auto object = compilation.emitSingleObject(hash, weightsFile);
  if (!object)
    return object.takeError();
  auto header =
      getHeader((*object)->getMemBufferRef(), options, form, plan);
  if (!header)
    return header.takeError();
  std::string text = writeHeader(*header);
  keep({{*object},
        hasWeightsOutside(form) ? bytes : llvm::ArrayRef<char>(),
        text,
        nullptr});
  return writeArtefactFiles(form, options.name, (*object)->getMemBufferRef(),
                            bytes, hash, text, plan, files);
}

/// Writes what was compiled before.
static Error writeEntry(const CacheEntry &entry, const CompileOptions &options,
                        OutputForm form, const OutputPlan &plan,
                        StagedFiles &files) {
  uint64_t hash = lambent_hash64(entry.weights.data(), entry.weights.size());
  return writeArtefactFiles(form, options.name,
                            entry.objects.front()->getMemBufferRef(),
                            entry.weights, hash, entry.header, plan, files);
}

/// What an entry of the cache must be for: the header names form and file.
static std::string describeUse(OutputForm form, const OutputPlan &plan) {
  return "form " + std::to_string(unsigned(form)) + " in " +
         llvm::sys::path::filename(plan.main.given).str();
}

/// Takes a model through the stages that a form needs and writes it; `keep` is
/// handed what native forms are made of.
static Error compileForm(Compilation &compilation, ModelSource source,
                         const CompileOptions &options, OutputForm form,
                         const OutputPlan &plan, StagedFiles &files,
                         llvm::function_ref<void(const CacheEntry &)> keep) {
  if (auto error = compilation.import(std::move(source)))
    return error;
  if (auto error = compilation.optimizeGraph(createEvaluator(options).get()))
    return error;
  auto printModule = [&](llvm::raw_ostream &os) {
    compilation.getModule().print(os, getPrintingFlags());
    return Error::success();
  };
  if (form == OutputForm::Graph)
    return writeText(plan.main, files, printModule);
  if (auto error = compilation.lower())
    return error;
  switch (form) {
  case OutputForm::LIR:
    return writeText(plan.main, files, printModule);
  case OutputForm::LLVM:
    return writeText(plan.main, files, [&](llvm::raw_ostream &os) {
      return compilation.emitText(TextForm::LLVM, os);
    });
  case OutputForm::Assembly:
    return writeText(plan.main, files, [&](llvm::raw_ostream &os) {
      return compilation.emitText(TextForm::Assembly, os);
    });
  default:
    return writeArtefact(compilation, options, form, plan, files, keep);
  }
}

Error lambent::compileToFile(ModelSource given, const CompileOptions &options,
                             OutputForm form, StringRef output) {
  auto plan = OutputPlan::create(form, output);
  if (!plan)
    return plan.takeError();
  if (Error error = checkModelSurvives(*plan, given))
    return error;
  if (Error error = plan->checkOwners())
    return error;
  llvm::Expected<ModelSource> prepared =
      prepareSource(std::move(given), options);
  if (!prepared)
    return prepared.takeError();
  ModelSource source = std::move(*prepared);
  // Before the compiler's threads: they must not take the signals.
  SignalWatch watch(options.watchSignals);
  StagedFiles files(watch);
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  if (form != OutputForm::Graph && form != OutputForm::LIR &&
      form != OutputForm::Assembly)
    if (auto error = (*compilation)->requireRunnable())
      return error;
  CompileOptions cached = options;
  if (isText(form))
    cached.cacheFolder.clear();
  auto cache = ModelCache::open(source, cached, (*compilation)->getTarget(),
                                describeUse(form, *plan));
  if (!cache)
    return cache.takeError();
  if (auto entry = cache->find(); entry && entry->objects.size() == 1)
    return writeEntry(*entry, options, form, *plan, files);
  ModelSource again = cache->keepSource(source);
  return compileForm(
      **compilation, std::move(source), options, form, *plan, files,
      [&](const CacheEntry &entry) { cache->insert(again, entry); });
}
