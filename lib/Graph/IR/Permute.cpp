//===- Permute.cpp - Operands brought into the order of permuted dims -----===//

#include "Permute.h"

#include "Elements.h"

using namespace mlir;

namespace lambent::graph {

Shape getBroadcastStrides(ArrayRef<int64_t> shape, int64_t rank) {
  Shape strides = getStrides(shape);
  for (auto [stride, dim] : llvm::zip(strides, shape))
    stride = dim == 1 ? 0 : stride;
  strides.insert(strides.begin(), rank - shape.size(), 0);
  return strides;
}

Value permuteOperand(OpBuilder &builder, Location loc, Value operand,
                     bool permuted, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(operand.getType());
  if (permuted ||
      llvm::all_of(type.getShape(), [](int64_t dim) { return dim == 1; }))
    return operand;
  int64_t missing = static_cast<int64_t>(perm.size()) - type.getRank();
  if (missing > 0) {
    Sizes sizes(missing, 1);
    llvm::append_range(sizes, getSizes(type));
    type = makeTensorType(sizes, type.getElementType());
    operand = UnsqueezeOp::create(builder, loc, type, operand,
                                  llvm::to_vector(llvm::seq<int64_t>(missing)));
  }
  return TransposeOp::create(builder, loc,
                             permuteType(type, perm),
                             operand, perm);
}

} // namespace lambent::graph
