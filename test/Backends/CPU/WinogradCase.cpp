//===- WinogradCase.cpp - Winograd convolutions, by a plain loop ----------===//

#include "WinogradCase.h"
#include "KernelText.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;

namespace {

/// A size of the text: a number, or what symbol `index` and `more` are
/// together.
std::string makeSize(const WinogradCase &c, int index, int64_t number,
                     int64_t more = 0) {
  return c.isOpen("nhw"[index])
             ? "s" + std::to_string(index) + " + " + std::to_string(more)
             : std::to_string(number);
}

/// Images of these channels, `pixel` elements apart.
std::string makeImages(const WinogradCase &c, std::vector<std::string> sizes,
                       int64_t channels, int64_t pixel) {
  sizes.push_back(std::to_string(channels));
  auto list = [](const std::vector<std::string> &items) {
    std::string text;
    for (const std::string &item : items)
      text += (text.empty() ? "[" : ", ") + item;
    return text + "]";
  };
  std::string shape, layout;
  for (const std::string &size : sizes)
    shape += (size[0] == 's' ? "?" : size) + "x";
  std::string step = std::to_string(pixel),
              row = "(" + sizes[2] + ") * " + step,
              image = "(" + sizes[1] + ") * " + row,
              strides = list({image, row, step, "1"});
  if (!c.open.empty())
    layout =
        ", #lir.layout<" + list(sizes) +
        (pixel > channels ? ", strides: " + strides + ", offset: 0>" : ">");
  else if (pixel > channels)
    layout = ", strided<" +
             list({std::to_string(c.input[0] * c.input[1] * pixel),
                   std::to_string(c.input[1] * pixel), step, "1"}) +
             ">";
  return "memref<" + shape + "f32" + layout + ">";
}

/// The operands are input, filter, (bias, residual,) output.
std::string makeText(const WinogradCase &c) {
  std::string images = makeSize(c, 0, c.images);
  std::vector<std::string> inputs{images}, outputs{images};
  for (int d : {0, 1}) {
    inputs.push_back(makeSize(c, d + 1, c.input[d]));
    outputs.push_back(
        makeSize(c, d + 1, c.getOutput(d), c.getOutput(d) - c.input[d]));
  }
  std::string in = makeImages(c, inputs, c.inputChannels,
                              c.inputChannels + c.gap),
              out = makeImages(c, outputs, c.outputChannels, c.outputChannels);
  std::vector<int64_t> filter{c.outputChannels, c.inputChannels, c.taps[0],
                              c.taps[1]};
  int64_t points =
      (c.outputs[0] + c.taps[0] - 1) * (c.outputs[1] + c.taps[1] - 1);
  std::string tile = "tileHeight = " + std::to_string(c.outputs[0]) +
                     ", tileWidth = " + std::to_string(c.outputs[1]);
  KernelText text{
      .op = "lir.conv",
      .input = in,
      .output = out,
      .channels = c.outputChannels,
      .weight = "dense<0.0> : " + memref(filter, "tensor") +
                " {packing = #lir.winograd_packing<" + tile + ">}",
      .packed = memref({(c.outputChannels + c.columns - 1) / c.columns, points,
                        c.inputChannels, c.columns}),
      .dims = "n, h, w, c",
      .attributes =
          writeWindow(
              filter, {1, 1}, {1, 1},
              {c.padsBegin[0], c.padsBegin[1], c.padsEnd[0], c.padsEnd[1]}) +
          ", algorithm = #cpu.winograd<rows = " + std::to_string(c.rows) +
          ", columns = " + std::to_string(c.columns) + ", " + tile + ">",
      .epilogue = {c.epilogue}};
  return text.write();
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
double sumProducts(const WinogradCase &c, const GuardedBytes &x,
                   const GuardedBytes &w, int64_t n, int64_t i, int64_t j,
                   int64_t o) {
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

} // namespace

std::unique_ptr<KernelRunner> test::compile(const WinogradCase &c,
                                            const std::string &cpu) {
  std::string error, text = makeText(c);
  auto runner = KernelRunner::create(text, cpu, true, error);
  EXPECT_TRUE(runner) << error << text;
  EXPECT_TRUE(!runner ||
              runner->describe().find("winograd") != std::string::npos)
      << runner->describe();
  return runner;
}

/// Runs `c`, or one of its sizes, and compares. Returns the output.
GuardedBytes test::compare(KernelRunner &runner, const WinogradCase &c) {
  SCOPED_TRACE(runner.describe() + " " + makeText(c) + " with " +
               join({c.images, c.input[0], c.input[1]}, ", "));
  int64_t pixels = c.images * c.getPixels(), oc = c.outputChannels;
  int64_t inputs =
      c.images * c.input[0] * c.input[1] * (c.inputChannels + c.gap);
  GuardedBytes x(std::max<int64_t>(0, inputs - c.gap) * sizeof(float)),
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
  runner.run(buffers, {c.images, c.input[0], c.input[1]});
  for (int64_t position = 0; position < pixels * oc; ++position) {
    int64_t o = position % oc, j = position / oc % c.getOutput(1),
            i = position / oc / c.getOutput(1) % c.getOutput(0),
            n = position / oc / c.getPixels();
    double sum = sumProducts(c, x, w, n, i, j, o);
    if (rich)
      sum += double(at(b, o)) + at(r, position);
    if (c.epilogue == "heavy")
      sum = std::exp(sum);
    EXPECT_NEAR(at(y, position), sum, 1e-4 * std::max(1.0, std::abs(sum)))
        << "at " << n << ", " << i << ", " << j << ", " << o;
    if (testing::Test::HasFailure())
      break;
  }
  return y;
}
