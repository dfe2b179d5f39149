//===- Compilation.cpp - One model on its way through the stages ----------===//

#include "Compilation.h"
#include "Backends.h"
#include "Donation.h"
#include "LargestValue.h"
#include "TileTrial.h"
#include "lambent/Compiler/Pipelines.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/IR/Graph.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/Action.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Rewrite/PatternApplicator.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ErrorHandling.h"
#include <mutex>

using namespace lambent;
using llvm::Error;
using llvm::Expected;

std::shared_ptr<KernelCache> lambent::createKernelCache() {
  return std::make_shared<KernelCache>();
}

static Expected<mlir::DialectRegistry> getDialects(const Backend &backend) {
  mlir::DialectRegistry registry;
  registry.insert<graph::GraphDialect, lir::LIRDialect, mlir::func::FuncDialect,
                  mlir::arith::ArithDialect, mlir::math::MathDialect>();
  backend.registerDialects(registry);
  if (backend.getName() == kHostBackend)
    return registry;
  // Constants are folded on the host whatever the model is for.
  auto host = createBackend(kHostBackend, {});
  if (!host)
    return host.takeError();
  (*host)->registerDialects(registry);
  return registry;
}

/// Where LLVM finds no memory, it throws what others do, and does not end the
/// process with a message of its own.
static void throwWithoutMemory() {
  static std::once_flag installed;
  std::call_once(installed, [] {
    llvm::install_bad_alloc_error_handler(
        [](void *, const char *, bool) { throw std::bad_alloc(); });
  });
}

Expected<std::unique_ptr<Compilation>>
Compilation::create(const CompileOptions &options,
                    mlir::MLIRContext *borrowed) {
  if (options.maxMemory)
    throwWithoutMemory();
  std::unique_ptr<Compilation> result(new Compilation(options));
  bool isStrict = options.accuracy == Accuracy::Strict;
  result->targetOptions = {resolveCpu(options.cpu),
                           isStrict,
                           isStrict || options.checkValues,
                           options.cpuDescription,
                           options.tunedChoices,
                           options.candidate,
                           options.blockFormat,
                           options.blockScale,
                           options.keepFloatWeights,
                           options.productType,
                           options.winogradZeros,
                           options.winogradLayers};
  Expected<std::unique_ptr<Backend>> backend =
      createBackend(options.target, result->targetOptions);
  if (!backend)
    return backend.takeError();
  result->backend = std::move(*backend);
  result->isPart = borrowed;
  if (!borrowed) {
    // A context's own threads would end the process where they can't be made.
    result->ownThreads = std::make_unique<CompilerThreads>(options.threads);
    Expected<mlir::DialectRegistry> dialects = getDialects(*result->backend);
    if (!dialects)
      return dialects.takeError();
    result->ownContext = std::make_unique<mlir::MLIRContext>(
        *dialects, mlir::MLIRContext::Threading::DISABLED);
    if (result->ownThreads->getMaxConcurrency() > 1)
      result->ownContext->setThreadPool(*result->ownThreads);
    result->ownContext->loadAllAvailableDialects();
    borrowed = result->ownContext.get();
  }
  result->context = borrowed;
  if (!result->isPart && options.interruption)
    result->watchActions();
  if (!result->options.kernelCache)
    result->options.kernelCache = createKernelCache();
  return result;
}

void Compilation::watchActions() {
  context->registerActionHandler([interruption = options.interruption](
                                     llvm::function_ref<void()> execute,
                                     const mlir::tracing::Action &action) {
    bool maySkip =
        llvm::isa<mlir::PassExecutionAction, mlir::ApplyPatternAction>(action);
    if (!maySkip || !interruption->isDue())
      execute();
  });
}

Error Compilation::requireTime() {
  if (options.interruption && options.interruption->isDue())
    return llvm::make_error<CancelledError>();
  return Error::success();
}

