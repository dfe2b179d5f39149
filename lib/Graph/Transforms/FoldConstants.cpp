//===- FoldConstants.cpp - Computes what depends on constants only --------===//

#include "TensorBuilder.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHFOLDCONSTANTS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// Results up to this size fold whatever they are made of.
constexpr int64_t alwaysFoldedBytes = 1 << 16;
/// A larger result may take this many times the bytes of its operands.
constexpr int64_t largestGrowth = 2;

/// What is larger, or takes more multiply-adds, is computed at run time. A
/// model may hold more constants than that: then what is no larger than all of
/// them is folded.
constexpr int64_t mostFoldedBytes = int64_t(256) << 20;
constexpr int64_t mostMultiplyAdds = int64_t(1) << 35;
/// The bytes that all folded ops write, and those that are kept of them, as
/// multiples of what one result may take.
constexpr int64_t mostWritten = 16, mostKept = 4;

/// The part of a function that depends on constants only.
class ConstantPart {
public:
  explicit ConstantPart(func::FuncOp function);

  /// The values that the rest of the function takes from the part, in order.
  ArrayRef<Value> getResults() const { return results; }
  /// A function without arguments, in a module of its own, that returns them.
  OwningOpRef<ModuleOp> extract() const;

private:
  bool canCompute(Operation *op);
  bool isWorthStoring(Operation *op);

  llvm::SetVector<Operation *> ops; ///< all operands are constant, in order
  SmallVector<Value> results;
  int64_t mostBytes = mostFoldedBytes; ///< of an operand or result
  int64_t multiplyAdds = 0;            ///< of all ops
  int64_t writtenBytes = 0;            ///< by all ops
  int64_t keptBytes = 0;
  Location loc;
};

} // namespace

/// Whether the value is a tensor of a known size. Sequences exist in a run only.
static bool isStatic(Value value) {
  auto type = dyn_cast<RankedTensorType>(getMeaning(value.getType()));
  return type && type.hasStaticShape();
}

/// The evaluator's runs have no table of strings, which their results need.
static bool isOfStrings(Value value) {
  return isString(getTensorType(value).getElementType());
}

static int64_t getBytes(Value value) {
  auto type = getTensorType(value);
  return type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8);
}

bool ConstantPart::isWorthStoring(Operation *op) {
  int64_t from = 0, to = 0;
  for (Value operand : op->getOperands())
    from += getBytes(operand);
  for (Value result : op->getResults())
    to += getBytes(result);
  if ((to > alwaysFoldedBytes && to > largestGrowth * from) ||
      keptBytes + to > mostKept * mostBytes)
    return false;
  keptBytes += to;
  return true;
}

/// The multiply-adds of an op that does more than touch its operands, else 0.
static double getMultiplyAdds(Operation *op) {
  double results = double(getTensorType(op->getResult(0)).getNumElements());
  auto perChannel = [](Value filter) {
    auto type = getTensorType(filter);
    return double(type.getNumElements()) /
           double(std::max<int64_t>(1, type.getDimSize(0)));
  };
  if (auto product = dyn_cast<MatmulOp>(op)) {
    auto lhs = getTensorType(product.getLhs());
    return results *
           lhs.getDimSize(lhs.getRank() - (product.getTransposeLhs() ? 2 : 1));
  }
  if (auto layer = dyn_cast<RecurrentOp>(op))
    return double(getTensorType(layer.getGates()).getNumElements()) *
           double(getTensorType(layer.getWeights()).getDimSize(2));
  if (auto conv = dyn_cast<ConvOp>(op))
    return results * perChannel(conv.getFilter());
  if (auto conv = dyn_cast<ConvTransposeOp>(op))
    return double(getTensorType(conv.getInput()).getNumElements()) *
           perChannel(conv.getFilter());
  return 0;
}

/// Whether all of the op's operands and results are small enough, and its work
/// and that of the ops before it. The same for the same model on any machine.
bool ConstantPart::canCompute(Operation *op) {
  auto isSmall = [&](Value value) { return getBytes(value) <= mostBytes; };
  if (!llvm::all_of(op->getOperands(), isSmall) ||
      !llvm::all_of(op->getResults(), isSmall))
    return false;
  double work = getMultiplyAdds(op);
  int64_t bytes = 0;
  for (Value result : op->getResults())
    bytes += getBytes(result);
  if (multiplyAdds + work > double(mostMultiplyAdds) ||
      writtenBytes + bytes > mostWritten * mostBytes)
    return false;
  writtenBytes += bytes;
  multiplyAdds += int64_t(work);
  return true;
}

