//===- Inference.h - What every op's type inference shares ------*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IR_INFERENCE_H
#define LAMBENT_GRAPH_IR_INFERENCE_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OpDefinition.h"

namespace lambent::graph {

/// The message that says why an op is wrong, or nothing when nobody asked for
/// one: then what is written to it is lost. It converts to failure.
class ErrorStream {
public:
  ErrorStream() = default;
  ErrorStream(mlir::InFlightDiagnostic &&diagnostic)
      : diagnostic(std::move(diagnostic)) {}

  template <typename T> ErrorStream &operator<<(T &&value) & {
    if (diagnostic)
      *diagnostic << std::forward<T>(value);
    return *this;
  }
  template <typename T> ErrorStream &&operator<<(T &&value) && {
    return std::move(*this << std::forward<T>(value));
  }

  operator llvm::LogicalResult() const { return mlir::failure(); }
  template <typename T> operator mlir::FailureOr<T>() const {
    return mlir::failure();
  }

private:
  std::optional<mlir::InFlightDiagnostic> diagnostic;
};

/// Starts the message about the op that is being checked.
using EmitError = llvm::function_ref<ErrorStream()>;

/// No tensor has more elements than this, and no dim is larger.
inline constexpr int64_t maxElements = int64_t(1) << 40;

/// Fails unless every operand is a ranked tensor.
mlir::LogicalResult checkOperands(mlir::ValueRange operands,
                                  EmitError emitError);

/// Fails on shapes that hold more than maxElements elements.
mlir::LogicalResult checkResult(mlir::RankedTensorType type,
                                EmitError emitError);

/// Whether `present` types may stand where `inferred` ones were found: element
/// types of the same scalar type, and dims that do not contradict each other.
bool areCompatible(mlir::TypeRange inferred, mlir::TypeRange present);

/// A type that knows of each size what the better of two compatible types knows,
/// the inferred one where both have an expression.
mlir::RankedTensorType mergeTypes(mlir::RankedTensorType inferred,
                                  mlir::RankedTensorType present);

/// Fails, with an error at `op`, unless its results' types may stand where
/// `inferred` were found.
mlir::LogicalResult checkPresentTypes(mlir::Operation *op,
                                      mlir::TypeRange inferred);

/// The checks around OpTy::inferType, or inferTypes of an op with several
/// results, that make it safe on operands and attributes that nobody has
/// verified. Adds a type for each result.
template <typename OpTy>
mlir::LogicalResult inferTypesOf(typename OpTy::Adaptor op, EmitError emitError,
                                 llvm::SmallVectorImpl<mlir::Type> &types) {
  if (failed(checkOperands(op.getOperands(), emitError)))
    return mlir::failure();
  llvm::SmallVector<mlir::RankedTensorType> inferred;
  if constexpr (requires { &OpTy::inferType; }) {
    mlir::FailureOr<mlir::RankedTensorType> type =
        OpTy::inferType(op, emitError);
    if (failed(type))
      return mlir::failure();
    inferred.push_back(*type);
  } else if (failed(OpTy::inferTypes(op, emitError, inferred))) {
    return mlir::failure();
  }
  for (mlir::RankedTensorType type : inferred) {
    if (failed(checkResult(type, emitError)))
      return mlir::failure();
    types.push_back(type);
  }
  return mlir::success();
}

/// The body of OpTy::inferReturnTypes.
template <typename OpTy>
mlir::LogicalResult inferReturnTypesOf(
    mlir::MLIRContext *context, std::optional<mlir::Location> location,
    typename OpTy::Adaptor op, llvm::SmallVectorImpl<mlir::Type> &types) {
  auto emitError = [&] {
    return location ? ErrorStream(mlir::emitError(*location)) : ErrorStream();
  };
  // Whether required attributes are there: builders may have been called
  // without them.
  if (failed(op.verify(location.value_or(mlir::UnknownLoc::get(context)))))
    return mlir::failure();
  types.clear();
  return inferTypesOf<OpTy>(op, emitError, types);
}

} // namespace lambent::graph

#endif
