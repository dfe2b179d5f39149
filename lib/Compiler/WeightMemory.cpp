//===- WeightMemory.cpp - A model's packed weights in memory --------------===//

#include "WeightMemory.h"
#include "llvm/Support/MathExtras.h"
#include <sys/mman.h>

using namespace lambent;
using llvm::Expected;

Expected<std::unique_ptr<WeightMemory>> WeightMemory::allocate(uint64_t bytes) {
  if (bytes == 0)
    return std::unique_ptr<WeightMemory>(new WeightMemory(nullptr, 0, nullptr));
  constexpr uint64_t hugePage = 2 << 20;
  uint64_t mapped = bytes >= hugePage ? bytes + hugePage : bytes;
  void *pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    return llvm::createStringError("no memory for " + std::to_string(bytes) +
                                   " bytes of weights");
  char *data = static_cast<char *>(pages);
  if (mapped > bytes) {
    data = reinterpret_cast<char *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(pages), hugePage));
    // A wish: without huge pages all works, slower.
    madvise(data, bytes, MADV_HUGEPAGE);
  }
  std::shared_ptr<void> owner(pages,
                              [mapped](void *base) { munmap(base, mapped); });
  return std::unique_ptr<WeightMemory>(
      new WeightMemory(data, bytes, std::move(owner)));
}

std::unique_ptr<WeightMemory> WeightMemory::share(llvm::ArrayRef<char> bytes,
                                                  std::shared_ptr<void> owner) {
  return std::unique_ptr<WeightMemory>(new WeightMemory(
      const_cast<char *>(bytes.data()), bytes.size(), std::move(owner)));
}

// MemoryBuffer::dontNeedIfMmap calls posix_madvise, which does nothing in glibc.
void lambent::releasePages(const llvm::MemoryBuffer &file) {
  if (file.getBufferKind() == llvm::MemoryBuffer::MemoryBuffer_MMap)
    madvise(const_cast<char *>(file.getBufferStart()), file.getBufferSize(),
            MADV_DONTNEED);
}
