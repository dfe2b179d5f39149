//===- SplitTilesCase.h - Products on emulated bf16 tiles -------*- C++ -*-===//

#ifndef LAMBENT_TEST_BACKENDS_CPU_SPLITTILESCASE_H
#define LAMBENT_TEST_BACKENDS_CPU_SPLITTILESCASE_H

#include "KernelRunner.h"

namespace lambent::test {

/// A product [batch, m, k] x [k, n] of a constant, and what it is split into;
/// of one part both are bf16.
struct SplitTilesCase {
  int64_t m, n, k;
  int64_t parts = 2;
  int64_t batch = 1;
  bool batchedRhs = false;       ///< a rhs for each product of the batch
  std::string epilogue = "none"; ///< light, heavy
  int64_t gap = 0;               ///< elements behind each row of lhs
  bool isOpen = false;           ///< a run decides m
  int64_t leastExponent = -100, mostExponent = 110;

  /// Of both operands.
  std::string getElement() const { return parts == 1 ? "bf16" : "f32"; }
  int64_t getRhsSize() const { return (batchedRhs ? batch : 1) * k * n; }
};

/// The module's text; the operands are lhs, rhs, (bias, residual,) output. With
/// `algorithm` false it is left to be selected.
std::string makeText(const SplitTilesCase &c, bool algorithm = true);

/// The operands of a case.
struct SplitTilesData {
  std::vector<float> lhs, rhs, bias, residual;
  /// Normal noise, rounded to the operands' elements.
  SplitTilesData(const SplitTilesCase &c, int seed);
};

/// Compiles with emulated tiles, runs, and returns the output. Failures are
/// those of the test.
std::vector<float> runSplitTiles(const SplitTilesCase &c,
                                 const SplitTilesData &data,
                                 const std::string &cpu);

/// What the tiles' instructions add up to, bit by bit, of one result.
float sumTiles(const SplitTilesCase &c, const SplitTilesData &data, int64_t b,
               int64_t i, int64_t j);

/// Adds the products of up to 32 steps of k, as those instructions do.
float addStep(const float *lhs, const float *rhs, int64_t count, int64_t parts,
              float sum);

/// Rounds to bf16 and back.
void roundToBF16(std::vector<float> &values);
/// Memory that holds these as f32, or as the bf16 that they are.
GuardedBytes place(const std::vector<float> &values, bool asBF16 = false);

/// The element of lhs at row i of product b, k; and that of rhs.
float getLhs(const SplitTilesCase &c, const SplitTilesData &data, int64_t b,
             int64_t i, int64_t k);
float getRhs(const SplitTilesCase &c, const SplitTilesData &data, int64_t b,
             int64_t k, int64_t j);

} // namespace lambent::test

#endif
