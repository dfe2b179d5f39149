//===- Emit.cpp - Machine code of a planned model -------------------------===//

#include "lambent/Backends/CPU/Emit.h"
#include "KernelModule.h"
#include "KernelTarget.h"
#include "lambent/Backends/CodeGeneration.h"
#include "lambent/Backends/CompilerThreads.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include <atomic>

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using Code = KernelCache::Code;

/// Fails where an object needs more than what model.h promises. LLVM makes
/// calls of what it has no instructions for.
static llvm::Error checkCalls(llvm::MemoryBufferRef buffer) {
  auto object = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!object)
    return object.takeError();
  for (const llvm::object::SymbolRef &symbol : (*object)->symbols()) {
    llvm::Expected<uint32_t> flags = symbol.getFlags();
    llvm::Expected<StringRef> name = symbol.getName();
    if (!flags || !name)
      return llvm::joinErrors(flags.takeError(), name.takeError());
    bool isNeeded = *flags & llvm::object::SymbolRef::SF_Undefined;
    if (isNeeded && !name->empty() &&
        !llvm::is_contained(
            {"memcpy", "memset", "memmove", "_GLOBAL_OFFSET_TABLE_"}, *name))
      return llvm::createStringError("the code calls '" + *name +
                                     "', which is not everywhere");
  }
  return llvm::Error::success();
}

static llvm::Expected<Code>
emitModule(llvm::Module &module, const TargetInfo &target,
           llvm::CodeGenFileType type = llvm::CodeGenFileType::ObjectFile) {
  std::unique_ptr<llvm::TargetMachine> machine = target.createTargetMachine();
  if (!machine)
    return llvm::createStringError("no code generator for this CPU");
  auto code = lambent::generateCode(module, *machine, type);
  if (!code)
    return code.takeError();
  return Code(std::move(*code));
}

/// Compiles every kernel of the schedule, in parallel, to objects or to
/// bitcode.
static FailureOr<std::vector<Code>>
compileKernels(const emit::ModelSchedule &schedule, const TargetInfo &target,
               const EmitOptions &options, bool asBitcode) {
  std::vector<Code> results(schedule.kernels.size());
  std::vector<std::string> problems(schedule.kernels.size());
  OwningOpRef<ModuleOp> container = ModuleOp::create(Location(schedule.loc));
  std::vector<ModuleOp> modules(results.size());
  auto cacheKey = [&](const emit::KernelUse &kernel) {
    return (asBitcode ? "bitcode " : "object ") + kernel.key;
  };
  // Loops are built here, in order, so that errors come in the model's order;
  // the slow part runs in parallel.
  for (auto [i, kernel] : llvm::enumerate(schedule.kernels)) {
    if (options.cache && (results[i] = options.cache->lookup(cacheKey(kernel))))
      continue;
    if (options.isStopped && options.isStopped())
      return failure();
    FailureOr<OwningOpRef<ModuleOp>> module =
        buildKernelModule(kernel.op, kernel.symbol, target);
    if (failed(module))
      return failure();
    modules[i] = module->release();
    container->push_back(modules[i]);
  }
  if (failed(lowerKernelModules(*container, target)))
    return failure();
  auto compileOne = [&](size_t i) {
    if (options.isStopped && options.isStopped())
      return;
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> module =
        translateKernelModule(modules[i], target, context);
    if (!module)
      return;
    if (!asBitcode) {
      llvm::Expected<Code> code = emitModule(*module, target);
      llvm::Error error =
          code ? checkCalls((*code)->getMemBufferRef()) : code.takeError();
      if (error)
        problems[i] = ": " + llvm::toString(std::move(error));
      else
        results[i] = std::move(*code);
      return;
    }
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream os(bytes);
    llvm::WriteBitcodeToFile(*module, os);
    results[i] = std::make_shared<llvm::SmallVectorMemoryBuffer>(
        std::move(bytes), false);
  };
  std::atomic<unsigned> finished = 0;
  CompilerThreads pool(options.threads);
  std::vector<std::shared_future<void>> done;
  for (size_t i = 0; i < modules.size(); ++i)
    if (modules[i])
      done.push_back(pool.async([&compileOne, &finished, i] {
        compileOne(i);
        ++finished;
      }));
  // To wait for a task that nobody has begun is to do it: from the back, since
  // the pool's threads begin at the front.
  for (std::shared_future<void> &future : llvm::reverse(done)) {
    future.wait();
    if (options.progress)
      options.progress(finished, done.size());
  }
  for (auto [i, kernel] : llvm::enumerate(schedule.kernels)) {
    if (!results[i])
      return kernel.op->emitOpError("could not be compiled for this CPU")
             << problems[i];
    if (options.cache)
      options.cache->insert(cacheKey(kernel), results[i]);
  }
  return results;
}

