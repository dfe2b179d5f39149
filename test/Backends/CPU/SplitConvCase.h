//===- SplitConvCase.h - Convolutions on emulated bf16 tiles ----*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_SPLITCONVCASE_H
#define LAMBENT_TEST_BACKENDS_CPU_SPLITCONVCASE_H

#include "KernelRunner.h"

namespace lambent::test {

/// A convolution of a constant filter, and what it is split into; of one part
/// both are bf16.
struct SplitConvCase {
  using Numbers = std::vector<int64_t>;
  int64_t inputChannels, outputChannels;
  Numbers input, taps; ///< spatial
  Numbers strides = {1, 1}, dilations = {1, 1};
  Numbers padsBegin = {1, 1}, padsEnd = {1, 1};
  int64_t images = 1;
  int64_t parts = 2;
  std::string epilogue = "none"; ///< light, heavy
  int64_t gap = 0;               ///< elements behind each input pixel
  bool isOpen = false;           ///< a run decides images, height and width
  int64_t leastExponent = -100, mostExponent = 110;

  Numbers getOutput() const;
  int64_t getTaps() const;
  /// Elements of the input up to the last pixel's channels.
  int64_t getInputSize() const;
};

/// The module's text; the operands are input, filter, (bias, residual,) output.
/// With `algorithm` false it is left to be selected.
std::string makeText(const SplitConvCase &c, bool algorithm = true);

/// The operands of a case, normal noise, rounded to the operands' elements.
struct SplitConvData {
  std::vector<float> input, filter, bias, residual;
  SplitConvData(const SplitConvCase &c, int seed);
};

/// Compiles with emulated tiles. Failures are those of the test.
std::unique_ptr<KernelRunner> compile(const SplitConvCase &c,
                                      const std::string &cpu);
/// Runs it on a case of these sizes, and returns the output.
std::vector<float> run(KernelRunner &runner, const SplitConvCase &c,
                       const SplitConvData &data);

/// One result: its output channel, and what it adds up.
struct SplitConvSum {
  int64_t at, channel; ///< in the output, and of it
  /// For each tap the channels of the pixel that it reads, none in padding, and
  /// those of the filter.
  std::vector<std::vector<float>> input, filter;
};
/// Visits all results.
void forEachSum(const SplitConvCase &c, const SplitConvData &data,
                llvm::function_ref<void(const SplitConvSum &sum)> body);

/// What the tiles' instructions add up to, bit by bit; and multiply-adds.
float addTiles(const SplitConvCase &c, const SplitConvSum &sum);
float addVectors(const SplitConvSum &sum);

} // namespace lambent::test

#endif
