//===- MLIRType.h - The element types as MLIR types -------------*- C++ -*-===//

#ifndef LAMBENT_ELEMENTTYPES_MLIRTYPE_H
#define LAMBENT_ELEMENTTYPES_MLIRTYPE_H

#include "lambent/ElementTypes/ElementType.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lambent {

/// The type of a tensor's elements on `graph`: bool is i1, unsigned integers
/// are ui4 .. ui64, and a string is si64, its number in the run's table: no
/// other tensor has integers that say that they are signed.
inline mlir::Type getMLIRType(mlir::MLIRContext *context,
                              const ElementType &type) {
  using mlir::IntegerType;
  switch (type.code) {
  case LAMBENT_BOOL:
    return IntegerType::get(context, 1);
  case LAMBENT_INT:
    return IntegerType::get(context, type.bits);
  case LAMBENT_UINT:
    return IntegerType::get(context, type.bits, IntegerType::Unsigned);
  case LAMBENT_STRING:
    return IntegerType::get(context, 64, IntegerType::Signed);
  case LAMBENT_BFLOAT:
    return mlir::BFloat16Type::get(context);
  case LAMBENT_FLOAT8_E4M3FN:
    return mlir::Float8E4M3FNType::get(context);
  case LAMBENT_FLOAT8_E4M3FNUZ:
    return mlir::Float8E4M3FNUZType::get(context);
  case LAMBENT_FLOAT8_E5M2:
    return mlir::Float8E5M2Type::get(context);
  case LAMBENT_FLOAT8_E5M2FNUZ:
    return mlir::Float8E5M2FNUZType::get(context);
  case LAMBENT_FLOAT8_E8M0FNU:
    return mlir::Float8E8M0FNUType::get(context);
  case LAMBENT_FLOAT4_E2M1FN:
    return mlir::Float4E2M1FNType::get(context);
  default:
    return type.bits == 16   ? mlir::Type(mlir::Float16Type::get(context))
           : type.bits == 32 ? mlir::Type(mlir::Float32Type::get(context))
                             : mlir::Type(mlir::Float64Type::get(context));
  }
}

/// The row of such a type, or null for one that tensors do not have.
inline const ElementType *findElementType(mlir::Type elementType) {
  for (const ElementType &type : elementTypes)
    if (getMLIRType(elementType.getContext(), type) == elementType)
      return &type;
  return nullptr;
}

/// Whether the type is that of strings, which are moved and compared only.
inline bool isString(mlir::Type elementType) {
  return elementType.isSignedInteger(64);
}

/// Whether the type is stored and converted only, never computed with: a float
/// of 8 bits or fewer, or an integer below 8.
inline bool isNarrow(mlir::Type elementType) {
  unsigned bits =
      elementType.isIntOrFloat() ? elementType.getIntOrFloatBitWidth() : 64;
  return mlir::isa<mlir::FloatType>(elementType) ? bits <= 8
                                                 : bits > 1 && bits < 8;
}

} // namespace lambent

#endif
