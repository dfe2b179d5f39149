//===- Emulator.cpp - Runs GPU kernels without a GPU ----------------------===//

#include "lambent/Backends/CUDA/Emulator.h"
#include "Emit/GPUModule.h"
#include "Fibers.h"
#include "HostThreads.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"
#include <cstring>

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

namespace {

/// Where an operand lies: in memory that the model holds, or in an argument.
struct Place {
  void *memory = nullptr;
  unsigned argument = 0;
};

struct Launch {
  std::string symbol;
  LaunchShape shape;
  HostKernel kernel = nullptr;
  std::vector<Place> operands;
};

/// Zeroed memory, aligned for every element.
class Memory {
public:
  explicit Memory(size_t bytes) : words(bytes / sizeof(Word) + 1) {}
  char *data() { return reinterpret_cast<char *>(words.data()); }

private:
  struct alignas(64) Word {
    char bytes[64] = {};
  };
  std::vector<Word> words;
};

} // namespace

struct EmulatedModel::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::vector<std::unique_ptr<Memory>> memory;
  std::vector<Launch> launches;
  int64_t sharedBytes = 0;

  LogicalResult placeBuffers(ModuleOp module,
                             llvm::DenseMap<Value, void *> &buffers);
  llvm::Error link(std::unique_ptr<llvm::Module> code,
                   std::unique_ptr<llvm::LLVMContext> context);
};

/// Writes a weight's elements, bool as bytes.
static LogicalResult copyWeight(lir::WeightOp weight, char *to) {
  auto type = cast<MemRefType>(weight.getType());
  if (weight.getPacking())
    return markUnsupported(weight.emitOpError(
        "is packed, which is not supported by the CUDA backend"));
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(weight.getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return weight.emitOpError("has lost its data");
    std::memcpy(
        to, blob->getData().data(),
        std::min<size_t>(blob->getData().size(), lir::getBufferBytes(type).getNumber()));
    return success();
  }
  auto dense = dyn_cast<DenseElementsAttr>(weight.getValue());
  if (!dense)
    return weight.emitOpError("expected dense data");
  if (dense.getElementType().isInteger(1)) {
    for (bool bit : dense.getValues<bool>())
      *to++ = bit;
    return success();
  }
  ArrayRef<char> bytes = dense.getRawData();
  int64_t copies = dense.isSplat() ? type.getNumElements() : 1;
  for (int64_t i = 0; i < copies; ++i)
    std::memcpy(to + i * bytes.size(), bytes.data(), bytes.size());
  return success();
}

LogicalResult
EmulatedModel::Impl::placeBuffers(ModuleOp module,
                                  llvm::DenseMap<Value, void *> &buffers) {
  auto add = [&](size_t bytes) {
    memory.push_back(std::make_unique<Memory>(bytes));
    return memory.back()->data();
  };
  char *arena = nullptr;
  if (auto bytes = module->getAttrOfType<IntegerAttr>("lir.arena_bytes"))
    arena = add(bytes.getInt());
  LogicalResult result = success();
  module.walk([&](Operation *op) {
    if (auto alloc = dyn_cast<lir::AllocOp>(op)) {
      buffers[alloc] =
          arena && alloc.getOffset()
              ? arena + *alloc.getOffset()
              : add(lir::getBufferBytes(cast<MemRefType>(alloc.getType()))
                        .getNumber());
    } else if (auto weight = dyn_cast<lir::WeightOp>(op)) {
      char *place =
          add(lir::getBufferBytes(cast<MemRefType>(weight.getType()))
                       .getNumber());
      buffers[weight] = place;
      if (failed(copyWeight(weight, place)))
        result = failure();
    }
  });
  return result;
}

llvm::Error
EmulatedModel::Impl::link(std::unique_ptr<llvm::Module> code,
                          std::unique_ptr<llvm::LLVMContext> context) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> created =
      llvm::orc::LLJITBuilder().create();
  if (!created)
    return created.takeError();
  jit = std::move(*created);
  code->setTargetTriple(jit->getTargetTriple());
  code->setDataLayout(jit->getDataLayout());
  if (llvm::Error error = jit->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(code), std::move(context))))
    return error;
  for (Launch &launch : launches) {
    llvm::Expected<llvm::orc::ExecutorAddr> symbol = jit->lookup(launch.symbol);
    if (!symbol)
      return symbol.takeError();
    launch.kernel = symbol->toPtr<HostKernel>();
  }
  return llvm::Error::success();
}

EmulatedModel::EmulatedModel(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
EmulatedModel::~EmulatedModel() = default;

FailureOr<std::unique_ptr<EmulatedModel>>
EmulatedModel::compile(ModuleOp module) {
  auto impl = std::make_unique<Impl>();
  FailureOr<Kernels> kernels = buildKernels(module);
  llvm::DenseMap<Value, void *> buffers;
  if (failed(kernels) || failed(impl->placeBuffers(module, buffers)))
    return failure();
  for (const Kernel &kernel : kernels->list) {
    Launch launch{kernel.symbol, kernel.launch, nullptr, {}};
    for (Value operand : kernel.op->getOperands()) {
      Value root = lir::getRootBuffer(operand);
      auto argument = dyn_cast<BlockArgument>(root);
      launch.operands.push_back(
          {buffers.lookup(root), argument ? argument.getArgNumber() : 0});
    }
    impl->launches.push_back(std::move(launch));
  }
  HostThreads threads;
  if (failed(lowerKernels(*kernels->module, threads)))
    return failure();
  impl->sharedBytes = threads.getSharedBytes();
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(*kernels->module, *context, "kernels");
  if (!code)
    return failure();
  if (llvm::Error error = impl->link(std::move(code), std::move(context)))
    return module.emitError("cannot load kernels into the emulator: ")
           << llvm::toString(std::move(error));
  return std::unique_ptr<EmulatedModel>(new EmulatedModel(std::move(impl)));
}

llvm::Error EmulatedModel::run(llvm::ArrayRef<void *> arguments) {
  Fibers fibers;
  Memory shared(impl->sharedBytes);
  auto barrier = [](void *scheduler) {
    static_cast<Fibers *>(scheduler)->yield();
  };
  for (const Launch &launch : impl->launches) {
    std::vector<void *> buffers;
    for (const Place &place : launch.operands) {
      if (!place.memory && place.argument >= arguments.size())
        return llvm::createStringError(
            "expected argument %u, but got %zu of them", place.argument,
            arguments.size());
      buffers.push_back(place.memory ? place.memory
                                     : arguments[place.argument]);
    }
    for (int64_t block = 0; block < launch.shape.blocks; ++block) {
      // NaNs, so that what is read before it is written shows.
      std::memset(shared.data(), 0xff, impl->sharedBytes);
      bool together = fibers.run(launch.shape.threads, [&](int64_t thread) {
        launch.kernel(buffers.data(), thread, block, shared.data(), barrier,
                      &fibers);
      });
      if (!together)
        return llvm::createStringError(
            "threads of block " + std::to_string(block) + " of " +
            launch.symbol + " do not meet at the same barriers");
    }
  }
  return llvm::Error::success();
}
