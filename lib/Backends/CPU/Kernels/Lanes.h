//===- Lanes.h - Arithmetic across and within vector registers ------------===//
//
// What reductions, softmax, pooling and the other row kernels share: combining
// accumulators, reducing a register to a scalar in a fixed order, widening
// narrow floats.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_LANES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_LANES_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// QuickMax is the maximum of floats in one instruction, which may or may not
/// notice a NaN.
enum class Combine { Sum, Prod, Max, Min, QuickMax };

/// The lir attribute's word for a combination.
Combine getCombine(llvm::StringRef kind);

/// a + b, a * b, max or min. Of floats, max and min give NaN when either is; of
/// bool, they are or and and.
mlir::Value combine(KernelBuilder &builder, Combine kind, mlir::Value a,
                    mlir::Value b, bool isUnsigned = false);

/// The value that changes nothing, of a scalar or vector type.
mlir::Value getNeutral(KernelBuilder &builder, Combine kind, mlir::Type type,
                       bool isUnsigned = false);

/// Combines the lanes of a vector (a power of two of them) by halves.
mlir::Value combineLanes(KernelBuilder &builder, Combine kind,
                         mlir::Value vector, bool isUnsigned = false);

/// Lane i of the result is all lanes of vectors[i] combined, of which vectors
/// there are as many as lanes.
mlir::Value combineLanesOfEach(KernelBuilder &builder, Combine kind,
                               llvm::SmallVector<mlir::Value> vectors);

/// The vectors of one, combined by halves, so that chains stay short.
mlir::Value combineAll(KernelBuilder &builder, Combine kind,
                       llvm::ArrayRef<mlir::Value> values,
                       bool isUnsigned = false);

/// Where `lane < count` the vector, elsewhere `other`. No count: all lanes.
mlir::Value keepLanes(KernelBuilder &builder, mlir::Value vector,
                      mlir::Value count, mlir::Value other);

/// A float scalar or vector in another float type; other types are returned as
/// they are.
mlir::Value convertFloat(KernelBuilder &builder, mlir::Value value,
                         mlir::Type elementType);

/// The largest power of two that is at most `lanes` and not more than the next
/// power of two above `size`; all lanes where the size is open.
int64_t fitLanes(int64_t lanes, const Size &size);

} // namespace lambent::cpu

#endif
