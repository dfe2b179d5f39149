//===- JIT.cpp - Links emitted objects into this process ------------------===//

#include "JIT.h"
#include "Artefact/ArtefactLinker.h"
#include "Backends.h"
#include "GdbRegistration.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/Debugging/PerfSupportPlugin.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderPerf.h"
#include <cstring>

using namespace lambent;
using namespace llvm::orc;
using llvm::Error;
using llvm::Expected;

namespace {

class LinkedModel : public JITModel {
public:
  LinkedModel(std::unique_ptr<LLJIT> jit, const LambentModel *model,
              std::unique_ptr<WeightMemory> weights)
      : jit(std::move(jit)), model(model), weights(std::move(weights)) {}
  const LambentModel &getModel() const override { return *model; }
  const char *getWeights() const override {
    return weights ? weights->bytes().data()
                   : static_cast<const char *>(model->weights);
  }

private:
  std::unique_ptr<LLJIT> jit;
  const LambentModel *model;
  std::unique_ptr<WeightMemory> weights;
};

} // namespace

/// JITLink gives every object its own global offset table and stubs beside its
/// code, so that objects may lie anywhere in the address space.
static Expected<std::unique_ptr<ObjectLayer>>
createLayer(ExecutionSession &session) {
  auto layer = std::make_unique<ObjectLinkingLayer>(session);
  layer->addPlugin(std::make_shared<GdbRegistration>());
  // perf wants a file per process; it is written only when asked for.
  if (getenv("JITDUMPDIR"))
    layer->addPlugin(std::make_shared<PerfSupportPlugin>(
        session.getExecutorProcessControl(),
        ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderPerfStart),
        ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderPerfEnd),
        ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderPerfImpl),
        /*EmitDebugInfo=*/false, /*EmitUnwindInfo=*/false));
  return layer;
}

/// All that generated code may call.
static SymbolMap getCalledFunctions(LLJIT &jit) {
  auto address = [](auto *function) {
    return ExecutorSymbolDef(ExecutorAddr::fromPtr(function),
                             llvm::JITSymbolFlags::Exported |
                                 llvm::JITSymbolFlags::Callable);
  };
  return {{jit.mangleAndIntern("memcpy"), address(&memcpy)},
          {jit.mangleAndIntern("memmove"), address(&memmove)},
          {jit.mangleAndIntern("memset"), address(&memset)}};
}

static Expected<std::unique_ptr<LLJIT>> createJIT() {
  // Its backend registers this machine's code generator with LLVM.
  if (auto host = createBackend(kHostBackend, {}); !host)
    return host.takeError();
  auto jit = LLJITBuilder()
                 .setObjectLinkingLayerCreator(createLayer)
                 .setPlatformSetUp(setUpInactivePlatform)
                 .setLinkProcessSymbolsByDefault(false)
                 .create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->getMainJITDylib().define(
          absoluteSymbols(getCalledFunctions(**jit))))
    return error;
  return jit;
}

/// Links what was added.
static Expected<std::unique_ptr<JITModel>>
link(std::unique_ptr<LLJIT> jit, std::unique_ptr<WeightMemory> weights,
     llvm::StringRef symbol) {
  auto address = jit->lookup(symbol);
  if (!address)
    return address.takeError();
  const auto *model = address->toPtr<const LambentModel *>();
  return std::make_unique<LinkedModel>(std::move(jit), model,
                                       std::move(weights));
}

Expected<std::unique_ptr<JITModel>>
lambent::linkInProcess(EmittedModel objects,
                       std::unique_ptr<WeightMemory> weights,
                       llvm::StringRef name) {
  auto jit = createJIT();
  if (!jit)
    return jit.takeError();
  for (const KernelCache::Code &code : objects.objects)
    if (Error error = (*jit)->addObjectFile(
            llvm::MemoryBuffer::getMemBuffer(code->getMemBufferRef(), false)))
      return error;
  return link(std::move(*jit), std::move(weights), (name + "_model").str());
}

Expected<std::unique_ptr<JITModel>>
lambent::linkObject(std::unique_ptr<llvm::MemoryBuffer> object,
                    llvm::StringRef symbol) {
  if (Error error = checkArchitecture(object->getMemBufferRef()))
    return error;
  auto jit = createJIT();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(std::move(object)))
    return error;
  return link(std::move(*jit), nullptr, symbol);
}
