//===- ConvKernelTest.cpp - Convolutions against a plain reference --------===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent::test;

namespace {

using Sizes = std::vector<int64_t>;

struct Case {
  int64_t images, inputChannels, outputChannels, group;
  Sizes input, taps, strides, dilations, padsBegin, padsEnd;
  bool constantFilter = true;
  std::string epilogue = "none"; ///< light, heavy
};

std::string join(const Sizes &sizes, const std::string &separator) {
  std::string text;
  for (size_t i = 0; i < sizes.size(); ++i)
    text += (i ? separator : "") + std::to_string(sizes[i]);
  return text;
}

Sizes getOutput(const Case &c) {
  Sizes output;
  for (size_t d = 0; d < c.input.size(); ++d)
    output.push_back((c.input[d] + c.padsBegin[d] + c.padsEnd[d] -
                      c.dilations[d] * (c.taps[d] - 1) - 1) /
                         c.strides[d] +
                     1);
  return output;
}

int64_t product(const Sizes &sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result *= size;
  return result;
}

/// The operands are input, filter, (bias, residual,) output.
std::string makeText(const Case &c, const std::string &type) {
  auto memref = [&](Sizes sizes) {
    return "memref<" + join(sizes, "x") + "x" + type + ">";
  };
  Sizes output = getOutput(c),
        filter{c.outputChannels, c.inputChannels / c.group};
  filter.insert(filter.end(), c.taps.begin(), c.taps.end());
  Sizes in{c.images}, out{c.images};
  in.insert(in.end(), c.input.begin(), c.input.end());
  in.push_back(c.inputChannels);
  out.insert(out.end(), output.begin(), output.end());
  out.push_back(c.outputChannels);
  std::string inText = memref(in), outText = memref(out),
              filterText = memref(filter),
              biasText = memref({c.outputChannels});
  bool rich = c.epilogue != "none";
  std::string text = "func.func @main(%x: " + inText;
  if (!c.constantFilter)
    text += ", %w: " + filterText;
  if (rich)
    text += ", %b: " + biasText + ", %r: " + outText;
  text += ", %y: " + outText + ") {\n";
  if (c.constantFilter)
    text += "  %w = lir.weight dense<0.5> : tensor<" + join(filter, "x") + "x" +
            type + "> : " + filterText + "\n";
  text += "  lir.conv ins(%x, %w : " + inText + ", " + filterText + ")";
  if (rich)
    text += " with(%b, %r : " + biasText + ", " + outText + ")";
  text += " outs(%y : " + outText + ") epilogue_maps [";
  std::string dims = "n";
  for (size_t d = 0; d < c.input.size(); ++d)
    dims += ", d" + std::to_string(d) + "_";
  dims += ", c";
  if (rich)
    text += "affine_map<(" + dims + ") -> (c)>, affine_map<(" + dims +
            ") -> (" + dims + ")>";
  Sizes pads = c.padsBegin;
  pads.insert(pads.end(), c.padsEnd.begin(), c.padsEnd.end());
  auto array = [&](const Sizes &sizes) {
    return "array<i64: " + join(sizes, ", ") + ">";
  };
  text += "] attributes {filter_shape = " + array(filter) +
          ", strides = " + array(c.strides) +
          ", dilations = " + array(c.dilations) + ", pads = #lir.sizes<[" + join(pads, ", ") +
          "]>, group = " + std::to_string(c.group) +
          " : i64} {\n  ^bb0(%acc: " + type;
  if (rich)
    text += ", %s: " + type + ", %t: " + type;
  text += "):\n";
  std::string result = "%acc";
  if (rich) {
    text += "    %0 = arith.addf %acc, %s : " + type + "\n";
    text += "    %1 = arith.addf %0, %t : " + type + "\n";
    result = "%1";
    if (c.epilogue == "heavy") {
      text += "    %2 = math.exp %1 : " + type + "\n";
      result = "%2";
    }
  }
  return text + "    lir.yield " + result + " : " + type +
         "\n  }\n  return\n}\n";
}

template <typename T> void fill(GuardedBytes &bytes, int seed) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> distribution(-8, 8);
  T *values = reinterpret_cast<T *>(bytes.data());
  for (size_t i = 0; i < bytes.size() / sizeof(T); ++i)
    values[i] = T(distribution(engine)) / 16;
}

/// Next index of a row-major walk; false at the end.
bool advance(Sizes &index, const Sizes &sizes) {
  for (size_t d = sizes.size(); d-- > 0;) {
    if (++index[d] < sizes[d])
      return true;
    index[d] = 0;
  }
  return false;
}

