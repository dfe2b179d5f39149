//===- OperandStrides.cpp - How operands move with a product's domain -----===//

#include "OperandStrides.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;

Sizes lambent::cpu::getDimStrides(AffineMap map, MemRefType buffer) {
  Sizes strides(map.getNumDims(), 0);
  for (auto [result, stride] :
       llvm::zip(map.getResults(), lir::getStrides(buffer)))
    if (auto dim = dyn_cast<AffineDimExpr>(result))
      strides[dim.getPosition()] += stride;
  return strides;
}

bool lambent::cpu::hasContiguousRows(MemRefType type) {
  return type.getRank() == 0 || type.getShape().back() == 1 ||
         lir::getStrides(type).back().is(1);
}

std::optional<Size> lambent::cpu::getRowDistance(MemRefType type,
                                                 const Size &size) {
  Size rowCount = size.is(0) ? Size::unknown()
                             : divideWhole(lir::countElements(type), size);
  if (!rowCount.isKnown())
    return std::nullopt;
  FailureOr<MemRefType> rows = lir::reshapeLayout(type, Sizes{rowCount, size});
  if (failed(rows) || !hasContiguousRows(*rows))
    return std::nullopt;
  return lir::getStrides(*rows).front();
}
