//===- NormTest.cpp - Softmax and normalisations against plain loops ------===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

template <typename T>
void checkSoftmax(std::vector<int64_t> shape, int64_t axis, bool log) {
  std::string type = memrefType(shape, elementName<T>());
  std::string text =
      "func.func @main(%x: " + type + ", %y: " + type +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.softmax ins(%x : " +
      type + ") outs(%y : " + type + ") {axis = " + std::to_string(axis) +
      " : i64, log = " + (log ? "true" : "false") + "}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(2);
  std::vector<T> x = randomNumbers<T>(count(shape), random), y(x.size());
  for (T &value : x)
    value *= 5;
  x[0] = -INFINITY;
  int64_t inner = 1, size = shape[axis];
  for (size_t d = axis + 1; d < shape.size(); ++d)
    inner *= shape[d];
  for (int64_t o = 0; o < int64_t(x.size()) / size / inner; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      auto at = [&](int64_t n) { return (o * size + n) * inner + i; };
      double max = -INFINITY, sum = 0;
      for (int64_t n = 0; n < size; ++n)
        max = std::max<double>(max, x[at(n)]);
      for (int64_t n = 0; n < size; ++n)
        sum += std::exp(x[at(n)] - max);
      for (int64_t n = 0; n < size; ++n)
        y[at(n)] = T(log ? x[at(n)] - max - std::log(sum)
                         : std::exp(x[at(n)] - max) / sum);
    }
  runEverywhere<T, T>(text, {x}, std::vector<T>(y.size()), y, 1e-6);
}

TEST(Softmax, Rows) {
  for (bool log : {false, true})
    for (int64_t size : {2, 7, 16, 100, 128, 129, 500})
      checkSoftmax<float>({9, size}, 1, log);
}
/// Many rows have a lane each, a few are one partial vector.
TEST(Softmax, ShortRows) {
  for (bool log : {false, true}) {
    for (int64_t size : {2, 3, 5, 21, 33})
      checkSoftmax<float>({37, size}, 1, log);
    checkSoftmax<float>({3, 7}, 1, log);
    checkSoftmax<double>({21, 5}, 1, log);
  }
}
/// f16 is computed in f32.
TEST(Softmax, F16Rows) {
  for (auto [rows, size] : {std::pair<int64_t, int64_t>{8, 17}, {19, 100}})
    for (const std::string &cpu : getTestCPUs()) {
      std::string type = memrefType({rows, size}, "f16");
      auto kernel = CompiledKernel::compile(
          "func.func @main(%x: " + type + ", %y: " + type +
              ") attributes {lir.num_inputs = 1 : i64} {\nlir.softmax ins(%x "
              ": " +
              type + ") outs(%y : " + type +
              ") {axis = 1 : i64, log = false}\nreturn\n}\n",
          cpu);
      ASSERT_TRUE(kernel);
      std::vector<_Float16> x(rows * size), y(x.size());
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = _Float16(float(i * i % 23) / 4);
      kernel->run({x.data()}, {y.data()});
      for (int64_t row = 0; row < rows; ++row) {
        double sum = 0;
        for (int64_t i = 0; i < size; ++i)
          sum += std::exp(double(x[row * size + i]));
        for (int64_t i = 0; i < size; ++i)
          EXPECT_NEAR(std::exp(double(x[row * size + i])) / sum,
                      double(y[row * size + i]), 3e-4)
              << cpu << ", row " << row;
      }
    }
}
/// A NaN or an infinity makes its row NaN and no other.
TEST(Softmax, NaNStaysInItsRow) {
  for (int64_t size : {7, 50}) {
    std::string type = memrefType({20, size}, "f32");
    std::vector<float> x(20 * size, 0), y(20 * size, 1.0f / size);
    x[3 * size + 2] = NAN;
    x[7 * size + size - 1] = INFINITY;
    for (int64_t i = 0; i < size; ++i)
      y[3 * size + i] = y[7 * size + i] = NAN;
    runEverywhere<float, float>(
        "func.func @main(%x: " + type + ", %y: " + type +
            ") attributes {lir.num_inputs = 1 : i64} {\nlir.softmax ins(%x : " +
            type + ") outs(%y : " + type +
            ") {axis = 1 : i64, log = false}\nreturn\n}\n",
        {x}, std::vector<float>(y.size()), y, 1e-6);
  }
}
TEST(Softmax, Columns) {
  for (bool log : {false, true}) {
    checkSoftmax<float>({2, 10, 64}, 1, log);
    checkSoftmax<float>({2, 10, 70}, 1, log);
    checkSoftmax<float>({10, 3}, 0, log);
    checkSoftmax<float>({2, 5, 150}, 1, log);
  }
}
TEST(Softmax, F64) {
  checkSoftmax<double>({4, 33}, 1, false);
  checkSoftmax<double>({4, 300}, 1, true);
}

template <typename T>
void checkNormalize(std::vector<int64_t> shape, int64_t axis, bool scale,
                    bool bias, bool rms, double mean = 0) {
  std::vector<int64_t> normalized(shape.begin() + axis, shape.end());
  std::string type = memrefType(shape, elementName<T>()),
              row = memrefType(normalized, elementName<T>());
  std::string text =
      "func.func @main(%x: " + type + (scale ? ", %s: " + row : "") +
      (bias ? ", %b: " + row : "") + ", %y: " + type +
      ") attributes {lir.num_inputs = " + std::to_string(1 + scale + bias) +
      " : i64} {\nlir.normalize ins(%x : " + type + ")" +
      (scale ? " scale(%s : " + row + ")" : "") +
      (bias ? " bias(%b : " + row + ")" : "") + " outs(%y : " + type +
      ") {axis = " + std::to_string(axis) +
      " : i64, epsilon = 1.0e-5 : f32, rms = " + (rms ? "true" : "false") +
      "}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(2);
  int64_t size = count(normalized);
  std::vector<T> x = randomNumbers<T>(count(shape), random), y(x.size());
  std::vector<T> s = randomNumbers<T>(size, random),
                 b = randomNumbers<T>(size, random);
  for (T &value : x)
    value += T(mean);
  for (size_t o = 0; o < x.size(); o += size) {
    double average = 0, variance = 0;
    for (int64_t i = 0; i < size && !rms; ++i)
      average += double(x[o + i]) / size;
    for (int64_t i = 0; i < size; ++i)
      variance += (x[o + i] - average) * (x[o + i] - average) / size;
    for (int64_t i = 0; i < size; ++i) {
      double value = (x[o + i] - average) / std::sqrt(variance + 1e-5f);
      y[o + i] = T(value * (scale ? s[i] : 1) + (bias ? b[i] : 0));
    }
  }
  std::vector<std::vector<T>> inputs{x};
  if (scale)
    inputs.push_back(s);
  if (bias)
    inputs.push_back(b);
  runEverywhere<T, T>(text, inputs, std::vector<T>(y.size()), y,
                      mean ? 5e-4 : 5e-6);
}

TEST(Normalize, LayerNorm) {
  for (int64_t size : {1, 3, 16, 100, 192, 200, 768, 1000})
    checkNormalize<float>({5, size}, 1, true, true, false);
}
TEST(Normalize, ScaleAndBiasAreOptional) {
  checkNormalize<float>({3, 4, 50}, 1, true, false, false);
  checkNormalize<float>({3, 4, 50}, 2, false, true, false);
  checkNormalize<float>({3, 4, 50}, 2, false, false, true);
}
TEST(Normalize, RootMeanSquare) {
  checkNormalize<float>({7, 300}, 1, true, true, true);
}
TEST(Normalize, KeepsVarianceBesideLargeMean) {
  checkNormalize<float>({4, 300}, 1, true, true, false, 1000);
}
TEST(Normalize, F64) { checkNormalize<double>({4, 77}, 1, true, true, false); }

void checkLRN(std::vector<int64_t> shape, int64_t size, double beta) {
  std::string type = memrefType(shape, "f32");
  std::string text =
      "func.func @main(%x: " + type + ", %y: " + type +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.lrn ins(%x : " + type +
      ") outs(%y : " + type + ") {size = " + std::to_string(size) +
      " : i64, alpha = 0.5 : f32, beta = " + std::to_string(beta) +
      " : f32, bias = 1.5 : f32}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(2);
  std::vector<float> x = randomNumbers<float>(count(shape), random),
                     y(x.size());
  int64_t channels = shape.back();
  for (size_t i = 0; i < x.size(); ++i) {
    int64_t c = i % channels, from = c - (size - 1) / 2;
    double sum = 0;
    for (int64_t k = std::max<int64_t>(from, 0);
         k < std::min(from + size, channels); ++k)
      sum += double(x[i - c + k]) * x[i - c + k];
    y[i] = float(x[i] / std::pow(1.5 + 0.5 / size * sum, beta));
  }
  runEverywhere<float, float>(text, {x}, std::vector<float>(y.size()), y, 2e-6);
}

TEST(LRN, Windows) {
  checkLRN({2, 3, 3, 40}, 5, 0.75);
  checkLRN({4, 7}, 4, 0.6);
  checkLRN({4, 16}, 40, 0.5);
}

} // namespace
