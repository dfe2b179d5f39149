//===- Tensor.h - ONNX tensors and types as MLIR attributes and types -----===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_TENSOR_H
#define LAMBENT_LIB_GRAPH_IMPORT_TENSOR_H

#include "Names.h"
#include "Strings.h"
#include "lambent/Graph/Import/ModelFile.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <variant>

namespace lambent::graph {

/// What can be in the way of a tensor: damage, or a type that Lambent does not
/// have yet.
struct TensorError {
  std::string message;
  bool unsupported = false;
};

/// More elements than any tensor may have; a larger shape is a mistake in the
/// model.
inline constexpr int64_t mostElements = int64_t(1) << 40;

/// The MLIR type of a TensorProto.DataType, or null for one that Lambent does
/// not have.
mlir::Type getElementType(mlir::MLIRContext *context, int32_t dataType);

/// The type of a tensor without sizes of open dims, a sequence or an optional,
/// or null for one that Lambent does not have.
mlir::Type importType(mlir::MLIRContext *context, const onnx::TypeProto &type);

/// ONNX's name of a data type ("FLOAT8E5M2"), or its number.
std::string getDataTypeName(int32_t dataType);

/// Bytes of `count` elements in raw data, 0 for a type that Lambent does not
/// have.
uint64_t getDataBytes(int32_t dataType, uint64_t count);

/// The product of dims, or -1 when one is negative or there are more than
/// `mostElements`.
int64_t countElements(llvm::ArrayRef<int64_t> dims);

/// The same with open dims (any negative) taken as 1.
int64_t countLeastElements(llvm::ArrayRef<int64_t> dims);

/// Raw data as a constant. `bytes` must be as many as the type needs; whoever
/// owns them keeps them as long as the constant lives when there is no owner.
/// Packed elements get a byte each, in a copy.
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type,
                                llvm::StringRef name, OwnedBytes data);

/// A tensor's type and its elements as raw data.
struct TensorData {
  mlir::RankedTensorType type;
  OwnedBytes data;
};
std::variant<TensorData, TensorError>
readTensor(mlir::MLIRContext *context, ModelFile &file,
           const onnx::TensorProto &tensor);

/// A tensor as a constant: small ones are copied, larger ones refer to the file
/// or message they lie in.
std::variant<mlir::ElementsAttr, TensorError>
importTensor(mlir::MLIRContext *context, ModelFile &file, Strings &strings,
             const onnx::TensorProto &tensor);

/// A sparse tensor's elements, written out: 0 where it says nothing.
std::variant<TensorData, TensorError>
readSparseTensor(mlir::MLIRContext *context, ModelFile &file,
                 const onnx::SparseTensorProto &tensor);

/// The same as a constant.
std::variant<mlir::ElementsAttr, TensorError>
importSparseTensor(mlir::MLIRContext *context, ModelFile &file,
                   const onnx::SparseTensorProto &tensor);

} // namespace lambent::graph

#endif
