//===- TabulateBytes.cpp - Functions of one byte as tables ----------------===//
//
// What is computed of one 8-bit tensor alone and quantized to 8 bits again has
// 256 results. The evaluator computes them, by the same code that would run.
//
//===----------------------------------------------------------------------===//

#include "TensorBuilder.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHTABULATEBYTES
#include "lambent/Graph/Transforms/Passes.h.inc"

static constexpr int64_t kBytes = 256;

static bool isByte(Value tensor) {
  Type type = getTensorType(tensor).getElementType();
  return type.isSignlessInteger(8) || type.isUnsignedInteger(8);
}

/// A table is worth its place where it stands for elementary functions, or for
/// several roundings.
static bool isElementary(Operation &op) {
  return isa<math::MathDialect>(op.getDialect()) &&
         !isa<math::AbsFOp, math::AbsIOp, math::FloorOp, math::CeilOp,
              math::FmaOp, math::RoundEvenOp>(op);
}

/// The constant that is all elements of `tensor`, without dims.
static ElementsAttr getSplat(Value tensor) {
  auto value = dyn_cast_or_null<DenseElementsAttr>(getConstantValue(tensor));
  if (!value || (!value.isSplat() && value.getNumElements() != 1))
    return {};
  return value.reshape(
      RankedTensorType::get({}, value.getType().getElementType()));
}

namespace {

/// The 8-bit tensors that one other such tensor alone decides.
class Sources {
public:
  /// The tensor of bytes that decides `tensor`, element by element: itself
  /// where there is no other.
  Value find(Value tensor);
  /// The ops between that and `tensor`, in the order of the block.
  SmallVector<ElementwiseOp> getOps(Value tensor);

private:
  /// Adds the bytes that `op` is made of; false where it is made of anything
  /// else.
  bool addLeaves(ElementwiseOp op, llvm::SetVector<Value> &leaves);

  DenseMap<Value, Value> known;
};

} // namespace

bool Sources::addLeaves(ElementwiseOp op, llvm::SetVector<Value> &leaves) {
  for (Value input : op.getInputs()) {
    if (getSplat(input))
      continue;
    if (getSizes(getTensorType(input)) !=
        getSizes(getTensorType(op.getResult())))
      return false;
    if (isByte(input)) {
      leaves.insert(find(input));
      continue;
    }
    auto producer = input.getDefiningOp<ElementwiseOp>();
    if (!producer || !addLeaves(producer, leaves))
      return false;
    // Two are one too many, however many paths lead to them.
    if (leaves.size() > 1)
      return false;
  }
  return true;
}

Value Sources::find(Value tensor) {
  auto [place, isNew] = known.try_emplace(tensor, tensor);
  if (!isNew)
    return place->second;
  auto op = tensor.getDefiningOp<ElementwiseOp>();
  llvm::SetVector<Value> leaves;
  if (op && addLeaves(op, leaves) && leaves.size() == 1)
    known[tensor] = leaves.front();
  return known[tensor];
}

SmallVector<ElementwiseOp> Sources::getOps(Value tensor) {
  Value source = find(tensor);
  llvm::SetVector<Operation *> ops;
  SmallVector<Value> rest{tensor};
  while (!rest.empty()) {
    Value value = rest.pop_back_val();
    if (value == source || getSplat(value))
      continue;
    Operation *op = value.getDefiningOp();
    if (ops.insert(op))
      rest.append(op->operand_begin(), op->operand_end());
  }
  SmallVector<ElementwiseOp> sorted;
  for (Operation *op : ops)
    sorted.push_back(cast<ElementwiseOp>(op));
  llvm::sort(sorted, [](ElementwiseOp a, ElementwiseOp b) {
    return a->isBeforeInBlock(b);
  });
  return sorted;
}

static bool isWorthATable(ArrayRef<ElementwiseOp> ops) {
  int64_t roundings = 0;
  for (ElementwiseOp op : ops) {
    roundings += isByte(op.getResult());
    if (llvm::any_of(op.getBody().front(), isElementary))
      return true;
  }
  return roundings > 1;
}