Error Compilation::requireMemory(uint64_t bytes, llvm::StringRef what) {
  if (options.maxMemory == 0 || bytes <= options.maxMemory)
    return Error::success();
  std::string message = graph::describeLocation(findLargestValue(*module)) +
                        ": " + what.str() + " of the model take " +
                        std::to_string(bytes) + " bytes, more than the " +
                        std::to_string(options.maxMemory) +
                        " that are allowed; this is its largest value";
  return llvm::make_error<CompileError>(std::vector<std::string>{message},
                                        std::vector<UnsupportedNode>());
}

uint64_t Compilation::getPlanned(llvm::StringRef attribute) {
  auto bytes =
      module->getOperation()->getAttrOfType<mlir::IntegerAttr>(attribute);
  return bytes ? bytes.getInt() : 0;
}

Error Compilation::requireArena() {
  uint64_t bytes = getPlanned("lir.arena_bytes");
  // What control flow calls has arenas of its own.
  for (auto function : module->getOps<mlir::func::FuncOp>())
    if (auto own =
            function->getAttrOfType<mlir::IntegerAttr>("lir.arena_bytes"))
      bytes += own.getInt();
  return requireMemory(bytes, "the values");
}

void Compilation::report(llvm::StringRef phase, unsigned done, unsigned total) {
  if (options.progress)
    options.progress(phase, done, total);
}

/// What is asked for and not supported, though no node is at fault.
static Error makeUnsupportedError(std::string message) {
  UnsupportedNode node;
  node.reason = std::move(message);
  return llvm::make_error<CompileError>(std::vector<std::string>(),
                                        std::vector<UnsupportedNode>{node});
}

Expected<std::vector<graph::OfferedConstant>>
Compilation::getOfferedConstants() {
  std::vector<graph::OfferedConstant> constants;
  for (const OfferedConstant &constant : options.constants) {
    const ElementType *type =
        findElementType(constant.typeCode, constant.typeBits);
    if (!type || type->code == LAMBENT_STRING)
      return makeUnsupportedError(
          "input '" + constant.input +
          "': constants of its element type are not supported");
    constants.push_back({constant.input,
                         mlir::RankedTensorType::get(
                             constant.dims, getMLIRType(context, *type)),
                         constant.bytes});
  }
  return constants;
}

static std::vector<graph::DimRange> getRanges(const CompileOptions &options) {
  std::vector<graph::DimRange> ranges;
  for (const DimRange &range : options.ranges)
    ranges.push_back({range.name, range.least, range.most, range.factor});
  return ranges;
}

Error Compilation::requireLayers() {
  llvm::StringSet<> convs;
  if (!options.winogradLayers.empty())
    module->walk([&](graph::ConvOp op) {
      if (std::optional<graph::NodeName> node = graph::findNode(op.getLoc()))
        convs.insert(node->name);
    });
  for (const auto &[name, percent] : options.winogradLayers)
    if (!convs.contains(name))
      return llvm::make_error<CompileError>(
          std::vector<std::string>{graph::findFile(module->getLoc()) +
                                   ": it has no Conv '" + name +
                                   "' of which to leave zeros out"},
          std::vector<UnsupportedNode>());
  return Error::success();
}

Error Compilation::import(ModelSource source) {
  report("import");
  DiagnosticCollector diagnostics(*context, isPart);
  std::vector<UnsupportedNode> unsupported;
  auto constants = getOfferedConstants();
  if (!constants)
    return constants.takeError();
  graph::ImportOptions how = {
      options.dims, options.shapes, std::move(*constants), getRanges(options),
      options.extraOutputs, nullptr,
      // One output takes the memory in all versions.
      backend->takesOpenDims() && options.donations.empty()};
  how.files = &files;
  how.floatOutputs = options.floatOutputs;
  if (options.interruption)
    how.isStopped = [this] { return options.interruption->isDue(); };
  auto imported =
      graph::importModel(*context, std::move(source), how, unsupported);
  if (Error error = requireTime())
    return error;
  if (mlir::failed(imported))
    return diagnostics.takeError("import", unsupported);
  module = std::move(*imported);
  if (Error error = requireLayers())
    return error;
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  return main ? markDonations(main, options.donations) : Error::success();
}

