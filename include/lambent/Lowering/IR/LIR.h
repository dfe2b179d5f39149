//===- LIR.h - The lir dialect ----------------------------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_IR_LIR_H
#define LAMBENT_LOWERING_IR_LIR_H

#include "lambent/Lowering/IR/LIRAttrs.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace lambent::lir {
/// Symbols that an op of a run decides.
struct DecidedSymbols {
  int64_t first = 0, count = 0;
};

/// How an op calls its bodies: lambent-c/model.h says what is done.
enum class CallKind { If, Loop };
struct CallForm {
  CallKind kind;
  bool hasTrip = false, hasCondition = false; ///< of a loop
  int64_t numCarried = 0;                     ///< by a loop
};

/// Checks what holds for the operands of every kernel.
mlir::LogicalResult verifyKernel(mlir::Operation *op);
} // namespace lambent::lir

#include "lambent/Lowering/IR/LIRDialect.h.inc"
#include "lambent/Lowering/IR/LIRInterfaces.h.inc"

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/BufferOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/AttentionOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/BlockOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/CheckOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ControlFlowOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ConvOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ElementwiseOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/GatherOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/MatmulOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/NormOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/PoolOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/RecurrentOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ReduceOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ResampleOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ScatterOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/SelectionOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Lowering/IR/SequenceOps.h.inc"

namespace lambent::lir {

/// The LambentListAction of this name (model.h); nothing where there is none.
std::optional<uint32_t> findListAction(llvm::StringRef name);

/// Bytes of an element in memory; bool takes one.
int64_t getElementBytes(mlir::Type elementType);
/// Bytes of a buffer's elements.
Size getBufferBytes(mlir::MemRefType type);

/// The type that products and sums of `elementType` accumulate in: f32 for
/// narrower floats, else itself.
mlir::Type getAccumulatorType(mlir::Type elementType);
/// The same for products, where `op` says it: 8-bit integers accumulate in i32,
/// too.
mlir::Type getProductType(EpilogueOpInterface op, mlir::Type elementType);

/// The lir.alloc, lir.weight, lir.fault, lir.slot or argument behind a chain of views.
mlir::Value getRootBuffer(mlir::Value buffer);

/// Whether a kernel needs sizes that a run decides.
bool hasOpenSizes(mlir::Operation *kernel);

/// The operands that `kernel` reads, and those that it writes.
mlir::OperandRange getReads(KernelOpInterface kernel);
mlir::OperandRange getWrites(KernelOpInterface kernel);

/// Whether `region` yields its first argument as it is.
bool isIdentityEpilogue(mlir::Region &region);

/// Checks an op's epilogue: one map per extra input from the output's index to
/// the input's; block arguments of the types `accumulator` and the inputs'
/// elements; a yield of the output's element type.
mlir::LogicalResult verifyEpilogue(EpilogueOpInterface op,
                                   mlir::MemRefType output,
                                   mlir::Type accumulator);

/// The batched operands of an op whose output's first dim is a batch, as that
/// of `others` is: these, epilogue inputs and the output. None where an
/// epilogue input is found in another way.
llvm::SmallVector<unsigned>
getBatchedOfEpilogue(EpilogueOpInterface op, llvm::ArrayRef<unsigned> others);

/// Whether epilogue input `index` is read at the very place of the output that
/// it helps to compute.
bool mayShareEpilogueInput(EpilogueOpInterface op, unsigned index,
                           mlir::MemRefType output);
/// Operations an application of the scalar region costs.
uint64_t getRegionFlops(mlir::Region &region);

/// Fills an epilogue region with one block that yields its argument of type
/// `accumulator`.
void buildIdentityEpilogue(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Region &region, mlir::Type accumulator);

} // namespace lambent::lir

#endif
