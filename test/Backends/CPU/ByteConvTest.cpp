//===- ByteConvTest.cpp - Convolutions of 8-bit integers ------------------===//

#include "KernelRunner.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace lambent::test;

namespace {

struct Case {
  const char *name;
  int64_t height, width, channels, outputs, taps;
  int64_t stride = 1, dilation = 1, pad = 0, group = 1;
  bool isRow = false; ///< a 1-D convolution: one row of taps
  int64_t most = 0;   ///< magnitude of weights; 0: as large as may be

  int64_t inHeight() const { return height; }
  int64_t tapsY() const { return isRow ? 1 : taps; }
  int64_t padY() const { return isRow ? 0 : pad; }
  int64_t outHeight() const {
    return (height + 2 * padY() - dilation * (tapsY() - 1) - 1) / stride + 1;
  }
  int64_t outWidth() const {
    return (width + 2 * pad - dilation * (taps - 1) - 1) / stride + 1;
  }
};

constexpr int64_t kImages = 2;

class ByteConv : public testing::TestWithParam<std::tuple<Case, std::string>> {
protected:
  const Case &shape = std::get<0>(GetParam());

  /// The filter as tiles read it, "tiles" in place of a CPU's name.
  std::string makePackedFilter() const {
    const Case &s = shape;
    std::string taps = std::to_string(s.taps) + "x";
    if (!s.isRow || s.height > 1)
      taps = std::to_string(s.tapsY()) + "x" + taps;
    return "memref<1x" + std::to_string((s.outputs + 31) / 32) + "x" + taps +
           std::to_string((s.channels + 63) / 64 * 16) + "x32x4xi8>";
  }

  int64_t countWeights() const {
    const Case &s = shape;
    return s.outputs * (s.channels / s.group) * s.tapsY() * s.taps;
  }
  int8_t weightAt(int64_t i) const {
    if (shape.most)
      return int8_t(43 * i % (2 * shape.most + 1) - shape.most);
    return i % 5 == 0 ? -128 : i % 5 == 1 ? 127 : int8_t(43 * i);
  }
  /// The filter, for how its products are added up follows from it.
  std::string makeHex() const {
    std::vector<uint8_t> bytes;
    for (int64_t i = 0; i < countWeights(); ++i)
      bytes.push_back(uint8_t(weightAt(i)));
    return llvm::toHex(bytes);
  }

