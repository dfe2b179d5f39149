//===- GraphToLIR.cpp - The pass from graph to lir ------------------------===//
//
// Walks a function once, in order: each op's lowering takes the buffers of its
// operands and adds kernels. Errors are collected over the whole function, so
// that one run names everything that is not supported.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"
#include "lambent/Diagnostics/OutOfMemory.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Lowering/GraphToLIR/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_GRAPHTOLIR
#include "lambent/Lowering/GraphToLIR/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;

/// Whether the type says every size, as a number or as an expression.
static bool hasKnownSizes(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && areKnown(graph::getSizes(tensor));
}

static bool isOpen(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && !shaped.hasStaticShape();
}

/// Reports every argument that has an open dim without a symbol or, when there
/// is none, every op whose results' sizes are not known.
static LogicalResult verifySizes(func::FuncOp function) {
  bool found = false;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto shaped = cast<ShapedType>(type);
    if (hasKnownSizes(type))
      continue;
    found = true;
    auto name = function.getArgAttrOfType<StringAttr>(index, "graph.name");
    InFlightDiagnostic error = emitError(function.getArgument(index).getLoc())
                               << "expected input \""
                               << (name ? name.getValue() : StringRef("?"))
                               << "\" to have static dims, but got open";
    if (!shaped.hasRank()) {
      error << " rank";
      continue;
    }
    auto dims = function.getArgAttrOfType<ArrayAttr>(index, "graph.dim_names");
    for (int64_t dim = 0; dim < shaped.getRank(); ++dim) {
      if (!shaped.isDynamicDim(dim))
        continue;
      error << " dim " << dim;
      if (dims && dim < static_cast<int64_t>(dims.size()))
        if (auto dimName = dyn_cast<StringAttr>(dims[dim]);
            dimName && !dimName.getValue().empty())
          error << " (\"" << dimName.getValue() << "\")";
    }
    error << "; bind it";
  }
  if (found)
    return failure();
  function.walk([&](Operation *op) {
    bool isFirst = llvm::all_of(op->getOperandTypes(), hasKnownSizes);
    if (found && !isFirst) // What follows from an unknown size is not news.
      return;
    bool dependsOnOpenDims =
        isFirst && llvm::any_of(op->getOperandTypes(), isOpen);
    for (OpResult result : op->getResults()) {
      auto shaped = dyn_cast<ShapedType>(result.getType());
      if (!shaped || hasKnownSizes(result.getType()))
        continue;
      found = true;
      if (dependsOnOpenDims) {
        (void)requireBoundDims(op);
        break;
      }
      InFlightDiagnostic error =
          emitUnsupported(op)
          << "a result whose size depends on data is not supported: result "
          << result.getResultNumber();
      for (int64_t dim = 0; shaped.hasRank() && dim < shaped.getRank(); ++dim)
        if (shaped.isDynamicDim(dim))
          error << ", dim " << dim;
    }
  });
  return failure(found);
}

LogicalResult lambent::requireBoundDims(Operation *op) {
  if (llvm::any_of(op->getOperandTypes(), isOpen) ||
      llvm::any_of(op->getResultTypes(), isOpen))
    return emitUnsupported(op)
           << "the operation " << op->getName()
           << " is not supported with open dims: bind them";
  return success();
}

/// Whether an input or output shares bytes between elements. What goes between
/// functions of the model has a byte for each, as everywhere inside.
static bool isPackedAt(func::FuncOp function, Type type) {
  return function.isPublic() && isPacked(type);
}

/// The element type of an input or output, as the runtime sees it. Functions of
/// the model hand numbers of strings to each other.
static Type getElementTypeAt(func::FuncOp function, RankedTensorType type) {
  Type elementType = type.getElementType();
  bool isCode =
      !function.isPublic() &&
      (isString(elementType) || isPacked(type.clone({1}, elementType)));
  return isCode ? graph::getScalarType(elementType) : elementType;
}

