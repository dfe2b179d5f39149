//===- Digits.h - f32 as digits of 8 bits -----------------------*- C++ -*-===//
//
// Numbers as the nearest multiples of 2^(e - 22), where 2^e is above the
// largest magnitude among them, and each multiple as three digits of 8 bits
// with signs, which instructions for bytes multiply. What is lost of a number
// is at most 2^(e - 23). Infinities, NaNs and numbers that are all below
// 2^-105, not all of them 0, have no such multiples.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_DIGITS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_DIGITS_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

class Digits {
public:
  /// Of each number; the lanes of a vector of numbers.
  static constexpr int64_t count = 3, lanes = 16;

  /// Those of numbers whose largest magnitude is `bound` (as getMagnitudes has
  /// it, an i32).
  Digits(KernelBuilder &builder, mlir::Value bound);

  /// Floats without their signs, as integers, which are in the floats' order,
  /// NaNs behind infinities.
  static mlir::Value getMagnitudes(KernelBuilder &builder, mlir::Value numbers);

  /// What a multiple of 1 stands for, an f32.
  mlir::Value getScale() const { return scale; }
  /// 0 where the numbers have multiples, else 1 (i32).
  mlir::Value getFlaw() const { return flaw; }
  /// The multiples of a vector of numbers (i32).
  mlir::Value getMultiples(mlir::Value numbers) const;
  /// Their digits in the bytes of an i32, the lowest one first; the last is 0.
  mlir::Value split(mlir::Value multiples) const;
  /// Digits as they are multiplied, [4 k][digit][4], those of k from `order`.
  mlir::Value arrange(mlir::Value digits,
                      llvm::ArrayRef<int64_t> order = {}) const;

private:
  mlir::Value number(int64_t value) const {
    return builder.constant(builder.getI32Type(), double(value));
  }

  KernelBuilder &builder;
  mlir::Value up, scale, flaw;
};

} // namespace lambent::cpu

#endif
