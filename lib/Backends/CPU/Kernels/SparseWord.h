//===- SparseWord.h - What products of few weights multiply -----*- C++ -*-===//
//
// A lane of 32 bits holds a channel of f32, or neighbouring channels of bytes,
// whose products an instruction adds up: four with VNNI, else two that are
// widened to 16 bits, so that their products are exact. What is multiplied is
// unsigned, weights are signed.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEWORD_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SPARSEWORD_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

struct SparseWord {
  mlir::Type element; ///< of the input
  mlir::Type sum;     ///< and of words in memory
  int64_t channels = 1;

  /// Of an input of f32 or i8.
  static SparseWord find(mlir::Type element, const TargetInfo &target);
  /// Why there are none of such operands; empty when there are.
  static std::string explainRefusal(mlir::Type element, mlir::Type accumulator,
                                    const TargetInfo &target);

  bool areBytes() const { return channels > 1; }
  int64_t countWords(int64_t channelCount) const {
    return llvm::divideCeil(channelCount, channels);
  }
  /// `lanes` words of neighbours at `place`. With `count` so many channels are
  /// read; the others are 0.
  mlir::Value load(KernelBuilder &builder, int64_t lanes, mlir::Value place,
                   mlir::Value count) const;
  /// sum + the products of both.
  mlir::Value multiplyAdd(KernelBuilder &builder, mlir::Value weight,
                          mlir::Value value, mlir::Value sum) const;
};

} // namespace lambent::cpu

#endif
