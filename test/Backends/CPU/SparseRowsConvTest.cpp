//===- SparseRowsConvTest.cpp - Convolutions of weights with zeros --------===//
//
// The weights are in the text, so that the variant is chosen for their zeros.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "KernelText.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <array>
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent::test;

namespace {

using Pair = std::array<int64_t, 2>;

struct Case {
  int64_t inputChannels, outputChannels;
  Pair input, taps{3, 3}, strides{1, 1}, dilations{1, 1}, begins{1, 1},
      ends{1, 1};
  int64_t images = 1, block = 1, percent = 92;
  std::string epilogue = "none"; ///< light, heavy
  /// A run decides how many images there are, and of which size.
  bool hasOpenCount = false, hasOpenSizes = false;

  int64_t getOutput(int d) const {
    int64_t window = (taps[d] - 1) * dilations[d] + 1;
    return (input[d] + begins[d] + ends[d] - window) / strides[d] + 1;
  }
  int64_t getWeights() const {
    return outputChannels * inputChannels * taps[0] * taps[1];
  }
};

std::vector<float> draw(size_t count, int seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> noise;
  std::vector<float> values(count);
  for (float &value : values)
    value = noise(engine);
  return values;
}

std::vector<float> drawFilter(const Case &c) {
  std::vector<float> filter = draw(c.getWeights(), 2);
  std::mt19937 engine(3);
  int64_t depth = c.getWeights() / c.outputChannels;
  for (int64_t o = 0; o < c.outputChannels; o += c.block)
    for (int64_t k = 0; k < depth; ++k)
      if (int64_t(engine() % 100) < c.percent)
        for (int64_t i = o; i < std::min(o + c.block, c.outputChannels); ++i)
          filter[i * depth + k] = 0;
  return filter;
}

/// A type of which some sizes are expressions of symbols.
std::string makeImages(const std::vector<std::string> &sizes) {
  std::string shape, layout;
  for (const std::string &size : sizes) {
    bool isNumber = llvm::all_of(size, llvm::isDigit);
    shape += (isNumber ? size : "?") + "x";
    layout += (layout.empty() ? "" : ", ") + size;
  }
  return "memref<" + shape + "f32, #lir.layout<[" + layout + "]>>";
}

std::string makeText(const Case &c, const std::vector<float> &filter) {
  std::vector<std::string> in{c.hasOpenCount ? "s0" : std::to_string(c.images)},
      out = in;
  for (int d : {0, 1}) {
    std::string symbol = "s" + std::to_string(c.hasOpenCount + d);
    int64_t more = c.begins[d] + c.ends[d] - (c.taps[d] - 1) * c.dilations[d] -
                   1 + c.strides[d];
    in.push_back(c.hasOpenSizes ? symbol : std::to_string(c.input[d]));
    out.push_back(c.hasOpenSizes
                      ? "(" + symbol + " + " +
                            std::to_string(more % c.strides[d]) +
                            ") floordiv " + std::to_string(c.strides[d]) +
                            " + " + std::to_string(more / c.strides[d])
                      : std::to_string(c.getOutput(d)));
  }
  in.push_back(std::to_string(c.inputChannels));
  out.push_back(std::to_string(c.outputChannels));
  std::vector<int64_t> shape{c.outputChannels, c.inputChannels, c.taps[0],
                             c.taps[1]};
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(filter.data()),
      filter.size() * sizeof(float));
  KernelText text{.op = "lir.conv",
                  .input = makeImages(in),
                  .output = makeImages(out),
                  .channels = c.outputChannels,
                  .weight = "dense<\"0x" + llvm::toHex(bytes) +
                            "\"> : " + memref(shape, "tensor"),
                  .packed = memref(shape),
                  .dims = "n, h, w, c",
                  .attributes = writeWindow(
                      shape, c.strides, c.dilations,
                      {c.begins[0], c.begins[1], c.ends[0], c.ends[1]}),
                  .epilogue = {c.epilogue, "tanh"}};
  return text.write();
}

