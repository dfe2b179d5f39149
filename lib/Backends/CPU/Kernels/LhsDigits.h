//===- LhsDigits.h - Rows of f32 as digits that bytes multiply --*- C++ -*-===//
//
// A product of few rows with codes of 2 or 4 bits (CodedWeights) is bound by
// what it takes to make an f32 of each code. So rows become integers instead:
// of each block of k, lhs is the nearest multiple of 2^(e - 22), where 2^e is
// above its largest magnitude, and each multiple three digits of 8 bits, with
// signs. A dot step (VNNI) multiplies a digit by four codes at once; sums are
// exact within a block, are put together as i32 and scaled in f32.
//
// What is lost of lhs is at most 2^(e - 23). Rows with an infinity, a NaN, or a
// block whose largest magnitude is below 2^-105 and not 0 are not written so:
// a tile then decodes weights as it does elsewhere.
//
// Scratch memory has, for each row, [K / 4][4] dwords: four codes' digits, of
// which the lowest come first and the last are 0. The order of k is that of
// codes in panels. Behind them lie each block's scale and sum.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_LHSDIGITS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_LHSDIGITS_H

#include "CodedWeights.h"
#include "Digits.h"

namespace lambent::cpu {

class LhsDigits {
public:
  /// `scratch` has getRowBytes() for each row.
  LhsDigits(lir::QuantizedMatmulOp op, KernelBuilder &builder,
            const MatmulPlan &plan, const CodedWeights &weights)
      : op(op), builder(builder), plan(plan), weights(weights),
        bits(op.getBits()), step(CodedWeights::getStep(bits)),
        size(getBlockSize(op)), depth(plan.depth.getNumber()) {}

  /// Why an op cannot be computed so, or nothing.
  static llvm::StringRef explainRejection(lir::QuantizedMatmulOp op,
                                          const MatmulPlan &plan,
                                          const TargetInfo &target);
  static int64_t getRowBytes(int64_t depth) { return 4 * depth + depth / 2; }
  /// Of as many rows as decode in tiles.
  static TileShape chooseTile(const MatmulPlan &plan);

  void setScratch(mlir::Value pointer) { scratch = pointer; }
  /// Writes rows [first, first + count) of `lhs`; which are usable, an i1.
  mlir::Value prepare(mlir::Value lhs, mlir::Value first, mlir::Value count);
  /// Adds the products of a tile's rows, from `firstRow` on, and a packed
  /// panel.
  void accumulate(RegisterTile &tile, mlir::Value firstRow, mlir::Value panel);

private:
  using Values = llvm::SmallVector<mlir::Value>;
  /// k that share a scale: what keeps sums within 31 bits.
  static int64_t getBlockSize(lir::QuantizedMatmulOp op);
  /// Writes one block; its magnitude's exponent is usable where that is 0, an
  /// i32.
  mlir::Value writeBlock(mlir::Value lhs, mlir::Value digits,
                         mlir::Value parameters, mlir::Value block);
  void addBlock(RegisterTile &tile, mlir::Value firstRow, mlir::Value panel,
                mlir::Value block);
  mlir::Value digitsOf(mlir::Value row) {
    return builder.bytePtr(scratch, builder.mul(row, getRowBytes(depth)));
  }
  mlir::Value parametersOf(mlir::Value digits) {
    return builder.bytePtr(digits, builder.i64(4 * depth));
  }

  lir::QuantizedMatmulOp op;
  KernelBuilder &builder;
  const MatmulPlan &plan;
  const CodedWeights &weights;
  int64_t bits, step, size, depth;
  mlir::Value scratch;
};

} // namespace lambent::cpu

#endif