void Compilation::adopt(mlir::OwningOpRef<mlir::ModuleOp> graph) {
  module = std::move(graph);
}

Error Compilation::runPasses(
    llvm::StringRef stage,
    llvm::function_ref<void(mlir::OpPassManager &)> build) {
  report(stage);
  DiagnosticCollector diagnostics(*context, isPart);
  mlir::PassManager passes(context);
  build(passes);
  try {
    bool succeeded = mlir::succeeded(passes.run(*module));
    // What was skipped makes other passes fail.
    if (Error error = requireTime())
      return error;
    if (succeeded)
      return Error::success();
  } catch (const std::bad_alloc &) {
    mlir::emitError(findLargestValue(*module))
        << "the model takes more memory to compile than there is; this is its "
           "largest value";
  }
  return diagnostics.takeError(stage);
}

static constexpr llvm::StringRef fallbackNames[] = {"graph.fallback",
                                                    "lir.fallback"};

bool Compilation::hasVersions() {
  return llvm::any_of(module->getOps<mlir::func::FuncOp>(), [](auto function) {
    return llvm::any_of(fallbackNames, [&](llvm::StringRef name) {
      return function->hasAttr(name);
    });
  });
}

void Compilation::dropVersions() {
  llvm::SmallVector<mlir::Operation *> versions;
  for (auto function : module->getOps<mlir::func::FuncOp>())
    for (llvm::StringRef name : fallbackNames)
      if (auto version = llvm::dyn_cast_or_null<mlir::FlatSymbolRefAttr>(
              function->removeAttr(name)))
        versions.push_back(module->lookupSymbol(version.getAttr()));
  for (mlir::Operation *version : versions)
    if (version)
      version->erase();
}

Error Compilation::withVersions(llvm::function_ref<Error()> stage) {
  if (!hasVersions())
    return stage();
  mlir::OwningOpRef<mlir::ModuleOp> before(module->clone());
  Error error = stage();
  if (!error || (options.interruption && options.interruption->isDue()))
    return error;
  llvm::consumeError(std::move(error));
  module = std::move(before);
  dropVersions();
  return stage();
}

Error Compilation::optimizeGraph(graph::Evaluator *evaluator) {
  return withVersions([&] {
    return runPasses("optimize", [&](auto &passes) {
      buildGraphPipeline(passes, *backend, targetOptions, evaluator);
    });
  });
}

Error Compilation::requireBoundDims() {
  if (backend->takesOpenDims())
    return Error::success();
  std::vector<std::string> messages;
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  if (!main)
    return llvm::createStringError(
        "internal error: the module has no function @main");
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    auto type =
        llvm::dyn_cast<mlir::RankedTensorType>(main.getArgument(i).getType());
    if (!type || type.hasStaticShape())
      continue;
    auto name = main.getArgAttrOfType<mlir::StringAttr>(i, "graph.name");
    auto dimNames =
        main.getArgAttrOfType<mlir::ArrayAttr>(i, "graph.dim_names");
    std::string dims;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (!type.isDynamicDim(d))
        continue;
      llvm::StringRef dim;
      if (dimNames && d < int64_t(dimNames.size()))
        dim = llvm::cast<mlir::StringAttr>(dimNames[d]).getValue();
      dims += (dims.empty() ? "" : ", ") +
              (dim.empty() ? "dim " + std::to_string(d) : dim.str());
    }
    std::string input = name ? name.str() : std::to_string(i);
    messages.push_back(graph::describeLocation(main.getLoc()) + ": input '" +
                       input + "' has open dims: " + dims +
                       "; bind them with --dim NAME=SIZE or --shape " + input +
                       "=D0xD1x...");
  }
  if (messages.empty())
    return Error::success();
  return llvm::make_error<CompileError>(std::move(messages),
                                        std::vector<UnsupportedNode>());
}