GuardedBytes place(const std::vector<float> &values) {
  GuardedBytes bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// What output channel `o` of a pixel is, without the epilogue.
double sumProducts(const Case &c, const std::vector<float> &x,
                   const std::vector<float> &w, int64_t n, int64_t i, int64_t j,
                   int64_t o) {
  double sum = 0;
  for (int64_t y = 0; y < c.taps[0]; ++y)
    for (int64_t z = 0; z < c.taps[1]; ++z) {
      int64_t row = i * c.strides[0] - c.begins[0] + y * c.dilations[0],
              column = j * c.strides[1] - c.begins[1] + z * c.dilations[1];
      if (row < 0 || row >= c.input[0] || column < 0 || column >= c.input[1])
        continue;
      int64_t pixel = (n * c.input[0] + row) * c.input[1] + column;
      for (int64_t k = 0; k < c.inputChannels; ++k)
        sum += double(x[pixel * c.inputChannels + k]) *
               w[((o * c.inputChannels + k) * c.taps[0] + y) * c.taps[1] + z];
    }
  return sum;
}

void check(const Case &c, const std::string &cpu,
           const std::string &variant = "sparse-rows") {
  std::vector<float> filter = drawFilter(c);
  std::string error, text = makeText(c, filter);
  auto runner = KernelRunner::create(text, cpu, /*select=*/true, error,
                                     /*emulatesTiles=*/false, variant);
  ASSERT_TRUE(runner) << error;
  ASSERT_NE(runner->describe().find("sparse"), std::string::npos)
      << runner->describe();
  int64_t height = c.getOutput(0), width = c.getOutput(1),
          oc = c.outputChannels, pixels = c.images * height * width;
  std::vector<float> input =
      draw(c.images * c.input[0] * c.input[1] * c.inputChannels, 1);
  std::vector<float> bias = draw(oc, 4), residual = draw(pixels * oc, 5);
  GuardedBytes x = place(input), w = place(filter), b = place(bias),
               r = place(residual), y(r.size());
  std::memset(y.data(), 0x7b, y.size());
  std::vector<const void *> buffers{x.data(), w.data()};
  if (c.epilogue != "none")
    buffers.insert(buffers.end(), {b.data(), r.data()});
  buffers.push_back(y.data());
  std::vector<int64_t> symbols;
  if (c.hasOpenCount)
    symbols.push_back(c.images);
  if (c.hasOpenSizes)
    symbols.insert(symbols.end(), c.input.begin(), c.input.end());
  runner->run(buffers, symbols);
  GuardedBytes again(y.size());
  std::memcpy(again.data(), y.data(), y.size());
  // In the order of other threads.
  std::vector<void *> packed = runner->pack(buffers, symbols);
  for (int64_t chunk = runner->getNumChunks(symbols) - 1; chunk >= 0; --chunk)
    runner->runChunks(packed.data(), chunk, chunk + 1);
  EXPECT_EQ(std::memcmp(again.data(), y.data(), y.size()), 0);
  for (int64_t position = 0; position < pixels * oc; ++position) {
    int64_t o = position % oc, pixel = position / oc, j = pixel % width,
            i = pixel / width % height, n = pixel / width / height;
    double sum = Epilogue{c.epilogue, "tanh"}.apply(
        sumProducts(c, input, filter, n, i, j, o), bias[o], residual[position]);
    float got;
    std::memcpy(&got, y.data() + position * sizeof(float), sizeof(float));
    ASSERT_NEAR(got, sum, 2e-5 * std::max(1.0, std::abs(sum)))
        << "at " << n << ", " << i << ", " << j << ", " << o << " of "
        << runner->describe();
  }
}

class SparseRowsConv : public testing::TestWithParam<std::string> {};

TEST_P(SparseRowsConv, CoversSizes) {
  for (int64_t block : {1, 4}) {
    Case c{32, 32, {14, 14}};
    c.block = block;
    check(c, GetParam());
    c = {19, 37, {9, 13}};
    c.block = block;
    c.images = 2;
    check(c, GetParam());
    c = {24, 64, {7, 7}};
    c.block = block;
    check(c, GetParam());
  }
}

TEST_P(SparseRowsConv, FollowsPads) {
  for (auto [begins, ends] : std::vector<std::pair<Pair, Pair>>{
           {{0, 0}, {0, 0}}, {{2, 0}, {0, 2}}, {{0, 3}, {3, 0}}}) {
    Case c{32, 32, {12, 17}};
    c.begins = begins;
    c.ends = ends;
    check(c, GetParam());
  }
}

TEST_P(SparseRowsConv, TakesStridesAndDilations) {
  Case c{32, 32, {15, 22}};
  c.strides = {2, 2};
  check(c, GetParam());
  c.strides = {2, 1};
  c.dilations = {1, 2};
  c.taps = {5, 3};
  c.begins = c.ends = {2, 2};
  check(c, GetParam());
  c.strides = {1, 3};
  c.dilations = {2, 1};
  check(c, GetParam());
  c = {3, 32, {40, 41}, {7, 7}, {2, 2}};
  c.begins = c.ends = {3, 3};
  check(c, GetParam());
}

TEST_P(SparseRowsConv, TakesOneLine) {
  Case c{30, 32, {1, 50}, {1, 7}};
  c.begins = c.ends = {0, 3};
  check(c, GetParam());
}

TEST_P(SparseRowsConv, AppliesEpiloguesToOpenImages) {
  for (std::string epilogue : {"light", "heavy"}) {
    Case c{32, 40, {10, 13}};
    c.epilogue = epilogue;
    c.images = 3;
    c.hasOpenCount = true;
    check(c, GetParam());
  }
}

// Narrower than a strip of columns, and wider.
TEST_P(SparseRowsConv, FollowsOpenSizes) {
  for (Pair input : std::vector<Pair>{{14, 14}, {3, 1}, {9, 97}}) {
    Case c{19, 37, input};
    c.hasOpenSizes = true;
    check(c, GetParam());
    c.block = 4;
    c.hasOpenCount = true;
    c.images = 2;
    c.begins = {0, 2};
    c.ends = {2, 0};
    c.epilogue = "light";
    check(c, GetParam());
    c = {16, 32, input, {3, 3}, {2, 2}};
    c.hasOpenSizes = true;
    c.epilogue = "heavy";
    check(c, GetParam());
    c.strides = {1, 3};
    c.dilations = {2, 1};
    c.begins = c.ends = {2, 2};
    check(c, GetParam());
    c = {96, 32, input, {1, 1}, {2, 2}};
    c.hasOpenSizes = true;
    c.begins = c.ends = {0, 0};
    check(c, GetParam());
  }
}

TEST_P(SparseRowsConv, HasPointsOfWinogradInstead) {
  for (std::string epilogue : {"none", "light", "heavy"}) {
    Case c{40, 96, {19, 22}};
    c.block = 32;
    c.percent = 60;
    c.images = 2;
    c.epilogue = epilogue;
    check(c, GetParam(), "sparse-winograd");
    c = {16, 37, {13, 9}};
    c.block = 37;
    c.percent = 40;
    c.epilogue = epilogue;
    check(c, GetParam(), "sparse-winograd");
  }
}

TEST_P(SparseRowsConv, HasNoWeightsAtAll) {
  Case c{16, 32, {8, 8}};
  c.percent = 100;
  check(c, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Levels, SparseRowsConv,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

TEST(SparseRowsConvErrors, ExpectsPackedFilter) {
  std::string error;
  Case c{32, 32, {14, 14}};
  std::string text = makeText(c, drawFilter(c));
  text.replace(text.find("group = 1 : i64"), 15,
               "group = 1 : i64, algorithm = #cpu.sparse_conv<block = 1, "
               "vectors = 4, section = 32, groups = 1, entries = 64>");
  EXPECT_FALSE(KernelRunner::create(text, "x86-64-v3", false, error));
  EXPECT_NE(error.find("expected weights packed as sparse rows in 832 bytes"),
            std::string::npos)
      << error;
}

} // namespace
