//===- SparseRowsCase.h - Products of weights with zeros --------*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_SPARSEROWSCASE_H
#define LAMBENT_TEST_BACKENDS_CPU_SPARSEROWSCASE_H

#include "KernelRunner.h"

namespace lambent::test {

/// A product [batch, m, k] x [n, k] of a constant, and how it is cut.
struct SparseRowsCase {
  int64_t m, n, k;
  int64_t block = 1, vectors = 3, section = 16, groups = 1;
  int64_t batch = 1;
  int64_t percent = 70;          ///< of the weights are zero
  std::string epilogue = "none"; ///< light, heavy; bytes
  int64_t gap = 0;               ///< elements behind each row of lhs
  bool isOpen = false;           ///< a run decides m
  bool areBytes = false;         ///< unsigned by signed, with sums of i32
};

/// The operands of a case, integers where they are bytes.
struct SparseRowsData {
  std::vector<float> lhs, rhs, bias, residual;
  SparseRowsData(const SparseRowsCase &c, int seed);
};

/// Compiles, runs, and returns the output. Failures are those of the test. With
/// `cut`, chunks run in two ranges, the later ones first.
std::vector<float> runSparseRows(const SparseRowsCase &c,
                                 const SparseRowsData &data,
                                 const std::string &cpu, bool cut = false);

/// The case's text for a CPU of so many lanes, with room for so many entries.
/// Of bytes a word has `wordChannels`.
std::string makeText(const SparseRowsCase &c, int64_t lanes, int64_t entries,
                     int64_t wordChannels = 2);

} // namespace lambent::test

#endif
