//===- SplitConvCase.cpp - Convolutions on emulated bf16 tiles ------------===//

#include "SplitConvCase.h"
#include "KernelText.h"
#include "SplitTilesCase.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;
using Numbers = SplitConvCase::Numbers;

static int64_t product(const Numbers &sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result *= size;
  return result;
}

/// Next index of a row-major walk; false at the end.
static bool advance(Numbers &index, const Numbers &sizes) {
  for (size_t d = sizes.size(); d-- > 0;) {
    if (++index[d] < sizes[d])
      return true;
    index[d] = 0;
  }
  return false;
}

Numbers SplitConvCase::getOutput() const {
  Numbers output;
  for (size_t d = 0; d < input.size(); ++d)
    output.push_back((input[d] + padsBegin[d] + padsEnd[d] -
                      dilations[d] * (taps[d] - 1) - 1) /
                         strides[d] +
                     1);
  return output;
}

int64_t SplitConvCase::getTaps() const { return product(taps); }

int64_t SplitConvCase::getInputSize() const {
  int64_t pixels = images * product(input);
  return std::max<int64_t>(0, pixels * (inputChannels + gap) - gap);
}

/// Images of so many channels, `pixel` elements apart; sizes as text.
static std::string makeImages(const std::vector<std::string> &sizes,
                              int64_t channels, int64_t pixel,
                              const std::string &element) {
  std::string shape, list, strides = ", 1]", step = std::to_string(pixel);
  for (const std::string &size : sizes) {
    shape += (size.find('s') == std::string::npos ? size : "?") + "x";
    list += size + ", ";
  }
  for (size_t d = sizes.size(); d-- > 0;) {
    strides = (d ? ", " : "[") + step + strides;
    step = "(" + sizes[d] + ") * " + step;
  }
  std::string width = std::to_string(channels);
  return "memref<" + shape + width + "x" + element + ", #lir.layout<[" + list +
         width + "], strides: " + strides + ", offset: 0>>";
}

/// The taps that the filter is packed by: a dim of one element is none.
static Numbers getPackedDims(const SplitConvCase &c) {
  Numbers dims, output = c.getOutput();
  for (size_t d = 0; d < c.taps.size(); ++d) {
    bool isTrivial = !c.isOpen && c.input[d] == 1 && output[d] == 1 &&
                     c.taps[d] == 1 && c.padsBegin[d] == 0;
    if (!isTrivial || (d + 1 == c.taps.size() && dims.empty()))
      dims.push_back(d);
  }
  return dims;
}

std::string test::makeText(const SplitConvCase &c, bool algorithm) {
  Numbers output = c.getOutput(), filter{c.outputChannels, c.inputChannels};
  filter.insert(filter.end(), c.taps.begin(), c.taps.end());
  std::vector<std::string> in{std::to_string(c.images)}, out;
  if (c.isOpen)
    in = {"s0"};
  out = in;
  for (size_t d = 0; d < c.input.size(); ++d) {
    std::string symbol = "s" + std::to_string(d + 1);
    int64_t more = c.padsBegin[d] + c.padsEnd[d] -
                   c.dilations[d] * (c.taps[d] - 1) - 1 + c.strides[d];
    in.push_back(c.isOpen ? symbol : std::to_string(c.input[d]));
    out.push_back(c.isOpen ? "(" + symbol + " + " + std::to_string(more) +
                                 ") floordiv " + std::to_string(c.strides[d])
                           : std::to_string(output[d]));
  }
  std::string element = c.parts == 1 ? "bf16" : "f32",
              x = makeImages(in, c.inputChannels, c.inputChannels + c.gap,
                             element),
              y = makeImages(out, c.outputChannels, c.outputChannels, "f32"),
              plain = join(filter, "x") + "x" + element,
              w = "memref<" + plain + ">", packing;
  if (algorithm) {
    Numbers packed{c.parts, (c.outputChannels + 31) / 32};
    std::string dims = "p", tapsOf;
    Numbers kept = getPackedDims(c);
    for (size_t d = 0; d < c.taps.size(); ++d) {
      bool isKept = std::find(kept.begin(), kept.end(), d) != kept.end();
      std::string name = "t" + std::to_string(d);
      tapsOf += isKept ? ", " + name : ", 0";
      if (!isKept)
        continue;
      dims += ", " + name;
      packed.push_back(c.taps[d]);
    }
    for (int64_t size :
         {(c.inputChannels + 31) / 32 * 16, INT64_C(32), INT64_C(2)})
      packed.push_back(size);
    w = "memref<" + join(packed, "x") + "xbf16>";
    packing = c.parts == 1
                  ? " {packing = #lir.packing<(part, " + dims +
                        ", k, j, i) -> (p * 32 + j, k * 2 + i" + tapsOf + ")>}"
                  : " {packing = #lir.split_packing<(" + dims +
                        ", k, j) -> (p * 32 + j, k" + tapsOf +
                        "), taps = " + std::to_string(kept.size()) + ">}";
  }
  std::string dims = "n";
  for (size_t d = 0; d < c.input.size(); ++d)
    dims += ", d" + std::to_string(d) + "_";
  Numbers pads = c.padsBegin;
  pads.insert(pads.end(), c.padsEnd.begin(), c.padsEnd.end());
  std::string attributes = writeWindow(filter, c.strides, c.dilations, pads);
  if (algorithm && c.parts == 1)
    attributes += ", algorithm = #cpu.narrow_conv";
  else if (algorithm)
    attributes +=
        ", algorithm = #cpu.split_conv<parts = " + std::to_string(c.parts) +
        ", leastExponent = " + std::to_string(c.leastExponent) +
        ", mostExponent = " + std::to_string(c.mostExponent) + ">";
  KernelText text{.op = "lir.conv",
                  .input = x,
                  .output = y,
                  .channels = c.outputChannels,
                  .weight = "dense<0.5> : tensor<" + plain + ">" + packing,
                  .packed = w,
                  .dims = dims + ", c",
                  .attributes = attributes,
                  .epilogue = {c.epilogue, "tanh"}};
  return text.write();
}

