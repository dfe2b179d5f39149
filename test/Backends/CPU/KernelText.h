//===- KernelText.h - Kernels in text, for tests ----------------*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_KERNELTEXT_H
#define LAMBENT_TEST_BACKENDS_CPU_KERNELTEXT_H

#include "llvm/ADT/ArrayRef.h"
#include <string>
#include <vector>

namespace lambent::test {

std::string join(llvm::ArrayRef<int64_t> sizes, const std::string &separator);
/// "memref<2x3xf32>".
std::string memref(llvm::ArrayRef<int64_t> sizes,
                   const std::string &kind = "memref",
                   const std::string &element = "f32");
std::string array(llvm::ArrayRef<int64_t> sizes);

/// What follows the accumulator: a bias, a residual and what `kind` says, or
/// what makes unsigned bytes of sums of i32.
struct Epilogue {
  std::string kind;          ///< none, light, heavy, bytes
  std::string heavy = "exp"; ///< the function of a heavy one
  std::string accumulator = "f32";
  bool isRich() const { return kind != "none" && kind != "bytes"; }
  /// Of a result with these dims: the maps of bias and residual.
  std::string getMaps(const std::string &dims) const;
  std::string getRegion() const;
  float apply(double sum, float bias, float residual) const;
};

/// A function of one product or convolution by a constant. Its operands are
/// input, (bias, residual,) output.
struct KernelText {
  std::string op;
  std::string input, output; ///< types
  int64_t channels;          ///< of the output
  /// The constant, with its type and packing, and the type that it has packed.
  std::string weight, packed;
  std::string domain = ""; ///< of a product, with its maps
  std::string dims;        ///< of the output, the channels last: "n, h, w, c"
  std::string attributes = "";
  Epilogue epilogue;
  std::string write() const;
};

/// The domain of a product [batch, m, k] x [n, k] of which `rhs` is the index,
/// and that of lhs.
std::string writeDomain(const std::vector<std::string> &sizes,
                        const std::string &rhs,
                        const std::string &lhs = "b, m, k");

/// What a lir.conv of one group says besides its operands. Pads are those in
/// front of all dims, then those behind.
std::string writeWindow(llvm::ArrayRef<int64_t> filter,
                        llvm::ArrayRef<int64_t> strides,
                        llvm::ArrayRef<int64_t> dilations,
                        llvm::ArrayRef<int64_t> pads, int64_t group = 1);

} // namespace lambent::test

#endif
