//===- WinogradKernelTest.cpp - Winograd convolutions, by a plain loop ----===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent::test;

namespace {

/// A convolution of two spatial dims, stride 1, and how it is tiled.
struct Case {
  int64_t inputChannels, outputChannels;
  std::array<int64_t, 2> input;
  std::array<int64_t, 2> padsBegin{1, 1}, padsEnd{1, 1};
  std::array<int64_t, 2> outputs{4, 4}; ///< of a tile
  std::array<int64_t, 2> taps{3, 3};
  int64_t images = 1;
  std::string epilogue = "none"; ///< light, heavy
  int64_t gap = 0;               ///< channels of other values behind a pixel's
  int64_t rows = 5, columns = 32;

  int64_t getOutput(int d) const {
    return input[d] + padsBegin[d] + padsEnd[d] - taps[d] + 1;
  }
  int64_t getPixels() const { return getOutput(0) * getOutput(1); }
};

std::string join(std::vector<int64_t> sizes, const std::string &separator) {
  std::string text;
  for (size_t i = 0; i < sizes.size(); ++i)
    text += (i ? separator : "") + std::to_string(sizes[i]);
  return text;
}

std::string makeShape(std::vector<int64_t> sizes, std::string kind = "memref",
                      std::string layout = "") {
  return kind + "<" + join(sizes, "x") + "xf32" + layout + ">";
}

std::string makeInput(const Case &c) {
  auto [h, w] = c.input;
  int64_t pixel = c.inputChannels + c.gap;
  std::string strides = join({h * w * pixel, w * pixel, pixel, 1}, ", ");
  return makeShape({c.images, h, w, c.inputChannels}, "memref",
                   c.gap ? ", strided<[" + strides + "]>" : "");
}

/// The operands are input, filter, (bias, residual,) output.
std::string makeText(const Case &c) {
  std::string in = makeInput(c),
              out = makeShape(
                  {c.images, c.getOutput(0), c.getOutput(1), c.outputChannels}),
              bias = makeShape({c.outputChannels});
  std::vector<int64_t> filter{c.outputChannels, c.inputChannels, c.taps[0],
                              c.taps[1]};
  int64_t points =
      (c.outputs[0] + c.taps[0] - 1) * (c.outputs[1] + c.taps[1] - 1);
  std::string packed =
      makeShape({(c.outputChannels + c.columns - 1) / c.columns, points,
                 c.inputChannels, c.columns});
  std::string tile = "tileHeight = " + std::to_string(c.outputs[0]) +
                     ", tileWidth = " + std::to_string(c.outputs[1]);
  bool rich = c.epilogue != "none";
  std::string text = "func.func @main(%x: " + in;
  if (rich)
    text += ", %b: " + bias + ", %r: " + out;
  text += ", %y: " + out +
          ") {\n  %w = lir.weight dense<0.0> : " + makeShape(filter, "tensor") +
          " {packing = #lir.winograd_packing<" + tile + ">} : " + packed +
          "\n  lir.conv ins(%x, %w : " + in + ", " + packed + ")";
  if (rich)
    text += " with(%b, %r : " + bias + ", " + out + ")";
  text += " outs(%y : " + out + ") epilogue_maps [";
  if (rich)
    text += "affine_map<(n, h, w, c) -> (c)>, "
            "affine_map<(n, h, w, c) -> (n, h, w, c)>";
  text +=
      "] attributes {filter_shape = array<i64: " + join(filter, ", ") +
      ">, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = "
      "#lir.sizes<[" +
      join({c.padsBegin[0], c.padsBegin[1], c.padsEnd[0], c.padsEnd[1]}, ", ") +
      "]>, group = 1 : i64, algorithm = #cpu.winograd<rows = " +
      std::to_string(c.rows) + ", columns = " + std::to_string(c.columns) +
      ", " + tile + ">} {\n  ^bb0(%acc: f32";
  if (!rich)
    return text + "):\n    lir.yield %acc : f32\n  }\n  return\n}\n";
  text += ", %s: f32, %t: f32):\n    %0 = arith.addf %acc, %s : f32\n"
          "    %1 = arith.addf %0, %t : f32\n";
  if (c.epilogue == "heavy")
    text += "    %2 = math.exp %1 : f32\n    lir.yield %2 : f32\n";
  else
    text += "    lir.yield %1 : f32\n";
  return text + "  }\n  return\n}\n";
}

void fill(GuardedBytes &bytes, int seed) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> distribution(-8, 8);
  float *values = reinterpret_cast<float *>(bytes.data());
  for (size_t i = 0; i < bytes.size() / sizeof(float); ++i)
    values[i] = float(distribution(engine)) / 16;
}

float at(const GuardedBytes &bytes, int64_t i) {
  return reinterpret_cast<const float *>(bytes.data())[i];
}

