//===- ByteProductTest.cpp - Products of 8-bit integers -------------------===//
//
// Sums must be exact on every CPU: elements are as large as they may be, so
// that 16 bits would not hold the sum of two products.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace lambent::test;

namespace {

/// What a case is made of.
struct Case {
  const char *name;
  int64_t rows, columns, depth;
  bool transposedLhs = false, transposedRhs = false;
  bool constant = false;         ///< the rhs
  bool transposedOutput = false; ///< columns outside, rows inside
  int64_t most = 0; ///< magnitude of the rhs; 0: as large as may be
};

std::string memref(int64_t a, int64_t b, const std::string &type) {
  return "memref<" + std::to_string(a) + "x" + std::to_string(b) + "x" + type +
         ">";
}

std::string map(const std::string &results) {
  return "affine_map<(m, n, k) -> (" + results + ")>";
}

class ByteProduct
    : public testing::TestWithParam<std::tuple<Case, std::string>> {
protected:
  const Case &shape = std::get<0>(GetParam());

  static uint8_t lhsAt(int64_t m, int64_t k) {
    return (m + 3 * k) % 4 == 0 ? 255 : uint8_t(37 * m + 101 * k);
  }
  int8_t rhsAt(int64_t k, int64_t n) const {
    if (shape.most)
      return int8_t((53 * k + 29 * n) % (2 * shape.most + 1) - shape.most);
    int64_t kind = (n + k) % 5;
    return kind == 0 ? -128 : kind == 1 ? 127 : int8_t(53 * k + 29 * n);
  }

  /// The rhs, for how its products are added up follows from it.
  std::string makeHex() const {
    std::vector<int8_t> bytes;
    for (int64_t i = 0; i < shape.depth * shape.columns; ++i)
      bytes.push_back(shape.transposedRhs
                          ? rhsAt(i % shape.depth, i / shape.depth)
                          : rhsAt(i / shape.columns, i % shape.columns));
    return llvm::toHex(llvm::ArrayRef<uint8_t>(
        reinterpret_cast<uint8_t *>(bytes.data()), bytes.size()));
  }

  std::string makeText() const {
    auto [name, m, n, k, transposedLhs, transposedRhs, constant,
          transposedOutput, most] = shape;
    std::string lhs = transposedLhs ? memref(k, m, "i8") : memref(m, k, "i8"),
                rhs = transposedRhs ? memref(n, k, "i8") : memref(k, n, "i8"),
                out = transposedOutput ? memref(n, m, "i32")
                                       : memref(m, n, "i32");
    std::string text = "func.func @main(%a: " + lhs + ", ";
    if (!constant)
      text += "%b: " + rhs + ", ";
    text += "%c: " + out + ") {\n";
    if (constant)
      text += "%b = lir.weight dense<\"0x" + makeHex() + "\"> : tensor<" +
              rhs.substr(7) + " : " + rhs + "\n";
    return text + "lir.matmul ins(%a, %b : " + lhs + ", " + rhs +
           ") outs(%c : " + out + ") domain [" + std::to_string(m) + ", " +
           std::to_string(n) + ", " + std::to_string(k) + "] maps [" +
           map(transposedLhs ? "k, m" : "m, k") + ", " +
           map(transposedRhs ? "n, k" : "k, n") + ", " +
           map(transposedOutput ? "n, m" : "m, n") +
           "] epilogue_maps [] {\n^bb0(%x: i32):\n  lir.yield %x : i32\n}\n"
           "return\n}\n";
  }
};

TEST_P(ByteProduct, IsExact) {
  std::string error;
  auto runner = KernelRunner::create(makeText(), std::get<1>(GetParam()),
                                     /*select=*/true, error);
  ASSERT_TRUE(runner) << error;
  int64_t rows = shape.rows, columns = shape.columns, depth = shape.depth;
  GuardedBytes lhs(rows * depth), rhs(depth * columns), out(rows * columns * 4);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t m = 0; m < rows; ++m)
      lhs.data()[shape.transposedLhs ? k * rows + m : m * depth + k] =
          char(lhsAt(m, k));
    for (int64_t n = 0; n < columns; ++n)
      rhs.data()[shape.transposedRhs ? n * depth + k : k * columns + n] =
          char(rhsAt(k, n));
  }
  runner->run({lhs.data(), rhs.data(), out.data()});
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < columns; ++n) {
      int32_t sum = 0, got;
      for (int64_t k = 0; k < depth; ++k)
        sum += int32_t(lhsAt(m, k)) * rhsAt(k, n);
      int64_t place = shape.transposedOutput ? n * rows + m : m * columns + n;
      std::memcpy(&got, out.data() + 4 * place, 4);
      ASSERT_EQ(got, sum) << "at " << m << ", " << n;
    }
}

const Case cases[] = {
    {"Whole", 19, 37, 24},
    {"Constant", 19, 37, 24, false, false, true},
    {"ConstantTransposed", 5, 70, 132, false, true, true},
    {"Tail", 19, 37, 21},
    {"ConstantTail", 19, 37, 23, false, false, true},
    {"OneStep", 3, 20, 3},
    {"TransposedLhs", 37, 33, 22, true},
    {"TransposedRhs", 18, 35, 150, false, true},
    {"TransposedRhsTail", 18, 35, 71, false, true},
    {"TransposedBoth", 18, 35, 71, true, true},
    // Weights that leave no, some or many steps of 16 bits too large.
    {"Tiny", 30, 70, 90, false, false, true, false, 7},
    {"Small", 30, 70, 90, false, false, true, false, 31},
    {"SevenBits", 30, 70, 101, false, true, true, false, 63},
    {"EightBits", 30, 70, 132, false, true, true, false, 127},
    {"OneRow", 1, 65, 40, false, false, true},
    {"OneColumn", 21, 1, 40},
    {"TransposedOutput", 21, 34, 40, false, false, false, true},
};

INSTANTIATE_TEST_SUITE_P(
    Levels, ByteProduct,
    testing::Combine(testing::ValuesIn(cases),
                     testing::ValuesIn(listRunnable({"native", "skylake-avx512",
                                                     "x86-64-v3", "x86-64"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

} // namespace
