//===- DotStep.h - What one product instruction does ------------*- C++ -*-===//
//
// sum[i][j] += sum over k of lhs[i][k] * rhs[k][j] for narrow elements, of
// which groups of neighbouring k fill four bytes: rhs is kept as [K /
// group][column] [group], so that a group of a column lies under the sum that
// it adds to.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_DOTSTEP_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_DOTSTEP_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lambent::cpu {

/// The types of a product and what a tile of it holds.
struct DotStep {
  mlir::Type lhs, rhs, accumulator;
  int64_t group;             ///< elements of k in four bytes
  llvm::StringRef intrinsic; ///< LLVM's name of the tiles' instruction
  llvm::StringRef feature;   ///< of the CPUs that have it

  /// The most rows of a tile, and the bytes of each.
  static constexpr int64_t kRows = 16, kRowBytes = 64;
  /// Columns of a tile of sums, or of rhs.
  static constexpr int64_t kColumns = kRowBytes / 4;
  /// Elements of k in a tile.
  int64_t getDepth() const { return kColumns * group; }

  /// Of a lhs of such elements; f32 are parts of bf16.
  static DotStep get(mlir::Type element) {
    mlir::Builder builder(element.getContext());
    return element.isInteger(8) ? getBytes(builder) : getBF16(builder);
  }
  /// Whether elements are multiplied as they are: unsigned by signed bytes, or
  /// bf16.
  static bool takes(mlir::Type element, mlir::Type accumulator) {
    return element.isInteger(8) ? accumulator.isInteger(32)
                                : element.isBF16() && accumulator.isF32();
  }
  /// Why others are not.
  static constexpr llvm::StringLiteral kWrongElements =
      "expected operands of i8 and sums of i32, or of bf16 and sums of f32";
  /// Of an element of either operand.
  int64_t getElementBytes() const { return 4 / group; }
  static DotStep getBF16(mlir::Builder builder) {
    mlir::Type bf16 = builder.getBF16Type();
    return {bf16,      bf16, builder.getF32Type(), 2, "llvm.x86.tdpbf16ps",
            "amx-bf16"};
  }
  /// Of unsigned and signed bytes; sums wrap around.
  static DotStep getBytes(mlir::Builder builder) {
    return {builder.getIntegerType(8, /*isSigned=*/false),
            builder.getI8Type(),
            builder.getI32Type(),
            4,
            "llvm.x86.tdpbusd",
            "amx-int8"};
  }
};

} // namespace lambent::cpu

#endif