/// What `ops` make of each byte, from `source` on: `result`.
static Value computeAll(OpBuilder &builder, Value source,
                        ArrayRef<ElementwiseOp> ops, Value result) {
  Location loc = result.getLoc();
  SmallVector<char> bytes;
  for (int64_t i = 0; i < kBytes; ++i)
    bytes.push_back(char(i));
  auto type =
      RankedTensorType::get({kBytes}, getTensorType(source).getElementType());
  IRMapping mapping;
  mapping.map(source, ConstantOp::create(
                          builder, loc,
                          DenseElementsAttr::getFromRawBuffer(type, bytes)));
  for (ElementwiseOp op : ops) {
    for (Value input : op.getInputs())
      if (ElementsAttr splat = getSplat(input);
          splat && !mapping.contains(input))
        mapping.map(input, ConstantOp::create(builder, loc, splat));
    Operation *copy = builder.clone(*op, mapping);
    copy->getResult(0).setType(RankedTensorType::get(
        {kBytes}, getTensorType(op.getResult()).getElementType()));
  }
  return mapping.lookup(result);
}

/// `result` as a table's entries.
static Value lookUp(OpBuilder &builder, Value source, ElementsAttr entries,
                    Value result) {
  // Regions hold signless numbers.
  Type i8 = builder.getI8Type();
  auto type = RankedTensorType::get({kBytes}, i8);
  SmallVector<char> bytes;
  for (const APInt &entry : entries.getValues<APInt>())
    bytes.push_back(char(entry.getZExtValue()));
  auto table = DenseElementsAttr::getFromRawBuffer(type, bytes);
  return ElementwiseOp::create(
      builder, result.getLoc(), source, getTensorType(result).getElementType(),
      [&](OpBuilder &b, Location l, ValueRange args) -> Value {
        Value all = arith::ConstantOp::create(b, l, table);
        Value place =
            arith::IndexCastUIOp::create(b, l, b.getIndexType(), args[0]);
        return tensor::ExtractOp::create(b, l, all, place);
      });
}

FailureOr<unsigned> tabulateBytes(func::FuncOp function, Evaluator &evaluator) {
  if (function.isDeclaration())
    return 0;
  Sources sources;
  SmallVector<Value> results;
  for (auto op : function.getBody().front().getOps<ElementwiseOp>()) {
    Value result = op.getResult();
    if (!isByte(result))
      continue;
    Value source = sources.find(result);
    if (source != result && !source.getDefiningOp<ConstantOp>() &&
        isWorthATable(sources.getOps(result)))
      results.push_back(result);
  }
  if (results.empty())
    return 0;
  Location loc = function.getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder(module->getBodyRegion());
  SmallVector<Type> types;
  for (Value result : results)
    types.push_back(RankedTensorType::get(
        {kBytes}, getTensorType(result).getElementType()));
  auto tables = func::FuncOp::create(builder, loc, "tables",
                                     builder.getFunctionType({}, types));
  builder.setInsertionPointToStart(tables.addEntryBlock());
  SmallVector<Value> entries;
  for (Value result : results)
    entries.push_back(computeAll(builder, sources.find(result),
                                 sources.getOps(result), result));
  func::ReturnOp::create(builder, loc, entries);
  auto values = evaluator.evaluate(tables);
  if (failed(values))
    return failure();
  for (auto [result, value] : llvm::zip_equal(results, *values)) {
    OpBuilder at(result.getDefiningOp());
    Value replacement = lookUp(at, sources.find(result), value, result);
    replacement.setType(cast<RankedTensorType>(result.getType()));
    result.replaceAllUsesWith(replacement);
  }
  // From the last one on, which may be all that reads those before it.
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  return results.size();
}

namespace {
struct TabulateBytes : impl::GraphTabulateBytesBase<TabulateBytes> {
  TabulateBytes() = default;
  explicit TabulateBytes(Evaluator &evaluator) : evaluator(&evaluator) {}
  TabulateBytes(const TabulateBytes &) = default;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!evaluator) {
        function.emitError("graph-tabulate-bytes was given no evaluator");
        return signalPassFailure();
      }
      if (failed(tabulateBytes(function, *evaluator)))
        return signalPassFailure();
    }
  }
  Evaluator *evaluator = nullptr;
};
} // namespace

std::unique_ptr<Pass> createGraphTabulateBytes(Evaluator &evaluator) {
  return std::make_unique<TabulateBytes>(evaluator);
}

} // namespace lambent::graph
