//===- ControlFlowOps.cpp - Functions that a run decides to call ----------===//

#include "Shapes.h"

#include "lambent/Graph/IR/Graph.h"

using namespace mlir;

namespace lambent::graph {

/// Whether the types are the same but for the sizes of dims.
static bool areAlike(TypeRange a, TypeRange b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto types) {
           auto [left, right] = types;
           auto first = dyn_cast<RankedTensorType>(left),
                second = dyn_cast<RankedTensorType>(right);
           return first && second && first.getRank() == second.getRank() &&
                  first.getElementType() == second.getElementType();
         });
}

/// C2: a body is there, and of these types.
static LogicalResult verifyBody(Operation *op, FlatSymbolRefAttr name,
                                TypeRange arguments, TypeRange results,
                                SymbolTableCollection &table) {
  auto body = table.lookupNearestSymbolFrom<func::FuncOp>(op, name);
  if (!body)
    return op->emitOpError() << "expected a function " << name;
  if (!areAlike(body.getArgumentTypes(), arguments) ||
      !areAlike(body.getResultTypes(), results))
    return op->emitOpError()
           << "expected " << name << " to be a function of type "
           << FunctionType::get(op->getContext(), SmallVector<Type>(arguments),
                                SmallVector<Type>(results))
           << ", but got " << body.getFunctionType();
  return success();
}

/// What decides symbols is done for their sake, too.
static void
addEffects(int64_t numSymbols,
           SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (numSymbols > 0)
    effects.emplace_back(MemoryEffects::Write::get());
}

//===-- if ----------------------------------------------------------------===//

LogicalResult IfOp::verify() {
  // C1
  auto type = cast<RankedTensorType>(getCondition().getType());
  if (!type.getElementType().isInteger(1) || !type.hasStaticShape() ||
      type.getNumElements() != 1)
    return emitOpError() << "expected a condition of one bool, but got "
                         << type;
  return success();
}

LogicalResult IfOp::verifySymbolUses(SymbolTableCollection &table) {
  for (FlatSymbolRefAttr branch : {getThenBranchAttr(), getElseBranchAttr()})
    if (failed(verifyBody(*this, branch, getCaptures().getTypes(),
                          getResultTypes(), table)))
      return failure();
  return success();
}

void IfOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  addEffects(getNumSymbols(), effects);
}

//===-- loop --------------------------------------------------------------===//

/// C1.
static LogicalResult verifyScalar(Operation *op, Value value, unsigned bits,
                                  StringRef what) {
  auto type =
      value ? cast<RankedTensorType>(value.getType()) : RankedTensorType();
  if (type && (type.getRank() != 0 || !type.getElementType().isInteger(bits)))
    return op->emitOpError() << "expected " << what << ", but got " << type;
  return success();
}

LogicalResult LoopOp::verify() {
  if (failed(verifyScalar(*this, getTrip(), 64, "an i64 as trip count")) ||
      failed(verifyScalar(*this, getCondition(), 1, "a bool as condition")))
    return failure();
  if (getNumResults() < getCarried().size())
    return emitOpError() << "expected a result for each of "
                         << getCarried().size() << " carried values, but got "
                         << getNumResults();
  return success();
}

LogicalResult LoopOp::verifySymbolUses(SymbolTableCollection &table) {
  auto body = table.lookupNearestSymbolFrom<func::FuncOp>(*this, getBodyAttr());
  if (!body)
    return emitOpError() << "expected a function " << getBodyAttr();
  // C2: what is between the functions' own first types follows from ours.
  SmallVector<Type> arguments, results;
  size_t control = std::min<size_t>(2, body.getNumArguments());
  llvm::append_range(arguments, body.getArgumentTypes().take_front(control));
  llvm::append_range(arguments, getCarried().getTypes());
  llvm::append_range(arguments, getCaptures().getTypes());
  llvm::append_range(results, body.getResultTypes().take_front(
                                  std::min<size_t>(1, body.getNumResults())));
  for (auto [index, type] : llvm::enumerate(getResultTypes())) {
    auto result = cast<RankedTensorType>(type);
    if (index < getCarried().size())
      results.push_back(type);
    else if (result.getRank() > 0)
      results.push_back(RankedTensorType::get(result.getShape().drop_front(),
                                              result.getElementType()));
  }
  return verifyBody(*this, getBodyAttr(), arguments, results, table);
}

void LoopOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  addEffects(getNumSymbols(), effects);
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ControlFlowOps.cpp.inc"
