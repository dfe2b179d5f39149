//===- QuantizedProductTest.cpp - Products with weights of few bits -------===//
//
// Codes and zero points are integers and scales and lhs have few bits, so that
// every sum is exact: results have to be those of a plain loop.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace lambent::test;

namespace {

/// What a case is made of.
struct Case {
  const char *name;
  int64_t rows, columns, depth, bits, block;
  bool centered = false;
  bool constant = true;    ///< the weights
  bool open = false;       ///< the number of rows
  bool transposed = false; ///< lhs
};

std::string shapeOf(int64_t a, int64_t b, const char *type) {
  return std::to_string(a) + "x" + std::to_string(b) + "x" + type + ">";
}

class QuantizedProduct
    : public testing::TestWithParam<std::tuple<Case, std::string>> {
protected:
  const Case &shape = std::get<0>(GetParam());
  int64_t blocks = (shape.depth + shape.block - 1) / shape.block;

  static float lhsAt(int64_t m, int64_t k) {
    return float((7 * m + 3 * k) % 17 - 8);
  }
  /// The bits above a code's do not matter.
  static int8_t byteAt(int64_t n, int64_t k) {
    return int8_t(53 * k + 29 * n + 17);
  }
  int codeAt(int64_t n, int64_t k) const {
    int code = byteAt(n, k) & ((1 << shape.bits) - 1);
    return code >= 1 << (shape.bits - 1) ? code - (1 << shape.bits) : code;
  }
  static float scaleAt(int64_t n, int64_t b) {
    return float((n + 2 * b) % 5 + 1) / 8;
  }
  int8_t zeroAt(int64_t n, int64_t b) const {
    return int8_t((5 * n + b) % (1 << shape.bits) - (1 << (shape.bits - 1)));
  }

  std::string makeText() const {
    std::string m = shape.open ? "?" : std::to_string(shape.rows),
                n = std::to_string(shape.columns),
                k = std::to_string(shape.depth), size = shape.open ? "s0" : m;
    auto rowsOf = [&](const std::string &width) {
      return "memref<" + m + "x" + width + "xf32" +
             (shape.open ? ", #lir.layout<[s0, " + width + "]>>" : ">");
    };
    std::string lhs = shape.transposed ? "memref<" + k + "x" + m + "xf32>"
                                       : rowsOf(k),
                out = rowsOf(n),
                codes = shapeOf(shape.columns, shape.depth, "i8"),
                scales = shapeOf(shape.columns, blocks, "f32"),
                zeros = shapeOf(shape.columns, blocks, "i8");
    std::string text = "func.func @main(%a: " + lhs, body;
    auto add = [&](const std::string &name, const std::string &type,
                   const char *value) {
      if (shape.constant)
        body += name + " = lir.weight dense<" + value + "> : tensor<" + type +
                " : memref<" + type + "\n";
      else
        text += ", " + name + ": memref<" + type;
    };
    add("%q", codes, "1");
    add("%s", scales, "1.0");
    if (shape.centered)
      add("%z", zeros, "1");
    text += ", %c: " + out + ") ";
    if (shape.open)
      text += "attributes {lir.symbols = [\"m\"]} ";
    return text + "{\n" + body +
           "lir.quantized_matmul ins(%a, %q, %s : " + lhs + ", memref<" +
           codes + ", memref<" + scales + ")" +
           (shape.centered ? " centered(%z : memref<" + zeros + ")" : "") +
           " outs(%c : " + out + ") domain [" + size + ", " + n + ", " + k +
           "] maps [affine_map<(m, n, k) -> " +
           (shape.transposed ? "(k, m)" : "(m, k)") +
           ">, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, "
           "n)>] epilogue_maps [] attributes {bits = " +
           std::to_string(shape.bits) +
           " : i64, block_size = " + std::to_string(shape.block) +
           " : i64} {\n^bb0(%x: f32):\n  lir.yield %x : f32\n}\nreturn\n}\n";
  }

  using Lhs = llvm::function_ref<float(int64_t m, int64_t k)>;

  /// The output for these rows of lhs.
  std::vector<float> run(const std::string &cpu, Lhs lhsOf) {
    std::string error;
    auto runner = KernelRunner::create(makeText(), cpu, /*select=*/true, error);
    EXPECT_TRUE(runner) << error;
    int64_t rows = shape.rows, columns = shape.columns, depth = shape.depth;
    std::vector<float> sums(rows * columns);
    if (!runner)
      return sums;
    GuardedBytes lhs(rows * depth * 4), codes(columns * depth),
        scales(columns * blocks * 4), zeros(columns * blocks),
        out(rows * columns * 4);
    auto put = [](GuardedBytes &bytes, int64_t place, float value) {
      std::memcpy(bytes.data() + 4 * place, &value, 4);
    };
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t m = 0; m < rows; ++m)
        put(lhs, shape.transposed ? k * rows + m : m * depth + k, lhsOf(m, k));
      for (int64_t n = 0; n < columns; ++n)
        codes.data()[n * depth + k] = char(byteAt(n, k));
    }
    for (int64_t n = 0; n < columns; ++n)
      for (int64_t b = 0; b < blocks; ++b) {
        put(scales, n * blocks + b, scaleAt(n, b));
        zeros.data()[n * blocks + b] = char(zeroAt(n, b));
      }
    std::vector<const void *> buffers{lhs.data(), codes.data(), scales.data()};
    if (shape.centered)
      buffers.push_back(zeros.data());
    buffers.push_back(out.data());
    runner->run(buffers, shape.open ? std::vector<int64_t>{rows}
                                    : std::vector<int64_t>{});
    std::memcpy(sums.data(), out.data(), 4 * sums.size());
    return sums;
  }

  float weightAt(int64_t n, int64_t k) const {
    int64_t b = k / shape.block;
    int number = codeAt(n, k) - (shape.centered ? zeroAt(n, b) : 0);
    return float(number) * scaleAt(n, b);
  }
};

