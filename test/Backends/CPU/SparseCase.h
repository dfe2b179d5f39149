//===- SparseCase.h - What tests of sparse panels share ---------*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_SPARSECASE_H
#define LAMBENT_TEST_BACKENDS_CPU_SPARSECASE_H

#include "KernelRunner.h"
#include "KernelText.h"

namespace lambent::test {

using Numbers = std::vector<float>;

/// `count` multiples of 1/8 from -1 to 1.
Numbers draw(int64_t count, int seed);

/// What a lir.weight says of sparse panels, and how many words one has.
std::string writePacking(const std::string &map, llvm::ArrayRef<int64_t> panel,
                         llvm::ArrayRef<int64_t> strides, int64_t keptSteps);
int64_t countWords(llvm::ArrayRef<int64_t> panel, int64_t keptSteps);
std::string writeAlgorithm(const std::string &name, int64_t rows,
                           int64_t columns, int64_t keptSteps);

/// Runs a kernel as a whole and, where its sizes are bound, chunk by chunk, the
/// last one first, and compares.
void runBothWays(KernelRunner &runner,
                 const std::vector<const Numbers *> &inputs,
                 const Numbers &expected,
                 const std::vector<int64_t> &symbols = {});

} // namespace lambent::test

#endif
