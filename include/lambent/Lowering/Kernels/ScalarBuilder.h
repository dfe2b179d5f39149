//===- ScalarBuilder.h - Writes a kernel's scalar code ----------*- C++ -*-===//
//
// What kernels are built from on every target: i64 arithmetic, scf loops, and
// loads and stores of single elements through pointers. A backend's
// KernelBuilder adds what its target has besides.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_SCALARBUILDER_H
#define LAMBENT_LOWERING_KERNELS_SCALARBUILDER_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace lambent::kernels {

/// The value of a 64-bit constant.
std::optional<int64_t> asConstant(mlir::Value value);

/// The type of an element in memory, where bool takes a byte, and how it is
/// aligned there.
mlir::Type getStorageType(mlir::Type elementType);
unsigned getStorageAlignment(mlir::Type elementType);

class ScalarBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  /// Where this kernel finds the values of symbols of open sizes: an argument
  /// of its function that points to those of `order`, i64 each.
  void setSymbols(mlir::Value pointer, llvm::ArrayRef<unsigned> order) {
    symbols = pointer;
    for (unsigned symbol : order)
      symbolPlaces.try_emplace(symbol, symbolPlaces.size());
  }
  /// A size as an i64. Open ones are computed once, where the function begins.
  mlir::Value value(const Size &size);

  /// i64 arithmetic; constants fold.
  mlir::Value i64(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, i64(b)); }
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t b) { return mul(a, i64(b)); }
  mlir::Value mul(mlir::Value a, const Size &b) { return mul(a, value(b)); }
  mlir::Value divUnsigned(mlir::Value a, const Size &b);
  mlir::Value remUnsigned(mlir::Value a, const Size &b);
  /// ceil(a / b) of an `a` that may be negative, but not below -b * 2^30.
  mlir::Value ceilDivSigned(mlir::Value a, int64_t b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  mlir::Value lessThan(mlir::Value a, mlir::Value b);
  /// The same condition, said to hold most of the time: what is behind it then
  /// counts as much as what is around it when registers are given out.
  mlir::Value likely(mlir::Value condition);

  /// Splits `linear` into indices of a row-major array of `sizes`.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value linear,
                                             llvm::ArrayRef<Size> sizes);
  /// The row-major position of `indices` in an array of `sizes`.
  mlir::Value linearize(mlir::ValueRange indices,
                        llvm::ArrayRef<Size> sizes);
  /// Evaluates a map's results on i64 values; its symbols are those of sizes.
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
  /// The values of one branch or the other: as many, of the same types.
  llvm::SmallVector<mlir::Value>
  select(mlir::Value condition,
         llvm::function_ref<llvm::SmallVector<mlir::Value>()> then,
         llvm::function_ref<llvm::SmallVector<mlir::Value>()> otherwise);

  /// &base[index] for elements of `elementType` as they lie in memory.
  mlir::Value elementPtr(mlir::Value base, mlir::Type elementType,
                         mlir::Value index);
  /// Elements of a buffer. bool is i1 as a value, a byte in memory.
  mlir::Value load(mlir::Type elementType, mlir::Value base, mlir::Value index);
  void store(mlir::Value value, mlir::Value base, mlir::Value index);

  /// A number of a float, integer or vector type.
  mlir::Value constant(mlir::Type type, double value);

private:
  mlir::Value expand(mlir::AffineExpr expression, mlir::ValueRange dims);
  mlir::Value loadSymbol(unsigned index);

  mlir::Value symbols;
  llvm::DenseMap<unsigned, unsigned> symbolPlaces;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> openSizes;
  /// The last op of those that compute open sizes.
  mlir::Operation *lastOfSizes = nullptr;
};

} // namespace lambent::kernels

#endif
