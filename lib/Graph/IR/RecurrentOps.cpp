//===- RecurrentOps.cpp - Recurrent layers --------------------------------===//

#include "EmptyTensors.h"
#include "Shapes.h"

using namespace mlir;

namespace lambent::graph {

namespace {
/// What a cell consists of.
struct Cell {
  int64_t gates, functions;
};
} // namespace

static Cell getParts(StringRef name) {
  if (name == "lstm")
    return {4, 3};
  return name == "gru" ? Cell{3, 2} : Cell{1, 1};
}

/// C1
static LogicalResult checkAttributes(RecurrentOp::Adaptor op, int64_t dirs,
                                     EmitError emitError) {
  if (failed(checkChoice("cell", op.getCell(), {"rnn", "gru", "lstm"},
                         emitError)) ||
      failed(checkChoice("direction", op.getDirection(),
                         {"forward", "reverse", "bidirectional"}, emitError)))
    return failure();
  size_t count = getParts(op.getCell()).functions * dirs;
  if (op.getActivations().size() != count || op.getAlphas().size() != count ||
      op.getBetas().size() != count)
    return emitError() << "expected " << count
                       << " activations, alphas and betas, but got "
                       << op.getActivations().size() << ", "
                       << op.getAlphas().size() << " and "
                       << op.getBetas().size();
  for (Attribute name : op.getActivations())
    if (failed(checkChoice("activation", cast<StringAttr>(name).getValue(),
                           {"Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu",
                            "ThresholdedRelu", "ScaledTanh", "HardSigmoid",
                            "Elu", "Softsign", "Softplus"},
                           emitError)))
      return failure();
  return success();
}

/// C2
static LogicalResult checkPresence(RecurrentOp::Adaptor op,
                                   EmitError emitError) {
  bool isLSTM = op.getCell() == "lstm",
       takesBias = op.getCell() == "gru" && op.getLinearBeforeReset();
  if (!isLSTM && (op.getInitialCell() || op.getPeepholes()))
    return emitError() << "expected cell states and peepholes of an lstm only, "
                          "but got those of a "
                       << op.getCell();
  if (op.getCandidateBias() && !takesBias)
    return emitError() << "expected no bias of a candidate that is not reset "
                          "after its product, but got one";
  return success();
}

/// Fails unless an operand, where it is there, has the dims that it must have;
/// makes open ones of `dims` as static as the operand's.
static LogicalResult checkDims(StringRef name, Value operand,
                               MutableArrayRef<int64_t> dims,
                               EmitError emitError) {
  if (!operand)
    return success();
  ArrayRef<int64_t> shape = typeOf(operand).getShape();
  if (shape.size() != dims.size() ||
      !llvm::all_of(llvm::zip(shape, dims), [](auto pair) {
        return dimsAgree(std::get<0>(pair), std::get<1>(pair));
      }))
    return emitError() << "expected " << name << " of " << describeShape(dims)
                       << ", but got " << describeShape(shape);
  for (auto [dim, known] : llvm::zip(dims, shape))
    dim = mergeDims(dim, known);
  return success();
}

LogicalResult
RecurrentOp::inferTypes(Adaptor op, EmitError emitError,
                        SmallVectorImpl<RankedTensorType> &types) {
  RankedTensorType gates = typeOf(op.getGates()),
                   weights = typeOf(op.getWeights());
  int64_t dirs = op.getDirection() == "bidirectional" ? 2 : 1;
  if (failed(checkAttributes(op, dirs, emitError)) ||
      failed(checkPresence(op, emitError)))
    return failure();
  // C3
  int64_t count = getParts(op.getCell()).gates;
  if (weights.getRank() != 3 || weights.isDynamicDim(2))
    return emitError() << "expected weights [dirs, gates * hidden, hidden] of "
                          "known sizes, but got "
                       << weights;
  int64_t hidden = weights.getDimSize(2);
  Shape weightDims = {dirs, boundDim(Wide(count) * hidden), hidden};
  if (gates.getRank() != 3)
    return emitError() << "expected gates [seq, batch, dirs * gates * hidden], "
                          "but got "
                       << gates;
  Shape gateDims(gates.getShape());
  gateDims[2] = boundDim(Wide(dirs) * weightDims[1]);
  Shape stateDims = {dirs, gateDims[1], hidden}, lengthDims = {gateDims[1]};
  Shape peepholeDims = {dirs, boundDim(Wide(3) * hidden)},
        biasDims = {dirs, hidden}, scaleDims = {dirs, weightDims[1]};
  if (failed(checkDims("weights", op.getWeights(), weightDims, emitError)) ||
      failed(checkDims("scales", op.getScales(), scaleDims, emitError)) ||
      failed(checkDims("gates", op.getGates(), gateDims, emitError)) ||
      failed(checkDims("hidden states", op.getInitialHidden(), stateDims,
                       emitError)) ||
      failed(checkDims("cell states", op.getInitialCell(), stateDims,
                       emitError)) ||
      failed(
          checkDims("peepholes", op.getPeepholes(), peepholeDims, emitError)) ||
      failed(checkDims("a candidate's bias", op.getCandidateBias(), biasDims,
                       emitError)) ||
      failed(checkDims("lengths", op.getLengths(), lengthDims, emitError)))
    return failure();
  // C4
  if (op.getScales() && !weights.getElementType().isSignlessInteger(8))
    return emitError() << "expected weights of i8 beside their scales, but got "
                       << weights;
  for (Value operand : op.getOperands())
    if (operand != op.getLengths() &&
        !(op.getScales() && operand == op.getWeights()) &&
        typeOf(operand).getElementType() != gates.getElementType())
      return emitError() << "expected operands of " << gates.getElementType()
                         << ", but got " << typeOf(operand);
  if (op.getLengths() &&
      !typeOf(op.getLengths()).getElementType().isInteger(32))
    return emitError() << "expected lengths of i32, but got "
                       << typeOf(op.getLengths());
  Sizes sizes = getSizes(gates);
  Size batch = sizes[1];
  if (op.getLengths())
    batch = mergeDims(batch, getSizes(typeOf(op.getLengths()))[0]);
  for (Value initial : {op.getInitialHidden(), op.getInitialCell()})
    if (initial)
      batch = mergeDims(batch, getSizes(typeOf(initial))[1]);
  Type element = gates.getElementType();
  types.push_back(makeTensorType({sizes[0], dirs, batch, hidden}, element));
  types.append(op.getCell() == "lstm" ? 2 : 1,
               makeTensorType({dirs, batch, hidden}, element));
  return success();
}

/// Without steps the last states are the initial ones.
LogicalResult RecurrentOp::fold(FoldAdaptor,
                                SmallVectorImpl<OpFoldResult> &results) {
  auto isStatic = [](Value result) {
    return cast<RankedTensorType>(result.getType()).hasStaticShape();
  };
  RankedTensorType type = getLastHidden().getType();
  auto fits = [&](Value initial) {
    return !initial || initial.getType() == type;
  };
  if (getGates().getType().getDimSize(0) != 0 ||
      !llvm::all_of(getResults(), isStatic) ||
      llvm::is_contained(type.getShape(), 0) || !fits(getInitialHidden()) ||
      !fits(getInitialCell()))
    return failure();
  auto getInitial = [&](Value given) -> OpFoldResult {
    if (given)
      return given;
    return getCombinationOfNothing(type, "sum");
  };
  results.push_back(getCombinationOfNothing(getSequence().getType(), "sum"));
  results.push_back(getInitial(getInitialHidden()));
  if (getLastCell())
    results.push_back(getInitial(getInitialCell()));
  return success();
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/RecurrentOps.cpp.inc"
