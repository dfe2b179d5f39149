//===- SparseCase.cpp - What tests of sparse panels share -----------------===//

#include "SparseCase.h"
#include "lambent/Lowering/Kernels/SparsePanels.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;

Numbers test::draw(int64_t count, int seed) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> distribution(-8, 8);
  Numbers values(count);
  for (float &value : values)
    value = float(distribution(engine)) / 8;
  return values;
}

std::string test::writePacking(const std::string &map,
                               llvm::ArrayRef<int64_t> panel,
                               llvm::ArrayRef<int64_t> strides,
                               int64_t keptSteps) {
  return "{packing = #lir.sparse_packing<" + map + ", panel = [" +
         join(panel, ", ") + "], strides = [" + join(strides, ", ") +
         "], kept_steps = " + std::to_string(keptSteps) + ">}";
}

int64_t test::countWords(llvm::ArrayRef<int64_t> panel, int64_t keptSteps) {
  std::vector<int64_t> strides(panel.size() - 1, 1);
  kernels::SparsePacking::Form form{{}, panel, strides, keptSteps};
  return form.getPanel().getWords();
}

std::string test::writeAlgorithm(const std::string &name, int64_t rows,
                                 int64_t columns, int64_t keptSteps) {
  return "algorithm = #cpu." + name + "<rows = " + std::to_string(rows) +
         ", columns = " + std::to_string(columns) +
         ", keptSteps = " + std::to_string(keptSteps) + ">";
}

void test::runBothWays(KernelRunner &runner,
                       const std::vector<const Numbers *> &inputs,
                       const Numbers &expected,
                       const std::vector<int64_t> &symbols) {
  std::vector<GuardedBytes> memory;
  std::vector<const void *> buffers;
  for (const Numbers *input : inputs) {
    memory.emplace_back(input->size() * sizeof(float));
    if (!input->empty())
      std::memcpy(memory.back().data(), input->data(),
                  input->size() * sizeof(float));
    buffers.push_back(memory.back().data());
  }
  GuardedBytes output(expected.size() * sizeof(float));
  std::memset(output.data(), 0x7b, output.size());
  buffers.push_back(output.data());
  runner.run(buffers, symbols);
  auto at = [&](size_t i) {
    return reinterpret_cast<const float *>(output.data())[i];
  };
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(at(i), expected[i], 1e-4 * std::max(1.f, std::abs(expected[i])))
        << "at " << i;
  if (!symbols.empty())
    return;
  std::string before(output.data(), output.size());
  std::memset(output.data(), 0x7b, output.size());
  std::vector<void *> packed = runner.pack(buffers);
  for (int64_t chunk = runner.getNumChunks(); chunk-- > 0;)
    runner.runChunks(packed.data(), chunk, chunk + 1);
  EXPECT_EQ(before, std::string(output.data(), output.size()));
}