/// What output channel `o` of a pixel is, without the epilogue.
double sumProducts(const Case &c, const GuardedBytes &x, const GuardedBytes &w,
                   int64_t n, int64_t i, int64_t j, int64_t o) {
  double sum = 0;
  for (int64_t y = 0; y < c.taps[0]; ++y)
    for (int64_t z = 0; z < c.taps[1]; ++z) {
      int64_t row = i - c.padsBegin[0] + y, column = j - c.padsBegin[1] + z;
      if (row < 0 || row >= c.input[0] || column < 0 || column >= c.input[1])
        continue;
      int64_t pixel = ((n * c.input[0] + row) * c.input[1] + column) *
                      (c.inputChannels + c.gap);
      for (int64_t k = 0; k < c.inputChannels; ++k)
        sum +=
            double(at(x, pixel + k)) *
            at(w, ((o * c.inputChannels + k) * c.taps[0] + y) * c.taps[1] + z);
    }
  return sum;
}

void check(const Case &c, const std::string &cpu) {
  std::string error, text = makeText(c);
  auto runner = KernelRunner::create(text, cpu, true, error);
  ASSERT_TRUE(runner) << error << text;
  SCOPED_TRACE(runner->describe() + " " + text);
  ASSERT_NE(runner->describe().find("winograd"), std::string::npos);
  int64_t pixels = c.images * c.getPixels(), oc = c.outputChannels;
  GuardedBytes x(
      (c.images * c.input[0] * c.input[1] * (c.inputChannels + c.gap) - c.gap) *
      sizeof(float)),
      w(oc * c.inputChannels * c.taps[0] * c.taps[1] * sizeof(float)),
      b(oc * sizeof(float)), r(pixels * oc * sizeof(float)), y(r.size());
  fill(x, 1);
  fill(w, 2);
  fill(b, 3);
  fill(r, 4);
  std::memset(y.data(), 0x7b, y.size());
  std::vector<const void *> buffers{x.data(), w.data()};
  bool rich = c.epilogue != "none";
  if (rich)
    buffers.insert(buffers.end(), {b.data(), r.data()});
  buffers.push_back(y.data());
  runner->run(buffers);
  for (int64_t position = 0; position < pixels * oc; ++position) {
    int64_t o = position % oc, j = position / oc % c.getOutput(1),
            i = position / oc / c.getOutput(1) % c.getOutput(0),
            n = position / oc / c.getPixels();
    double sum = sumProducts(c, x, w, n, i, j, o);
    if (rich)
      sum += double(at(b, o)) + at(r, position);
    if (c.epilogue == "heavy")
      sum = std::exp(sum);
    ASSERT_NEAR(at(y, position), sum, 1e-4 * std::max(1.0, std::abs(sum)))
        << "at " << n << ", " << i << ", " << j << ", " << o;
  }
}

class WinogradKernel : public testing::TestWithParam<std::string> {};

TEST_P(WinogradKernel, CoversAllSizesOfImages) {
  for (int64_t outputs : {2, 4})
    for (auto input : std::vector<std::array<int64_t, 2>>{
             {1, 1}, {1, 29}, {29, 1}, {2, 5}, {7, 7}, {8, 12}, {13, 6}}) {
      Case c{3, 5, input};
      c.outputs = {outputs, outputs};
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, FollowsPads) {
  Case c{5, 19, {9, 11}};
  for (auto [begin, end] :
       std::vector<std::pair<std::array<int64_t, 2>, std::array<int64_t, 2>>>{
           {{0, 0}, {0, 0}},
           {{2, 0}, {0, 2}},
           {{0, 1}, {3, 0}},
           {{7, 8}, {9, 6}},
           {{-2, -1}, {-1, -3}}}) {
    c.padsBegin = begin;
    c.padsEnd = end;
    check(c, GetParam());
  }
}

TEST_P(WinogradKernel, CoversAllSizesOfChannels) {
  for (auto [ic, oc] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {4, 16}, {16, 17}, {17, 32}, {33, 31}, {8, 65}})
    check({ic, oc, {6, 9}}, GetParam());
}

TEST_P(WinogradKernel, CoversTilesAndImages) {
  for (int64_t rows : {1, 2, 7, 14})
    for (int64_t images : {1, 3}) {
      Case c{18, 40, {10, 14}};
      c.rows = rows;
      c.columns = 16;
      c.images = images;
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, AppliesEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (int64_t size : {8, 10}) {
      Case c{20, 23, {size, size}};
      c.epilogue = epilogue;
      c.images = 2;
      check(c, GetParam());
    }
}

TEST_P(WinogradKernel, ReadsPartsOfPixels) {
  Case c{20, 16, {9, 10}};
  c.gap = 7;
  c.images = 2;
  check(c, GetParam());
}

TEST_P(WinogradKernel, TakesOtherTaps) {
  Case c{6, 18, {9, 14}};
  c.taps = {5, 5};
  c.outputs = {2, 2};
  check(c, GetParam());
  c.taps = {1, 7};
  c.outputs = {1, 2};
  c.padsBegin = {0, 3};
  c.padsEnd = {0, 3};
  check(c, GetParam());
  c.taps = {3, 1};
  c.outputs = {4, 1};
  check(c, GetParam());
}

TEST_P(WinogradKernel, SpansManyChunks) {
  Case c{64, 96, {30, 40}};
  c.rows = 14;
  check(c, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Levels, WinogradKernel,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
