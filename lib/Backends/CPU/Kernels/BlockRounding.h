//===- BlockRounding.h - Numbers as a microscaling format holds them ------===//
//
// On the bits of f32: a thread may read subnormal numbers as 0, and here none
// is lost. Magnitudes, as integers, are ordered as numbers are, with infinities
// and NaN above all.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKROUNDING_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKROUNDING_H

#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/ElementTypes/BlockFormat.h"

namespace lambent::cpu {

/// What a block's largest magnitude decides; each an i32 a lane, or a bit.
struct BlockScale {
  mlir::Value exponent;  ///< of the power of two, where f32 has its exponent
  mlir::Value pairLimit; ///< pairs up to this magnitude halve it; may be null
  mlir::Value isInvalid; ///< the block has an infinity or a NaN
};

class BlockRounding {
public:
  /// For vectors of `lanes` numbers, or for one where that is 0. `up`: scales
  /// are rounded up.
  BlockRounding(KernelBuilder &builder, const BlockFormat &format, bool up,
                int64_t lanes);

  /// The bits of |x|.
  mlir::Value getMagnitude(mlir::Value x);
  mlir::Value max(mlir::Value a, mlir::Value b);
  BlockScale getScale(mlir::Value largest);
  /// What becomes of x. `pair` is the larger magnitude of its pair, of formats
  /// that have them.
  mlir::Value round(mlir::Value x, const BlockScale &scale, mlir::Value pair);

private:
  mlir::Value number(int64_t value);
  mlir::Value add(mlir::Value a, int64_t b);
  mlir::Value less(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no);
  mlir::Value asFloat(mlir::Value bits);
  mlir::Value asBits(mlir::Value x);
  mlir::Value getCodeUp(mlir::Value largest);
  mlir::Value getPairLimit(mlir::Value code);

  KernelBuilder &builder;
  const BlockFormat &format;
  bool up;
  mlir::Type bitsType, floatType;
  int64_t largestBits; ///< of the largest element
};

} // namespace lambent::cpu

#endif
