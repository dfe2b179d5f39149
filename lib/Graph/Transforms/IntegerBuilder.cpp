//===- IntegerBuilder.cpp - Short forms of ops on integers ----------------===//

#include "IntegerBuilder.h"

using namespace mlir;

namespace lambent::graph {

static bool isUnsigned(Value narrow) {
  return getTensorType(narrow).getElementType().isUnsignedInteger();
}

Value IntegerBuilder::map(ValueRange inputs, Type element, Body body) {
  return ElementwiseOp::create(rewriter, loc, inputs, element, body);
}

Value IntegerBuilder::extend(Value narrow) {
  bool zeros = isUnsigned(narrow);
  return map(narrow, rewriter.getI32Type(),
             [&](OpBuilder &b, Location l, ValueRange args) -> Value {
               if (zeros)
                 return arith::ExtUIOp::create(b, l, b.getI32Type(), args[0]);
               return arith::ExtSIOp::create(b, l, b.getI32Type(), args[0]);
             });
}

Value IntegerBuilder::flip(Value narrow) {
  Type type = IntegerType::get(rewriter.getContext(), 8,
                               isUnsigned(narrow) ? IntegerType::Signless
                                                  : IntegerType::Unsigned);
  return map(narrow, type,
             [](OpBuilder &b, Location l, ValueRange args) -> Value {
               Value top = arith::ConstantOp::create(
                   b, l, b.getIntegerAttr(b.getIntegerType(8), -128));
               return arith::XOrIOp::create(b, l, args[0], top);
             });
}

template <typename OpT>
static Value combine(IntegerBuilder &builder, Type type, Value a, Value b) {
  return builder.map({a, b}, type,
                     [](OpBuilder &b, Location l, ValueRange args) -> Value {
                       return OpT::create(b, l, args[0], args[1]);
                     });
}

Value IntegerBuilder::add(Value a, Value b) {
  return combine<arith::AddIOp>(*this, rewriter.getI32Type(), a, b);
}
Value IntegerBuilder::sub(Value a, Value b) {
  return combine<arith::SubIOp>(*this, rewriter.getI32Type(), a, b);
}
Value IntegerBuilder::mul(Value a, Value b) {
  return combine<arith::MulIOp>(*this, rewriter.getI32Type(), a, b);
}

Value IntegerBuilder::number(int32_t value) {
  auto type = RankedTensorType::get({}, rewriter.getI32Type());
  return ConstantOp::create(rewriter, loc, DenseElementsAttr::get(type, value));
}

Value IntegerBuilder::sum(Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return ReduceOp::create(rewriter, loc, x, "sum", axes, keepDims);
}

Value IntegerBuilder::swapLast(Value x) {
  SmallVector<int64_t> perm =
      llvm::to_vector(llvm::seq<int64_t>(0, getTensorType(x).getRank()));
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return TransposeOp::create(rewriter, loc, x, perm);
}

} // namespace lambent::graph
