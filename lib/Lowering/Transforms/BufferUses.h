//===- BufferUses.h - Who reads and writes a buffer, through views --------===//

#ifndef LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERUSES_H
#define LAMBENT_LIB_LOWERING_TRANSFORMS_BUFFERUSES_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::lir {

/// An operand of a kernel.
struct BufferUse {
  KernelOpInterface kernel;
  mlir::OpOperand *operand;
  bool isWrite() const {
    return operand->getOperandNumber() >=
           const_cast<BufferUse *>(this)->kernel.getNumReads();
  }
};

/// All kernel operands that are `buffer` or a view of it.
llvm::SmallVector<BufferUse> getBufferUses(mlir::Value buffer);

/// The one kernel that writes the whole of root buffer `root`, or null when
/// there are several or none.
KernelOpInterface getOnlyWriter(mlir::Value root);

/// The kernels that read root buffer `root`, each once.
llvm::SmallVector<KernelOpInterface> getReaders(mlir::Value root);

/// Whether any kernel, or exactly one, reads root buffer `root`: cheaper than
/// to list them.
bool hasReaders(mlir::Value root);
bool hasOneReader(mlir::Value root);

/// Whether an element-wise op only moves the elements of one buffer to another.
bool isCopy(ElementwiseOp op);

/// The dense buffer operand `whole` of a copy as a part of the buffer behind
/// operand `part`. Fails unless the copy takes each element of `whole` once and
/// goes through `part` in steps that do not overlap.
mlir::FailureOr<mlir::MemRefType> getPartType(ElementwiseOp copy,
                                              unsigned whole, unsigned part);

/// A kernel that copies a buffer to another of the same sizes.
void createCopy(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value from,
                mlir::Value to);

/// `buffer`'s root under another shape.
mlir::Value createRootView(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value buffer, llvm::ArrayRef<Size> shape);

/// Where a run comes to know the sizes that data decide.
class DecidedSizes {
public:
  explicit DecidedSizes(mlir::func::FuncOp function);
  /// Whether data decide how large `buffer` is.
  bool areOf(mlir::Value buffer) const { return !getDeciders(buffer).empty(); }
  /// Whether it knows how large `buffer` is wherever the kernels that write
  /// `source` come, so that they can write `buffer` instead.
  bool mayBeWrittenEarly(mlir::Value buffer, mlir::Value source) const;

private:
  llvm::SmallVector<KernelOpInterface> getDeciders(mlir::Value buffer) const;

  llvm::SmallVector<KernelOpInterface> deciders;
};

/// Erases kernels whose results nothing reads, then unused buffers, weights and
/// views.
void eraseDeadKernels(mlir::func::FuncOp function);

} // namespace lambent::lir

#endif
