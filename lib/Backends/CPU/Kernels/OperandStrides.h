//===- OperandStrides.h - How operands move with a product's domain -------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_OPERANDSTRIDES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_OPERANDSTRIDES_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lambent::cpu {

/// Elements that `buffer`'s index moves by when each dim of `map` grows by one.
/// Each result of the map is a dim or 0.
Sizes getDimStrides(mlir::AffineMap map,
                                         mlir::MemRefType buffer);

/// Whether neighbours along the last dim are neighbours in memory.
bool hasContiguousRows(mlir::MemRefType type);

/// How far apart rows of `size` neighbouring elements lie; none where a buffer
/// does not consist of such rows.
std::optional<Size> getRowDistance(mlir::MemRefType type, const Size &size);

} // namespace lambent::cpu

#endif
