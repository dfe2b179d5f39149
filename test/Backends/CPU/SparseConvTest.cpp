//===- SparseConvTest.cpp - Convolutions on sparse panels -----------------===//
//
// Vectors of one input channel at one tap are zero, for a whole panel; edges of
// the image skip taps of the list.
//
//===----------------------------------------------------------------------===//

#include "SparseCase.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace lambent::test;

namespace {

using Sizes = std::vector<int64_t>;

struct Conv {
  int64_t inputChannels, outputChannels;
  Sizes input, taps;
  int64_t stride = 1, dilation = 1, pad = 0;
  double zeros = 0.7;
  int64_t group = 1, images = 1;
  std::string epilogue = "none";
  int64_t tileRows = 5, tileColumns = 16;

  int64_t getOutput(size_t d) const {
    return (input[d] + 2 * pad - dilation * (taps[d] - 1) - 1) / stride + 1;
  }
  int64_t getChannels() const { return inputChannels / group; }
  int64_t getOutputs() const { return outputChannels / group; }
  int64_t countTaps() const { return count(taps); }
  static int64_t count(const Sizes &sizes) {
    int64_t n = 1;
    for (int64_t size : sizes)
      n *= size;
    return n;
  }
};

class SparseConv : public testing::TestWithParam<std::string> {
protected:
  /// A filter [outputs, channels, taps...] whose vectors are drawn, and the
  /// most that a panel keeps.
  static Numbers drawWeights(const Conv &c, int64_t &most) {
    int64_t vectors = c.getChannels() * c.countTaps();
    Numbers weights = draw(c.outputChannels * vectors, 2);
    std::mt19937 engine(3);
    std::uniform_real_distribution<double> uniform;
    for (int64_t g = 0; g < c.group; ++g)
      for (int64_t first = 0; first < c.getOutputs(); first += c.tileColumns)
        for (int64_t v = 0; v < vectors; ++v) {
          int64_t end = std::min(c.getOutputs(), first + c.tileColumns);
          bool isZero = uniform(engine) < c.zeros;
          for (int64_t o = first; isZero && o < end; ++o)
            weights[(g * c.getOutputs() + o) * vectors + v] = 0;
        }
    // Columns behind a group's last one hold what the next group has.
    most = 1;
    for (int64_t g = 0; g < c.group; ++g)
      for (int64_t first = 0; first < c.getOutputs(); first += c.tileColumns) {
        int64_t begin = g * c.getOutputs() + first, kept = 0,
                end = std::min(c.outputChannels, begin + c.tileColumns);
        for (int64_t v = 0; v < vectors; ++v) {
          bool isKept = false;
          for (int64_t o = begin; o < end; ++o)
            isKept |= weights[o * vectors + v] != 0;
          kept += isKept;
        }
        most = std::max(most, kept);
      }
    return weights;
  }

  static std::string makeText(const Conv &c, int64_t most) {
    Sizes in{c.images}, out{c.images},
        filter{c.outputChannels, c.getChannels()}, panel,
        strides(c.input.size(), 0), repeated(c.input.size(), c.stride),
        dilations(c.input.size(), c.dilation), pads(2 * c.input.size(), c.pad);
    std::string dims = "g, p", taps, index = "n";
    for (size_t d = 0; d < c.input.size(); ++d) {
      in.push_back(c.input[d]);
      out.push_back(c.getOutput(d));
      filter.push_back(c.taps[d]);
      panel.push_back(c.taps[d]);
      dims += ", t" + std::to_string(d);
      taps += ", t" + std::to_string(d);
      index += ", i" + std::to_string(d);
    }
    index += ", c";
    strides.back() = c.dilation * c.inputChannels;
    if (strides.size() > 1)
      strides[strides.size() - 2] =
          c.dilation * c.input.back() * c.inputChannels;
    strides.push_back(1);
    in.push_back(c.inputChannels);
    out.push_back(c.outputChannels);
    panel.insert(panel.end(), {c.getChannels(), c.tileColumns});
    std::string map = "(" + dims + ", k, j) -> (g * " +
                      std::to_string(c.getOutputs()) + " + p * " +
                      std::to_string(c.tileColumns) + " + j, k" + taps + ")";
    int64_t panels = (c.getOutputs() + c.tileColumns - 1) / c.tileColumns;
    KernelText text{
        .op = "lir.conv",
        .input = memref(in),
        .output = memref(out),
        .channels = c.outputChannels,
        .weight = "dense<0.0> : " + memref(filter, "tensor") + " " +
                  writePacking(map, panel, strides, most),
        .packed = memref({c.group, panels, countWords(panel, most)}),
        .dims = index,
        .attributes =
            writeWindow(filter, repeated, dilations, pads, c.group) + ", " +
            writeAlgorithm("sparse_gemm", c.tileRows, c.tileColumns, most),
        .epilogue = {c.epilogue}};
    return text.write();
  }

