//===- RecurrentCodes.h - Recurrent weights of bytes ------------*- C++ -*-===//
//
// Weights are code * scale, one scale a row of the model's matrix. Packed,
// codes are [dirs, panels, gates, K / 4, lanes, 4], so that 32 bits hold four k
// of a hidden unit; what is beyond K is 0.
//
// Where an instruction adds up products of four bytes (VNNI), a sequence's
// states become Digits, of one exponent a step: sums of i32 are exact, and
// three multiplications take the place of four conversions and four
// multiply-adds. Elsewhere, and for states that have no digits, codes are
// widened to f32.
//
// Scratch memory has, for each sequence of a tile, the digits of its states,
// [K / 4][4] dwords, and what follows from all of them.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTCODES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTCODES_H

#include "Digits.h"
#include "RecurrentPlan.h"
#include "TileProduct.h"

namespace lambent::cpu {

class RecurrentCodes {
public:
  /// `skips` (an i1 or null): states count as 0.
  RecurrentCodes(KernelBuilder &builder, const RecurrentPlan &plan,
                 mlir::Value skips)
      : builder(builder), plan(plan), skips(skips) {}

  /// Writes the digits of `rows` sequences' states, which begin at `states`;
  /// whether all of them have some, an i1, null on targets that have no use
  /// for them.
  mlir::Value prepare(mlir::Value states, int64_t rows);
  /// The products of these states with the codes that begin at `codes` and
  /// `offsets` bytes from there: [rows][offsets], without the codes' scales.
  llvm::SmallVector<mlir::Value> multiply(mlir::Value states, int64_t rows,
                                          mlir::Value codes,
                                          llvm::ArrayRef<int64_t> offsets,
                                          mlir::Value haveDigits);

private:
  using Values = llvm::SmallVector<mlir::Value>;
  /// Of digits by unsigned codes.
  TileProduct getProduct() const;
  /// Adds digits up, those of each place in lanes of their own.
  mlir::Value addUp(mlir::Value digits, mlir::Value sums);
  Values multiplyDigits(int64_t rows, mlir::Value codes,
                        llvm::ArrayRef<int64_t> offsets);
  Values multiplyStates(mlir::Value states, int64_t rows, mlir::Value codes,
                        llvm::ArrayRef<int64_t> offsets);
  /// Body for all of `count` steps, `unroll` of them in a trip.
  Values forEachStep(int64_t count, int64_t unroll, Values carried,
                     llvm::function_ref<Values(mlir::Value, Values)> body);
  /// The same for vectors of states, and the lanes of the last, or null.
  Values forEachVector(
      Values carried,
      llvm::function_ref<Values(mlir::Value, mlir::Value, Values)> body);
  mlir::Value unlessSkipped(int64_t count) const {
    mlir::Value value = builder.i64(count);
    return skips ? builder.createOrFold<mlir::arith::SelectOp>(
                       skips, builder.i64(0), value)
                 : value;
  }
  mlir::Value digitsOf(int64_t row) const {
    return builder.bytePtr(
        builder.getScratch(),
        builder.i64(plan.getStageBytes() + row * plan.getDigitBytes()));
  }
  /// Of each digit's sum, times the codes' middle, and the scale.
  mlir::Value factsOf(mlir::Value digits) const {
    return builder.bytePtr(
        digits, builder.i64(plan.getDigitBytes() - RecurrentPlan::factBytes));
  }

  KernelBuilder &builder;
  const RecurrentPlan &plan;
  mlir::Value skips;
};

} // namespace lambent::cpu

#endif