/// What the emitted model says of an input or output: the type of a tensor, or
/// that of the tensors in a list and how they are listed. Functions of the
/// model hand lists to each other as their handles.
static SmallVector<NamedAttribute>
describeType(OpBuilder &builder, func::FuncOp function, Type type) {
  SmallVector<Attribute> list;
  Type element = graph::getMeaning(type);
  if (element != type && !function.isPublic()) {
    list.push_back(builder.getStringAttr("handle"));
    element = type;
  }
  if (auto optional = dyn_cast<graph::OptionalType>(element)) {
    list.push_back(builder.getStringAttr("optional"));
    element = optional.getElement();
  }
  if (auto sequence = dyn_cast<graph::SequenceType>(element)) {
    list.push_back(builder.getStringAttr("sequence"));
    element = sequence.getElement();
  }
  // Which sizes its dims have says the buffer's type.
  if (auto tensor = dyn_cast<RankedTensorType>(element))
    element = RankedTensorType::get(tensor.getShape(),
                                    getElementTypeAt(function, tensor));
  SmallVector<NamedAttribute> entries{
      builder.getNamedAttr("lir.type", TypeAttr::get(element))};
  if (!list.empty())
    entries.push_back(
        builder.getNamedAttr("lir.list", builder.getArrayAttr(list)));
  return entries;
}

/// The function on buffers: the types of inputs and outputs, and their names.
static func::FuncOp createFunction(OpBuilder &builder, func::FuncOp source) {
  SmallVector<Type> types;
  for (Type type : llvm::concat<const Type>(source.getArgumentTypes(),
                                            source.getResultTypes()))
    types.push_back(isPackedAt(source, type) ? getArgumentType(type)
                                             : getBufferType(type));
  auto function =
      func::FuncOp::create(builder, source.getLoc(), source.getName(),
                           builder.getFunctionType(types, {}));
  unsigned numInputs = source.getNumArguments();
  // Set at once: each change would make another list of all arguments.
  SmallVector<Attribute> attributes;
  auto describe = [&](Attribute name, Type type, Attribute value = {},
                      Attribute donated = {}) {
    SmallVector<NamedAttribute> entries = describeType(builder, source, type);
    if (name)
      entries.push_back(builder.getNamedAttr("lir.name", name));
    if (value)
      entries.push_back(builder.getNamedAttr("lir.default", value));
    if (donated)
      entries.push_back(builder.getNamedAttr("lir.donated", donated));
    attributes.push_back(builder.getDictionaryAttr(entries));
  };
  for (auto [index, type] : llvm::enumerate(source.getArgumentTypes()))
    describe(source.getArgAttr(index, "graph.name"), type,
             source.getArgAttr(index, "graph.default"),
             source.getArgAttr(index, "graph.donated"));
  for (auto [index, type] : llvm::enumerate(source.getResultTypes()))
    describe(source.getResultAttr(index, "graph.name"), type);
  function.setAllArgAttrs(attributes);
  function->setAttr("lir.num_inputs", builder.getI64IntegerAttr(numInputs));
  if (Attribute symbols = source->getAttr("graph.symbols"))
    function->setAttr("lir.symbols", symbols);
  if (Attribute fallback = source->getAttr("graph.fallback"))
    function->setAttr("lir.fallback", fallback);
  function.setVisibility(source.getVisibility());
  Block *entry = function.addEntryBlock();
  for (BlockArgument argument : source.getArguments())
    entry->getArgument(argument.getArgNumber()).setLoc(argument.getLoc());
  return function;
}

/// Whether there is nothing to compute: no result is read and has elements. A
/// check has no results and is done for what it says, and so may be a call.
static bool isEmpty(Operation &op) {
  return op.getNumResults() > 0 && isMemoryEffectFree(&op) &&
         llvm::all_of(op.getResults(), [](Value result) {
           return result.use_empty() ||
                  llvm::is_contained(getShape(result), 0);
         });
}

/// Keeps what an op of empty results demands of open sizes, as operands that
/// broadcast do. There is nothing to compute, so its kernels are dropped, and
/// it does not matter whether all of them could be made.
static void keepDemands(Operation &op, const LoweringTable::Lowering &lower,
                        GraphLowering &lowering) {
  if (llvm::all_of(op.getOperandTypes(), [](Type type) {
        return cast<ShapedType>(type).hasStaticShape();
      }))
    return;
  ScopedDiagnosticHandler quiet(op.getContext(),
                                [](Diagnostic &) { return success(); });
  Block kernels;
  GraphLowering apart = lowering;
  apart.builder.setInsertionPointToEnd(&kernels);
  (void)lower(&op, apart);
  // That dims hold elements is for kernels only.
  lowering.takeEqualities(apart);
}