SplitConvData::SplitConvData(const SplitConvCase &c, int seed)
    : input(c.getInputSize()),
      filter(c.outputChannels * c.inputChannels * c.getTaps()),
      bias(c.outputChannels),
      residual(c.images * product(c.getOutput()) * c.outputChannels) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> noise;
  for (std::vector<float> *values : {&input, &filter, &bias, &residual})
    for (float &value : *values)
      value = noise(engine);
  if (c.parts == 1)
    for (std::vector<float> *values : {&input, &filter})
      roundToBF16(*values);
}

std::unique_ptr<KernelRunner> test::compile(const SplitConvCase &c,
                                            const std::string &cpu) {
  std::string error, text = makeText(c);
  auto runner = KernelRunner::create(text, cpu, false, error, true);
  EXPECT_TRUE(runner) << error << text;
  if (runner) {
    EXPECT_NE(runner->describe().find("conv tiles"), std::string::npos)
        << runner->describe();
  }
  return runner;
}

std::vector<float> test::run(KernelRunner &runner, const SplitConvCase &c,
                             const SplitConvData &data) {
  GuardedBytes x = place(data.input, c.parts == 1),
               w = place(data.filter, c.parts == 1), b = place(data.bias),
               r = place(data.residual), y(r.size());
  std::memset(y.data(), 0x7b, y.size());
  std::vector<const void *> buffers{x.data(), w.data()};
  if (c.epilogue != "none")
    buffers.insert(buffers.end(), {b.data(), r.data()});
  buffers.push_back(y.data());
  std::vector<int64_t> symbols{c.images};
  symbols.insert(symbols.end(), c.input.begin(), c.input.end());
  runner.run(buffers, symbols);
  std::vector<float> out(data.residual.size());
  if (!out.empty())
    std::memcpy(out.data(), y.data(), y.size());
  return out;
}

void test::forEachSum(const SplitConvCase &c, const SplitConvData &data,
                      llvm::function_ref<void(const SplitConvSum &)> body) {
  Numbers output = c.getOutput();
  if (!c.images || !product(output))
    return;
  int64_t taps = c.getTaps(), channels = c.inputChannels;
  SplitConvSum sum{0, 0, {}, {}};
  for (int64_t n = 0; n < c.images; ++n) {
    Numbers place(output.size(), 0);
    do {
      sum.input.assign(taps, {});
      Numbers tap(taps ? c.taps.size() : 0, 0);
      int64_t t = 0;
      do {
        int64_t pixel = n;
        bool isInside = true;
        for (size_t d = 0; d < tap.size(); ++d) {
          int64_t i = place[d] * c.strides[d] - c.padsBegin[d] +
                      tap[d] * c.dilations[d];
          isInside &= i >= 0 && i < c.input[d];
          pixel = pixel * c.input[d] + i;
        }
        auto first = data.input.begin() + pixel * (channels + c.gap);
        if (isInside)
          sum.input[t].assign(first, first + channels);
        ++t;
      } while (advance(tap, c.taps));
      for (sum.channel = 0; sum.channel < c.outputChannels; ++sum.channel) {
        sum.filter.assign(taps, std::vector<float>(channels));
        for (int64_t k = 0; k < channels; ++k)
          for (t = 0; t < taps; ++t)
            sum.filter[t][k] =
                data.filter[(sum.channel * channels + k) * taps + t];
        body(sum);
        ++sum.at;
      }
    } while (advance(place, output));
  }
}

float test::addTiles(const SplitConvCase &c, const SplitConvSum &sum) {
  float result = 0;
  for (size_t t = 0; t < sum.filter.size(); ++t)
    for (int64_t k = 0; k < c.inputChannels; k += 32) {
      int64_t count = std::min<int64_t>(32, c.inputChannels - k);
      std::vector<float> zeros(count);
      const float *input =
          sum.input[t].empty() ? zeros.data() : sum.input[t].data() + k;
      result = addStep(input, sum.filter[t].data() + k, count, c.parts, result);
    }
  return result;
}

float test::addVectors(const SplitConvSum &sum) {
  float result = 0;
  for (size_t t = 0; t < sum.filter.size(); ++t)
    for (size_t k = 0; k < sum.input[t].size(); ++k)
      result = std::fma(sum.input[t][k], sum.filter[t][k], result);
  return result;
}
