//===- Graph.h - The graph dialect ------------------------------*- C++ -*-===//

#ifndef LAMBENT_GRAPH_IR_GRAPH_H
#define LAMBENT_GRAPH_IR_GRAPH_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "lambent/Graph/IR/Inference.h"
#include "lambent/Graph/IR/Sizes.h"
#include "lambent/Graph/IR/ValueRule.h"

#include "lambent/Graph/IR/GraphDialect.h.inc"
#include "lambent/Graph/IR/GraphInterfaces.h.inc"

#define GET_TYPEDEF_CLASSES
#include "lambent/Graph/IR/SequenceTypes.h.inc"

namespace lambent::graph {

/// What a value of this type is: a sequence or an optional where it is a
/// handle, else the type itself.
mlir::Type getMeaning(mlir::Type type);

/// The type of a handle of a sequence or an optional.
mlir::RankedTensorType makeHandleType(mlir::Type meaning);

/// The type of a sequence of tensors of these types (of one element type): what
/// they have in common. Of none, it is `elementType`'s, of any shape.
SequenceType getSequenceType(mlir::TypeRange tensors, mlir::Type elementType);

/// The type of values that may be of either type, which are tensors of one
/// element type or sequences or optionals of such; null where they are not.
mlir::Type joinTypes(mlir::Type a, mlir::Type b);

/// Whether every value of type `actual` is one of type `wanted`.
bool isOfType(mlir::Type actual, mlir::Type wanted);

/// The element type of a tensor, or of what a sequence or an optional holds.
mlir::Type getScalarElement(mlir::Type type);

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/AttentionOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/BlockOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/CheckOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConstantOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ControlFlowOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConvOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ElementwiseOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/IndexingOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/MatmulOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/NormOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/PoolOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/RecurrentOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ReduceOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ResizeOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/SelectionOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/SequenceOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ShapeOps.h.inc"

namespace lambent::graph {

/// The type that an element has in an element-wise region, and in a buffer: ui8
/// is i8 there, and what is narrow (f8, f4, int4, int2) is its code, an i8
/// whose upper bits are 0; all else is itself.
mlir::Type getScalarType(mlir::Type elementType);

/// The element type of a product of two tensors: that of both, or i32 where lhs
/// is ui8 and rhs i8; f32 where it is to be wide and both are f16 or bf16. Null
/// for others.
mlir::Type getProductElementType(mlir::RankedTensorType lhs,
                                 mlir::RankedTensorType rhs,
                                 bool isWide = false);

/// The value of a constant, or null when `value` is not known at compile time.
mlir::ElementsAttr getConstantValue(mlir::Value value);

/// The elements of a constant integer tensor (any width, read as its signedness
/// says), or failure.
mlir::FailureOr<llvm::SmallVector<int64_t>> getConstantInts(mlir::Value value);

/// What is known about the elements of an integer tensor that sizes are
/// computed in, also where some of them are not known yet (a `graph.shape` of a
/// tensor with open dims, and what is computed from it); failure when nothing
/// is.
mlir::FailureOr<llvm::SmallVector<std::optional<int64_t>>>
getKnownInts(mlir::Value value);

/// The same, with expressions of open sizes.
mlir::FailureOr<Sizes> getKnownSizes(mlir::Value value);

/// A 1-D i64 constant.
mlir::Value createIndexConstant(mlir::OpBuilder &builder, mlir::Location loc,
                                llvm::ArrayRef<int64_t> values);

/// The same of sizes: a graph.sizes where one is an expression. All are known.
mlir::Value createSizeList(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<Size> sizes);

/// What shape arithmetic computes, as one op: a graph.sizes where all elements
/// of an integer tensor are known and some are expressions, else null.
mlir::Value createKnownSizes(mlir::OpBuilder &builder, mlir::Value value);

/// ONNX's broadcasting of shapes (open dims: mlir::ShapedType::kDynamic);
/// failure when they don't fit.
mlir::FailureOr<llvm::SmallVector<int64_t>>
broadcastShapes(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// Makes the result types of `op` as static as its operands imply. Returns
/// whether one changed, or failure (reported at the op) when operands and
/// attributes contradict each other or the present type.
mlir::FailureOr<bool> refineResultTypes(mlir::Operation *op);

/// Creates an op whose result types are inferred. Unlike OpTy::create, which
/// aborts, it reports at `loc` what is wrong with operands and attributes, and
/// fails.
template <typename OpTy>
mlir::FailureOr<OpTy>
createChecked(mlir::OpBuilder &builder, mlir::Location loc,
              mlir::ValueRange operands,
              const typename OpTy::Properties &properties) {
  llvm::SmallVector<mlir::Type> types;
  typename OpTy::Properties inferred = properties;
  OpTy::populateDefaultProperties(
      mlir::OperationName(OpTy::getOperationName(), builder.getContext()),
      inferred);
  if (failed(OpTy::inferReturnTypes(
          builder.getContext(), loc, operands, builder.getDictionaryAttr({}),
          mlir::OpaqueProperties(&inferred), {}, types)))
    return mlir::failure();
  return OpTy::create(builder, loc, mlir::TypeRange(types), operands, inferred);
}

} // namespace lambent::graph

#endif
