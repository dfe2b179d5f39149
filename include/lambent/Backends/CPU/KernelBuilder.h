//===- KernelBuilder.h - Writes the loops of one CPU kernel -----*- C++ -*-===//
//
// Scalar code (ScalarBuilder), and arith and vector ops on 1-D vectors, loaded
// and stored through pointers: what lowers to LLVM one to one, with no
// descriptors.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_KERNELBUILDER_H
#define LAMBENT_BACKENDS_CPU_KERNELBUILDER_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Lowering/Kernels/ScalarBuilder.h"

namespace lambent::cpu {

class KernelBuilder : public kernels::ScalarBuilder {
public:
  KernelBuilder(mlir::Location loc, mlir::OpBuilder builder,
                const TargetInfo &target, mlir::ValueRange buffers,
                mlir::Value begin, mlir::Value end, mlir::Value scratch,
                mlir::Value stage = nullptr)
      : ScalarBuilder(loc, builder), target(target),
        buffers(buffers.begin(), buffers.end()), begin(begin), end(end),
        scratch(scratch), stage(stage) {}

  const TargetInfo &getTarget() const { return target; }
  /// The pointer of the op's operand `index`.
  mlir::Value getBuffer(unsigned index) const { return buffers[index]; }
  /// The pointer of the op's operand that is `operand`.
  mlir::Value getBuffer(mlir::OpOperand &operand) const {
    return buffers[operand.getOperandNumber()];
  }
  mlir::Value getBegin() const { return begin; }
  mlir::Value getEnd() const { return end; }
  /// This worker's scratch memory, 64-byte aligned.
  mlir::Value getScratch() const { return scratch; }
  /// The number of the stage that runs, of a kernel that has several.
  mlir::Value getStage() const { return stage; }

  /// The size of dim `dim` of an operand, as a value (i64).
  mlir::Value getSize(mlir::Value operand, unsigned dim);
  /// The position of `indices` in a buffer, from its first element on.
  mlir::Value getPosition(mlir::ValueRange indices, mlir::MemRefType type);
  /// &base[bytes].
  mlir::Value bytePtr(mlir::Value base, mlir::Value bytes);
  /// Fetches the cache lines of so many bytes, to read or to write them.
  void fetchLines(mlir::Value base, int64_t bytes, bool isWritten);
  /// `lanes` neighbours. With `count` (an i64 or null) only the first `count`
  /// are touched; the others read as 0.
  mlir::Value loadVector(mlir::Type elementType, int64_t lanes,
                         mlir::Value base, mlir::Value index,
                         mlir::Value count = nullptr);
  void storeVector(mlir::Value vector, mlir::Value base, mlir::Value index,
                   mlir::Value count = nullptr);
  /// `lanes` elements `stride` apart.
  mlir::Value loadStrided(mlir::Type elementType, int64_t lanes,
                          mlir::Value base, mlir::Value index,
                          const Size &stride, mlir::Value count = nullptr);
  void storeStrided(mlir::Value vector, mlir::Value base, mlir::Value index,
                    const Size &stride, mlir::Value count = nullptr);

  /// Which of `lanes` lanes are below `count`.
  mlir::Value laneMask(int64_t lanes, mlir::Value count);

  mlir::VectorType vectorType(mlir::Type elementType, int64_t lanes);
  /// The splat of a scalar; a vector is returned as it is; lanes 0 means scalar
  /// code.
  mlir::Value broadcast(mlir::Value value, int64_t lanes);
  /// a * b + c, fused where the target can.
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  mlir::Value addf(mlir::Value a, mlir::Value b);
  mlir::Value mulf(mlir::Value a, mlir::Value b);

  /// Clones a scalar region for `lanes` elements at once (0: scalars).
  /// `indices` are what lir.index gives, for the first lane; along `vectorDim`
  /// lanes count up. Returns the yielded values.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  applyRegion(mlir::Region &region, mlir::ValueRange arguments, int64_t lanes,
              mlir::ValueRange indices = {}, int64_t vectorDim = -1);

  /// Where a vector of bytes is a table's entries: the places, and the table.
  struct Lookup {
    mlir::Value places;
    mlir::DenseElementsAttr table; ///< 256 bytes
  };
  /// table[place] for each byte of a vector, or for one byte.
  mlir::Value lookUp(const Lookup &lookup);
  /// How `lookUp` made `bytes`, if it did.
  std::optional<Lookup> findLookup(mlir::Value bytes) const;

  /// Applies an op's epilogue to `lanes` accumulators (0: one scalar) whose
  /// output index is `indices`, lanes along the output's last dim. Loads the
  /// epilogue's inputs with `count` as in loadVector.
  mlir::FailureOr<mlir::Value> applyEpilogue(mlir::Operation *op,
                                             mlir::Value accumulator,
                                             mlir::ValueRange indices,
                                             int64_t lanes,
                                             mlir::Value count = nullptr);

private:
  /// The address of a table in the kernel's module.
  mlir::Value getTable(mlir::DenseElementsAttr table);

  const TargetInfo &target;
  llvm::DenseMap<mlir::Value, Lookup> lookups; ///< by their results
  llvm::SmallVector<mlir::Value> buffers;
  mlir::Value begin, end, scratch, stage;
};

} // namespace lambent::cpu

#endif
