//===- WeightPacker.h - Packed versions of constants ------------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_WEIGHTPACKER_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_WEIGHTPACKER_H

#include "lambent/Lowering/IR/LIR.h"
#include "llvm/ADT/SetVector.h"

namespace lambent::cpu {

/// The weight that `value` is, as the model has it; null where it is packed
/// already or no weight.
lir::WeightOp getUnpackedWeight(mlir::Value value);

/// Makes packed versions of weights, each distinct one once.
class WeightPacker {
public:
  /// Points `operand` at `weight` packed to `shape`, of its own element type or
  /// of another.
  void pack(mlir::OpOperand &operand, lir::WeightOp weight,
            llvm::ArrayRef<int64_t> shape, mlir::Attribute packing,
            mlir::Type element = nullptr);

  /// Drops weights that only packed versions are read of.
  void eraseUnused();

private:
  using Key = std::tuple<mlir::Operation *, mlir::Type, mlir::Attribute>;
  llvm::DenseMap<Key, lir::WeightOp> made;
  llvm::SetVector<lir::WeightOp> used;
};

/// What is packed as its kernel reads it is not indexed: a product whose rhs is
/// packed has no map for it.
template <typename OpT> void dropRhsMap(OpT product) {
  mlir::MLIRContext *context = product.getContext();
  llvm::SmallVector<mlir::Attribute> maps(product.getMaps().getValue());
  unsigned dims =
      mlir::cast<mlir::AffineMapAttr>(maps[1]).getValue().getNumDims();
  maps[1] = mlir::AffineMapAttr::get(mlir::AffineMap::get(dims, 0, context));
  product.setMapsAttr(mlir::ArrayAttr::get(context, maps));
}

} // namespace lambent::cpu

#endif