TEST_P(QuantizedProduct, IsExact) {
  std::vector<float> sums = run(std::get<1>(GetParam()), lhsAt);
  for (int64_t m = 0; m < shape.rows; ++m)
    for (int64_t n = 0; n < shape.columns; ++n) {
      float sum = 0;
      for (int64_t k = 0; k < shape.depth; ++k)
        sum += lhsAt(m, k) * weightAt(n, k);
      ASSERT_EQ(sums[m * shape.columns + n], sum) << "at " << m << ", " << n;
    }
}

/// Of few rows, which may be multiplied as digits.
class ProductOfFewRows : public QuantizedProduct {};

// Rows of which some magnitudes are far below their blocks' largest.
TEST_P(ProductOfFewRows, IsAsCloseAsSumsOfFloats) {
  auto lhsOf = [](int64_t m, int64_t k) {
    uint32_t seed = uint32_t(m * 7919 + k) * 2654435761u;
    float number = float(int32_t(seed)) * 0x1p-31f;
    return k % 5 == 0 ? number * 0x1p-12f : number;
  };
  std::vector<float> sums = run(std::get<1>(GetParam()), lhsOf);
  for (int64_t m = 0; m < shape.rows; ++m)
    for (int64_t n = 0; n < shape.columns; ++n) {
      double sum = 0, bound = 0;
      for (int64_t k = 0; k < shape.depth; ++k) {
        double weight = weightAt(n, k), product = lhsOf(m, k) * weight;
        sum += product;
        bound += std::abs(product) * 0x1p-20 + std::abs(weight) * 0x1p-23;
      }
      ASSERT_NEAR(sums[m * shape.columns + n], sum, bound)
          << "at " << m << ", " << n;
    }
}

// What has no digits: infinities, NaNs, and blocks of very small numbers.
TEST_P(ProductOfFewRows, RowsWithoutDigitsAreMultipliedAsFloats) {
  for (float odd : {std::numeric_limits<float>::infinity(),
                    std::numeric_limits<float>::quiet_NaN(), 0x1p-120f}) {
    auto lhsOf = [&](int64_t, int64_t k) {
      return k == 3 ? odd : k < shape.block ? 0.f : lhsAt(0, k);
    };
    std::vector<float> sums = run(std::get<1>(GetParam()), lhsOf);
    for (int64_t m = 0; m < shape.rows; ++m)
      for (int64_t n = 0; n < shape.columns; ++n) {
        float sum = 0, got = sums[m * shape.columns + n];
        for (int64_t k = 0; k < shape.depth; ++k)
          sum += lhsOf(m, k) * weightAt(n, k);
        ASSERT_TRUE(std::isnan(sum) ? std::isnan(got) : got == sum)
            << got << " is not " << sum << " at " << m << ", " << n;
      }
  }
}

const Case cases[] = {
    {"OneRow4", 1, 70, 96, 4, 32},
    {"OneRow2", 1, 70, 96, 2, 32},
    {"OneRow8", 1, 70, 96, 8, 32},
    {"OneRowCentered", 1, 33, 64, 4, 16, true},
    {"OneRowCenteredBytes", 1, 33, 64, 8, 16, true},
    {"OneBlock", 1, 129, 100, 4, 100},
    {"LongBlocks", 1, 40, 300, 4, 128},
    {"DigitsOfLongBlocks", 1, 40, 320, 4, 128, true},
    {"DigitsOfTwoBits", 3, 40, 48, 2, 16, true},
    {"TailOfBlock", 1, 40, 45, 4, 32, true},
    {"TailOfTwoBits", 2, 40, 45, 2, 16, true},
    {"ShortBlock", 1, 5, 7, 4, 7},
    {"OneColumn", 1, 1, 40, 8, 40},
    {"TwoRows", 2, 70, 64, 4, 32},
    {"ThreeRows", 3, 70, 64, 4, 32, true},
    {"FiveRows", 5, 70, 64, 4, 32},
    {"EightRows", 8, 70, 61, 8, 16},
    {"ManyRows", 19, 70, 61, 4, 16, true},
    {"ManyRowsBytes", 19, 70, 61, 8, 61},
    {"ManyRowsTwoBits", 31, 17, 37, 2, 16},
    {"NotConstant", 3, 37, 40, 4, 16, true, false},
    {"NotConstantManyRows", 21, 37, 40, 8, 16, true, false},
    {"TransposedLhs", 21, 37, 40, 4, 16, true, true, false, true},
    {"OpenOneRow", 1, 70, 64, 4, 32, true, true, true},
    {"OpenTwoRows", 2, 70, 64, 8, 64, false, true, true},
    {"OpenManyRows", 37, 70, 64, 4, 32, false, true, true},
};

INSTANTIATE_TEST_SUITE_P(
    Levels, QuantizedProduct,
    testing::Combine(testing::ValuesIn(cases),
                     testing::ValuesIn(listRunnable({"native", "cascadelake",
                                                     "skylake-avx512",
                                                     "x86-64-v3", "x86-64"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

const Case fewRows[] = {
    {"Two", 2, 40, 64, 4, 32},
    {"LongBlocks", 1, 40, 320, 4, 128, true},
    {"TwoBits", 3, 40, 48, 2, 16, true},
    {"Open", 1, 40, 64, 4, 32, true, true, true},
};

INSTANTIATE_TEST_SUITE_P(
    Levels, ProductOfFewRows,
    testing::Combine(testing::ValuesIn(fewRows),
                     testing::ValuesIn(listRunnable({"native", "cascadelake",
                                                     "x86-64-v3"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

} // namespace