  std::string makeText() const {
    auto join = [](std::initializer_list<int64_t> sizes,
                   const std::string &separator) {
      std::string text;
      for (int64_t size : sizes)
        text += (text.empty() ? "" : separator) + std::to_string(size);
      return text;
    };
    const Case &s = shape;
    int64_t perGroup = s.channels / s.group;
    std::string x = "memref<" +
                    join({kImages, s.height, s.width, s.channels}, "x") +
                    "xi8>",
                filter = join({s.outputs, perGroup, s.tapsY(), s.taps}, "x") +
                         "xi8>",
                y = "memref<" +
                    join({kImages, s.outHeight(), s.outWidth(), s.outputs},
                         "x") +
                    "xi32>";
    std::string w = "memref<" + filter, packing, algorithm;
    if (std::get<1>(GetParam()) == "tiles") {
      w = makePackedFilter();
      packing = std::string(" {packing = #lir.packing<(part, p, ") +
                (s.isRow ? "x, g, o, i) -> (p * 32 + o, g * 4 + i, 0, x"
                         : "y, x, g, o, i) -> (p * 32 + o, g * 4 + i, y, x") +
                ")>}";
      algorithm = "algorithm = #cpu.narrow_conv, ";
    }
    return "func.func @main(%x: " + x + ", %y: " + y +
           ") {\n%w = lir.weight dense<\"0x" + makeHex() + "\"> : tensor<" +
           filter + packing + " : " + w + "\nlir.conv ins(%x, %w : " + x +
           ", " + w + ") outs(%y : " + y + ") epilogue_maps [] attributes {" +
           algorithm + "filter_shape = array<i64: " +
           join({s.outputs, perGroup, s.tapsY(), s.taps}, ", ") +
           ">, strides = array<i64: " + join({s.stride, s.stride}, ", ") +
           ">, dilations = array<i64: " + join({s.dilation, s.dilation}, ", ") +
           ">, pads = #lir.sizes<[" +
           join({s.padY(), s.pad, s.padY(), s.pad}, ", ") +
           "]>, group = " + std::to_string(s.group) +
           " : i64} {\n^bb0(%a: i32):\n  lir.yield %a : i32\n}\nreturn\n}\n";
  }
};

TEST_P(ByteConv, IsExact) {
  std::string error;
  bool isTiles = std::get<1>(GetParam()) == "tiles";
  auto runner = KernelRunner::create(
      makeText(), isTiles ? "native" : std::get<1>(GetParam()),
      /*select=*/!isTiles, error, /*emulatesTiles=*/isTiles);
  ASSERT_TRUE(runner) << error;
  const Case &s = shape;
  int64_t perGroup = s.channels / s.group, perOutput = s.outputs / s.group;
  GuardedBytes x(kImages * s.height * s.width * s.channels), w(countWeights()),
      y(kImages * s.outHeight() * s.outWidth() * s.outputs * 4);
  for (size_t i = 0; i < x.size(); ++i)
    x.data()[i] = char(i % 3 == 0 ? 255 : 71 * i);
  for (size_t i = 0; i < w.size(); ++i)
    w.data()[i] = char(weightAt(i));
  runner->run({x.data(), w.data(), y.data()});
  auto at = [&](int64_t n, int64_t i, int64_t j, int64_t c) {
    bool inside = i >= 0 && i < s.height && j >= 0 && j < s.width;
    return inside
               ? int32_t(uint8_t(
                     x.data()[((n * s.height + i) * s.width + j) * s.channels +
                              c]))
               : 0;
  };
  for (int64_t n = 0, place = 0; n < kImages; ++n)
    for (int64_t i = 0; i < s.outHeight(); ++i)
      for (int64_t j = 0; j < s.outWidth(); ++j)
        for (int64_t o = 0; o < s.outputs; ++o, ++place) {
          int32_t sum = 0, got;
          for (int64_t c = 0; c < perGroup; ++c)
            for (int64_t a = 0; a < s.tapsY(); ++a)
              for (int64_t b = 0; b < s.taps; ++b)
                sum +=
                    at(n, i * s.stride + a * s.dilation - s.padY(),
                       j * s.stride + b * s.dilation - s.pad,
                       o / perOutput * perGroup + c) *
                    int8_t(
                        w.data()[((o * perGroup + c) * s.tapsY() + a) * s.taps +
                                 b]);
          std::memcpy(&got, y.data() + 4 * place, 4);
          ASSERT_EQ(got, sum)
              << "at " << n << ", " << i << ", " << j << ", " << o;
        }
}

const Case cases[] = {
    {"Whole", 7, 9, 8, 20, 3},
    {"Padded", 9, 15, 12, 37, 3, 1, 1, 1},
    {"Strided", 11, 13, 4, 33, 5, 2, 1, 2},
    {"Dilated", 11, 13, 16, 16, 3, 1, 2, 2},
    {"Groups", 6, 7, 24, 32, 3, 1, 1, 1, 2},
    {"Row", 1, 30, 8, 18, 4, 1, 1, 1, 1, true},
    // Weights that leave no, some or many steps of 16 bits too large.
    {"Tiny", 9, 15, 16, 37, 3, 1, 1, 1, 1, false, 7},
    {"Small", 9, 15, 32, 37, 3, 1, 1, 1, 1, false, 31},
    {"SevenBits", 9, 15, 24, 70, 3, 2, 1, 1, 1, false, 63},
    {"EightBits", 9, 15, 36, 37, 3, 1, 2, 1, 1, false, 127},
    {"Depthwise", 8, 19, 37, 37, 3, 1, 1, 0, 37},
    {"DepthwiseStrided", 13, 29, 16, 16, 3, 2, 1, 0, 16},
    {"DepthwiseFive", 9, 17, 48, 48, 5, 1, 1, 0, 48},
    {"DepthwiseDilated", 9, 17, 20, 20, 3, 1, 2, 0, 20},
    {"DepthwiseRow", 1, 40, 20, 20, 5, 1, 1, 0, 20, true},
};

INSTANTIATE_TEST_SUITE_P(
    Levels, ByteConv,
    testing::Combine(testing::ValuesIn(cases),
                     testing::ValuesIn(listRunnable({"native", "skylake-avx512",
                                                     "x86-64-v3", "x86-64"}))),
    [](const auto &info) {
      return std::get<0>(info.param).name + nameCPU(std::get<1>(info.param));
    });

/// Plain code stands for the tiles' instructions.
const Case tileCases[] = {
    {"Whole", 7, 9, 8, 20, 3},
    {"Padded", 9, 15, 70, 37, 3, 1, 1, 1},
    {"Wide", 5, 40, 64, 32, 3, 1, 1, 1},
    {"Strided", 11, 13, 4, 33, 5, 2, 1, 2},
    {"Dilated", 11, 13, 130, 16, 3, 1, 2, 2},
    {"Row", 1, 30, 8, 18, 4, 1, 1, 1, 1, true},
    {"One", 6, 6, 65, 70, 1},
};

INSTANTIATE_TEST_SUITE_P(Tiles, ByteConv,
                         testing::Combine(testing::ValuesIn(tileCases),
                                          testing::Values("tiles")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param).name);
                         });

} // namespace
