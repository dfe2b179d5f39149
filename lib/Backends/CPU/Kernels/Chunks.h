//===- Chunks.h - How a kernel's work is cut for the thread pool ----------===//
//
// A kernel's work is a number of items (rows, tiles); a chunk is a run of
// items. Sizes depend on shape only, so that results do not depend on who runs
// which chunk.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_CHUNKS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_CHUNKS_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

struct Chunks {
  Size items = 1;
  Size itemsPerChunk = 1;

  /// Cuts `items` that cost about `itemCost` simple vector operations' worth of
  /// elements each. A chunk is long enough to pay for handing it out.
  static Chunks cut(const Size &items, const Size &itemCost);

  Size count() const;
  /// Loops over the items of the builder's chunks.
  void forEachItem(KernelBuilder &builder,
                   llvm::function_ref<void(mlir::Value item)> body) const;
};

} // namespace lambent::cpu

#endif
