//===- AttentionOps.cpp - Checks and facts of lir.attention ---------------===//

#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::AttentionOp::verify() {
  if (getDomain().size() != 6)
    return emitOpError() << "expected a domain [B, H, S, T, D, E], but got ["
                         << getDomain() << "]";
  SmallVector<std::pair<StringRef, Value>> operands = {{"query", getQuery()},
                                                       {"key", getKey()},
                                                       {"value", getValue()},
                                                       {"output", getOutput()}};
  if (getMask())
    operands.push_back({"mask", getMask()});
  if (getMaps().size() != operands.size())
    return emitOpError() << "expected " << operands.size() << " maps, but got "
                         << getMaps().size();
  for (auto [operand, attr] :
       llvm::zip_equal(operands, getMaps().getAsRange<AffineMapAttr>())) {
    AffineMap map = attr.getValue();
    if (failed(verifyIndexMap([&] { return emitOpError(); }, operand.first, map,
                              getDomain(),
                              cast<MemRefType>(operand.second.getType()))))
      return failure();
    SmallVector<IndexTerm> terms = *getIndexTerms(map);
    for (const IndexTerm &term : terms)
      if (!term.isDim() && !term.isZero())
        return emitOpError()
               << "expected every result of the map of " << operand.first
               << " to be a dim or 0, but got " << AffineMapAttr::get(map);
  }
  return success();
}

unsigned lir::AttentionOp::getNumReads() {
  return getOutputMutable().getOperandNumber();
}

Size lir::AttentionOp::getFlops() {
  ArrayRef<Size> domain = getDomain();
  Size scores = productOf(domain.take_front(4));
  return scores * (domain[4] * 2 + domain[5] * 2 + 4);
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/AttentionOps.cpp.inc"
