//===- SparseWeight.cpp - Constants whose zeros may be left out -----------===//

#include "SparseWeight.h"
#include "lambent/Lowering/IR/WeightData.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

std::optional<SparseWeight> cpu::findZeros(lir::WeightOp weight, Type element,
                                           const Selection &selection,
                                           std::string &reason,
                                           bool needsZeros) {
  auto refuse = [&](std::string why) {
    reason = std::move(why);
    return std::nullopt;
  };
  if (!weight || !selection.packsConstants)
    return refuse("the weights are not constant");
  auto type = cast<ShapedType>(weight.getValue().getType());
  if (type.getElementType() != element)
    return refuse(element.isF32() ? "expected elements of f32"
                                  : "expected elements of i8");
  if (type.getNumElements() == 0)
    return refuse("the weights have no elements");
  // 0 times an infinite number is none.
  if (selection.strict && element.isF32())
    return refuse("strict accuracy multiplies by zeros, too");
  std::optional<double> zeros = selection.zeros.getShare(weight);
  if (!zeros)
    return refuse("the weights have no data");
  if (needsZeros && *zeros < kLeastZeros)
    return refuse(llvm::formatv("{0:f1} % of the weights are zero, and leaving "
                                "them out never pays below {1:f0} %",
                                100 * *zeros, 100 * kLeastZeros));
  return SparseWeight{getData(weight),
                      isa<SplatElementsAttr>(weight.getValue()),
                      type.getShape(), *zeros};
}
