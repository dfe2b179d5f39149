//===- ByteEpilogueTest.cpp - Numbers quantized to bytes, and tables ------===//
//
// Whatever instructions a CPU has, each number must become the byte that plain
// code makes of it: ties, infinities and NaNs, too.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>

using namespace lambent::test;

namespace {

struct Case {
  const char *name;
  int64_t rows, columns;
  bool isUnsigned;
  int zero;
  float divisor = 0;      ///< 0: none
  float low = -HUGE_VALF; ///< clamped before it is rounded
  float high = HUGE_VALF;
  bool flipsTopBit = false;
  bool looksUp = false;
};

/// A number as the textual form has it.
std::string number(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  char text[16];
  std::snprintf(text, sizeof(text), "0x%08X", bits);
  return text;
}

uint8_t entryAt(int64_t place) { return uint8_t(place * 37 + 11); }

class ByteEpilogue
    : public testing::TestWithParam<std::tuple<Case, std::string>> {
protected:
  const Case &shape = std::get<0>(GetParam());

  /// The ops that make %byte of %x.
  std::string makeRegion() const {
    const Case &s = shape;
    float low = s.isUnsigned ? 0 : -128;
    std::string text;
    auto constant = [&](const std::string &name, float value) {
      text += name + " = arith.constant " + number(value) + " : f32\n";
    };
    constant("%zero", float(s.zero));
    constant("%low", low);
    constant("%high", low + 255);
    constant("%divisor", s.divisor);
    constant("%least", s.low);
    constant("%most", s.high);
    text += s.divisor ? "%q = arith.divf %x, %divisor : f32\n"
                      : "%q = arith.addf %x, %x : f32\n";
    text += "%c0 = arith.maximumf %q, %least : f32\n"
            "%c1 = arith.minimumf %c0, %most : f32\n"
            "%r = math.roundeven %c1 : f32\n"
            "%s = arith.addf %r, %zero : f32\n"
            "%l = arith.cmpf ogt, %s, %low : f32\n"
            "%above = arith.select %l, %s, %low : f32\n"
            "%h = arith.cmpf olt, %above, %high : f32\n"
            "%inside = arith.select %h, %above, %high : f32\n";
    text += std::string("%e = arith.fpto") + (s.isUnsigned ? "ui" : "si") +
            " %inside : f32 to i8\n";
    if (s.flipsTopBit)
      text += "%top = arith.constant -128 : i8\n"
              "%byte = arith.xori %e, %top : i8\n";
    else if (s.looksUp) {
      text += "%table = arith.constant dense<[";
      for (int64_t i = 0; i < 256; ++i)
        text += (i ? ", " : "") + std::to_string(int(int8_t(entryAt(i))));
      text += "]> : tensor<256xi8>\n"
              "%place = arith.index_castui %e : i8 to index\n"
              "%byte = tensor.extract %table[%place] : tensor<256xi8>\n";
    }
    return text;
  }

  std::string getResult() const {
    return shape.flipsTopBit || shape.looksUp ? "%byte" : "%e";
  }

  uint8_t expect(float x) const {
    const Case &s = shape;
    float q = s.divisor ? x / s.divisor : x + x;
    float low = s.isUnsigned ? 0 : -128;
    if (!std::isnan(q))
      q = std::fmin(std::fmax(q, s.low), s.high);
    float moved = std::nearbyint(q) + float(s.zero);
    float inside = moved > low ? moved : low;
    inside = inside < low + 255 ? inside : low + 255;
    auto byte = uint8_t(int(inside));
    return s.flipsTopBit ? byte ^ 128 : s.looksUp ? entryAt(byte) : byte;
  }

  float inputAt(int64_t i) const {
    static const float special[] = {NAN,    -NAN,    HUGE_VALF, -HUGE_VALF,
                                    3e38f,  -3e38f,  1e-40f,    -0.0f,
                                    2.2e9f, -2.2e9f, 4.3e9f,    -4.3e9f};
    constexpr int64_t count = std::size(special);
    if (i < count)
      return special[i];
    // Halves of steps, their neighbours, and what is between.
    float step = shape.divisor ? shape.divisor : 0.5f;
    float x = (float(i % 613) - 306) * 0.5f * step;
    return i % 3 == 0   ? std::nextafter(x, HUGE_VALF)
           : i % 3 == 1 ? std::nextafter(x, -HUGE_VALF)
                        : x;
  }
};

TEST_P(ByteEpilogue, OfElements) {
  int64_t count = shape.rows * shape.columns;
  std::string type = "memref<" + std::to_string(count);
  std::string text =
      "func.func @main(%in: " + type + "xf32>, %out: " + type +
      "xi8>) {\nlir.elementwise ins(%in : " + type +
      "xf32>) outs(%out : " + type + "xi8>) domain [" + std::to_string(count) +
      "] maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] "
      "{\n^bb0(%x: f32):\n" +
      makeRegion() + "lir.yield " + getResult() + " : i8\n}\nreturn\n}\n";
  std::string error;
  auto runner =
      KernelRunner::create(text, std::get<1>(GetParam()), true, error);
  ASSERT_TRUE(runner) << error;
  GuardedBytes in(4 * count), out(count);
  for (int64_t i = 0; i < count; ++i) {
    float x = inputAt(i);
    std::memcpy(in.data() + 4 * i, &x, 4);
  }
  runner->run({in.data(), out.data()});
  for (int64_t i = 0; i < count; ++i)
    ASSERT_EQ(uint8_t(out.data()[i]), expect(inputAt(i))) << inputAt(i);
}

TEST_P(ByteEpilogue, OfProducts) {
  // The product is its rhs, one row, plus what the epilogue adds.
  int64_t rows = shape.rows, columns = shape.columns;
  std::string sizes = std::to_string(rows) + "x" + std::to_string(columns),
              lhs = "memref<" + std::to_string(rows) + "x4xi8>",
              rhs = "memref<4x" + std::to_string(columns) + "xi8>",
              add = "memref<" + sizes + "xf32>",
              out = "memref<" + sizes + "xi8>";
  std::string text =
      "func.func @main(%a: " + lhs + ", %b: " + rhs + ", %d: " + add +
      ", %out: " + out + ") {\nlir.matmul ins(%a, %b : " + lhs + ", " + rhs +
      ") with(%d : " + add + ") outs(%out : " + out + ") domain [" +
      std::to_string(rows) + ", " + std::to_string(columns) +
      ", 4] maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, "
      "n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [affine_map<(m, n) "
      "-> (m, n)>] {\n^bb0(%sum: i32, %y: f32):\n%n = arith.sitofp %sum : i32 "
      "to f32\n%x = arith.addf %n, %y : f32\n" +
      makeRegion() + "lir.yield " + getResult() + " : i8\n}\nreturn\n}\n";
  std::string error;
  auto runner =
      KernelRunner::create(text, std::get<1>(GetParam()), true, error);
  ASSERT_TRUE(runner) << error;
  GuardedBytes a(rows * 4), b(columns * 4), d(4 * rows * columns),
      result(rows * columns);
  std::memset(a.data(), 0, a.size());
  std::memset(b.data(), 1, b.size());
  for (int64_t i = 0; i < rows * columns; ++i) {
    float y = inputAt(i);
    std::memcpy(d.data() + 4 * i, &y, 4);
  }
  runner->run({a.data(), b.data(), d.data(), result.data()});
  for (int64_t i = 0; i < rows * columns; ++i)
    ASSERT_EQ(uint8_t(result.data()[i]), expect(0 + inputAt(i)))
        << inputAt(i) << " at " << i;
}

const Case cases[] = {
    {"Unsigned", 19, 64, true, 0},
    {"OneColumn", 9, 1, false, 1},
    {"UnsignedMoved", 13, 100, true, 131},
    {"Signed", 14, 33, false, 0},
    {"SignedMoved", 7, 24, false, -128},
    {"SignedUp", 7, 40, false, 127},
    {"Divided", 19, 72, true, 37, 0.0379351974f},
    {"DividedByHalf", 19, 72, false, -3, 0.5f},
    {"DividedByMuch", 19, 72, true, 255, 1e30f},
    {"DividedByLittle", 19, 72, true, 3, 1e-30f},
    {"RedundantClamps", 19, 72, true, 0, 0.06f, 0, 254.6f},
    {"Clamps", 19, 72, true, 3, 0.06f, 0, 100},
    {"Flipped", 19, 72, true, 9, 0.06f, 0, HUGE_VALF, true},
    {"FlippedSigned", 11, 49, false, 9, 0.06f, 0, HUGE_VALF, true},
    {"Table", 11, 72, true, 128, 0.06f, -HUGE_VALF, HUGE_VALF, false, true},
    {"SignedTable", 11, 23, false, 5, 0.06f, -HUGE_VALF, HUGE_VALF, false,
     true},
};

INSTANTIATE_TEST_SUITE_P(
    Levels, ByteEpilogue,
    testing::Combine(testing::ValuesIn(cases),
                     testing::ValuesIn(listRunnable({"native", "skylake-avx512",
                                                     "x86-64-v3", "x86-64"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

} // namespace
