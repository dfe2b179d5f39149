//===- ControlFlowOps.cpp - Functions that a run decides to call ----------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// C2 and C3.
static LogicalResult verifyOperands(KernelOpInterface op) {
  for (Value operand : op->getOperands())
    if (!isDense(cast<MemRefType>(operand.getType())))
      return op->emitOpError()
             << "expected dense buffers, but got " << operand.getType();
  for (Value output : getWrites(op))
    if (!output.getDefiningOp<SlotOp>())
      return op->emitOpError()
             << "expected slots as outputs, but got " << output;
  return success();
}

/// C4.
static LogicalResult verifyBodies(CallerOpInterface op,
                                  SymbolTableCollection &table) {
  for (FlatSymbolRefAttr body : op.getBodies())
    if (!table.lookupNearestSymbolFrom<func::FuncOp>(op, body))
      return op->emitOpError() << "expected a function " << body;
  return success();
}

//===-- if ----------------------------------------------------------------===//

LogicalResult IfOp::verify() {
  // C1
  auto type = cast<MemRefType>(getCondition().getType());
  if (!type.getElementType().isInteger(1) || !type.hasStaticShape() ||
      type.getNumElements() != 1)
    return emitOpError() << "expected a condition of one bool, but got "
                         << type;
  return verifyOperands(*this);
}

LogicalResult IfOp::verifySymbolUses(SymbolTableCollection &table) {
  return verifyBodies(*this, table);
}

unsigned IfOp::getNumReads() { return 1 + getCaptures().size(); }
Size IfOp::getFlops() { return 0; }
SmallVector<FlatSymbolRefAttr> IfOp::getBodies() {
  return {getThenBranchAttr(), getElseBranchAttr()};
}

CallForm IfOp::getCallForm() { return {CallKind::If}; }
DecidedSymbols IfOp::getDecidedSymbols() {
  return {int64_t(getFirstSymbol()), int64_t(getNumSymbols())};
}

//===-- loop --------------------------------------------------------------===//

/// C1.
static LogicalResult verifyScalar(Operation *op, Value value, unsigned bits,
                                  StringRef what) {
  auto type = value ? cast<MemRefType>(value.getType()) : MemRefType();
  if (type && (type.getRank() != 0 || !type.getElementType().isInteger(bits)))
    return op->emitOpError() << "expected " << what << ", but got " << type;
  return success();
}

LogicalResult LoopOp::verify() {
  if (failed(verifyScalar(*this, getTrip(), 64, "an i64 as trip count")) ||
      failed(verifyScalar(*this, getCondition(), 1, "a bool as condition")))
    return failure();
  return verifyOperands(*this);
}

LogicalResult LoopOp::verifySymbolUses(SymbolTableCollection &table) {
  return verifyBodies(*this, table);
}

unsigned LoopOp::getNumReads() {
  return getNumOperands() - getOutputs().size();
}
Size LoopOp::getFlops() { return 0; }
SmallVector<FlatSymbolRefAttr> LoopOp::getBodies() { return {getBodyAttr()}; }
CallForm LoopOp::getCallForm() {
  return {CallKind::Loop, bool(getTrip()), bool(getCondition()),
          int64_t(getCarried().size())};
}
DecidedSymbols LoopOp::getDecidedSymbols() {
  return {int64_t(getFirstSymbol()), int64_t(getNumSymbols())};
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ControlFlowOps.cpp.inc"
