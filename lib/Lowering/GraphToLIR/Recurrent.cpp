//===- Recurrent.cpp - graph.recurrent to lir.recurrent -------------------===//
//
// Activations become regions, so that a backend knows none of them by name.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

namespace {

/// Scalar code of one type.
struct Arithmetic {
  OpBuilder &builder;
  Location loc;
  Type type;

  Value number(double value) const {
    return createScalar(builder, loc, type, value);
  }
  Value add(Value a, Value b) const {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) const {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  Value div(Value a, Value b) const {
    return arith::DivFOp::create(builder, loc, a, b);
  }
  Value max(Value a, Value b) const {
    return arith::MaximumFOp::create(builder, loc, a, b);
  }
  Value min(Value a, Value b) const {
    return arith::MinimumFOp::create(builder, loc, a, b);
  }
  Value abs(Value a) const { return math::AbsFOp::create(builder, loc, a); }
  Value neg(Value a) const { return arith::NegFOp::create(builder, loc, a); }
  Value exp(Value a) const { return math::ExpOp::create(builder, loc, a); }
  Value tanh(Value a) const { return math::TanhOp::create(builder, loc, a); }
  Value affine(Value a, double alpha, double beta) const {
    return add(mul(a, number(alpha)), number(beta));
  }
  /// `above` where a > limit, else `below`.
  Value choose(Value a, double limit, Value above, Value below) const {
    Value isAbove = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OGT, a, number(limit));
    return arith::SelectOp::create(builder, loc, isAbove, above, below);
  }
};

using Activation = Value (*)(const Arithmetic &, Value x, double alpha,
                             double beta);

struct NamedActivation {
  StringRef name;
  Activation build;
};

} // namespace

static const NamedActivation activations[] = {
    {"Relu", [](const Arithmetic &a, Value x, double,
                double) { return a.max(x, a.number(0)); }},
    {"Tanh",
     [](const Arithmetic &a, Value x, double, double) { return a.tanh(x); }},
    {"Sigmoid",
     [](const Arithmetic &a, Value x, double, double) {
       return a.div(a.number(1), a.add(a.number(1), a.exp(a.neg(x))));
     }},
    {"Affine", [](const Arithmetic &a, Value x, double alpha,
                  double beta) { return a.affine(x, alpha, beta); }},
    {"LeakyRelu",
     [](const Arithmetic &a, Value x, double alpha, double) {
       return a.choose(x, 0, x, a.mul(x, a.number(alpha)));
     }},
    {"ThresholdedRelu",
     [](const Arithmetic &a, Value x, double alpha, double) {
       return a.choose(x, alpha, x, a.number(0));
     }},
    {"ScaledTanh",
     [](const Arithmetic &a, Value x, double alpha, double beta) {
       return a.mul(a.number(alpha), a.tanh(a.mul(x, a.number(beta))));
     }},
    {"HardSigmoid",
     [](const Arithmetic &a, Value x, double alpha, double beta) {
       return a.min(a.max(a.affine(x, alpha, beta), a.number(0)), a.number(1));
     }},
    {"Elu",
     [](const Arithmetic &a, Value x, double alpha, double) {
       Value below = a.mul(a.number(alpha), a.add(a.exp(x), a.number(-1)));
       return a.choose(x, 0, x, below);
     }},
    {"Softsign", [](const Arithmetic &a, Value x, double,
                    double) { return a.div(x, a.add(a.number(1), a.abs(x))); }},
    {"Softplus",
     [](const Arithmetic &a, Value x, double, double) -> Value {
       Value small = a.exp(a.neg(a.abs(x)));
       return a.add(a.max(x, a.number(0)),
                    math::Log1pOp::create(a.builder, a.loc, small));
     }},
};

/// Fills `region` with activation `index` of the op.
static void buildActivation(graph::RecurrentOp op, unsigned index,
                            Region &region, Type type, OpBuilder &builder) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = op.getLoc();
  Block *block = builder.createBlock(&region, {}, type, loc);
  StringRef name = cast<StringAttr>(op.getActivations()[index]).getValue();
  // Verified: the name is there.
  const NamedActivation *found =
      llvm::find_if(activations, [&](const NamedActivation &activation) {
        return activation.name == name;
      });
  Value result = found->build({builder, loc, type}, block->getArgument(0),
                              op.getAlphas()[index], op.getBetas()[index]);
  lir::YieldOp::create(builder, loc, result);
}

/// Whether both directions have the same activations.
static bool sharesActivations(graph::RecurrentOp op) {
  auto isPeriodic = [](auto list) {
    size_t half = list.size() / 2;
    return std::equal(list.begin(), list.begin() + half, list.begin() + half);
  };
  return isPeriodic(op.getActivations()) && isPeriodic(op.getAlphas()) &&
         isPeriodic(op.getBetas());
}