template <typename T>
void check(const Case &c, const std::string &type, const std::string &cpu) {
  std::string error, text = makeText(c, type);
  auto runner = KernelRunner::create(text, cpu, true, error);
  ASSERT_TRUE(runner) << error << text;
  SCOPED_TRACE(runner->describe() + " " + text);
  Sizes output = getOutput(c);
  int64_t taps = product(c.taps), pixels = product(output);
  int64_t ic = c.inputChannels / c.group, oc = c.outputChannels / c.group;
  GuardedBytes x(c.images * product(c.input) * c.inputChannels * sizeof(T)),
      w(c.outputChannels * ic * taps * sizeof(T)),
      b(c.outputChannels * sizeof(T)),
      r(c.images * pixels * c.outputChannels * sizeof(T)), y(r.size());
  fill<T>(x, 1);
  fill<T>(w, 2);
  fill<T>(b, 3);
  fill<T>(r, 4);
  std::memset(y.data(), 0x7b, y.size());
  std::vector<const void *> buffers{x.data(), w.data()};
  if (c.epilogue != "none") {
    buffers.push_back(b.data());
    buffers.push_back(r.data());
  }
  buffers.push_back(y.data());
  runner->run(buffers);

  auto at = [](const GuardedBytes &bytes, int64_t i) {
    return reinterpret_cast<const T *>(bytes.data())[i];
  };
  Sizes place(output.size(), 0);
  int64_t position = 0;
  for (int64_t n = 0; n < c.images; ++n)
    do {
      for (int64_t o = 0; o < c.outputChannels; ++o, ++position) {
        double sum = 0;
        Sizes tap(c.taps.size(), 0);
        int64_t tapIndex = 0;
        do {
          int64_t pixel = n;
          bool inside = true;
          for (size_t d = 0; d < tap.size(); ++d) {
            int64_t i = place[d] * c.strides[d] - c.padsBegin[d] +
                        tap[d] * c.dilations[d];
            inside &= i >= 0 && i < c.input[d];
            pixel = pixel * c.input[d] + i;
          }
          for (int64_t i = 0; inside && i < ic; ++i)
            sum += double(at(x, pixel * c.inputChannels + o / oc * ic + i)) *
                   at(w, (o * ic + i) * taps + tapIndex);
          ++tapIndex;
        } while (advance(tap, c.taps));
        if (c.epilogue != "none")
          sum += double(at(b, o)) + at(r, position);
        if (c.epilogue == "heavy")
          sum = std::exp(sum);
        ASSERT_NEAR(double(at(y, position)), sum,
                    1e-4 * std::max(1.0, std::abs(sum)))
            << "at " << position;
      }
    } while (advance(place, output));
}

Case make2D(int64_t ic, int64_t oc, int64_t group, int64_t h, int64_t w,
            int64_t taps, int64_t stride, int64_t dilation, int64_t pad) {
  return {1,
          ic,
          oc,
          group,
          {h, w},
          {taps, taps},
          {stride, stride},
          {dilation, dilation},
          {pad, pad},
          {pad, pad}};
}

class ConvKernel : public testing::TestWithParam<std::string> {};

TEST_P(ConvKernel, FollowsStridesDilationsAndPads) {
  for (int64_t taps : {1, 2, 3, 5})
    for (int64_t stride : {1, 2, 3})
      for (int64_t dilation : {1, 2})
        for (int64_t pad : {0, 1, 2})
          check<float>(make2D(5, 19, 1, 11, 13, taps, stride, dilation, pad),
                       "f32", GetParam());
}

TEST_P(ConvKernel, CoversAllSizesOfRows) {
  for (int64_t width : {1, 2, 7, 14, 15, 28, 29, 57})
    check<float>(make2D(3, 33, 1, 4, width, 3, 1, 1, 1), "f32", GetParam());
}

TEST_P(ConvKernel, CoversAllSizesOfChannels) {
  for (int64_t oc : {1, 8, 16, 17, 32, 48, 64, 100})
    check<float>(make2D(4, oc, 1, 3, 9, 3, 1, 1, 1), "f32", GetParam());
}

TEST_P(ConvKernel, FetchesPanelsFromAfar) {
  check<float>(make2D(64, 130, 1, 7, 7, 3, 1, 1, 1), "f32", GetParam());
  check<float>(make2D(66, 130, 1, 9, 15, 3, 2, 1, 1), "f32", GetParam());
}

