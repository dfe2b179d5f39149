//===- KernelCache.cpp - Compiled kernels of this process -----------------===//

#include "lambent/Backends/Emit/Emission.h"

using namespace lambent;

KernelCache::Code KernelCache::lookup(llvm::StringRef key) const {
  std::lock_guard<std::mutex> lock(mutex);
  return entries.lookup(key);
}

void KernelCache::insert(llvm::StringRef key, Code code) {
  std::lock_guard<std::mutex> lock(mutex);
  entries[key] = std::move(code);
}

size_t KernelCache::size() const {
  std::lock_guard<std::mutex> lock(mutex);
  return entries.size();
}
