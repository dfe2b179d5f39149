//===- ByteTilesTest.cpp - Products of bytes on tiles ---------------------===//
//
// On any CPU: plain code stands for the tiles' instructions. Elements are as
// large as they may be, so that 16 bits would not hold the sum of two products.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstring>

using namespace lambent::test;

namespace {

/// A product of [batch, m, k] and [k, n] or [batch, k, n].
struct Case {
  int64_t m, n, k;
  int64_t batch = 1;
  bool batchedRhs = false;
  bool transposedRhs = false;
  bool isOpen = false;  ///< a run decides m
  int64_t gap = 0;      ///< bytes behind each row of lhs
  bool narrows = false; ///< the epilogue makes bytes of sums
};

std::string join(const std::vector<int64_t> &sizes) {
  std::string text;
  for (int64_t size : sizes)
    text += std::to_string(size) + "x";
  return text;
}

std::string makeRows(const Case &c, int64_t columns, int64_t gap,
                     const std::string &type) {
  int64_t row = columns + gap;
  if (c.isOpen) {
    std::string batch = std::to_string(c.batch),
                width = std::to_string(columns), pitch = std::to_string(row);
    return "memref<" + batch + "x?x" + width + "x" + type + ", #lir.layout<[" +
           batch + ", s0, " + width + "], strides: [s0 * " + pitch + ", " +
           pitch + ", 1], offset: 0>>";
  }
  return "memref<" + join({c.batch, c.m, columns}) + type + ", strided<[" +
         std::to_string(c.m * row) + ", " + std::to_string(row) + ", 1]>>";
}

std::string makeText(const Case &c, const std::string &algorithm) {
  std::string result = c.narrows ? "i8" : "i32";
  std::string lhs = makeRows(c, c.k, c.gap, "i8"),
              out = makeRows(c, c.n, 0, result);
  int64_t rhsBatch = c.batchedRhs ? c.batch : 1;
  std::string plain = c.transposedRhs ? join({rhsBatch, c.n, c.k}) + "i8"
                                      : join({rhsBatch, c.k, c.n}) + "i8";
  int64_t panels = (c.n + 31) / 32, groups = (c.k + 63) / 64 * 16;
  std::string rhs =
      "memref<" + join({rhsBatch, 1, panels, groups, 32, 4}) + "i8>";
  std::string k = "g * 4 + i", n = "p * 32 + j";
  return "func.func @main(%a: " + lhs + ", %c: " + out +
         ") {\n  %w = lir.weight dense<1> : tensor<" + plain +
         "> {packing = #lir.packing<(b, part, p, g, j, i) -> (b, " +
         (c.transposedRhs ? n + ", " + k : k + ", " + n) + ")>} : " + rhs +
         "\n  lir.matmul ins(%a, %w : " + lhs + ", " + rhs +
         ") outs(%c : " + out + ") domain [" + std::to_string(c.batch) + ", " +
         (c.isOpen ? "s0" : std::to_string(c.m)) + ", " + std::to_string(c.n) +
         ", " + std::to_string(c.k) +
         "] maps [affine_map<(b, m, n, k) -> (b, m, k)>, "
         "affine_map<(b, m, n, k) -> ()>, affine_map<(b, m, n, k) -> "
         "(b, m, n)>] epilogue_maps [] attributes {algorithm = " +
         algorithm + "} {\n  ^bb0(%x: i32):\n" +
         (c.narrows ? "  %t = arith.trunci %x : i32 to i8\n"
                      "  lir.yield %t : i8\n"
                    : "  lir.yield %x : i32\n") +
         "  }\n  return\n}\n";
}

uint8_t lhsAt(int64_t b, int64_t m, int64_t k) {
  return (m + 3 * k) % 4 == 0 ? 255 : uint8_t(37 * m + 101 * k + 7 * b);
}

int8_t rhsAt(int64_t b, int64_t k, int64_t n) {
  int64_t kind = (n + k) % 5;
  return kind == 0 ? -128 : kind == 1 ? 127 : int8_t(53 * k + 29 * n + 11 * b);
}

void check(const Case &c, const std::string &cpu) {
  std::string error, text = makeText(c, "#cpu.narrow_tiles");
  SCOPED_TRACE(text);
  auto runner = KernelRunner::create(text, cpu, /*select=*/false, error,
                                     /*emulatesTiles=*/true);
  ASSERT_TRUE(runner) << error;
  EXPECT_EQ(runner->describe().rfind("matmul tiles ", 0), 0u);
  int64_t pitch = c.k + c.gap, rhsBatch = c.batchedRhs ? c.batch : 1;
  // What lies behind the last row's elements is not there.
  GuardedBytes lhs(c.batch * c.m * pitch - c.gap), rhs(rhsBatch * c.k * c.n),
      out(c.batch * c.m * c.n * (c.narrows ? 1 : 4));
  std::fill_n(lhs.data(), lhs.size(), char(0x7b));
  for (int64_t k = 0; k < c.k; ++k) {
    for (int64_t b = 0; b < c.batch; ++b)
      for (int64_t m = 0; m < c.m; ++m)
        lhs.data()[(b * c.m + m) * pitch + k] = char(lhsAt(b, m, k));
    for (int64_t b = 0; b < rhsBatch; ++b)
      for (int64_t n = 0; n < c.n; ++n)
        rhs.data()[b * c.k * c.n +
                   (c.transposedRhs ? n * c.k + k : k * c.n + n)] =
            char(rhsAt(b, k, n));
  }
  runner->run({lhs.data(), rhs.data(), out.data()}, {c.m});
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t m = 0; m < c.m; ++m)
      for (int64_t n = 0; n < c.n; ++n) {
        int32_t sum = 0, got;
        for (int64_t k = 0; k < c.k; ++k)
          sum += int32_t(lhsAt(b, m, k)) * rhsAt(c.batchedRhs ? b : 0, k, n);
        int64_t place = (b * c.m + m) * c.n + n;
        if (c.narrows) {
          ASSERT_EQ(out.data()[place], char(sum)) << m << ", " << n;
          continue;
        }
        std::memcpy(&got, out.data() + 4 * place, 4);
        ASSERT_EQ(got, sum) << b << ", " << m << ", " << n;
      }
}

class ByteTiles : public testing::TestWithParam<std::string> {};

TEST_P(ByteTiles, CoverAllSizes) {
  for (auto [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 47, 63},
                                                            {15, 32, 65},
                                                            {17, 1, 130},
                                                            {32, 48, 1},
                                                            {33, 80, 64},
                                                            {49, 33, 200},
                                                            {70, 31, 128}})
    check({m, n, k}, GetParam());
}

TEST_P(ByteTiles, FollowBatchesAndStrides) {
  for (bool batchedRhs : {false, true})
    for (int64_t gap : {0, 5}) {
      Case c{18, 40, 37};
      c.batch = 3;
      c.batchedRhs = batchedRhs;
      c.transposedRhs = gap != 0;
      c.gap = gap;
      check(c, GetParam());
    }
}

TEST_P(ByteTiles, TakeOpenRows) {
  for (int64_t m : {1, 16, 33, 300}) {
    Case c{m, 33, 70};
    c.isOpen = true;
    c.gap = m % 2 * 3;
    check(c, GetParam());
  }
}

TEST_P(ByteTiles, ApplyEpilogues) {
  Case c{49, 72, 100};
  c.narrows = true;
  check(c, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Levels, ByteTiles,
                         testing::Values("native", "x86-64-v3"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
