//===- OperandStrides.cpp - How operands move with a product's domain -----===//

#include "OperandStrides.h"

using namespace mlir;

SmallVector<int64_t> lambent::cpu::getDimStrides(AffineMap map,
                                                 MemRefType buffer) {
  SmallVector<int64_t> strides(map.getNumDims(), 0);
  int64_t stride = 1;
  for (unsigned i = map.getNumResults(); i-- > 0;
       stride *= buffer.getDimSize(i))
    if (auto dim = dyn_cast<AffineDimExpr>(map.getResult(i)))
      strides[dim.getPosition()] += stride;
  return strides;
}
