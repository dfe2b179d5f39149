//===- WeightMemory.h - A model's packed weights in memory ------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_WEIGHTMEMORY_H
#define LAMBENT_LIB_COMPILER_WEIGHTMEMORY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lambent {

/// Memory for packed weights, 64-byte aligned: anonymous pages that are given
/// back when it dies, or a part of what someone else holds.
class WeightMemory {
public:
  static llvm::Expected<std::unique_ptr<WeightMemory>> allocate(uint64_t bytes);
  /// A view of bytes that are not written to and live as long as `owner`.
  static std::unique_ptr<WeightMemory> share(llvm::ArrayRef<char> bytes,
                                             std::shared_ptr<void> owner);
  llvm::MutableArrayRef<char> bytes() const { return {data, size}; }

private:
  WeightMemory(char *data, uint64_t size, std::shared_ptr<void> owner)
      : data(data), size(size), owner(std::move(owner)) {}
  char *data;
  uint64_t size;
  std::shared_ptr<void> owner;
};

/// Lets go of the pages of a mapped file. Who reads it again finds it in the
/// system's cache.
void releasePages(const llvm::MemoryBuffer &file);

} // namespace lambent

#endif
