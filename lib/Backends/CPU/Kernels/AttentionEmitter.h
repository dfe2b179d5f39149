//===- AttentionEmitter.h - What the ways of attention share ----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_ATTENTIONEMITTER_H

#include "AttentionPlan.h"
#include "RegisterTile.h"

namespace lambent::cpu {

/// Finds operands of the current head and finishes its scores.
class AttentionEmitter {
public:
  AttentionEmitter(lir::AttentionOp op, KernelBuilder &builder,
                   const AttentionPlan &plan)
      : op(op), builder(builder), plan(plan),
        product(plan.element, plan.element, builder.getTarget()) {}

protected:
  mlir::Value elementPtr(mlir::Value base, mlir::Value index) {
    return builder.elementPtr(base, plan.element, index);
  }
  /// The current head's part of an operand.
  mlir::Value headPtr(mlir::OpOperand &operand,
                      const AttentionPlan::Strides &strides);
  /// Scores of neighbouring keys, `key` and those behind it, with query `row`:
  /// with the mask added to their scaled products. Lanes from `count` on are
  /// minus infinity, so that they take no part in the softmax; a null count
  /// keeps all.
  mlir::Value finishScores(mlir::Value scaled, mlir::Value row, mlir::Value key,
                           mlir::Value count);
  /// What products of query and key are multiplied with. Exponentials are
  /// powers of two, and scores are scaled for that at once, but for those with
  /// a mask: its lowest number times log2(e) would overflow.
  double getScoreFactor();
  /// The exponential of a score below `most`.
  mlir::Value makePower(mlir::Value score, mlir::Value most);
  /// The valid lanes of vector v of a panel, null for all.
  mlir::Value countOf(PanelWidth width, int64_t v);
  /// Combines all lanes pairwise; every lane of the result holds it.
  mlir::Value reduceLanes(
      mlir::Value vector,
      llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);
  /// The larger ones. A NaN may be lost: its own exponential keeps it.
  mlir::Value larger(mlir::Value a, mlir::Value b);
  /// How many keys, from the first on, the queries of these rows see: behind
  /// them the mask leaves nothing.
  mlir::Value countSeenKeys(mlir::Value firstRow, mlir::Value rows);
  /// value / by, rounded up.
  mlir::Value divideUp(mlir::Value value, int64_t by) {
    return builder.divUnsigned(builder.add(value, by - 1), by);
  }
  /// A vector of one number.
  mlir::Value splat(double number);
  /// The largest score, or 0 where that is minus infinity: subtracted from
  /// others that are so, too, it leaves what they are.
  mlir::Value makeFinite(mlir::Value largest);

  lir::AttentionOp op;
  KernelBuilder &builder;
  const AttentionPlan &plan;
  TileProduct product;
  mlir::Value batch, head; ///< of the current chunk

private:
  /// The last key that query `row` sees, -1 for none.
  mlir::Value findLastSeenKey(mlir::Value row);
};

/// One chunk of attention that packs keys and values.
void emitPackedChunk(lir::AttentionOp op, KernelBuilder &builder,
                     const AttentionPlan &plan, mlir::Value chunk);

/// Attention of few queries, which reads keys and values where they are.
void emitAttentionInPlace(lir::AttentionOp op, KernelBuilder &builder,
                          const AttentionPlan &plan);

} // namespace lambent::cpu

#endif
