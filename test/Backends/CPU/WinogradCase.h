//===- WinogradCase.h - Winograd convolutions, by a plain loop --*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_WINOGRADCASE_H
#define LAMBENT_TEST_BACKENDS_CPU_WINOGRADCASE_H

#include "KernelRunner.h"
#include <array>

namespace lambent::test {

/// A convolution of two spatial dims, stride 1, and how it is tiled.
struct WinogradCase {
  int64_t inputChannels, outputChannels;
  std::array<int64_t, 2> input;
  std::array<int64_t, 2> padsBegin{1, 1}, padsEnd{1, 1};
  std::array<int64_t, 2> outputs{4, 4}; ///< of a tile
  std::array<int64_t, 2> taps{3, 3};
  int64_t images = 1;
  std::string epilogue = "none"; ///< light, heavy
  int64_t gap = 0;               ///< channels of other values behind a pixel's
  int64_t rows = 5, columns = 32;
  std::string open = ""; ///< which of images n, height h, width w a run decides

  int64_t getOutput(int d) const {
    return input[d] + padsBegin[d] + padsEnd[d] - taps[d] + 1;
  }
  int64_t getPixels() const { return getOutput(0) * getOutput(1); }
  bool isOpen(char dim) const { return open.find(dim) != std::string::npos; }
};

/// Compiles the case. Null where that fails, which is a failure of the test.
std::unique_ptr<KernelRunner> compile(const WinogradCase &c,
                                      const std::string &cpu);

/// Runs the case, compiled for its sizes or for open ones, and compares.
/// Returns the output.
GuardedBytes compare(KernelRunner &runner, const WinogradCase &c);

} // namespace lambent::test

#endif
