//===- Indices.cpp - Indices that kernels load and follow ----------------===//
//
// See Indices.h.
//
//===----------------------------------------------------------------------===//

#include "Indices.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Type lambent::cpu::getMovedType(MemRefType type) {
  Type element = type.getElementType();
  return IntegerType::get(
      type.getContext(),
      element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth());
}

Value lambent::cpu::loadIndex(KernelBuilder &builder, MemRefType indices,
                              Value position, const Size &size) {
  Value index =
      builder.load(indices.getElementType(), builder.getBuffer(1), position);
  if (!indices.getElementType().isInteger(64))
    index = arith::ExtSIOp::create(builder, builder.getI64Type(), index);
  Value fromEnd =
      arith::SelectOp::create(builder, builder.lessThan(index, builder.i64(0)),
                              builder.add(index, builder.value(size)), index);
  return builder.min(builder.max(fromEnd, builder.i64(0)),
                     builder.value(size - 1));
}

Value lambent::cpu::loadIndexTuple(KernelBuilder &builder, MemRefType indices,
                                   Value position, ArrayRef<Size> sizes) {
  SmallVector<Value> places;
  for (auto [i, size] : llvm::enumerate(sizes))
    places.push_back(
        loadIndex(builder, indices, builder.add(position, int64_t(i)), size));
  return builder.linearize(places, sizes);
}
