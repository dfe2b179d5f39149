//===- BlockTest.cpp - Blocks that share an exponent, number by number ----===//
//
// The reference computes in f64, which holds every number here exactly.
//
//===----------------------------------------------------------------------===//

#include "NumberArrays.h"
#include "lambent/ElementTypes/BlockFormat.h"
#include <cstring>
#include <limits>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

using namespace lambent;
using namespace lambent::test;

namespace {

struct Case {
  std::vector<int64_t> shape;
  size_t axis;
  int64_t groups = 1;
};

int exponentOf(double x) { return std::ilogb(x); }

/// One block, whose elements lie `stride` apart.
void roundBlock(const BlockFormat &format, bool up, const float *x, float *y,
                int64_t count, int64_t stride) {
  double largest = 0;
  bool isInvalid = false;
  for (int64_t i = 0; i < count; ++i) {
    isInvalid |= !std::isfinite(x[i * stride]);
    largest = std::max<double>(largest, std::abs(x[i * stride]));
  }
  int shared = -127;
  if (largest > 0)
    shared = exponentOf(largest) - format.mostExponent;
  if (up && largest > std::ldexp(format.largest, shared))
    ++shared;
  shared = std::clamp(shared, -127, 127);
  for (int64_t i = 0; i < count; ++i) {
    int exponent = shared;
    if (format.hasPairs) {
      double pair = 0;
      for (int64_t j = i / 2 * 2; j < std::min(i / 2 * 2 + 2, count); ++j)
        pair = std::max<double>(pair, std::abs(x[j * stride]));
      bool fits = up ? pair <= std::ldexp(format.largest, shared - 1)
                     : pair < std::ldexp(1.0, shared);
      exponent -= fits;
    }
    double u = std::ldexp(std::abs(double(x[i * stride])), -exponent);
    int own = u > 0 ? exponentOf(u) : format.leastExponent;
    double step =
        std::ldexp(1.0, std::max(own, format.leastExponent) - format.mantissa);
    double rounded = std::min(std::nearbyint(u / step) * step, format.largest);
    float result = float(std::ldexp(rounded, exponent));
    if (std::signbit(x[i * stride]) && (result != 0 || format.hasNegativeZero))
      result = -result;
    y[i * stride] =
        isInvalid ? std::numeric_limits<float>::quiet_NaN() : result;
  }
}

/// What the kernel is to write.
std::vector<float> makeReference(const BlockFormat &format, bool up,
                                 const Case &c, const std::vector<float> &x) {
  int64_t size = c.shape[c.axis] / c.groups, inner = 1;
  for (size_t d = c.axis + 1; d < c.shape.size(); ++d)
    inner *= c.shape[d];
  std::vector<float> y(x.size());
  for (int64_t part = 0; part < count(c.shape) / (size * inner); ++part)
    for (int64_t first = 0; first < size; first += format.size)
      for (int64_t i = 0; i < inner; ++i) {
        int64_t start = (part * size + first) * inner + i;
        roundBlock(format, up, &x[start], &y[start],
                   std::min<int64_t>(format.size, size - first), inner);
      }
  return y;
}

/// Numbers of all magnitudes, close to others, at ties and next to them, with
/// zeros of both signs, and few that are none.
std::vector<float> makeNumbers(int64_t n, unsigned seed, bool areFinite) {
  std::mt19937 random(seed);
  std::vector<float> values;
  int exponent = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (i % 24 == 0)
      exponent = int(random() % 290) - 155;
    uint32_t mantissa = random() & 0x7fffff;
    if (random() % 2) // few bits: ties
      mantissa &= 0x7fffff << (23 - random() % 8);
    if (random() % 4 == 0)
      mantissa += random() % 3 - 1;
    double value = std::ldexp(1 + (mantissa & 0x7fffff) / 8388608.0,
                              exponent - int(random() % 12));
    value = std::min<double>(value, std::numeric_limits<float>::max());
    unsigned kind = random() % 400;
    if (kind < 20)
      value = 0;
    else if (kind == 20 && !areFinite)
      value = std::numeric_limits<double>::infinity();
    else if (kind == 21 && !areFinite)
      value = std::numeric_limits<double>::quiet_NaN();
    else if (kind == 22)
      value = std::numeric_limits<float>::max();
    values.push_back(float(random() % 2 ? -value : value));
  }
  return values;
}

