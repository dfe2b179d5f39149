//===- SparseCase.h - What tests of sparse panels share ---------*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_SPARSECASE_H
#define LAMBENT_TEST_BACKENDS_CPU_SPARSECASE_H

#include "KernelRunner.h"
#include "llvm/ADT/ArrayRef.h"

namespace lambent::test {

using Numbers = std::vector<float>;

std::string join(llvm::ArrayRef<int64_t> sizes, const std::string &separator);
/// "memref<2x3xf32>".
std::string memref(llvm::ArrayRef<int64_t> sizes,
                   const std::string &kind = "memref");
std::string array(llvm::ArrayRef<int64_t> sizes);

/// `count` multiples of 1/8 from -1 to 1.
Numbers draw(int64_t count, int seed);

/// What a lir.weight says of sparse panels, and how many words one has.
std::string writePacking(const std::string &map, llvm::ArrayRef<int64_t> panel,
                         llvm::ArrayRef<int64_t> strides, int64_t keptSteps);
int64_t countWords(llvm::ArrayRef<int64_t> panel, int64_t keptSteps);
std::string writeAlgorithm(const std::string &name, int64_t rows,
                           int64_t columns, int64_t keptSteps);

/// What follows the accumulator: a bias, a residual and what `kind` says.
struct Epilogue {
  std::string kind; ///< none, light, heavy
  bool isRich() const { return kind != "none"; }
  std::string getRegion() const;
  float apply(double sum, float bias, float residual) const;
};

/// Runs a kernel as a whole and, where its sizes are bound, chunk by chunk, the
/// last one first, and compares.
void runBothWays(KernelRunner &runner,
                 const std::vector<const Numbers *> &inputs,
                 const Numbers &expected,
                 const std::vector<int64_t> &symbols = {});

} // namespace lambent::test

#endif
