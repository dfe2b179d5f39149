//===- PoolTest.cpp - Pooling against plain loops -------------------------===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

struct Window {
  int64_t kernel, stride, dilation, padBefore, padAfter, output;
};

/// Pools [1, sizes..., channels] or, with `batch`, more images; sums the window
/// by hand.
template <typename T>
void check(int64_t batch, std::vector<int64_t> sizes, int64_t channels,
           std::vector<Window> windows, std::string kind,
           bool includePad = false) {
  std::vector<int64_t> in{batch}, out{batch};
  std::string lists[4];
  for (size_t d = 0; d < sizes.size(); ++d) {
    in.push_back(sizes[d]);
    out.push_back(windows[d].output);
    int64_t numbers[] = {windows[d].kernel, windows[d].stride,
                         windows[d].dilation, windows[d].padBefore};
    for (int i = 0; i < 4; ++i)
      lists[i] += (d ? ", " : "") + std::to_string(numbers[i]);
  }
  for (const Window &window : windows)
    lists[3] += ", " + std::to_string(window.padAfter);
  in.push_back(channels);
  out.push_back(channels);
  std::string type = elementName<T>(), inType = memrefType(in, type),
              outType = memrefType(out, type);
  std::string text =
      "func.func @main(%x: " + inType + ", %y: " + outType +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.pool ins(%x : " + inType +
      ") outs(%y : " + outType + ") epilogue_maps [] attributes {kind = \"" +
      kind + "\", kernel = array<i64: " + lists[0] +
      ">, strides = array<i64: " + lists[1] +
      ">, dilations = array<i64: " + lists[2] +
      ">, pads = #lir.sizes<[" + lists[3] +
      "]>, count_include_pad = " + (includePad ? "true" : "false") +
      "} {\n^bb0(%a: " + type + "):\nlir.yield %a : " + type +
      "\n}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(4);
  std::vector<T> x = randomNumbers<T>(count(in), random), y(count(out));
  if constexpr (std::is_same_v<T, int64_t>)
    for (T &value : x)
      value >>= 16; // the reference counts in double
  for (size_t i = 0; i < y.size(); ++i) {
    std::vector<int64_t> at(out.size());
    for (size_t d = out.size(), left = i; d-- > 0; left /= out[d])
      at[d] = left % out[d];
    int64_t taps = 1, inside = 0, padded = 0;
    for (const Window &window : windows)
      taps *= window.kernel;
    double sum = 0, max = -INFINITY;
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t left = tap, position = at[0];
      bool isInside = true, isPadded = true;
      std::vector<int64_t> index(sizes.size());
      for (size_t d = sizes.size(); d-- > 0; left /= windows[d].kernel) {
        const Window &w = windows[d];
        index[d] =
            at[d + 1] * w.stride - w.padBefore + left % w.kernel * w.dilation;
        isInside &= index[d] >= 0 && index[d] < sizes[d];
        isPadded &= index[d] < sizes[d] + w.padAfter;
      }
      padded += isPadded;
      if (!isInside)
        continue;
      for (size_t d = 0; d < sizes.size(); ++d)
        position = position * sizes[d] + index[d];
      double value = double(x[position * channels + at.back()]);
      sum += value;
      max = std::max(max, value);
      ++inside;
    }
    y[i] = T(kind == "max"   ? max
             : kind == "sum" ? sum
                             : sum / double(includePad ? padded : inside));
  }
  runEverywhere<T, T>(text, {x}, std::vector<T>(y.size()), y, 2e-6);
}

TEST(Pool, TwoDims) {
  Window plain{2, 2, 1, 0, 0, 6}, padded{3, 2, 1, 1, 1, 6},
      dilated{3, 1, 2, 2, 2, 12}, ceil{3, 2, 1, 0, 1, 6};
  for (std::string kind : {"max", "sum", "average"})
    for (int64_t channels : {3, 40, 150}) {
      check<float>(2, {12, 12}, channels, {plain, plain}, kind);
      check<float>(1, {12, 12}, channels, {padded, padded}, kind);
    }
  check<float>(1, {12, 12}, 20, {dilated, padded}, "max");
  check<float>(1, {12, 12}, 20, {ceil, ceil}, "average");
}
TEST(Pool, CountsPaddingInsideTheInputOnly) {
  // The last window reaches one element beyond the padding.
  Window window{3, 2, 1, 1, 0, 6};
  check<float>(1, {11, 11}, 20, {window, window}, "average", true);
  check<float>(1, {10, 10}, 20, {window, window}, "average", true);
}
TEST(Pool, OneAndThreeDims) {
  Window window{3, 2, 1, 1, 1, 4};
  check<float>(2, {7}, 18, {window}, "average");
  check<float>(1, {7, 7, 7}, 18, {window, window, window}, "max");
}
TEST(Pool, EveryType) {
  Window window{3, 1, 1, 1, 1, 5};
  check<double>(1, {5, 5}, 18, {window, window}, "average");
  check<int8_t>(1, {5, 5}, 70, {window, window}, "max");
  check<int32_t>(1, {5, 5}, 18, {window, window}, "max");
  check<int64_t>(1, {5, 5}, 3, {window, window}, "max");
}

} // namespace
