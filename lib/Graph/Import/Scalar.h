//===- Scalar.h - Arithmetic inside an element-wise region ------*- C++ -*-===//
//
// Scalars in a region are signless; what needs the signedness takes it as an
// argument. Integer operations are total: where C and LLVM leave the result
// undefined (division by zero, shifts by too much, casts out of range), the
// ones here have a value.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_SCALAR_H
#define LAMBENT_LIB_GRAPH_IMPORT_SCALAR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace lambent::graph {

class Scalar {
public:
  Scalar(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// A number of the same type as `like`.
  mlir::Value number(mlir::Value like, double value) {
    return number(like.getType(), value);
  }
  mlir::Value number(mlir::Type type, double value);
  mlir::Value integer(mlir::Type type, int64_t value);

  // For floats and integers.
  mlir::Value add(mlir::Value a, mlir::Value b) {
    return pick<mlir::arith::AddFOp, mlir::arith::AddIOp>(a, b);
  }
  mlir::Value sub(mlir::Value a, mlir::Value b) {
    return pick<mlir::arith::SubFOp, mlir::arith::SubIOp>(a, b);
  }
  mlir::Value mul(mlir::Value a, mlir::Value b) {
    return pick<mlir::arith::MulFOp, mlir::arith::MulIOp>(a, b);
  }
  /// Integers truncate towards zero; x / 0 is 0.
  mlir::Value div(mlir::Value a, mlir::Value b, bool isUnsigned = false);
  /// The remainder with the dividend's sign (C's), x rem 0 is 0.
  mlir::Value rem(mlir::Value a, mlir::Value b, bool isUnsigned = false);
  /// NaN if either is NaN.
  mlir::Value max(mlir::Value a, mlir::Value b, bool isUnsigned = false);
  mlir::Value min(mlir::Value a, mlir::Value b, bool isUnsigned = false);
  mlir::Value neg(mlir::Value a);
  mlir::Value abs(mlir::Value a, bool isUnsigned = false);
  mlir::Value less(mlir::Value a, mlir::Value b, bool isUnsigned = false);
  mlir::Value lessOrEqual(mlir::Value a, mlir::Value b,
                          bool isUnsigned = false);
  mlir::Value equal(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) {
    return make<mlir::arith::SelectOp>(condition, a, b);
  }
  /// To another type, given whether the types are unsigned. Bool is i1, and
  /// floats saturate.
  mlir::Value convert(mlir::Value a, mlir::Type type, bool fromUnsigned,
                      bool toUnsigned);

  // For floats.
  mlir::Value exp(mlir::Value a) { return make<mlir::math::ExpOp>(a); }
  mlir::Value log(mlir::Value a) { return make<mlir::math::LogOp>(a); }
  mlir::Value sqrt(mlir::Value a) { return make<mlir::math::SqrtOp>(a); }
  mlir::Value tanh(mlir::Value a) { return make<mlir::math::TanhOp>(a); }
  mlir::Value erf(mlir::Value a) { return make<mlir::math::ErfOp>(a); }
  mlir::Value pow(mlir::Value a, mlir::Value b) {
    return make<mlir::math::PowFOp>(a, b);
  }
  mlir::Value compare(mlir::arith::CmpFPredicate predicate, mlir::Value a,
                      mlir::Value b) {
    return make<mlir::arith::CmpFOp>(predicate, a, b);
  }
  mlir::Value clamp(mlir::Value a, double low, double high);
  /// 1 / (1 + exp(-a))
  mlir::Value sigmoid(mlir::Value a);
  /// log(1 + exp(a)), without overflow
  mlir::Value softplus(mlir::Value a);

  // For integers.
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                      mlir::Value b) {
    return make<mlir::arith::CmpIOp>(predicate, a, b);
  }

  template <typename OpTy, typename... Args> mlir::Value make(Args &&...args) {
    return OpTy::create(builder, loc, std::forward<Args>(args)...);
  }

  /// To f32 for rounding to a narrower float: what f32 does not hold is rounded
  /// so that rounding the f32 gives what rounding the number does.
  mlir::Value convertToOdd(mlir::Value a, bool isUnsigned);

private:
  mlir::Value roundToOdd(mlir::Value a);
  template <typename FloatOp, typename IntOp>
  mlir::Value pick(mlir::Value a, mlir::Value b) {
    if (llvm::isa<mlir::FloatType>(a.getType()))
      return make<FloatOp>(a, b);
    return make<IntOp>(a, b);
  }

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace lambent::graph

#endif
