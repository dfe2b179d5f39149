//===- KernelBuilder.h - Writes the loops of one CPU kernel -----*- C++ -*-===//
//
// Kernels are built from scf loops over i64, arith and vector ops on 1-D
// vectors, and LLVM loads and stores through pointers: what lowers to LLVM one
// to one, with no descriptors.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_CPU_KERNELBUILDER_H
#define LAMBENT_BACKENDS_CPU_KERNELBUILDER_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace lambent::cpu {

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  KernelBuilder(mlir::Location loc, mlir::OpBuilder builder,
                const TargetInfo &target, mlir::ValueRange buffers,
                mlir::Value begin, mlir::Value end, mlir::Value scratch)
      : ImplicitLocOpBuilder(loc, builder), target(target),
        buffers(buffers.begin(), buffers.end()), begin(begin), end(end),
        scratch(scratch) {}

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

  /// i64 arithmetic; constants fold.
  mlir::Value i64(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t b) { return mul(a, i64(b)); }
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, i64(b)); }
  mlir::Value divUnsigned(mlir::Value a, int64_t b);
  mlir::Value remUnsigned(mlir::Value a, int64_t b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  mlir::Value lessThan(mlir::Value a, mlir::Value b);

  /// Splits `linear` into indices of a row-major array of `sizes`.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value linear,
                                             llvm::ArrayRef<int64_t> sizes);
  /// The row-major position of `indices` in an array of `sizes`.
  mlir::Value linearize(mlir::ValueRange indices,
                        llvm::ArrayRef<int64_t> sizes);
  /// Evaluates a map's results on i64 values.
  llvm::SmallVector<mlir::Value> applyMap(mlir::AffineMap map,
                                          mlir::ValueRange dims);

  /// for (iv = lower; iv < upper; iv += step) body(iv). The body is left at its
  /// end, its terminator is added.
  void forLoop(mlir::Value lower, mlir::Value upper, int64_t step,
               llvm::function_ref<void(mlir::Value)> body);
  /// The same with loop-carried values: body returns the next ones.
  llvm::SmallVector<mlir::Value>
  forLoop(mlir::Value lower, mlir::Value upper, int64_t step,
          mlir::ValueRange init,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                            mlir::ValueRange)>
              body);
  void ifThen(mlir::Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise = nullptr);

  /// &base[index] for elements of `elementType` as they lie in memory (bool: a
  /// byte).
  mlir::Value elementPtr(mlir::Value base, mlir::Type elementType,
                         mlir::Value index);
  mlir::Value bytePtr(mlir::Value base, mlir::Value bytes);
  /// Loads and stores of elements. bool is i1 as a value, a byte in memory.
  mlir::Value load(mlir::Type elementType, mlir::Value base, mlir::Value index);
  void store(mlir::Value value, mlir::Value base, mlir::Value index);
  /// `lanes` neighbours. With `count` (an i64 or null) only the first `count`
  /// are touched; the others read as 0.
  mlir::Value loadVector(mlir::Type elementType, int64_t lanes,
                         mlir::Value base, mlir::Value index,
                         mlir::Value count = nullptr);
  void storeVector(mlir::Value vector, mlir::Value base, mlir::Value index,
                   mlir::Value count = nullptr);
  /// `lanes` elements `stride` apart.
  mlir::Value loadStrided(mlir::Type elementType, int64_t lanes,
                          mlir::Value base, mlir::Value index, int64_t stride,
                          mlir::Value count = nullptr);
  void storeStrided(mlir::Value vector, mlir::Value base, mlir::Value index,
                    int64_t stride, mlir::Value count = nullptr);

  mlir::VectorType vectorType(mlir::Type elementType, int64_t lanes);
  /// The splat of a scalar; a vector is returned as it is; lanes 0 means scalar
  /// code.
  mlir::Value broadcast(mlir::Value value, int64_t lanes);
  /// A number of a float, integer or vector type.
  mlir::Value constant(mlir::Type type, double value);
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

  /// Applies an op's epilogue to `lanes` accumulators (0: one scalar) whose
  /// output index is `indices`, lanes along the output's last dim. Loads the
  /// epilogue's inputs with `count` as in loadVector.
  mlir::FailureOr<mlir::Value> applyEpilogue(mlir::Operation *op,
                                             mlir::Value accumulator,
                                             mlir::ValueRange indices,
                                             int64_t lanes,
                                             mlir::Value count = nullptr);

private:
  mlir::Value laneMask(int64_t lanes, mlir::Value count);
  const TargetInfo &target;
  llvm::SmallVector<mlir::Value> buffers;
  mlir::Value begin, end, scratch;
};

} // namespace lambent::cpu

#endif
