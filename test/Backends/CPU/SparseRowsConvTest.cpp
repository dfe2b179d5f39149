//===- SparseRowsConvTest.cpp - Convolutions of weights with zeros --------===//
//
// The weights are in the text, so that the variant is chosen for their zeros.
//
//===----------------------------------------------------------------------===//

#include "KernelRunner.h"
#include "KernelText.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <algorithm>
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
  std::string epilogue = "none"; ///< light, heavy; bytes
  /// A run decides how many images there are, and of which size.
  bool hasOpenCount = false, hasOpenSizes = false;
  bool areBytes = false; ///< unsigned by signed, with sums of i32
  int64_t channels = 1;  ///< of the input, that share zeros

  std::string getElement() const { return areBytes ? "i8" : "f32"; }
  std::string getOutputElement() const {
    return epilogue == "bytes" ? "i8" : areBytes ? "i32" : "f32";
  }
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

/// Integers of bytes: unsigned where `isUnsigned`, else signed.
std::vector<float> drawBytes(size_t count, int seed, bool isUnsigned) {
  std::vector<float> values = draw(count, seed);
  for (float &value : values)
    value = std::clamp(std::round(100 * value), -128.0f, 127.0f) +
            (isUnsigned ? 128 : 0);
  return values;
}

std::vector<float> drawFilter(const Case &c) {
  std::vector<float> filter = c.areBytes ? drawBytes(c.getWeights(), 2, false)
                                         : draw(c.getWeights(), 2);
  std::mt19937 engine(3);
  int64_t taps = c.taps[0] * c.taps[1], depth = c.inputChannels * taps;
  for (int64_t o = 0; o < c.outputChannels; o += c.block)
    for (int64_t k = 0; k < c.inputChannels; k += c.channels)
      for (int64_t tap = 0; tap < taps; ++tap) {
        if (int64_t(engine() % 100) >= c.percent)
          continue;
        for (int64_t i = o; i < std::min(o + c.block, c.outputChannels); ++i)
          for (int64_t j = k; j < std::min(k + c.channels, c.inputChannels);
               ++j)
            filter[i * depth + j * taps + tap] = 0;
      }
  return filter;
}

GuardedBytes place(const std::vector<float> &values, bool areBytes = false) {
  GuardedBytes bytes(values.size() * (areBytes ? 1 : sizeof(float)));
  if (areBytes)
    for (size_t i = 0; i < values.size(); ++i)
      bytes.data()[i] = char(int(values[i]));
  else
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A type of which some sizes are expressions of symbols.
std::string makeImages(const std::vector<std::string> &sizes,
                       const std::string &element) {
  std::string shape, layout;
  for (const std::string &size : sizes) {
    bool isNumber = llvm::all_of(size, llvm::isDigit);
    shape += (isNumber ? size : "?") + "x";
    layout += (layout.empty() ? "" : ", ") + size;
  }
  return "memref<" + shape + element + ", #lir.layout<[" + layout + "]>>";
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
  GuardedBytes placed = place(filter, c.areBytes);
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(placed.data()), placed.size());
  std::string element = c.getElement();
  KernelText text{.op = "lir.conv",
                  .input = makeImages(in, element),
                  .output = makeImages(out, c.getOutputElement()),
                  .channels = c.outputChannels,
                  .weight = "dense<\"0x" + llvm::toHex(bytes) +
                            "\"> : " + memref(shape, "tensor", element),
                  .packed = memref(shape, "memref", element),
                  .dims = "n, h, w, c",
                  .attributes = writeWindow(
                      shape, c.strides, c.dilations,
                      {c.begins[0], c.begins[1], c.ends[0], c.ends[1]}),
                  .epilogue = {c.epilogue, "tanh", c.areBytes ? "i32" : "f32"}};
  return text.write();
}

/// Element `position` of an output.
double readOutput(const Case &c, const GuardedBytes &bytes, int64_t position) {
  if (c.getOutputElement() == "i8")
    return uint8_t(bytes.data()[position]);
  const char *place = bytes.data() + position * sizeof(float);
  int32_t sum;
  float value;
  std::memcpy(&sum, place, sizeof(sum));
  std::memcpy(&value, place, sizeof(value));
  return c.areBytes ? sum : value;
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
  int64_t count = c.images * c.input[0] * c.input[1] * c.inputChannels;
  std::vector<float> input =
      c.areBytes ? drawBytes(count, 1, true) : draw(count, 1);
  std::vector<float> bias = draw(oc, 4), residual = draw(pixels * oc, 5);
  GuardedBytes x = place(input, c.areBytes), w = place(filter, c.areBytes),
               b = place(bias), r = place(residual),
               y(c.epilogue == "bytes" ? residual.size() : r.size());
  std::memset(y.data(), 0x7b, y.size());
  std::vector<const void *> buffers{x.data(), w.data()};
  if (Epilogue{c.epilogue}.isRich())
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
    ASSERT_NEAR(readOutput(c, y, position), sum,
                c.areBytes ? 0 : 2e-5 * std::max(1.0, std::abs(sum)))
        << "at " << n << ", " << i << ", " << j << ", " << o << " of "
        << runner->describe();
  }
}

/// Of f32, and of bytes, of which four neighbours share their zeros.
void checkBoth(Case c, const std::string &cpu) {
  check(c, cpu);
  c.areBytes = true;
  c.channels = 4;
  c.percent = 95;
  check(c, cpu);
}

class SparseRowsConv : public testing::TestWithParam<std::string> {};

TEST_P(SparseRowsConv, CoversSizes) {
  for (int64_t block : {1, 4}) {
    Case c{32, 32, {14, 14}};
    c.block = block;
    checkBoth(c, GetParam());
    c = {19, 37, {9, 13}};
    c.block = block;
    c.images = 2;
    checkBoth(c, GetParam());
    c = {24, 64, {7, 7}};
    c.block = block;
    checkBoth(c, GetParam());
  }
}

TEST_P(SparseRowsConv, FollowsPads) {
  for (auto [begins, ends] : std::vector<std::pair<Pair, Pair>>{
           {{0, 0}, {0, 0}}, {{2, 0}, {0, 2}}, {{0, 3}, {3, 0}}}) {
    Case c{32, 32, {12, 17}};
    c.begins = begins;
    c.ends = ends;
    checkBoth(c, GetParam());
  }
}

TEST_P(SparseRowsConv, TakesStridesAndDilations) {
  Case c{32, 32, {15, 22}};
  c.strides = {2, 2};
  checkBoth(c, GetParam());
  c.strides = {2, 1};
  c.dilations = {1, 2};
  c.taps = {5, 3};
  c.begins = c.ends = {2, 2};
  checkBoth(c, GetParam());
  c.strides = {1, 3};
  c.dilations = {2, 1};
  checkBoth(c, GetParam());
  c = {3, 32, {40, 41}, {7, 7}, {2, 2}};
  c.begins = c.ends = {3, 3};
  checkBoth(c, GetParam());
}

TEST_P(SparseRowsConv, TakesOneLine) {
  Case c{30, 32, {1, 50}, {1, 7}};
  c.begins = c.ends = {0, 3};
  checkBoth(c, GetParam());
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

TEST_P(SparseRowsConv, StoresBytesOfOpenImages) {
  for (Pair input : std::vector<Pair>{{14, 14}, {9, 97}}) {
    Case c{40, 64, input};
    c.areBytes = true;
    c.epilogue = "bytes";
    c.block = 4;
    c.channels = 4;
    check(c, GetParam());
    c.hasOpenSizes = true;
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
