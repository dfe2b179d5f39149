//===- MatmulOps.cpp - Checks and facts of lir.matmul ---------------------===//

#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::MatmulOp::verify() {
  ArrayRef<Size> domain = getDomain();
  if (domain.size() < 3)
    return emitOpError() << "expected a domain [batch..., M, N, K], but got ["
                         << domain << "]";
  // C1
  if (getMaps().size() != 3)
    return emitOpError() << "expected 3 maps, but got " << getMaps().size();
  // C2
  Value operands[] = {getLhs(), getRhs(), getOutput()};
  StringRef names[] = {"lhs", "rhs", "output"};
  for (auto [name, operand, attr] : llvm::zip_equal(
           names, operands, getMaps().getAsRange<AffineMapAttr>())) {
    AffineMap map = attr.getValue();
    if (name == "rhs" && map.getNumResults() == 0)
      continue; // packed
    if (failed(verifyIndexMap([&] { return emitOpError(); }, name, map, domain,
                              cast<MemRefType>(operand.getType()))))
      return failure();
    SmallVector<IndexTerm> terms = *getIndexTerms(map);
    for (const IndexTerm &term : terms)
      if (!term.isDim() && !term.isZero())
        return emitOpError()
               << "expected every result of the map of " << name
               << " to be a dim or 0, but got " << AffineMapAttr::get(map);
  }
  AffineMap outputMap = cast<AffineMapAttr>(getMaps()[2]).getValue();
  for (unsigned dim = 0; dim < domain.size(); ++dim) {
    bool used = outputMap.isFunctionOfDim(dim);
    if (dim == domain.size() - 1 ? used : !used && !domain[dim].is(1))
      return emitOpError()
             << "expected the map of output to use all dims but k, but got "
             << AffineMapAttr::get(outputMap);
  }
  // C3
  auto lhs = cast<MemRefType>(getLhs().getType()),
       output = cast<MemRefType>(getOutput().getType());
  return verifyEpilogue(*this, output,
                        getProductType(*this, lhs.getElementType()));
}

unsigned lir::MatmulOp::getNumReads() { return getNumOperands() - 1; }

bool lir::MatmulOp::mayShareBuffer(unsigned index) {
  return index >= 2 &&
         mayShareEpilogueInput(*this, index - 2,
                               cast<MemRefType>(getOutput().getType()));
}

Size lir::MatmulOp::getFlops() {
  Size outputs = productOf(getDomain().drop_back());
  Size each = getDomain().back() * 2 + getRegionFlops(getEpilogue());
  return outputs * each;
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/MatmulOps.cpp.inc"