Error Compilation::lower() {
  if (Error error = requireBoundDims())
    return error;
  return withVersions([&] {
    return runPasses("lower", [&](auto &passes) {
      buildLoweringPipeline(passes, *backend);
    });
  });
}

Error Compilation::checkKernels() {
  report("check");
  return withVersions([&]() -> Error {
    DiagnosticCollector diagnostics(*context, isPart);
    if (mlir::failed(backend->checkKernels(*module)))
      return diagnostics.takeError("check");
    return Error::success();
  });
}

Expected<std::unique_ptr<WeightMemory>> Compilation::packWeights() {
  report("pack");
  if (Error error = requireTime())
    return std::move(error);
  uint64_t bytes = getPlanned("lir.weight_bytes");
  if (Error error = requireMemory(bytes, "the packed weights"))
    return std::move(error);
  Expected<std::unique_ptr<WeightMemory>> memory =
      WeightMemory::allocate(bytes);
  if (!memory)
    return memory;
  DiagnosticCollector diagnostics(*context, isPart);
  // The pages of the model's files are as many as those of what is made of
  // them.
  auto release = [&] {
    for (const std::shared_ptr<llvm::MemoryBuffer> &file : files)
      releasePages(*file);
  };
  if (mlir::failed(lambent::packWeights(*module, (*memory)->bytes(),
                                        options.threads, release)))
    return diagnostics.takeError("pack");
  return memory;
}

EmitOptions Compilation::getEmitOptions() {
  EmitOptions emit;
  emit.name = options.name;
  emit.cpu = options.cpu;
  emit.metadata = getMetadata();
  emit.keepsDenormals = options.accuracy == Accuracy::Strict;
  emit.threads = options.threads;
  emit.cache = options.kernelCache;
  if (options.interruption)
    emit.isStopped = [this] { return options.interruption->isDue(); };
  if (options.progress)
    emit.progress = [this](unsigned done, unsigned total) {
      report("compile", done, total);
    };
  return emit;
}

Error Compilation::emit(
    llvm::function_ref<mlir::LogicalResult(EmitOptions &)> make) {
  report("compile");
  return withVersions([&]() -> Error {
    DiagnosticCollector diagnostics(*context, isPart);
    EmitOptions how = getEmitOptions();
    mlir::LogicalResult made = make(how);
    if (Error error = requireTime())
      return error;
    return mlir::failed(made) ? diagnostics.takeError("compile")
                              : Error::success();
  });
}

Expected<EmittedModel> Compilation::emitObjects(uint64_t weightHash) {
  EmittedModel emitted;
  Error error = emit([&](EmitOptions &how) {
    how.weightHash = weightHash;
    auto model = backend->emitObjects(*module, how);
    if (mlir::succeeded(model))
      emitted = std::move(*model);
    return mlir::success(mlir::succeeded(model));
  });
  if (error)
    return std::move(error);
  return std::move(emitted);
}

Expected<KernelCache::Code>
Compilation::emitSingleObject(uint64_t weightHash,
                              llvm::StringRef weightsFile) {
  KernelCache::Code emitted;
  Error error = emit([&](EmitOptions &how) {
    how.weightHash = weightHash;
    auto code = backend->emitSingleObject(*module, how, weightsFile);
    if (mlir::succeeded(code))
      emitted = std::move(*code);
    return mlir::success(mlir::succeeded(code));
  });
  if (error)
    return std::move(error);
  return emitted;
}

Error Compilation::requireRunnable() {
  std::string reason = backend->explainMissingObjects();
  return reason.empty() ? Error::success()
                        : makeUnsupportedError(std::move(reason));
}

Error Compilation::emitText(TextForm form, llvm::raw_ostream &os) {
  report("compile");
  DiagnosticCollector diagnostics(*context, isPart);
  if (mlir::failed(backend->emitText(*module, getEmitOptions(), form, os)))
    return diagnostics.takeError("compile");
  return Error::success();
}
