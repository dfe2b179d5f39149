//===- GatherTest.cpp - Look-ups and interpolation against plain loops ----===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

/// Runs a kernel with data, indices and perhaps weights; all outputs must be
/// `expected`.
template <typename T, typename Index>
void run(const std::string &text, const std::vector<T> &data,
         const std::vector<Index> &indices, const std::vector<float> &weights,
         const std::vector<T> &expected, double tolerance) {
  SCOPED_TRACE(text);
  for (const std::string &cpu : getTestCPUs()) {
    SCOPED_TRACE(cpu);
    auto kernel = CompiledKernel::compile(text, cpu);
    ASSERT_TRUE(kernel);
    auto bytes = stored<T>(data);
    std::vector<const void *> inputs{bytes.data(), indices.data()};
    if (!weights.empty())
      inputs.push_back(weights.data());
    for (int order : {0, 1}) {
      std::vector<Stored<T>> got(expected.size());
      kernel->run(inputs, {got.data()}, order);
      expectNear<T>(got, expected, tolerance);
    }
  }
}

/// With a few indices that are negative or out of range.
template <typename Index>
std::vector<Index> randomIndices(int64_t n, int64_t size,
                                 std::mt19937 &random) {
  std::vector<Index> indices(n);
  for (Index &index : indices)
    index = Index(int64_t(random() % (2 * size)) - size);
  if (n > 2) {
    indices[1] = Index(size + 5);
    indices[2] = Index(-3 * size);
  }
  return indices;
}

int64_t resolve(int64_t index, int64_t size) {
  return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size - 1);
}

template <typename T, typename Index>
void checkGather(int64_t outer, int64_t size, int64_t inner,
                 std::vector<int64_t> shape) {
  std::vector<int64_t> out{outer};
  out.insert(out.end(), shape.begin(), shape.end());
  out.push_back(inner);
  std::string type = elementName<T>(),
              data = memrefType({outer, size, inner}, type),
              index = memrefType(shape, elementName<Index>()),
              output = memrefType(out, type);
  std::string text =
      "func.func @main(%x: " + data + ", %i: " + index + ", %y: " + output +
      ") attributes {lir.num_inputs = 2 : i64} {\nlir.gather ins(%x, %i : " +
      data + ", " + index + ") outs(%y : " + output +
      ") {axis = 1 : i64}\nreturn\n}\n";
  std::mt19937 random(9);
  std::vector<T> x = randomNumbers<T>(outer * size * inner, random), y;
  std::vector<Index> indices = randomIndices<Index>(count(shape), size, random);
  for (int64_t o = 0; o < outer; ++o)
    for (Index i : indices)
      for (int64_t j = 0; j < inner; ++j)
        y.push_back(x[(o * size + resolve(i, size)) * inner + j]);
  run<T, Index>(text, x, indices, {}, y, 0);
}

TEST(Gather, EveryType) {
  checkGather<float, int64_t>(1, 30, 64, {3, 5});
  checkGather<float, int32_t>(3, 30, 70, {7});
  checkGather<float, int64_t>(4, 30, 1, {7, 2});
  checkGather<int8_t, int64_t>(2, 9, 100, {7});
  checkGather<bool, int64_t>(2, 9, 10, {7});
  checkGather<int64_t, int64_t>(1, 9, 1, {});
  checkGather<double, int64_t>(1, 9, 17, {4});
}

template <typename T>
void checkGatherElements(std::vector<int64_t> dataShape,
                         std::vector<int64_t> shape, int64_t axis) {
  std::string type = elementName<T>(), data = memrefType(dataShape, type),
              index = memrefType(shape, "i64"),
              output = memrefType(shape, type);
  std::string text =
      "func.func @main(%x: " + data + ", %i: " + index + ", %y: " + output +
      ") attributes {lir.num_inputs = 2 : i64} {\nlir.gather_elements ins(%x, "
      "%i : " +
      data + ", " + index + ") outs(%y : " + output +
      ") {axis = " + std::to_string(axis) + " : i64}\nreturn\n}\n";
  std::mt19937 random(9);
  std::vector<T> x = randomNumbers<T>(count(dataShape), random), y;
  std::vector<int64_t> indices =
      randomIndices<int64_t>(count(shape), dataShape[axis], random);
  for (size_t i = 0; i < indices.size(); ++i) {
    std::vector<int64_t> at(shape.size());
    for (size_t d = shape.size(), left = i; d-- > 0; left /= shape[d])
      at[d] = left % shape[d];
    at[axis] = resolve(indices[i], dataShape[axis]);
    int64_t position = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      position = position * dataShape[d] + at[d];
    y.push_back(x[position]);
  }
  run<T, int64_t>(text, x, indices, {}, y, 0);
}

TEST(GatherElements, EveryAxis) {
  checkGatherElements<float>({5, 8}, {5, 11}, 1);
  checkGatherElements<float>({5, 8}, {9, 7}, 0);
  checkGatherElements<bool>({3, 4, 5}, {3, 2, 5}, 1);
  checkGatherElements<double>({20}, {33}, 0);
}

template <typename T>
void checkResample(int64_t outer, int64_t size, int64_t inner, int64_t out,
                   int64_t taps) {
  std::string type = elementName<T>(),
              input = memrefType({outer, size, inner}, type),
              index = memrefType({out, taps}, "i64"),
              weight = memrefType({out, taps}, "f32"),
              output = memrefType({outer, out, inner}, type);
  std::string text = "func.func @main(%x: " + input + ", %i: " + index +
                     ", %w: " + weight + ", %y: " + output +
                     ") attributes {lir.num_inputs = 3 : i64} {\nlir.resample "
                     "ins(%x, %i, %w : " +
                     input + ", " + index + ", " + weight +
                     ") outs(%y : " + output +
                     ") {axis = 1 : i64}\nreturn\n}\n";
  std::mt19937 random(9);
  std::vector<T> x = randomNumbers<T>(outer * size * inner, random), y;
  std::vector<float> weights = randomNumbers<float>(out * taps, random);
  std::vector<int64_t> indices(out * taps);
  for (int64_t &i : indices)
    i = random() % size;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < out; ++i)
      for (int64_t j = 0; j < inner; ++j) {
        double sum = 0;
        for (int64_t t = 0; t < taps; ++t)
          sum += double(weights[i * taps + t]) *
                 x[(o * size + indices[i * taps + t]) * inner + j];
        y.push_back(T(sum));
      }
  run<T, int64_t>(text, x, indices, weights, y, 2e-6);
}

TEST(Resample, RowsAndElements) {
  checkResample<float>(2, 8, 33, 16, 2);
  checkResample<float>(6, 8, 1, 16, 2);
  checkResample<float>(1, 8, 64, 5, 4);
  checkResample<double>(1, 8, 20, 5, 4);
}

} // namespace