static LogicalResult lowerBody(func::FuncOp source, func::FuncOp function,
                               const LoweringTable &table) {
  GraphLowering lowering(OpBuilder::atBlockBegin(&function.front()),
                         source.getLoc());
  unsigned numInputs = source.getNumArguments();
  for (BlockArgument argument : source.getArguments()) {
    Value buffer = function.getArgument(argument.getArgNumber());
    lowering.loc = argument.getLoc();
    lowering.bind(argument,
                  isPackedAt(source, argument.getType())
                      ? unpackArgument(buffer, argument.getType(), lowering)
                      : buffer);
  }
  auto results = cast<func::ReturnOp>(source.front().getTerminator());
  // The first return of a value is where its kernel writes.
  for (unsigned index = results.getNumOperands(); index-- > 0;)
    if (!isPackedAt(source, results.getOperand(index).getType()))
      lowering.setOutput(results.getOperand(index),
                         function.getArgument(numInputs + index));

  bool failedAny = false;
  for (Operation &op : source.front().without_terminator()) {
    lowering.loc = op.getLoc();
    const LoweringTable::Lowering *lower =
        table.find(op.getName().getStringRef());
    if (!lower)
      emitUnsupported(&op) << "the operation " << op.getName()
                           << " is not supported";
    if (lower && isEmpty(op))
      keepDemands(op, *lower, lowering);
    else if (!lower || failed(reportOutOfMemory(op.getLoc(), [&] {
               return (*lower)(&op, lowering);
             })))
      failedAny = true;
    // Go on after a failure, to report all of them.
    for (Value result : op.getResults())
      if (!result.use_empty() && !lowering.hasBuffer(result))
        lowering.createResult(result);
  }
  for (auto [index, value] : llvm::enumerate(results.getOperands())) {
    Value buffer = lowering.getBuffer(value),
          output = function.getArgument(numInputs + index);
    lowering.loc = value.getLoc();
    if (isPackedAt(source, value.getType())) {
      packResult(buffer, output, value.getType(), lowering);
      continue;
    }
    Sizes sizes = getSizes(output);
    unsigned rank = sizes.size();
    if (buffer != output)
      lowering.createCopy(sizes, {buffer, getIdentityTerms(rank)},
                          {output, getIdentityTerms(rank)});
  }
  func::ReturnOp::create(lowering.builder, results.getLoc());
  if (!lowering.getSizeChecks().empty())
    function->setAttr("lir.size_checks", lowering.builder.getArrayAttr(
                                             lowering.getSizeChecks()));
  return failure(failedAny);
}

namespace {
struct GraphToLIR : lambent::impl::GraphToLIRBase<GraphToLIR> {
  void runOnOperation() override {
    LoweringTable table;
    addAttentionLowerings(table);
    addBlockLowerings(table);
    addCheckLowerings(table);
    addControlFlowLowerings(table);
    addConvLowerings(table);
    addElementwiseLowerings(table);
    addMatmulLowerings(table);
    addNormLowerings(table);
    addPadLowerings(table);
    addPoolLowerings(table);
    addRecurrentLowerings(table);
    addReduceLowerings(table);
    addResizeLowerings(table);
    addSelectionLowerings(table);
    addSequenceLowerings(table);
    addShapeLowerings(table);

    if (Attribute strings = getOperation()->removeAttr("graph.strings"))
      getOperation()->setAttr("lir.strings", strings);
    for (func::FuncOp source :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      auto isTensor = [](Type type) { return isa<TensorType>(type); };
      if (!llvm::all_of(source.getArgumentTypes(), isTensor) ||
          !llvm::all_of(source.getResultTypes(), isTensor) ||
          source.isExternal())
        continue;
      if (!source.getBody().hasOneBlock()) {
        source.emitError("expected a function of one block, but got several");
        return signalPassFailure();
      }
      if (failed(verifySizes(source)))
        return signalPassFailure();
      OpBuilder builder(source);
      func::FuncOp function = createFunction(builder, source);
      if (failed(lowerBody(source, function, table))) {
        function.erase();
        return signalPassFailure();
      }
      source.erase();
    }
  }
};
} // namespace
