//===- ByteRounding.h - From numbers to 8-bit integers ----------*- C++ -*-===//
//
// Quantization ends with numbers that are rounded to the nearest even integer,
// moved by a zero point, and clamped to what 8 bits hold. x86 converts and
// rounds in one instruction, whose integers are then narrowed: those of four
// registers at once saturate on the way.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_BYTEROUNDING_H
#define LAMBENT_BACKENDS_CPU_BYTEROUNDING_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// A vector of bytes that are rounded + zero, clamped to what their type holds.
struct RoundedBytes {
  mlir::Value rounded; ///< i32
  int64_t zero = 0;
  bool isUnsigned = true;

  /// Of what `roundToBytes` made.
  static std::optional<RoundedBytes> match(mlir::Value bytes);
  int64_t getLanes() const {
    return llvm::cast<mlir::VectorType>(rounded.getType()).getNumElements();
  }
};

/// The same bytes as `conversion`, a conversion of a vector of f32 that is
/// rounded, moved and clamped, in the instructions of the target; null where it
/// is anything else, or where the target has none. A NaN becomes the least
/// byte. Clamps of the number that the bytes' own bounds repeat are left out.
mlir::Value roundToBytes(KernelBuilder &builder, mlir::Operation *conversion);

/// What `extension` widens rounded bytes to, which were i32 before; null where
/// it is anything else.
mlir::Value widenRounded(mlir::Operation *extension);

/// The bytes of up to four full registers of one zero point and type, side by
/// side; what is missing repeats the last one.
mlir::Value packBytes(KernelBuilder &builder,
                      llvm::ArrayRef<RoundedBytes> registers);

} // namespace lambent::cpu

#endif
