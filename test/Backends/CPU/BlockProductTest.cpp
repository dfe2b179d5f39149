//===- BlockProductTest.cpp - Products of blocks of integers --------------===//
//
// Numbers of lhs are integers that every format holds, so that every sum is
// exact: results have to be those of a plain loop.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace lambent::test;

namespace {

struct Case {
  const char *name, *format;
  int64_t block, rows, columns, depth;
  bool hasTable = false;
  bool constant = true; ///< the weights
};

class BlockProduct
    : public testing::TestWithParam<std::tuple<Case, std::string>> {
protected:
  const Case &shape = std::get<0>(GetParam());
  int64_t blocks = shape.depth / shape.block;

  static float lhsAt(int64_t m, int64_t k) {
    return float((5 * m + 3 * k) % 7 - 3);
  }
  uint8_t codeAt(int64_t n, int64_t k) const {
    int64_t code = 53 * k + 29 * n + 17;
    return uint8_t(shape.hasTable ? code % 16 : code % 255 + 1);
  }
  static int tableAt(int64_t place) { return int(place * 37 % 61) - 30; }
  int numberAt(int64_t n, int64_t k) const {
    int code = codeAt(n, k);
    return shape.hasTable ? tableAt(code) : code - 128;
  }
  static uint8_t exponentAt(int64_t n, int64_t b) {
    return uint8_t(127 + (n + 2 * b) % 5 - 3);
  }

  std::string makeText() const {
    std::string m = std::to_string(shape.rows),
                n = std::to_string(shape.columns),
                k = std::to_string(shape.depth), b = std::to_string(blocks);
    std::string lhs = "memref<" + m + "x" + k + "xf32>",
                out = "memref<" + m + "x" + n + "xf32>",
                codes = "<" + n + "x" + k + "xi8>",
                exponents = "<" + n + "x" + b + "xi8>";
    std::string text = "func.func @main(%a: " + lhs, body, table;
    auto add = [&](const std::string &name, const std::string &type) {
      if (shape.constant)
        body += name + " = lir.weight dense<1> : tensor" + type + " : memref" +
                type + "\n";
      else
        text += ", " + name + ": memref" + type;
    };
    add("%q", codes);
    add("%e", exponents);
    for (int64_t place = 0; shape.hasTable && place < 16; ++place)
      table += (place ? ", " : ": ") + std::to_string(tableAt(place));
    return text + ", %c: " + out + ") {\n" + body +
           "lir.block_matmul ins(%a, %q, %e : " + lhs + ", memref" + codes +
           ", memref" + exponents + ") outs(%c : " + out + ") domain [" + m +
           ", " + n + ", " + k +
           "] maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> "
           "(n, k)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] "
           "attributes {format = \"" +
           shape.format + "\", scale = \"down\", table = array<i8" + table +
           ">} {\n^bb0(%x: f32):\n  lir.yield %x : f32\n}\nreturn\n}\n";
  }
};

TEST_P(BlockProduct, IsExact) {
  std::string error;
  auto runner = KernelRunner::create(makeText(), std::get<1>(GetParam()),
                                     /*select=*/true, error);
  ASSERT_TRUE(runner) << error;
  int64_t rows = shape.rows, columns = shape.columns, depth = shape.depth;
  GuardedBytes lhs(rows * depth * 4), codes(columns * depth),
      exponents(columns * blocks), out(rows * columns * 4);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t m = 0; m < rows; ++m) {
      float number = lhsAt(m, k);
      std::memcpy(lhs.data() + 4 * (m * depth + k), &number, 4);
    }
    for (int64_t n = 0; n < columns; ++n) {
      codes.data()[n * depth + k] = char(codeAt(n, k));
      exponents.data()[n * blocks + k / shape.block] =
          char(exponentAt(n, k / shape.block));
    }
  }
  runner->run({lhs.data(), codes.data(), exponents.data(), out.data()});
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < columns; ++n) {
      float sum = 0, got;
      for (int64_t k = 0; k < depth; ++k)
        sum += lhsAt(m, k) *
               float(std::ldexp(double(numberAt(n, k)),
                                exponentAt(n, k / shape.block) - 127));
      std::memcpy(&got, out.data() + 4 * (m * columns + n), 4);
      ASSERT_EQ(got, sum) << "at " << m << ", " << n;
    }
}

const Case cases[] = {
    {"Row", "mxint8", 32, 1, 37, 64},
    {"Rows", "mx4", 16, 5, 70, 96, /*hasTable=*/true},
    {"GivenRow", "mxint8", 32, 1, 37, 64, false, /*constant=*/false},
    {"GivenRows", "mxint8", 32, 9, 130, 96, false, /*constant=*/false},
    {"GivenPlaces", "mx4", 16, 1, 20, 48, true, /*constant=*/false},
    {"GivenPlacesOfRows", "mxfp4", 32, 70, 33, 64, true, /*constant=*/false},
};

INSTANTIATE_TEST_SUITE_P(
    Blocks, BlockProduct,
    testing::Combine(testing::ValuesIn(cases),
                     testing::ValuesIn(listRunnable({"native", "cascadelake",
                                                     "x86-64-v3", "x86-64"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

} // namespace
