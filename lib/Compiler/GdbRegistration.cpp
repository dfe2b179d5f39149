//===- GdbRegistration.cpp - Tells gdb of linked objects ------------------===//
//
// The interface is described in gdb's manual, "JIT Compilation Interface": a
// list in the process that gdb reads, and a function in which it has a
// breakpoint. LLVM's shared library defines both.
//
//===----------------------------------------------------------------------===//

#include "GdbRegistration.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h"

extern "C" jit_descriptor __jit_debug_descriptor;
extern "C" void __jit_debug_register_code();

using namespace lambent;
using namespace llvm;
using namespace llvm::orc;

/// The list is the whole process's.
static std::mutex &getListMutex() {
  static std::mutex mutex;
  return mutex;
}

class GdbRegistration::Object {
public:
  explicit Object(StringRef object) : bytes(object.begin(), object.end()) {}
  Object(const Object &) = delete;
  ~Object() {
    if (!isListed)
      return;
    std::lock_guard<std::mutex> lock(getListMutex());
    (entry.prev_entry ? entry.prev_entry->next_entry
                      : __jit_debug_descriptor.first_entry) = entry.next_entry;
    if (entry.next_entry)
      entry.next_entry->prev_entry = entry.prev_entry;
    notify(JIT_UNREGISTER_FN);
  }

  /// Writes where the sections lie into their headers. An object without
  /// sections that gdb could use stays as it is.
  void place(jitlink::LinkGraph &graph) {
    if (bytes.size() < sizeof(ELF::Elf64_Ehdr))
      return;
    auto *header = reinterpret_cast<ELF::Elf64_Ehdr *>(bytes.data());
    auto *sections =
        reinterpret_cast<ELF::Elf64_Shdr *>(bytes.data() + header->e_shoff);
    const char *names = bytes.data() + sections[header->e_shstrndx].sh_offset;
    for (ELF::Elf64_Shdr &section : MutableArrayRef(sections, header->e_shnum))
      if (jitlink::Section *placed =
              section.sh_flags & ELF::SHF_ALLOC
                  ? graph.findSectionByName(names + section.sh_name)
                  : nullptr)
        section.sh_addr = jitlink::SectionRange(*placed).getStart().getValue();
  }

  void list() {
    std::lock_guard<std::mutex> lock(getListMutex());
    entry = {__jit_debug_descriptor.first_entry, nullptr, bytes.data(),
             bytes.size()};
    if (entry.next_entry)
      entry.next_entry->prev_entry = &entry;
    __jit_debug_descriptor.first_entry = &entry;
    isListed = true;
    notify(JIT_REGISTER_FN);
  }

private:
  void notify(jit_actions_t action) {
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_descriptor.relevant_entry = &entry;
    __jit_debug_register_code();
  }

  std::vector<char> bytes;
  jit_code_entry entry = {};
  bool isListed = false;
};

GdbRegistration::GdbRegistration() = default;
GdbRegistration::~GdbRegistration() = default;

void GdbRegistration::notifyMaterializing(MaterializationResponsibility &unit,
                                          jitlink::LinkGraph &graph,
                                          jitlink::JITLinkContext &,
                                          MemoryBufferRef object) {
  // What was emitted for this process is ELF with 64 bits; nothing else is
  // linked here.
  if (!graph.getTargetTriple().isOSBinFormatELF() ||
      graph.getPointerSize() != 8)
    return;
  std::lock_guard<std::mutex> lock(mutex);
  pending[&unit] = std::make_unique<Object>(object.getBuffer());
}

void GdbRegistration::modifyPassConfig(MaterializationResponsibility &unit,
                                       jitlink::LinkGraph &,
                                       jitlink::PassConfiguration &passes) {
  passes.PostAllocationPasses.push_back(
      [this, &unit](jitlink::LinkGraph &graph) {
        std::lock_guard<std::mutex> lock(mutex);
        if (auto found = pending.find(&unit); found != pending.end())
          found->second->place(graph);
        return Error::success();
      });
}

Error GdbRegistration::notifyEmitted(MaterializationResponsibility &unit) {
  std::unique_ptr<Object> object;
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = pending.find(&unit);
    if (found == pending.end())
      return Error::success();
    object = std::move(found->second);
    pending.erase(found);
  }
  object->list();
  return unit.withResourceKeyDo([&](ResourceKey key) {
    std::lock_guard<std::mutex> lock(mutex);
    registered[key].push_back(std::move(object));
  });
}

Error GdbRegistration::notifyFailed(MaterializationResponsibility &unit) {
  std::lock_guard<std::mutex> lock(mutex);
  pending.erase(&unit);
  return Error::success();
}

Error GdbRegistration::notifyRemovingResources(JITDylib &, ResourceKey key) {
  std::lock_guard<std::mutex> lock(mutex);
  registered.erase(key);
  return Error::success();
}

void GdbRegistration::notifyTransferringResources(JITDylib &, ResourceKey to,
                                                  ResourceKey from) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = registered.find(from);
  if (found == registered.end())
    return;
  Objects objects = std::move(found->second);
  registered.erase(found);
  Objects &target = registered[to];
  std::move(objects.begin(), objects.end(), std::back_inserter(target));
}
