//===- ElementwiseContrib.cpp - com.microsoft's activations ---------------===//

#include "Elementwise.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

using Body = Value (*)(Scalar &, Value);

/// A function of an input and a bias, which is added along the last dim.
Handler biased(Body body, bool needsBias) {
  return [=](Node &node) {
    Value x = node.input(0, "X", FloatKind),
          bias = needsBias ? node.input(1, "bias", FloatKind)
                           : node.optionalInput(1, "bias", FloatKind);
    if (!bias)
      return node.result(node.map(x, body));
    if (!checkSameType(node, {x, bias}))
      return failure();
    if (getType(bias).getRank() != 1)
      return node.error("expected a bias of rank 1, but got rank " +
                        Twine(getType(bias).getRank()));
    return node.result(node.map({x, bias}, getType(x).getElementType(),
                                [&](Scalar &s, ArrayRef<Value> args) {
                                  return body(s, s.add(args[0], args[1]));
                                }));
  };
}

LogicalResult importQuickGelu(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  float alpha = node.getFloat("alpha", 1.702f);
  return node.result(node.map(x, [&](Scalar &s, Value value) {
    return s.mul(value, s.sigmoid(s.mul(value, s.number(value, alpha))));
  }));
}

LogicalResult importContribGelu(Node &node) {
  return node.result(node.map(node.input(0, "X", FloatKind), gelu));
}

} // namespace

void addContribActivationRows(OpTable &table) {
  table.add("com.microsoft.Gelu", 1, importContribGelu);
  table.add("com.microsoft.BiasGelu", 1, biased(gelu, /*needsBias=*/true));
  table.add("com.microsoft.FastGelu", 1, biased(geluTanh, /*needsBias=*/false));
  table.add("com.microsoft.QuickGelu", 1, importQuickGelu);
}

} // namespace lambent::graph
