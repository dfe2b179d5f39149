//===- KernelHarness.cpp - Compiles lir text for a CPU and runs it --------===//

#include "KernelHarness.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CPU/Emit.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <cstring>

using namespace lambent;
using namespace lambent::test;

namespace {

struct Planned {
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<cpu::TargetInfo> target;
  int64_t arenaBytes = 0, weightBytes = 0;
};

} // namespace

static bool plan(llvm::StringRef text, llvm::StringRef cpu, bool select,
                 Planned &result) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  cpu::registerDialects(registry);
  result.context = std::make_unique<mlir::MLIRContext>(registry);
  result.context->loadAllAvailableDialects();
  result.module =
      mlir::parseSourceString<mlir::ModuleOp>(text, result.context.get());
  auto target = cpu::TargetInfo::create(cpu);
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return false;
  }
  result.target = std::make_unique<cpu::TargetInfo>(*target);
  if (!result.module)
    return false;
  if (select) {
    mlir::PassManager passes(result.context.get());
    cpu::SelectAlgorithmsOptions options;
    options.cpu = cpu.str();
    passes.addNestedPass<mlir::func::FuncOp>(
        cpu::createSelectAlgorithms(options));
    if (failed(passes.run(*result.module)))
      return false;
  }
  // Every buffer gets a place of its own.
  mlir::Builder builder(result.context.get());
  auto place = [&](mlir::Operation *op, int64_t &size) {
    op->setAttr("offset", builder.getI64IntegerAttr(size));
    Size bytes = lir::getBufferBytes(
        llvm::cast<mlir::MemRefType>(op->getResult(0).getType()));
    size += bytes.alignTo(64).getNumber();
  };
  result.module->walk([&](lir::AllocOp op) { place(op, result.arenaBytes); });
  result.module->walk([&](lir::WeightOp op) { place(op, result.weightBytes); });
  result.module->getOperation()->setAttr(
      "lir.arena_bytes", builder.getI64IntegerAttr(result.arenaBytes));
  result.module->getOperation()->setAttr(
      "lir.weight_bytes", builder.getI64IntegerAttr(result.weightBytes));
  return true;
}

std::unique_ptr<CompiledKernel> CompiledKernel::compile(llvm::StringRef text,
                                                        llvm::StringRef cpu,
                                                        bool select) {
  Planned planned;
  if (!plan(text, cpu, select, planned))
    return nullptr;
  auto result = std::make_unique<CompiledKernel>();
  result->weights.resize(planned.weightBytes + 64);
  if (failed(packWeights(*planned.module,
                         {result->weights.data(), size_t(planned.weightBytes)},
                         1)))
    return nullptr;
  auto objects = cpu::emitObjects(*planned.module, *planned.target, {});
  auto jit = llvm::orc::LLJITBuilder().create();
  if (failed(objects) || !jit) {
    if (!jit)
      llvm::consumeError(jit.takeError());
    return nullptr;
  }
  for (const KernelCache::Code &code : objects->objects)
    if (auto error = (*jit)->addObjectFile(
            llvm::MemoryBuffer::getMemBuffer(code->getMemBufferRef(), false))) {
      llvm::errs() << llvm::toString(std::move(error)) << "\n";
      return nullptr;
    }
  auto symbol = (*jit)->lookup("model_model");
  if (!symbol) {
    llvm::errs() << llvm::toString(symbol.takeError()) << "\n";
    return nullptr;
  }
  result->model = symbol->toPtr<const LambentModel *>();
  result->jit = std::move(*jit);
  result->arena.resize(result->model->arena_bytes + 64);
  return result;
}

namespace {

struct OrderedCall : LambentCall {
  int order;
  std::vector<char> scratch;
};

} // namespace

static char *align64(char *p) {
  return reinterpret_cast<char *>(
      llvm::alignTo(reinterpret_cast<uintptr_t>(p), 64));
}

static void runChunks(LambentCall *call, int64_t, LambentKernel kernel,
                      void *const *buffers, int64_t chunks) {
  auto *ordered = static_cast<OrderedCall *>(call);
  char *scratch = align64(ordered->scratch.data());
  if (ordered->order == 0)
    return kernel(buffers, 0, chunks, scratch);
  for (int64_t i = chunks; i-- > 0;)
    kernel(buffers, i, i + 1, scratch);
}

void CompiledKernel::run(const std::vector<const void *> &inputs,
                         const std::vector<void *> &outputs, int order) {
  OrderedCall call;
  call.inputs = const_cast<void *const *>(inputs.data());
  call.outputs = outputs.data();
  call.arena = align64(arena.data());
  // Packed weights were laid out from the vector's start; copy once if that is
  // not aligned.
  std::vector<char> aligned(weights.size() + 64);
  std::memcpy(align64(aligned.data()), weights.data(), weights.size());
  call.weights = align64(aligned.data());
  call.parallel_for = runChunks;
  faults.assign(model->num_checks, {-1, -1}); // whatever the memory holds
  call.faults = faults.data();
  call.order = order;
  call.scratch.resize(model->scratch_bytes + 64);
  model->run(&call);
}

std::vector<std::string> test::getTestCPUs() {
  std::vector<std::string> cpus{"native"};
  auto host = cpu::TargetInfo::create("native");
  if (host && host->hasAVX512)
    cpus.push_back("x86-64-v3");
  if (host && host->isX86)
    cpus.push_back("x86-64");
  return cpus;
}

std::string test::compileToAssembly(llvm::StringRef text, llvm::StringRef cpu,
                                    bool select) {
  Planned planned;
  if (!plan(text, cpu, select, planned))
    return "";
  std::string assembly;
  llvm::raw_string_ostream os(assembly);
  if (failed(cpu::emitText(*planned.module, *planned.target, {},
                           TextForm::Assembly, os)))
    return "";
  return assembly;
}