void expectBits(const std::vector<float> &x, const std::vector<float> &got,
                const std::vector<float> &expected) {
  int reported = 0;
  for (size_t i = 0; i < got.size() && reported < 5; ++i) {
    if (std::memcmp(&got[i], &expected[i], sizeof(float)) == 0 ||
        (std::isnan(got[i]) && std::isnan(expected[i])))
      continue;
    ADD_FAILURE() << "element " << i << " of " << x[i] << ": expected "
                  << expected[i] << ", but got " << got[i];
    ++reported;
  }
}

/// As a thread computes that reads denormal numbers as 0.
void runFlushing(CompiledKernel &kernel, const std::vector<float> &x,
                 std::vector<float> &y) {
#if defined(__x86_64__)
  unsigned mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040);
  kernel.run({x.data()}, {y.data()}, 1);
  _mm_setcsr(mode);
#else
  kernel.run({x.data()}, {y.data()}, 1);
#endif
}

void check(const BlockFormat &format, bool up, const Case &c) {
  std::string type = memrefType(c.shape, "f32");
  std::string text =
      "func.func @main(%x: " + type + ", %y: " + type +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.round_blocks ins(%x : " +
      type + ") outs(%y : " + type + ") {format = \"" + format.name +
      "\", axis = " + std::to_string(c.axis) + " : i64, scale = \"" +
      (up ? "up" : "down") + "\", groups = " + std::to_string(c.groups) +
      " : i64}\nreturn\n}\n";
  SCOPED_TRACE(text);
  for (const std::string &cpu : getTestCPUs()) {
    SCOPED_TRACE(cpu);
    auto kernel = CompiledKernel::compile(text, cpu);
    ASSERT_TRUE(kernel);
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::vector<float> x = makeNumbers(count(c.shape), seed, seed % 4 != 0);
      std::vector<float> expected = makeReference(format, up, c, x),
                         y(x.size(), 7), flushed = y, again = y;
      kernel->run({x.data()}, {y.data()}, 0);
      expectBits(x, y, expected);
      runFlushing(*kernel, x, flushed);
      expectBits(x, flushed, expected);
      // What the format holds stays.
      if (!up) {
        kernel->run({y.data()}, {again.data()}, 0);
        expectBits(y, again, y);
      }
    }
  }
}

void checkAll(const Case &c) {
  for (const BlockFormat &format : blockFormats)
    for (bool up : {false, true})
      check(format, up, c);
}

/// A format of each kind.
void checkKinds(const Case &c) {
  for (const char *name : {"mxfp6", "mxint8", "mx9"})
    check(*findBlockFormat(name), /*up=*/c.axis == 0, c);
}

TEST(Block, Rows) { checkAll({{7, 96}, 1}); }
TEST(Block, RowsWithTails) {
  checkAll({{5, 71}, 1});
  checkKinds({{9, 5}, 1});
  checkKinds({{41}, 0});
}
TEST(Block, Columns) { checkKinds({{2, 64, 32}, 1}); }
TEST(Block, ColumnsWithTails) {
  checkAll({{2, 45, 19}, 1});
  checkKinds({{33, 3}, 0});
}
TEST(Block, SingleNumbers) {
  checkKinds({{6, 1}, 1});
  checkKinds({{4, 12}, 1, 12});
}
TEST(Block, Groups) {
  checkKinds({{3, 80}, 1, 2});
  checkKinds({{3, 36, 5}, 1, 3});
}

TEST(Block, FindsFormats) {
  EXPECT_STREQ(findBlockFormat("mx9")->name, "mx9");
  EXPECT_STREQ(findBlockFormat("mxfp8-e5m2")->name, "mxfp8-e5m2");
  EXPECT_EQ(findBlockFormat("mx"), nullptr);
  EXPECT_EQ(findBlockFormat("mx99"), nullptr);
  EXPECT_EQ(findBlockFormat(""), nullptr);
}

} // namespace
