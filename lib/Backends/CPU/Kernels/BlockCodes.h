//===- BlockCodes.h - Operands of products of blocks ------------*- C++ -*-===//
//
// lhs: rows are rounded to codes, i8, in scratch memory, and each block gets
// its power of two (f32) and -128 times the sum of its codes (i32): rhs is
// multiplied as number + 128, which is unsigned as instructions want it, and
// sums begin with what is then too much.
//
// rhs: panels [N / columns][K / 4][columns][4] of bytes number + 128, or of 4
// bits [N / columns][K / 8][columns][4][2], k = 8 step + 4 half + place, so
// that the lower and the upper halves of 32 bits are four neighbours each.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKCODES_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_BLOCKCODES_H

#include "BlockMatmulPlan.h"
#include "RegisterTile.h"

namespace lambent::cpu {

/// Rounds rows of lhs, and finds what became of them.
class BlockRows {
public:
  BlockRows(lir::BlockMatmulOp op, KernelBuilder &builder,
            const BlockMatmulPlan &plan)
      : op(op), builder(builder), plan(plan), isUp(op.getScale() == "up") {}

  /// Row `row` of lhs becomes row `place` in scratch memory.
  void round(mlir::Value row, mlir::Value place);
  /// Four codes from k on, as an i32.
  mlir::Value loadCodes(mlir::Value place, mlir::Value k);
  mlir::Value loadScale(mlir::Value place, mlir::Value block);
  mlir::Value loadStart(mlir::Value place, mlir::Value block);

private:
  void roundBlock(mlir::Value start, mlir::Value place, mlir::Value block);
  mlir::Value getParameter(mlir::Value place, mlir::Value block);

  lir::BlockMatmulOp op;
  KernelBuilder &builder;
  const BlockMatmulPlan &plan;
  bool isUp;
};

/// Reads panels of rhs.
class BlockColumns {
public:
  BlockColumns(lir::BlockMatmulOp op, KernelBuilder &builder,
               const BlockMatmulPlan &plan)
      : op(op), builder(builder), plan(plan) {}

  /// Steps of four k that are read together.
  int64_t getSteps() const { return plan.packed && plan.hasTable ? 2 : 1; }
  using Values = llvm::SmallVector<mlir::Value>;
  /// Numbers + 128 from k on: 32 bits a column, a list of vectors for each of
  /// getSteps() steps.
  llvm::SmallVector<Values> load(mlir::Value panel, PanelWidth width,
                                 mlir::Value k);
  /// The powers of two of a block.
  Values loadScales(mlir::Value panel, PanelWidth width, mlir::Value block);

private:
  /// What the table holds at the lowest 4 bits of each byte, and 128.
  mlir::Value lookUp(mlir::Value dwords);

  lir::BlockMatmulOp op;
  KernelBuilder &builder;
  const BlockMatmulPlan &plan;
};

} // namespace lambent::cpu

#endif
