//===- SplitRows.h - rows in memory to tiles and back -------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITROWS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPLITROWS_H

#include "SplitProduct.h"
#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// Where a row of lhs goes: its parts, and its steps along K.
struct SplitTarget {
  int64_t parts;
  int64_t stepBytes; ///< from one step to the next
  int64_t partBytes; ///< from one part of a step to the next
};

/// Splits a row of `depth` elements at `from`, and fills its last step up with
/// zeros. Returns the largest magnitude as the bits of an f32, an i32.
mlir::Value splitRow(KernelBuilder &builder, int64_t depth, mlir::Value from,
                     mlir::Value to, const SplitTarget &target);

/// Copies a row of so many bytes to its steps, and fills its last one up with
/// zeros: elements that are multiplied as they are.
void copyRow(KernelBuilder &builder, int64_t bytes, mlir::Value from,
             mlir::Value to, int64_t stepBytes);

/// Writes the parts of zeros.
void clearRow(KernelBuilder &builder, int64_t steps, mlir::Value to,
              const SplitTarget &target);

/// Whether all rows so far are right for tiles, an i32: first of none, then
/// with one whose largest magnitude is `largest`, and at last as an i1.
mlir::Value beginInRange(KernelBuilder &builder);
mlir::Value andInRange(KernelBuilder &builder, mlir::Value sofar,
                       mlir::Value largest, const SplitRange &range);
mlir::Value isInRange(KernelBuilder &builder, mlir::Value all);
/// The same of what each lane of `largest`, a vector of i32, has seen.
mlir::Value andAllInRange(KernelBuilder &builder, mlir::Value sofar,
                          mlir::Value largest, const SplitRange &range);

/// Splits two vectors of f32, neighbours along k: their parts lie side by side
/// as 32 bits at `to`, and those of further parts `partBytes` apart. Returns
/// the largest magnitudes as bits, with those of `largest`.
mlir::Value splitPair(KernelBuilder &builder, mlir::Value even, mlir::Value odd,
                      mlir::Value to, int64_t partBytes, int64_t parts,
                      mlir::Value largest);

/// Adds the parts of a panel of rhs up, as f32 [K][kPanelColumns] at `to`, its
/// first `vectors` vectors. Parts are `partBytes` apart. Three give back what
/// was split.
void joinPanel(KernelBuilder &builder, const SplitProduct &product,
               mlir::Value from, int64_t partBytes, int64_t vectors,
               mlir::Value to);

} // namespace lambent::cpu

#endif