  /// What output channel `o` is at pixel `place` of image `n`.
  static double sum(const Conv &c, const Numbers &x, const Numbers &w,
                    int64_t n, const Sizes &place, int64_t o) {
    double result = 0;
    for (int64_t tap = 0; tap < c.countTaps(); ++tap) {
      int64_t pixel = 0, rest = tap, scale = 1;
      bool isInside = true;
      for (size_t d = c.taps.size(); d-- > 0;) {
        int64_t i = place[d] * c.stride - c.pad + rest % c.taps[d] * c.dilation;
        rest /= c.taps[d];
        isInside &= i >= 0 && i < c.input[d];
        pixel += i * scale;
        scale *= c.input[d];
      }
      pixel += n * scale;
      for (int64_t k = 0; isInside && k < c.getChannels(); ++k)
        result += double(x[pixel * c.inputChannels +
                           o / c.getOutputs() * c.getChannels() + k]) *
                  w[(o * c.getChannels() + k) * c.countTaps() + tap];
    }
    return result;
  }

  void check(const Conv &c) {
    int64_t most = 0;
    Numbers weights = drawWeights(c, most);
    std::string error, text = makeText(c, most);
    SCOPED_TRACE(text);
    auto runner = KernelRunner::create(text, GetParam(), false, error);
    ASSERT_TRUE(runner) << error;
    EXPECT_NE(runner->describe().find("sparse"), std::string::npos);
    int64_t pixels = 1;
    for (size_t d = 0; d < c.input.size(); ++d)
      pixels *= c.getOutput(d);
    Numbers input = draw(c.images * Conv::count(c.input) * c.inputChannels, 1),
            bias = draw(c.outputChannels, 4),
            residual = draw(c.images * pixels * c.outputChannels, 5), expected;
    for (int64_t p = 0; p < c.images * pixels; ++p) {
      Sizes place(c.input.size());
      int64_t rest = p;
      for (size_t d = place.size(); d-- > 0; rest /= c.getOutput(d))
        place[d] = rest % c.getOutput(d);
      for (int64_t o = 0; o < c.outputChannels; ++o)
        expected.push_back(
            Epilogue{c.epilogue}.apply(sum(c, input, weights, rest, place, o),
                                       bias[o], residual[expected.size()]));
    }
    std::vector<const Numbers *> inputs{&input, &weights};
    if (c.epilogue != "none")
      inputs.insert(inputs.end(), {&bias, &residual});
    runBothWays(*runner, inputs, expected);
  }
};

TEST_P(SparseConv, LeavesOutWhatIsZero) {
  for (double zeros : {0.0, 0.5, 0.9, 1.0})
    check({12, 32, {7, 23}, {3, 3}, 1, 1, 1, zeros});
}

TEST_P(SparseConv, FollowsStridesDilationsAndPads) {
  for (int64_t stride : {1, 2})
    for (int64_t dilation : {1, 2})
      for (int64_t pad : {0, 1, 3})
        check({5, 19, {11, 13}, {3, 3}, stride, dilation, pad});
}

TEST_P(SparseConv, TakesWindowsLargerThanTheImage) {
  check({3, 20, {2, 2}, {5, 5}, 1, 1, 3});
  check({3, 20, {1, 9}, {3, 3}, 1, 1, 4});
}

TEST_P(SparseConv, TakesOneAndThreeDims) {
  check({6, 18, {31}, {5}, 2, 1, 2, 0.7, 1, 2});
  check({6, 18, {5, 6, 7}, {3, 2, 3}, 1, 1, 1, 0.7, 1, 2});
}

TEST_P(SparseConv, SplitsGroups) {
  check({8, 40, {7, 9}, {3, 3}, 1, 1, 1, 0.7, 2});
  check({6, 66, {7, 9}, {3, 3}, 2, 1, 1, 0.7, 2});
}

TEST_P(SparseConv, AppliesEpilogues) {
  check({12, 33, {6, 17}, {3, 3}, 1, 1, 1, 0.7, 1, 2, "light"});
  check({12, 33, {6, 17}, {3, 3}, 1, 1, 1, 0.7, 1, 2, "heavy"});
}

TEST_P(SparseConv, SpansManyChunks) {
  check({64, 96, {20, 30}, {3, 3}, 1, 1, 1, 0.8});
}

INSTANTIATE_TEST_SUITE_P(Levels, SparseConv,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