/// An operand, where it is there, under the sizes that the layer has: open ones
/// have to be as others know them.
static Value bindSizes(Value operand, const Sizes &sizes,
                       GraphLowering &lowering) {
  if (!operand || getSizes(operand) == sizes)
    return operand;
  for (auto [have, want] : llvm::zip_equal(getSizes(operand), sizes))
    lowering.requireEqual(have, want, "operands whose sizes agree");
  return lowering.createView(operand, sizes);
}

/// Last states, of a layer that may have no steps: those that the layer leaves
/// in `own` or, without steps, the initial ones, which are 0 where absent.
static void createLastStates(Value own, Value initial, Value result,
                             const Size &steps, GraphLowering &lowering) {
  Sizes sizes = getSizes(result);
  SmallVector<BufferAccess> inputs;
  for (Value input : {own, initial})
    if (input)
      inputs.push_back({input, getIdentityTerms(sizes.size())});
  lowering.createElementwise(
      sizes, inputs, {result, getIdentityTerms(sizes.size())},
      [&](OpBuilder &builder, Location loc, ValueRange scalars) -> Value {
        Value first =
            initial ? scalars.back()
                    : createScalar(builder, loc, getElementType(result), 0);
        if (!own)
          return first;
        Type i64 = builder.getI64Type();
        Value isNone =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                  createSize(builder, loc, i64, steps),
                                  createScalar(builder, loc, i64, 0));
        return arith::SelectOp::create(builder, loc, isNone, first, scalars[0]);
      });
}

namespace {
/// The last states of a layer. Where it may have no steps, it writes to a
/// buffer of its own, from which the result follows.
struct LastStates {
  LastStates(TypedValue<RankedTensorType> tensor, Value initial, Size steps,
             GraphLowering &lowering)
      : initial(initial), steps(steps),
        result(lowering.createUsedResult(tensor)), own(result) {
    if (result && !(steps - 1).isNotNegative())
      own = steps.is(0) ? Value()
                        : lowering.createBuffer(getSizes(result),
                                                getElementType(result));
  }
  void finish(GraphLowering &lowering) const {
    if (result != own)
      createLastStates(own, initial, result, steps, lowering);
  }

  Value initial;
  Size steps;
  Value result, own;
};
} // namespace

static LogicalResult lowerRecurrent(graph::RecurrentOp op,
                                    GraphLowering &lowering) {
  Sizes states = getSizes(op.getLastHidden());
  Value gates = lowering.getBuffer(op.getGates());
  Sizes gateSizes = getSizes(gates);
  gateSizes[1] = states[1];
  gates = bindSizes(gates, gateSizes, lowering);
  Type type = getElementType(gates);
  bool isLSTM = op.getCell() == "lstm";
  Value initialHidden = bindSizes(lowering.getBuffer(op.getInitialHidden()),
                                  states, lowering),
        initialCell = bindSizes(lowering.getBuffer(op.getInitialCell()), states,
                                lowering),
        lengths = bindSizes(lowering.getBuffer(op.getLengths()), {states[1]},
                            lowering);
  Value sequence = lowering.createUsedResult(op.getSequence());
  SmallVector<LastStates> last;
  last.emplace_back(op.getLastHidden(), initialHidden, gateSizes[0], lowering);
  if (isLSTM)
    last.emplace_back(op.getLastCell(), initialCell, gateSizes[0], lowering);
  Value state = isLSTM ? last[1].own : Value();
  if (!gateSizes[0].is(0)) {
    Sizes both = {2};
    both.append(states);
    Value hidden = lowering.createBuffer(both, type);
    if (isLSTM && !state)
      state = lowering.createBuffer(states, type);
    if (op.getCell() == "gru" && !op.getLinearBeforeReset())
      state = lowering.createBuffer(both, type);
    unsigned count = op.getActivations().size();
    if (op.getDirection() == "bidirectional" && sharesActivations(op))
      count /= 2;
    auto layer = lir::RecurrentOp::create(
        lowering.builder, lowering.loc, gates,
        lowering.getBuffer(op.getWeights()), lowering.getBuffer(op.getScales()),
        lowering.getBuffer(op.getCandidateBias()), lengths, initialHidden,
        initialCell, lowering.getBuffer(op.getPeepholes()), sequence,
        last[0].own, hidden, state, op.getCell(), op.getDirection(),
        op.getClipAttr(), op.getLinearBeforeReset(), op.getInputForget(),
        DictionaryAttr(), count);
    for (unsigned index = 0; index < count; ++index)
      buildActivation(op, index, layer.getActivations()[index], type,
                      lowering.builder);
  }
  for (const LastStates &states : last)
    states.finish(lowering);
  return success();
}

void lambent::addRecurrentLowerings(LoweringTable &table) {
  table.add(lowerRecurrent);
}
