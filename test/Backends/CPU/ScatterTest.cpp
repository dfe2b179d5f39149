//===- ScatterTest.cpp - Updates by index against plain loops -------------===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

/// One update of a run of `run` elements, at this place in the data.
struct Update {
  int64_t place, from;
};

int64_t resolve(int64_t index, int64_t size) {
  return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size - 1);
}

template <typename T> T combine(const std::string &kind, T old, T update) {
  // Integers wrap, which only unsigned arithmetic may do.
  using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
  if (kind == "sum")
    return T(Wide(old) + Wide(update));
  if (kind == "prod")
    return T(Wide(old) * Wide(update));
  if (kind == "max")
    return std::max(old, update);
  return kind == "min" ? std::min(old, update) : update;
}

/// Runs a kernel on each CPU with chunks in either order, into another buffer
/// and into data's own.
template <typename T>
void run(const std::string &op, const std::vector<int64_t> &shape,
         const std::vector<int64_t> &indexShape,
         const std::vector<int64_t> &updateShape, const std::string &kind,
         const std::vector<T> &data, const std::vector<int64_t> &indices,
         const std::vector<T> &updates, const std::vector<Update> &order,
         int64_t runSize) {
  std::string type = memrefType(shape, elementName<T>()),
              index = memrefType(indexShape, "i64"),
              update = memrefType(updateShape, elementName<T>());
  std::string text =
      "func.func @main(%x: " + type + ", %i: " + index + ", %u: " + update +
      ", %y: " + type + ") attributes {lir.num_inputs = 3 : i64} {\nlir." + op +
      " ins(%x, %i, %u : " + type + ", " + index + ", " + update +
      ") outs(%y : " + type + ") {kind = \"" + kind +
      (op == "scatter_nd" ? "\"}" : "\", axis = 1 : i64}") + "\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::vector<T> expected = data;
  for (auto [place, from] : order)
    for (int64_t j = 0; j < runSize; ++j)
      expected[place + j] =
          combine<T>(kind, expected[place + j], updates[from + j]);
  for (const std::string &cpu : getTestCPUs()) {
    SCOPED_TRACE(cpu);
    auto kernel = CompiledKernel::compile(text, cpu);
    ASSERT_TRUE(kernel);
    auto moved = stored<T>(updates);
    for (int chunkOrder : {0, 1}) {
      auto from = stored<T>(data);
      std::vector<Stored<T>> to(data.size());
      kernel->run({from.data(), indices.data(), moved.data()}, {to.data()},
                  chunkOrder);
      expectNear<T>(to, expected, 0);
      kernel->run({from.data(), indices.data(), moved.data()}, {from.data()},
                  chunkOrder);
      expectNear<T>(from, expected, 0);
    }
  }
}

/// Negative ones, ones that are out of range, and ones that repeat.
std::vector<int64_t> randomIndices(int64_t n, int64_t size,
                                   std::mt19937 &random) {
  std::vector<int64_t> indices(n);
  for (int64_t &index : indices)
    index = int64_t(random() % (2 * size)) - size;
  if (n > 3) {
    indices[1] = size + 5;
    indices[2] = -3 * size;
  }
  return indices;
}

/// Data of [rows, columns, runSize], tuples of two indices.
template <typename T>
void checkND(int64_t rows, int64_t columns, int64_t runSize, int64_t tuples,
             const std::string &kind) {
  std::mt19937 random(5);
  std::vector<T> data = randomNumbers<T>(rows * columns * runSize, random),
                 updates = randomNumbers<T>(tuples * runSize, random);
  std::vector<int64_t> first = randomIndices(tuples, rows, random),
                       second = randomIndices(tuples, columns, random), indices;
  std::vector<Update> order;
  for (int64_t t = 0; t < tuples; ++t) {
    indices.insert(indices.end(), {first[t], second[t]});
    order.push_back(
        {(resolve(first[t], rows) * columns + resolve(second[t], columns)) *
             runSize,
         t * runSize});
  }
  run<T>("scatter_nd", {rows, columns, runSize}, {tuples, 2}, {tuples, runSize},
         kind, data, indices, updates, order, runSize);
}

TEST(ScatterND, KindsAndTypes) {
  for (const char *kind : {"none", "sum", "prod", "max", "min"}) {
    checkND<float>(3, 5, 70, 9, kind);
    checkND<int8_t>(3, 5, 1, 30, kind);
  }
  checkND<double>(7, 1, 3, 4, "sum");
  checkND<bool>(3, 5, 7, 9, "none");
  checkND<bool>(3, 5, 7, 9, "max");
}

TEST(ScatterND, Chunks) {
  checkND<float>(2, 3, 5003, 40, "sum");
  checkND<int16_t>(40, 50, 33, 3, "none");
}

/// Data of [outer, size, inner], indices with smaller dims around the axis.
template <typename T>
void checkElements(std::vector<int64_t> shape, std::vector<int64_t> indexShape,
                   const std::string &kind) {
  std::mt19937 random(5);
  std::vector<T> data = randomNumbers<T>(count(shape), random),
                 updates = randomNumbers<T>(count(indexShape), random);
  std::vector<int64_t> indices =
      randomIndices(count(indexShape), shape[1], random);
  std::vector<Update> order;
  for (int64_t i = 0; i < int64_t(indices.size()); ++i) {
    int64_t outer = i / (indexShape[1] * indexShape[2]),
            inner = i % indexShape[2];
    order.push_back(
        {(outer * shape[1] + resolve(indices[i], shape[1])) * shape[2] + inner,
         i});
  }
  run<T>("scatter_elements", shape, indexShape, indexShape, kind, data, indices,
         updates, order, 1);
}

TEST(ScatterElements, KindsAndTypes) {
  for (const char *kind : {"none", "sum", "prod", "max", "min"})
    checkElements<float>({4, 5, 6}, {4, 9, 6}, kind);
  checkElements<int64_t>({4, 5, 6}, {3, 2, 5}, "sum");
  checkElements<bool>({1, 20, 1}, {1, 33, 1}, "none");
  checkElements<bool>({1, 20, 1}, {1, 33, 1}, "min");
}

TEST(ScatterElements, Chunks) {
  checkElements<float>({30, 7, 150}, {30, 12, 150}, "sum");
}

} // namespace
