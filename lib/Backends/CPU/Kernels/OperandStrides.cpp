//===- OperandStrides.cpp - How operands move with a product's domain -----===//

#include "OperandStrides.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;

SmallVector<int64_t> lambent::cpu::getDimStrides(AffineMap map,
                                                 MemRefType buffer) {
  SmallVector<int64_t> strides(map.getNumDims(), 0);
  for (auto [result, stride] :
       llvm::zip(map.getResults(), lir::getStrides(buffer)))
    if (auto dim = dyn_cast<AffineDimExpr>(result))
      strides[dim.getPosition()] += stride;
  return strides;
}

bool lambent::cpu::hasContiguousRows(MemRefType type) {
  return type.getRank() == 0 || type.getShape().back() == 1 ||
         lir::getStrides(type).back() == 1;
}

std::optional<int64_t> lambent::cpu::getRowDistance(MemRefType type,
                                                    int64_t size) {
  if (size <= 0 || type.getNumElements() % size != 0)
    return std::nullopt;
  FailureOr<MemRefType> rows =
      lir::reshapeLayout(type, {type.getNumElements() / size, size});
  if (failed(rows) || !hasContiguousRows(*rows))
    return std::nullopt;
  return lir::getStrides(*rows).front();
}
