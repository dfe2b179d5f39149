//===- KernelRunner.cpp - Compiles one lir kernel and runs it -------------===//

#include "KernelRunner.h"
#include "Emit/KernelModule.h"
#include "lambent/Backends/Backend.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CodeGeneration.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/Packing.h"
#include "lambent/Lowering/Kernels/Winograd.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"
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
                              OwningOpRef<ModuleOp> &module,
                              std::string &error) {
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

std::unique_ptr<KernelRunner> KernelRunner::create(const std::string &text,
                                                   const std::string &cpu,
                                                   bool select,
                                                   std::string &error) {
  std::unique_ptr<KernelRunner> runner(new KernelRunner());
  runner->context = createContext();
  auto target = cpu::TargetInfo::create(cpu);
  if (!target) {
    error += llvm::toString(target.takeError());
    return nullptr;
  }
  runner->target = *target;
  runner->kernel =
      parseKernel(*runner->context, text, cpu, select, runner->module, error);
  if (!runner->kernel)
    return nullptr;
  auto interface = dyn_cast<cpu::CPUKernelOpInterface>(runner->kernel);
  if (!interface) {
    error += "the op has no CPU kernel\n";
    return nullptr;
  }
  runner->chunks = interface.getNumChunks(runner->target).getNumber();
  runner->description = interface.describeKernel(runner->target);
  int64_t scratchBytes =
      interface.getScratchBytes(runner->target).getNumber();
  runner->scratch =
      std::make_unique<GuardedBytes>((scratchBytes + 63) / 64 * 64);
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

std::vector<void *>
KernelRunner::pack(const std::vector<const void *> &buffers) {
  std::vector<void *> operands;
  packed.clear();
  for (auto [i, operand] : llvm::enumerate(kernel->getOperands())) {
    void *data = const_cast<void *>(buffers[i]);
    auto weight = operand.getDefiningOp<lir::WeightOp>();
    auto winograd =
        weight && weight.getPacking()
            ? weight.getPacking()->getAs<DenseI64ArrayAttr>("winograd")
            : DenseI64ArrayAttr();
    if (winograd) {
      auto filter = cast<ShapedType>(weight.getValue().getType()).getShape();
      auto packing = kernels::WinogradPacking::create(
          {{{winograd[0], filter[2]}, {winograd[1], filter[3]}}},
          cast<MemRefType>(operand.getType()).getShape(), filter);
      if (!packing)
        llvm::report_fatal_error(packing.takeError());
      packed.emplace_back(packing->getPackedBytes());
      packing->pack(static_cast<const char *>(data), packed.back().data(), 0,
                    packing->getNumRows());
      data = packed.back().data();
    } else if (weight && weight.getPacking()) {
      auto type = cast<MemRefType>(operand.getType());
      auto map = weight.getPacking()->getAs<AffineMapAttr>("map").getValue();
      auto packing = kernels::Packing::create(
          map, type.getShape(),
          cast<ShapedType>(weight.getValue().getType()).getShape(),
          type.getElementTypeBitWidth() / 8);
      if (!packing)
        llvm::report_fatal_error(packing.takeError());
      packed.emplace_back(packing->getPackedBytes());
      packing->pack(static_cast<const char *>(data), packed.back().data(), 0,
                    packing->getNumRows());
      data = packed.back().data();
    }
    operands.push_back(data);
  }
  return operands;
}

void KernelRunner::runChunks(void *const *buffers, int64_t begin, int64_t end) {
  code(buffers, begin, end, scratch->data());
}

void KernelRunner::run(const std::vector<const void *> &buffers) {
  std::vector<void *> operands = pack(buffers);
  // In three ranges, as workers would take them.
  int64_t first = chunks / 3, second = 2 * chunks / 3;
  runChunks(operands.data(), second, chunks);
  runChunks(operands.data(), 0, first);
  runChunks(operands.data(), first, second);
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

std::string test::nameCPU(std::string cpu) {
  std::replace(cpu.begin(), cpu.end(), '-', '_');
  return cpu;
}
