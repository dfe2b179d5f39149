//===- Graph.h - The graph dialect -------------------------------------------===//

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
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "lambent/Graph/IR/GraphDialect.h.inc"
#include "lambent/Graph/IR/GraphInterfaces.h.inc"

#define GET_OP_CLASSES
#include "lambent/Graph/IR/AttentionOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConstantOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConvOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ElementwiseOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/MatmulOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/NormOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/PoolOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ReduceOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ResizeOps.h.inc"
#define GET_OP_CLASSES
#include "lambent/Graph/IR/ShapeOps.h.inc"

namespace lambent::graph {

/// The type that an element has in an element-wise region: ui8 is i8 there, all else is itself.
mlir::Type getScalarType(mlir::Type elementType);

/// The value of a constant, or null when `value` is not known at compile time.
mlir::ElementsAttr getConstantValue(mlir::Value value);

/// The elements of a constant integer tensor (any width, read as its signedness says), or failure.
mlir::FailureOr<llvm::SmallVector<int64_t>> getConstantInts(mlir::Value value);

/// A 1-D i64 constant.
mlir::Value createIndexConstant(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> values);

/// ONNX's broadcasting of shapes (open dims: mlir::ShapedType::kDynamic); failure when they don't fit.
mlir::FailureOr<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

} // namespace lambent::graph

#endif
