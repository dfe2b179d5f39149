//===- KernelRunner.cpp - Compiles one lir kernel and runs it -------------===//

#include "KernelRunner.h"
#include "Emit/KernelModule.h"
#include "lambent/Backends/Backend.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CodeGeneration.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Runtime/CpuFeatures.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;
using namespace lambent;
using namespace lambent::test;

GuardedBytes::GuardedBytes(size_t bytes) : bytes(bytes) {
  size_t page = sysconf(_SC_PAGESIZE);
  size_t used = (bytes + page - 1) / page * page;
  mapBytes = used + page;
  map = static_cast<char *>(mmap(nullptr, mapBytes, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(map + used, page, PROT_NONE);
  begin = map + used - bytes;
}

GuardedBytes::~GuardedBytes() {
  if (map)
    munmap(map, mapBytes);
}

GuardedBytes::GuardedBytes(GuardedBytes &&other) noexcept
    : map(other.map), begin(other.begin), mapBytes(other.mapBytes),
      bytes(other.bytes) {
  other.map = nullptr;
}

/// Parses `text` and finds its kernel.
static Operation *parseKernel(MLIRContext &context, const std::string &text,
                              const std::string &cpu, bool select,
                              OwningOpRef<ModuleOp> &module, std::string &error,
                              const std::string &prefer = "") {
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    error += diagnostic.str() + "\n";
    return success();
  });
  module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return nullptr;
  if (select) {
    PassManager passes(&context);
    cpu::SelectAlgorithmsOptions options;
    options.cpu = cpu;
    options.prefer = prefer;
    passes.addNestedPass<func::FuncOp>(cpu::createSelectAlgorithms(options));
    if (failed(passes.run(*module)))
      return nullptr;
  }
  Operation *kernel = nullptr;
  module->walk([&](lir::KernelOpInterface op) { kernel = op; });
  if (!kernel)
    error += "no kernel in the text\n";
  return kernel;
}

static std::unique_ptr<MLIRContext> createContext() {
  DialectRegistry registry;
  BackendRegistry backends;
  cpu::registerCPUBackend(backends);
  auto backend = backends.create("cpu", TargetOptions());
  if (backend)
    (*backend)->registerDialects(registry);
  else
    llvm::consumeError(backend.takeError());
  registry.insert<lir::LIRDialect, func::FuncDialect>();
  auto context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

/// Compiles `kernel` to an object or to assembly.
static std::unique_ptr<llvm::MemoryBuffer>
compile(Operation *kernel, const cpu::TargetInfo &target, bool asText,
        std::string &error) {
  ScopedDiagnosticHandler handler(kernel->getContext(), [&](Diagnostic &d) {
    error += d.str() + "\n";
    return success();
  });
  auto built = cpu::buildKernelModule(kernel, "kernel", target);
  if (failed(built))
    return nullptr;
  OwningOpRef<ModuleOp> container = ModuleOp::create(kernel->getLoc());
  ModuleOp module = built->release();
  container->push_back(module);
  if (failed(cpu::lowerKernelModules(*container, target)))
    return nullptr;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> lowered =
      cpu::translateKernelModule(module, target, llvmContext);
  if (!lowered) {
    error += "lowering failed\n";
    return nullptr;
  }
  auto code = generateCode(*lowered, *target.createTargetMachine(),
                           asText ? llvm::CodeGenFileType::AssemblyFile
                                  : llvm::CodeGenFileType::ObjectFile);
  if (!code) {
    error += llvm::toString(code.takeError());
    return nullptr;
  }
  return std::move(*code);
}

std::unique_ptr<KernelRunner>
KernelRunner::create(const std::string &text, const std::string &cpu,
                     bool select, std::string &error, bool emulatesTiles,
                     const std::string &prefer) {
  std::unique_ptr<KernelRunner> runner(new KernelRunner());
  runner->context = createContext();
  auto target = cpu::TargetInfo::create(cpu);
  if (!target) {
    error += llvm::toString(target.takeError());
    return nullptr;
  }
  runner->target = *target;
  if (emulatesTiles)
    runner->target.tileUnit = cpu::TileUnitKind::EmulatedAMX;
  runner->kernel = parseKernel(*runner->context, text, cpu, select,
                               runner->module, error, prefer);
  if (!runner->kernel)
    return nullptr;
  auto interface = dyn_cast<cpu::CPUKernelOpInterface>(runner->kernel);
  if (!interface) {
    error += "the op has no CPU kernel\n";
    return nullptr;
  }
  runner->chunks = interface.getNumChunks(runner->target);
  runner->stages = interface.getNumStages(runner->target);
  runner->description = interface.describeKernel(runner->target);
  runner->scratchBytes = interface.getScratchBytes(runner->target);
  runner->allocateScratch({});
  auto object = compile(runner->kernel, runner->target, false, error);
  if (!object)
    return nullptr;
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit) {
    error += llvm::toString(jit.takeError());
    return nullptr;
  }
  runner->jit = std::move(*jit);
  // The symbol is hidden, as in a model: look it up in the object's own
  // library through a plain definition.
  if (auto failure = runner->jit->addObjectFile(std::move(object))) {
    error += llvm::toString(std::move(failure));
    return nullptr;
  }
  auto symbol = runner->jit->getExecutionSession().lookup(
      llvm::orc::makeJITDylibSearchOrder(
          &runner->jit->getMainJITDylib(),
          llvm::orc::JITDylibLookupFlags::MatchAllSymbols),
      runner->jit->mangleAndIntern("kernel"));
  if (!symbol) {
    error += llvm::toString(symbol.takeError());
    return nullptr;
  }
  runner->code =
      symbol->getAddress()
          .toPtr<void (*)(void *const *, int64_t, int64_t, void *)>();
  return runner;
}

