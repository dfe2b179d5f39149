//===- Heap.h - A heap of elements and their positions ----------*- C++ -*-===//
//
// Two arrays in scratch memory: the children of place p are 2p + 1 and 2p + 2,
// and no entry belongs below one of its children.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_HEAP_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_HEAP_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

class Heap {
public:
  /// An element as it is compared, and its position (i64).
  struct Entry {
    mlir::Value element, position;
  };
  /// Whether `a` belongs below `b`.
  using Order = std::function<mlir::Value(Entry a, Entry b)>;

  /// Of elements of this type; `positions` and `elements` are the arrays.
  Heap(KernelBuilder &builder, mlir::Type element, mlir::Value positions,
       mlir::Value elements, Order isBelow)
      : builder(builder), element(element), positions(positions),
        elements(elements), isBelow(std::move(isBelow)) {}

  Entry load(mlir::Value place);
  void store(Entry entry, mlir::Value place);
  mlir::Value getRootElement();

  /// Makes a heap of any `count` entries.
  void order(mlir::Value count);
  /// Puts `entry` into the heap of `count` entries whose place `place` is free,
  /// at it or below.
  void siftDown(Entry entry, mlir::Value place, mlir::Value count);

private:
  /// The child of `parent` that belongs above the other, its place, and
  /// whether `entry` belongs below it.
  struct Child {
    Entry entry;
    mlir::Value place, isAbove;
  };
  Child pickChild(Entry entry, mlir::Value parent, mlir::Value count);

  KernelBuilder &builder;
  mlir::Type element;
  mlir::Value positions, elements;
  Order isBelow;
};

} // namespace lambent::cpu

#endif
