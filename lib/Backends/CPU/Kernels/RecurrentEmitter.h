//===- RecurrentEmitter.h - Writes steps of recurrent layers ----*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTEMITTER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_RECURRENTEMITTER_H

#include "Kernels.h"
#include "RecurrentCodes.h"
#include "RegisterTile.h"

namespace lambent::cpu {

class RecurrentEmitter {
public:
  RecurrentEmitter(lir::RecurrentOp op, KernelBuilder &builder, bool usesDigits)
      : op(op), builder(builder), plan(op, builder.getTarget(), usesDigits),
        product(plan.element, plan.element, builder.getTarget()) {}

  mlir::LogicalResult emit();

private:
  /// A vector of hidden units of one sequence in one step.
  struct Unit {
    mlir::Value row, column; ///< in the batch, among the hidden units
    mlir::Value count;       ///< units that exist, or null for a whole vector
    mlir::Value state;       ///< position in a buffer [dirs, batch, hidden]
    mlir::Value gates;       ///< position of gate 0 in the input products
    mlir::Value isValid;     ///< whether the sequence has this step, or null
    mlir::Value time;        ///< position of the step in the sequence
  };

  void emitSteps();
  void emitStage();
  void emitDirections(mlir::Value direction, llvm::function_ref<void()> body);
  void emitPhase(const RecurrentPhase &phase, mlir::Value firstBlock,
                 mlir::Value lastBlock, mlir::Value firstTile,
                 mlir::Value lastTile, mlir::Value isBackward);
  /// Calls body(first sequence, sequences) for the tiles of [first, last).
  void forEachTile(mlir::Value firstTile, mlir::Value lastTile,
                   llvm::function_ref<void(mlir::Value, int64_t)> body);
  void forEachOpenTile(mlir::Value firstTile, mlir::Value lastTile,
                       llvm::function_ref<void(mlir::Value, int64_t)> body);
  /// The states that a phase multiplies, from a sequence on.
  mlir::Value getStates(const RecurrentPhase &phase, mlir::Value firstRow);
  /// Whether there is nothing to multiply, an i1, in the first step without
  /// initial states; else null.
  mlir::Value skipsProduct();
  /// A tile's products of states and weights, [rows][vectors][gates].
  llvm::SmallVector<mlir::Value>
  emitProducts(const RecurrentPhase &phase, mlir::Value group, int64_t vectors,
               mlir::Value firstRow, int64_t rows);
  void emitTile(const RecurrentPhase &phase, mlir::Value group, int64_t columns,
                mlir::Value firstRow, int64_t rows);
  void emitRow(const RecurrentPhase &phase, mlir::Value row, mlir::Value column,
               int64_t columns, llvm::ArrayRef<mlir::Value> sums);
  Unit locate(mlir::Value row, mlir::Value column, mlir::Value count);

  void emitRNN(const Unit &unit, llvm::ArrayRef<mlir::Value> sums);
  void emitLSTM(const Unit &unit, llvm::ArrayRef<mlir::Value> sums);
  /// The gates of a gru; with `sums` of all three also the rest.
  void emitGRUGates(const Unit &unit, llvm::ArrayRef<mlir::Value> sums);
  void emitGRUCandidate(const Unit &unit, mlir::Value sum, mlir::Value update,
                        mlir::Value old);
  void store(const Unit &unit, mlir::Value result, mlir::Value old);

  // Arithmetic on vectors.
  mlir::Value add(mlir::Value a, mlir::Value b) { return builder.addf(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return builder.mulf(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) {
    return builder.create<mlir::arith::SubFOp>(a, b);
  }
  mlir::Value number(double value) {
    return builder.constant(builder.vectorType(plan.element, plan.lanes),
                            value);
  }
  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no) {
    return builder.createOrFold<mlir::arith::SelectOp>(condition, yes, no);
  }
  mlir::Value isEqual(mlir::Value a, int64_t b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(
        mlir::arith::CmpIPredicate::eq, a, builder.i64(b));
  }
  /// Function `index` of the cell, of an argument that is clipped.
  mlir::Value apply(int64_t index, mlir::Value argument);

  mlir::Value load(mlir::Value base, mlir::Value position, const Unit &unit) {
    return builder.loadVector(plan.element, plan.lanes, base, position,
                              unit.count);
  }
  mlir::Value loadGate(const Unit &unit, int64_t gate) {
    return load(builder.getBuffer(op.getGatesMutable()),
                builder.add(unit.gates, gate * plan.hidden), unit);
  }
  /// The scales of a gate's weights.
  mlir::Value loadScale(const Unit &unit, int64_t gate) {
    return load(builder.getBuffer(op.getScalesMutable()[0]),
                builder.add(builder.mul(direction, plan.gates * plan.hidden),
                            builder.add(unit.column, gate * plan.hidden)),
                unit);
  }
  /// A state before this step: `initial` in the first one, 0 without it.
  mlir::Value loadState(mlir::Value buffer, mlir::MutableOperandRange initial,
                        const Unit &unit);
  mlir::Value getBuffer(mlir::MutableOperandRange operand) {
    return builder.getBuffer(operand[0]);
  }
  /// The half of a buffer [2, dirs, batch, hidden].
  mlir::Value getHalf(mlir::Value buffer, mlir::Value half) {
    return builder.elementPtr(
        buffer, plan.element,
        builder.mul(half, plan.batch * (plan.dirs * plan.hidden)));
  }
  /// The hidden states before this step and after it.
  mlir::Value getOldStates();
  mlir::Value getNewStates() {
    return getHalf(builder.getBuffer(op.getHiddenMutable()),
                   builder.remUnsigned(step, 2));
  }

  lir::RecurrentOp op;
  KernelBuilder &builder;
  RecurrentPlan plan;
  TileProduct product;
  mlir::LogicalResult status = mlir::success();

  // Of what is being emitted.
  mlir::Value step, direction;
  /// Of the tile of sequences, where weights are bytes: RecurrentCodes' own.
  mlir::Value haveDigits;
  int64_t activationsOf = 0; ///< the direction whose activations are used
};

} // namespace lambent::cpu

#endif
