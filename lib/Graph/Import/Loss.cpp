//===- Loss.cpp - Losses of classification --------------------------------===//

#include "Elementwise.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The sum of all elements as a scalar; narrow floats are summed in f32.
Value sumAll(Node &node, Value x) {
  if (node.hasFailed())
    return {};
  return node.reduce(x, "sum", listAxes(0, getType(x).getRank()),
                     /*keepDims=*/false);
}

/// The negative logarithm of the target's probability at each place, weighted
/// and reduced as the attributes say.
/// \param logs [N, C, d...], \param target [N, d...] holds classes or
/// ignore_index, which counts nothing.
Value reduceLoss(Node &node, Value logs, Value target, Value weight) {
  std::string reduction =
      node.getChoice("reduction", "mean", {"none", "sum", "mean"});
  bool ignores = node.hasAttribute("ignore_index");
  int64_t ignored = node.getInt("ignore_index", 0);
  if (node.hasFailed())
    return {};
  int64_t rank = getType(logs).getRank();
  if (rank < 2 || getType(target).getRank() != rank - 1) {
    (void)node.error("expected an input [N, C, d...] and a target [N, d...], "
                     "but got ranks " +
                     Twine(rank) + " and " + Twine(getType(target).getRank()));
    return {};
  }
  if (weight && getType(weight).getRank() != 1) {
    (void)node.error("expected one weight per class, but got rank " +
                     Twine(getType(weight).getRank()));
    return {};
  }
  Type type = getType(logs).getElementType(),
       i64 = IntegerType::get(node.getContext(), 64),
       i1 = IntegerType::get(node.getContext(), 1);
  Type wideType = type.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : type;
  Value place = node.cast(target, i64), counts;
  if (ignores) {
    counts = node.map(place, i1, [&](Scalar &s, ArrayRef<Value> args) {
      return s.make<arith::CmpIOp>(arith::CmpIPredicate::ne, args[0],
                                   s.integer(i64, ignored));
    });
    place =
        node.map({counts, place}, i64, [&](Scalar &s, ArrayRef<Value> args) {
          return s.select(args[0], args[1], s.integer(i64, 0));
        });
  }
  Value chosen = node.create<SqueezeOp>(
      node.create<GatherElementsOp>(
          logs, node.create<UnsqueezeOp>(place, ArrayRef<int64_t>(1)),
          int64_t(1)),
      ArrayRef<int64_t>(1));
  Value share =
      weight ? node.cast(node.create<GatherOp>(weight, place, int64_t(0)),
                         wideType)
             : node.scalar(wideType, 1);
  if (counts)
    share = node.map({counts, share}, wideType,
                     [](Scalar &s, ArrayRef<Value> args) {
                       return s.select(args[0], args[1], s.number(args[1], 0));
                     });
  // Where nothing counts, not even an infinite loss does.
  Value loss =
      node.map({node.cast(chosen, wideType), share}, wideType,
               [&](Scalar &s, ArrayRef<Value> args) {
                 Value zero = s.number(args[1], 0);
                 Value product = s.mul(s.neg(args[0]), args[1]);
                 return counts ? s.select(s.equal(args[1], zero), zero, product)
                               : product;
               });
  if (reduction == "none")
    return node.cast(loss, type);
  Value total = sumAll(node, loss);
  if (reduction == "mean") {
    // Everything counts the same, or as much as its weight.
    share = node.map({loss, share}, wideType,
                     [](Scalar &, ArrayRef<Value> args) { return args[1]; });
    total = node.map({total, sumAll(node, share)}, wideType,
                     [](Scalar &s, ArrayRef<Value> args) {
                       return s.div(args[0], args[1]);
                     });
  }
  return node.cast(total, type);
}

LogicalResult importLogLikelihood(Node &node) {
  Value logs = node.input(0, "input", FloatKind),
        target = node.input(1, "target", SignedKind),
        weight = node.optionalInput(2, "weight", FloatKind);
  return node.result(reduceLoss(node, logs, target, weight));
}

LogicalResult importCrossEntropy(Node &node) {
  Value scores = node.input(0, "scores", FloatKind),
        target = node.input(1, "labels", SignedKind),
        weight = node.optionalInput(2, "weights", FloatKind);
  if (!node.hasFailed() && getType(scores).getRank() < 2)
    return node.error("expected scores [N, C, d...], but got rank " +
                      Twine(getType(scores).getRank()));
  Value logs = node.create<SoftmaxOp>(scores, int64_t(1), /*log=*/true);
  if (node.getNumOutputs() > 1)
    (void)node.result(1, logs);
  return node.result(reduceLoss(node, logs, target, weight));
}

} // namespace

void addLossRows(OpTable &table) {
  table.add("NegativeLogLikelihoodLoss", 12, importLogLikelihood);
  table.add("SoftmaxCrossEntropyLoss", 12, importCrossEntropy);
}

} // namespace lambent::graph