static LogicalResult refuse(ModuleOp module, llvm::Error error) {
  return module.emitError("the model's code cannot be written: ")
         << llvm::toString(std::move(error));
}

FailureOr<EmittedModel> cpu::emitObjects(ModuleOp module,
                                         const TargetInfo &target,
                                         const EmitOptions &options) {
  FailureOr<emit::ModelSchedule> schedule = buildSchedule(module, target);
  if (failed(schedule))
    return failure();
  FailureOr<std::vector<Code>> kernels =
      compileKernels(*schedule, target, options, /*asBitcode=*/false);
  if (failed(kernels))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine = target.createTargetMachine();
  FailureOr<std::unique_ptr<llvm::Module>> model = emit::buildModelModule(
      *schedule, describeTarget(module, target, *machine), options, "",
      context);
  if (failed(model))
    return failure();
  llvm::Expected<Code> code = emitModule(**model, target);
  if (!code)
    return refuse(module, code.takeError());
  kernels->push_back(std::move(*code));
  return EmittedModel{std::move(*kernels)};
}

/// Links kernels and model into one module in which only NAME_model is visible.
static FailureOr<std::unique_ptr<llvm::Module>>
linkModel(ModuleOp module, const TargetInfo &target, const EmitOptions &options,
          StringRef weightsFile, llvm::LLVMContext &context) {
  FailureOr<emit::ModelSchedule> schedule = buildSchedule(module, target);
  if (failed(schedule))
    return failure();
  FailureOr<std::vector<Code>> kernels =
      compileKernels(*schedule, target, options, /*asBitcode=*/true);
  if (failed(kernels))
    return failure();
  std::unique_ptr<llvm::TargetMachine> machine = target.createTargetMachine();
  FailureOr<std::unique_ptr<llvm::Module>> model = emit::buildModelModule(
      *schedule, describeTarget(module, target, *machine), options, weightsFile,
      context);
  if (failed(model))
    return failure();
  llvm::Linker linker(**model);
  for (const Code &code : *kernels) {
    auto kernel = llvm::parseBitcodeFile(code->getMemBufferRef(), context);
    if (!kernel) {
      std::string message = llvm::toString(kernel.takeError());
      return module.emitError("a kernel could not be read back: ") << message;
    }
    if (linker.linkInModule(std::move(*kernel)))
      return module.emitError("kernels could not be linked");
  }
  for (llvm::Function &function : **model)
    if (!function.isDeclaration()) {
      function.setVisibility(llvm::GlobalValue::DefaultVisibility);
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  return model;
}

FailureOr<Code> cpu::emitSingleObject(ModuleOp module, const TargetInfo &target,
                                      const EmitOptions &options,
                                      StringRef weightsFile) {
  llvm::LLVMContext context;
  auto model = linkModel(module, target, options, weightsFile, context);
  if (failed(model))
    return failure();
  llvm::Expected<Code> code = emitModule(**model, target);
  if (!code)
    return refuse(module, code.takeError());
  if (llvm::Error error = checkCalls((*code)->getMemBufferRef()))
    return refuse(module, std::move(error));
  return *code;
}

LogicalResult cpu::emitText(ModuleOp module, const TargetInfo &target,
                            const EmitOptions &options, TextForm form,
                            llvm::raw_ostream &os) {
  llvm::LLVMContext context;
  auto model = linkModel(module, target, options, "", context);
  if (failed(model))
    return failure();
  if (form == TextForm::LLVM) {
    (*model)->print(os, nullptr);
    return success();
  }
  llvm::Expected<Code> text =
      emitModule(**model, target, llvm::CodeGenFileType::AssemblyFile);
  if (!text)
    return refuse(module, text.takeError());
  os << (*text)->getBuffer();
  return success();
}
