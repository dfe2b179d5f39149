//===- GdbRegistration.h - Tells gdb of linked objects ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_GDBREGISTRATION_H
#define LAMBENT_LIB_COMPILER_GDBREGISTRATION_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ExecutionEngine/Orc/LinkGraphLinkingLayer.h"
#include <mutex>

namespace lambent {

/// Lists each linked object in gdb's JIT interface for as long as its code
/// lives: a copy of the object whose section headers say where the sections
/// lie. (LLVM's own plugin never takes an object off the list, which leaves
/// gdb with dangling addresses once a model is destroyed.)
class GdbRegistration : public llvm::orc::LinkGraphLinkingLayer::Plugin {
public:
  GdbRegistration();
  ~GdbRegistration() override;

  void notifyMaterializing(llvm::orc::MaterializationResponsibility &unit,
                           llvm::jitlink::LinkGraph &graph,
                           llvm::jitlink::JITLinkContext &context,
                           llvm::MemoryBufferRef object) override;
  void modifyPassConfig(llvm::orc::MaterializationResponsibility &unit,
                        llvm::jitlink::LinkGraph &graph,
                        llvm::jitlink::PassConfiguration &passes) override;
  llvm::Error
  notifyEmitted(llvm::orc::MaterializationResponsibility &unit) override;
  llvm::Error
  notifyFailed(llvm::orc::MaterializationResponsibility &unit) override;
  llvm::Error notifyRemovingResources(llvm::orc::JITDylib &library,
                                      llvm::orc::ResourceKey key) override;
  void notifyTransferringResources(llvm::orc::JITDylib &library,
                                   llvm::orc::ResourceKey to,
                                   llvm::orc::ResourceKey from) override;

private:
  class Object;
  using Objects = std::vector<std::unique_ptr<Object>>;

  std::mutex mutex; ///< guards both maps: objects may be linked on any thread
  llvm::DenseMap<llvm::orc::MaterializationResponsibility *,
                 std::unique_ptr<Object>>
      pending;
  llvm::DenseMap<llvm::orc::ResourceKey, Objects> registered;
};

} // namespace lambent

#endif