ConstantPart::ConstantPart(func::FuncOp function) : loc(function.getLoc()) {
  int64_t stored = 0;
  for (auto constant : function.getBody().front().getOps<ConstantOp>())
    if (isa<DenseResourceElementsAttr>(constant.getValue()))
      stored += getBytes(constant.getResult());
  mostBytes = std::max(mostBytes, stored);
  auto isConstant = [&](Value value) {
    Operation *op = value.getDefiningOp();
    return op && (isa<ConstantOp>(op) || ops.contains(op));
  };
  SmallVector<Operation *> rest;
  for (Operation &op : function.getBody().front()) {
    if (isa<ConstantOp>(op))
      continue;
    // The evaluator has no functions that an op may call.
    if (isPure(&op) && !isa<SymbolUserOpInterface>(op) &&
        op.getNumOperands() > 0 && op.getNumResults() > 0 &&
        llvm::all_of(op.getOperands(), isConstant) &&
        llvm::all_of(op.getResults(), isStatic) &&
        llvm::none_of(op.getResults(), isOfStrings) &&
        llvm::all_of(op.getOperands(), isStatic) && canCompute(&op))
      ops.insert(&op);
    else
      rest.push_back(&op);
  }
  // An op whose result is too large to store stays, and takes its operands from
  // the part instead.
  llvm::SetVector<Value> needed;
  while (!rest.empty()) {
    Operation *user = rest.pop_back_val();
    auto need = [&](Value value) {
      Operation *op = value.getDefiningOp();
      if (!op || !ops.contains(op) || needed.contains(value))
        return;
      if (isWorthStoring(op))
        needed.insert(value);
      else
        rest.push_back(op);
    };
    llvm::for_each(user->getOperands(), need);
    // Regions see values from above.
    for (Region &region : user->getRegions())
      region.walk(
          [&](Operation *op) { llvm::for_each(op->getOperands(), need); });
  }
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (needed.contains(result))
        results.push_back(result);
}

OwningOpRef<ModuleOp> ConstantPart::extract() const {
  llvm::SetVector<Operation *> slice;
  SmallVector<Value> worklist(results);
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (slice.insert(op))
      worklist.append(op->operand_begin(), op->operand_end());
  }

  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder(module->getBodyRegion());
  SmallVector<Type> types(ValueRange(results).getTypes());
  auto function = func::FuncOp::create(builder, loc, "constants",
                                       builder.getFunctionType({}, types));
  builder.setInsertionPointToStart(function.addEntryBlock());
  IRMapping mapping;
  // The order of the block; constants first, as none of them depends on
  // anything.
  for (Operation *op : slice)
    if (isa<ConstantOp>(op))
      builder.clone(*op, mapping);
  for (Operation *op : ops)
    if (slice.contains(op))
      builder.clone(*op, mapping);
  SmallVector<Value> returned;
  for (Value value : results)
    returned.push_back(mapping.lookup(value));
  func::ReturnOp::create(builder, loc, returned);
  return module;
}

/// Removes ops that nobody uses.
static void eraseDead(func::FuncOp function) {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

FailureOr<unsigned> foldConstants(func::FuncOp function, Evaluator &evaluator) {
  if (function.isDeclaration())
    return 0;
  ConstantPart part(function);
  if (part.getResults().empty())
    return 0;
  OwningOpRef<ModuleOp> module = part.extract();
  auto values =
      evaluator.evaluate(cast<func::FuncOp>(module->getBody()->front()));
  if (failed(values))
    return failure();
  if (values->size() != part.getResults().size())
    return function.emitError("expected ")
           << part.getResults().size() << " constants, but got "
           << values->size();
  for (auto [result, value] : llvm::zip_equal(part.getResults(), *values)) {
    if (value.getType() != result.getType())
      return function.emitError("expected a constant of type ")
             << result.getType() << ", but got " << value.getType();
    OpBuilder builder(result.getDefiningOp());
    Value constant = ConstantOp::create(builder, result.getLoc(), value);
    Value(result).replaceAllUsesWith(constant);
  }
  eraseDead(function);
  return part.getResults().size();
}

namespace {
struct FoldConstants : impl::GraphFoldConstantsBase<FoldConstants> {
  FoldConstants() = default;
  explicit FoldConstants(Evaluator &evaluator) : evaluator(&evaluator) {}
  FoldConstants(const FoldConstants &) = default;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!evaluator) {
        function.emitError("graph-fold-constants was given no evaluator");
        return signalPassFailure();
      }
      FailureOr<unsigned> folded = foldConstants(function, *evaluator);
      if (failed(folded))
        return signalPassFailure();
      numFolded += *folded;
    }
  }
  Evaluator *evaluator = nullptr;
};
} // namespace

std::unique_ptr<Pass> createGraphFoldConstants(Evaluator &evaluator) {
  return std::make_unique<FoldConstants>(evaluator);
}

} // namespace lambent::graph