/// What a size is where the symbols have these values, or are 0.
static int64_t evaluate(const Size &size, const std::vector<int64_t> &symbols) {
  AffineExpr expression = size.getExpression();
  if (!expression)
    return size.getNumber();
  DenseMap<AffineExpr, AffineExpr> numbers;
  expression.walk([&](AffineExpr part) {
    auto symbol = dyn_cast<AffineSymbolExpr>(part);
    if (!symbol)
      return;
    unsigned index = symbol.getPosition();
    numbers[part] = getAffineConstantExpr(
        index < symbols.size() ? symbols[index] : 0, part.getContext());
  });
  expression = expression.replace(numbers);
  return cast<AffineConstantExpr>(expression).getValue();
}

int64_t KernelRunner::getNumChunks(const std::vector<int64_t> &symbols) const {
  return evaluate(chunks, symbols);
}

void KernelRunner::allocateScratch(const std::vector<int64_t> &symbols) {
  size_t bytes = (evaluate(scratchBytes, symbols) + 63) / 64 * 64;
  if (!scratch || scratch->size() != bytes)
    scratch = std::make_unique<GuardedBytes>(bytes);
}

std::vector<void *> KernelRunner::pack(const std::vector<const void *> &buffers,
                                       const std::vector<int64_t> &symbols) {
  std::vector<void *> operands;
  packed.clear();
  for (auto [i, operand] : llvm::enumerate(kernel->getOperands())) {
    if (i == buffers.size()) {
      auto type = cast<MemRefType>(operand.getType());
      packed.emplace_back(lir::getBufferBytes(type).getNumber());
      std::memset(packed.back().data(), 0xff, packed.back().size());
      operands.push_back(packed.back().data());
      break;
    }
    void *data = const_cast<void *>(buffers[i]);
    auto weight = operand.getDefiningOp<lir::WeightOp>();
    if (weight && weight.getPacking()) {
      auto type = cast<MemRefType>(operand.getType());
      auto packing = cast<lir::PackingAttrInterface>(*weight.getPacking());
      auto packer = packing.createPacker(
          type, cast<ShapedType>(weight.getValue().getType()),
          [&] { return weight.emitOpError(); });
      if (failed(packer))
        llvm::report_fatal_error("the weights' packing can't be carried out");
      packed.emplace_back(lir::getBufferBytes(type).getNumber());
      (*packer)->pack(static_cast<const char *>(data), packed.back().data(), 0,
                      (*packer)->getNumRows(), /*splat=*/false);
      data = packed.back().data();
    }
    operands.push_back(data);
  }
  operands.resize(operands.size() + 2);
  given.clear();
  for (unsigned symbol : cpu::getKernelSymbols(kernel))
    given.push_back(symbol < symbols.size() ? symbols[symbol] : 0);
  operands.back() = given.data();
  return operands;
}

void KernelRunner::runChunks(void *const *buffers, int64_t begin, int64_t end) {
  code(buffers, begin, end, scratch->data());
}

void KernelRunner::run(const std::vector<const void *> &buffers,
                       const std::vector<int64_t> &symbols) {
  std::vector<void *> operands = pack(buffers, symbols);
  allocateScratch(symbols);
  runStages(operands, getNumChunks(symbols));
}

void KernelRunner::runStages(std::vector<void *> &buffers, int64_t chunks) {
  // In three ranges, as workers would take them.
  int64_t first = chunks / 3, second = 2 * chunks / 3;
  for (int64_t stage = 0; stage < stages.getNumber(); ++stage) {
    *std::prev(buffers.end(), 2) = &stage;
    runChunks(buffers.data(), second, chunks);
    runChunks(buffers.data(), 0, first);
    runChunks(buffers.data(), first, second);
  }
}

std::string KernelRunner::getAssembly() {
  std::string error;
  auto code = compile(kernel, target, true, error);
  return code ? code->getBuffer().str() : error;
}

std::string test::emitKernelText(const std::string &text,
                                 const std::string &cpu, bool select,
                                 std::string &error) {
  auto context = createContext();
  auto target = cpu::TargetInfo::create(cpu);
  if (!target) {
    error += llvm::toString(target.takeError());
    return "";
  }
  OwningOpRef<ModuleOp> module;
  Operation *kernel = parseKernel(*context, text, cpu, select, module, error);
  auto code = kernel ? compile(kernel, *target, true, error) : nullptr;
  return code ? code->getBuffer().str() : "";
}

std::vector<std::string> test::listRunnable(std::vector<std::string> cpus) {
  llvm::erase_if(cpus, [](const std::string &cpu) {
    auto target = cpu::TargetInfo::create(cpu);
    if (!target) {
      llvm::consumeError(target.takeError());
      return false; // the test says why
    }
    char *missing = nullptr;
    LambentStatus *status =
        runtime::listMissingCpuFeatures(target->required.c_str(), &missing);
    lambent_status_destroy(status);
    bool isMissing = missing;
    free(missing);
    return isMissing;
  });
  return cpus;
}

std::string test::nameCPU(std::string cpu) {
  auto isOther = [](char c) { return !llvm::isAlnum(c); };
  std::replace_if(cpu.begin(), cpu.end(), isOther, '_');
  return cpu;
}