TEST_P(ConvKernel, TakesUnevenWindows) {
  check<float>({2, 3, 20, 1, {9, 12}, {1, 7}, {2, 1}, {1, 1}, {0, 3}, {1, 3}},
               "f32", GetParam());
  check<float>({2, 3, 20, 1, {9, 12}, {5, 2}, {1, 3}, {2, 1}, {4, 0}, {3, 1}},
               "f32", GetParam());
  // A window larger than the image.
  check<float>({1, 3, 20, 1, {2, 2}, {5, 5}, {1, 1}, {1, 1}, {3, 3}, {3, 3}},
               "f32", GetParam());
}

TEST_P(ConvKernel, SplitsGroups) {
  check<float>(make2D(8, 12, 4, 7, 9, 3, 1, 1, 1), "f32", GetParam());
  check<float>(make2D(6, 66, 2, 7, 9, 3, 2, 1, 1), "f32", GetParam());
  check<float>(make2D(6, 12, 6, 7, 9, 3, 1, 1, 1), "f32", GetParam());
  check<float>(make2D(8, 12, 2, 7, 9, 1, 1, 1, 0), "f32", GetParam());
}

TEST_P(ConvKernel, TakesChannelsOneByOne) {
  for (int64_t channels : {2, 16, 35})
    for (int64_t taps : {1, 3, 5})
      for (int64_t stride : {1, 2})
        for (int64_t dilation : {1, 2})
          check<float>(make2D(channels, channels, channels, 9, 19, taps, stride,
                              dilation, taps / 2),
                       "f32", GetParam());
}

TEST_P(ConvKernel, AppliesEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (int64_t group : {1, 4, 20})
      for (int64_t taps : {1, 3}) {
        Case c = make2D(20, 20, group, 6, 17, taps, 1, 1, taps / 2);
        c.epilogue = epilogue;
        c.images = 2;
        check<float>(c, "f32", GetParam());
      }
}

TEST_P(ConvKernel, PacksFiltersThatAreNotConstant) {
  for (int64_t group : {1, 4, 20})
    for (int64_t taps : {1, 3}) {
      Case c = make2D(20, 40, group, 6, 17, taps, 1, 1, taps / 2);
      c.constantFilter = false;
      check<float>(c, "f32", GetParam());
      c = make2D(20, 20, 20, 6, 17, taps, 1, 1, taps / 2);
      c.constantFilter = false;
      check<float>(c, "f32", GetParam());
    }
}

TEST_P(ConvKernel, TakesOneAndThreeDims) {
  for (bool constant : {true, false})
    for (int64_t group : {1, 6}) {
      check<float>({2, 6, 18, group, {31}, {5}, {2}, {1}, {2}, {2}, constant},
                   "f32", GetParam());
      check<float>({2,
                    6,
                    6,
                    group,
                    {5, 6, 7},
                    {3, 2, 3},
                    {1, 2, 1},
                    {1, 1, 2},
                    {1, 0, 2},
                    {1, 1, 2},
                    constant},
                   "f32", GetParam());
    }
}

TEST_P(ConvKernel, IgnoresDimsOfOneElement) {
  for (int64_t group : {1, 3, 6})
    check<float>({2,
                  6,
                  18,
                  group,
                  {1, 31, 1},
                  {1, 5, 1},
                  {1, 2, 3},
                  {1, 1, 1},
                  {0, 2, 0},
                  {0, 2, 0}},
                 "f32", GetParam());
  check<float>({2, 6, 18, 1, {1, 1}, {1, 1}, {2, 1}, {1, 1}, {0, 0}, {0, 0}},
               "f32", GetParam());
  check<float>({2, 6, 6, 6, {1, 1}, {1, 1}, {2, 1}, {1, 1}, {0, 0}, {0, 0}},
               "f32", GetParam());
}

TEST_P(ConvKernel, SpansManyChunks) {
  check<float>(make2D(64, 96, 1, 30, 40, 3, 1, 1, 1), "f32", GetParam());
  check<float>(make2D(128, 128, 128, 50, 60, 3, 1, 1, 1), "f32", GetParam());
}

TEST_P(ConvKernel, ComputesInDouble) {
  check<double>(make2D(5, 19, 1, 11, 13, 3, 1, 1, 1), "f64", GetParam());
  check<double>(make2D(19, 19, 19, 11, 13, 3, 1, 1, 1), "f64", GetParam());
}

INSTANTIATE_TEST_SUITE_P(Levels, ConvKernel,
                         testing::Values("native", "x86-64-v3", "x86-64",
                                         "x86-64-v3:sapphirerapids"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
