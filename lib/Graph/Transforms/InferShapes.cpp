//===- InferShapes.cpp - Refines types once dims are bound ----------------===//

#include "TensorBuilder.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/Transforms/FoldUtils.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHINFERSHAPES
#include "lambent/Graph/Transforms/Passes.h.inc"

/// What is known of a result from its operands, completed by what was known
/// before.
static Type refine(Type present, Type inferred) {
  auto before = dyn_cast<RankedTensorType>(present),
       after = dyn_cast<RankedTensorType>(inferred);
  if (!before || !after || before.getRank() != after.getRank() ||
      getScalarType(before.getElementType()) !=
          getScalarType(after.getElementType()))
    return present;
  assert(succeeded(verifyCompatibleShape(after, before)) &&
         "a type only becomes more static");
  return mergeTypes(after, before);
}

/// Infers the types of one op again; returns how many results changed.
static FailureOr<unsigned> refineResults(Operation *op) {
  auto infer = dyn_cast<InferTypeOpInterface>(op);
  if (!infer)
    return 0;
  SmallVector<Type> types;
  if (failed(infer.inferReturnTypes(
          op->getContext(), op->getLoc(), op->getOperands(),
          op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
          op->getRegions(), types)))
    return op->emitOpError("has operands of shapes that don't fit");
  unsigned refined = 0;
  for (auto [result, type] : llvm::zip_equal(op->getResults(), types)) {
    Type better = refine(result.getType(), type);
    if (better == result.getType())
      continue;
    result.setType(better);
    ++refined;
  }
  return refined;
}

FailureOr<unsigned> inferShapes(func::FuncOp function) {
  if (function.isDeclaration())
    return 0;
  // Types flow forward and the ops that a fold replaces come before their
  // users, so one pass in order reaches the fixed point. A fold may erase the
  // op: the next one is known before, and nothing looks into the regions.
  unsigned total = 0;
  OperationFolder folder(function.getContext());
  for (Operation &op : llvm::make_early_inc_range(function.getOps())) {
    FailureOr<unsigned> refined = refineResults(&op);
    if (failed(refined))
      return failure();
    total += *refined;
    if (op.hasTrait<OpTrait::IsTerminator>() ||
        succeeded(folder.tryToFold(&op)))
      continue;
    // Shape arithmetic on open dims ends as expressions.
    OpBuilder builder(&op);
    if (isa<ElementsOpInterface>(op) && !isa<SizesOp>(op))
      if (Value sizes = createKnownSizes(builder, op.getResult(0)))
        op.getResult(0).replaceAllUsesWith(sizes);
  }

  SmallVector<Type> results;
  function.walk([&](func::ReturnOp op) {
    results.assign(op.getOperandTypes().begin(), op.getOperandTypes().end());
  });
  function.setType(FunctionType::get(function.getContext(),
                                     function.getArgumentTypes(), results));
  return total;
}

namespace {
struct InferShapes : impl::GraphInferShapesBase<InferShapes> {
  void runOnOperation() override {
    FailureOr<unsigned> refined = inferShapes(getOperation());
    if (failed(refined))
      return signalPassFailure();
    numRefined += *refined;
  }
};
} // namespace

} // namespace lambent::graph
