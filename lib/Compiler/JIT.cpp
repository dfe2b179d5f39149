//===- JIT.cpp - Links emitted objects into this process ------------------===//

#include "JIT.h"
#include "llvm/ExecutionEngine/JITEventListener.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/RTDyldObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/SectionMemoryManager.h"

using namespace lambent;
using llvm::Error;
using llvm::Expected;

namespace {

class LinkedModel : public JITModel {
public:
  LinkedModel(std::unique_ptr<llvm::orc::LLJIT> jit, const LambentModel *model,
              std::unique_ptr<WeightMemory> weights)
      : jit(std::move(jit)), model(model), weights(std::move(weights)) {}
  const LambentModel &getModel() const override { return *model; }
  const char *getWeights() const override { return weights->bytes().data(); }

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  const LambentModel *model;
  std::unique_ptr<WeightMemory> weights;
};

} // namespace

Expected<std::unique_ptr<JITModel>>
lambent::linkInProcess(cpu::EmittedModel objects,
                       std::unique_ptr<WeightMemory> weights,
                       llvm::StringRef name) {
  // An object's code and constants are reserved together: they refer to each
  // other by 32-bit distances.
  auto createLayer = [](llvm::orc::ExecutionSession &session)
      -> Expected<std::unique_ptr<llvm::orc::ObjectLayer>> {
    auto layer = std::make_unique<llvm::orc::RTDyldObjectLinkingLayer>(
        session, [](const llvm::MemoryBuffer &) {
          return std::make_unique<llvm::SectionMemoryManager>(
              nullptr, /*ReserveAlloc=*/true);
        });
    if (auto *gdb = llvm::JITEventListener::createGDBRegistrationListener())
      layer->registerJITEventListener(*gdb);
    // perf wants a file per process; it is written only when asked for.
    if (getenv("JITDUMPDIR"))
      if (auto *perf = llvm::JITEventListener::createPerfJITEventListener())
        layer->registerJITEventListener(*perf);
    return layer;
  };
  auto jit = llvm::orc::LLJITBuilder()
                 .setObjectLinkingLayerCreator(createLayer)
                 .create();
  if (!jit)
    return jit.takeError();
  for (const KernelCache::Code &code : objects.objects)
    if (Error error = (*jit)->addObjectFile(
            llvm::MemoryBuffer::getMemBuffer(code->getMemBufferRef(), false)))
      return error;
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix(),
      [](const llvm::orc::SymbolStringPtr &symbol) {
        // All that generated code may call.
        return *symbol == "memcpy" || *symbol == "memset" ||
               *symbol == "memmove";
      });
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  auto symbol = (*jit)->lookup((name + "_model").str());
  if (!symbol)
    return symbol.takeError();
  const auto *model = symbol->toPtr<const LambentModel *>();
  return std::make_unique<LinkedModel>(std::move(*jit), model,
                                       std::move(weights));
}
