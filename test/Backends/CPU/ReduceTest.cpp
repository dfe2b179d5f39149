//===- ReduceTest.cpp - Reductions against plain loops --------------------===//

#include "NumberArrays.h"
#include <algorithm>
#include <set>

using namespace lambent::test;

namespace {

std::string list(const std::vector<int64_t> &numbers) {
  std::string text;
  for (int64_t number : numbers)
    text += (text.empty() ? ": " : ", ") + std::to_string(number);
  return text;
}

template <typename T>
T combineOne(const std::string &kind, T a, T b, bool isUnsigned) {
  if constexpr (std::is_same_v<T, bool>)
    return kind == "max" ? a || b : a && b;
  if (kind == "sum")
    return std::is_integral_v<T> ? T(uint64_t(a) + uint64_t(b)) : a + b;
  if (kind == "prod")
    return std::is_integral_v<T> ? T(uint64_t(a) * uint64_t(b)) : a * b;
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) || std::isnan(b))
      return NAN;
  // Sign extension keeps the unsigned order.
  bool less = isUnsigned ? uint64_t(a) < uint64_t(b) : a < b;
  return (kind == "max") == less ? b : a;
}

/// Reduces `dims` of random numbers; with `scaled` the epilogue multiplies by
/// an array over the last output dim.
template <typename T>
void check(std::vector<int64_t> shape, std::vector<int64_t> dims,
           std::string kind, bool scaled = false, bool isUnsigned = false) {
  std::set<int64_t> reduced(dims.begin(), dims.end());
  std::vector<int64_t> rest;
  for (size_t d = 0; d < shape.size(); ++d)
    if (!reduced.count(d))
      rest.push_back(shape[d]);
  std::string type = elementName<T>(),
              scaleType = memrefType({rest.empty() ? 1 : rest.back()}, type);
  std::string text =
      "func.func @main(%x: " + memrefType(shape, type) +
      (scaled ? ", %s: " + scaleType : "") + ", %y: " + memrefType(rest, type) +
      ") attributes {lir.num_inputs = " + (scaled ? "2" : "1") +
      " : i64} {\nlir.reduce ins(%x : " + memrefType(shape, type) + ")" +
      (scaled ? " with(%s : " + scaleType + ")" : "") +
      " outs(%y : " + memrefType(rest, type) + ") epilogue_maps [";
  if (scaled) {
    text += "affine_map<(";
    for (size_t d = 0; d < rest.size(); ++d)
      text += (d ? ", d" : "d") + std::to_string(d);
    text += ") -> (d" + std::to_string(rest.size() - 1) + ")>";
  }
  text +=
      "] attributes {kind = \"" + kind + "\", dims = array<i64" + list(dims) +
      ">, unsigned_elements = " + (isUnsigned ? "true" : "false") +
      "} {\n^bb0(%a: " + type + (scaled ? ", %b: " + type : "") + "):\n" +
      (scaled ? "%r = arith.mulf %a, %b : " + type + "\n" : "") + "lir.yield " +
      (scaled ? "%r" : "%a") + " : " + type + "\n}\nreturn\n}\n";
  SCOPED_TRACE(text);

  std::mt19937 random(5);
  std::vector<T> x = randomNumbers<T>(count(shape), random),
                 scale =
                     randomNumbers<T>(rest.empty() ? 1 : rest.back(), random);
  // The product of many numbers must stay in range.
  if constexpr (std::is_floating_point_v<T>)
    for (size_t i = 0; kind == "prod" && i < x.size(); ++i)
      x[i] = x[i] < T(0) ? T(-1.01) : T(0.99);
  std::vector<T> y(count(rest));
  std::vector<bool> seen(y.size());
  for (size_t i = 0; i < x.size(); ++i) {
    size_t left = i, position = 0, step = 1;
    for (size_t d = shape.size(); d-- > 0;) {
      if (!reduced.count(d)) {
        position += left % shape[d] * step;
        step *= shape[d];
      }
      left /= shape[d];
    }
    y[position] = seen[position]
                      ? combineOne<T>(kind, y[position], x[i], isUnsigned)
                      : x[i];
    seen[position] = true;
  }
  if (scaled)
    for (size_t i = 0; i < y.size(); ++i)
      y[i] = T(y[i] * scale[i % scale.size()]);
  std::vector<std::vector<T>> inputs{x};
  if (scaled)
    inputs.push_back(scale);
  runEverywhere<T, T>(text, inputs, std::vector<T>(y.size()), y, 2e-5);
}

TEST(Reduce, InnerRows) {
  for (int64_t size : {1, 3, 16, 37, 64, 1000})
    check<float>({5, size}, {1}, "sum");
}
TEST(Reduce, OuterDims) {
  for (int64_t size : {1, 3, 16, 50, 64, 200})
    check<float>({19, size}, {0}, "sum");
}
TEST(Reduce, MiddleAndMixedDims) {
  check<float>({3, 17, 21}, {1}, "sum");
  check<float>({3, 5, 7, 20}, {0, 2}, "max");
  check<float>({3, 5, 7, 20}, {1, 3}, "min");
  check<float>({2, 6, 1, 5, 1}, {1, 3}, "sum");
}
TEST(Reduce, Everything) {
  check<float>({7, 300}, {0, 1}, "sum");
  check<float>({}, {}, "sum");
}
TEST(Reduce, GlobalAverage) {
  check<float>({2, 7, 7, 96}, {1, 2}, "sum", true);
}
TEST(Reduce, EpilogueKnowsItsColumn) {
  check<float>({4, 6, 9}, {0}, "sum", true);
  check<float>({4, 6, 33}, {2}, "sum", true);
  check<float>({4, 9, 6, 1}, {1}, "sum", true);
}
TEST(Reduce, EveryTypeAndKind) {
  for (std::string kind : {"sum", "prod", "max", "min"})
    for (auto dims : {std::vector<int64_t>{0}, {1}}) {
      check<double>({9, 70}, dims, kind);
      check<int32_t>({9, 70}, dims, kind);
      check<int64_t>({9, 70}, dims, kind);
    }
  for (std::string kind : {"max", "min"})
    for (auto dims : {std::vector<int64_t>{0}, {1}}) {
      check<int8_t>({9, 100}, dims, kind);
      check<int8_t>({9, 100}, dims, kind, false, true);
      check<int16_t>({9, 100}, dims, kind, false, true);
      check<bool>({3, 100}, dims, kind);
    }
}

/// The position of the best of random small numbers, so that there are ties.
template <typename T>
void checkArg(std::vector<int64_t> shape, int64_t axis, bool isMax, bool last,
              bool withNaN) {
  std::vector<int64_t> rest = shape;
  rest.erase(rest.begin() + axis);
  std::string type = elementName<T>();
  std::string text =
      "func.func @main(%x: " + memrefType(shape, type) +
      ", %y: " + memrefType(rest, "i64") +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.arg_reduce ins(%x : " +
      memrefType(shape, type) + ") outs(%y : " + memrefType(rest, "i64") +
      ") {kind = \"" + (isMax ? "max" : "min") +
      "\", axis = " + std::to_string(axis) +
      " : i64, select_last = " + (last ? "true" : "false") + "}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(6);
  std::vector<T> x(count(shape));
  for (auto &&value : x)
    value = T(int(random() % 12) - 6);
  if constexpr (std::is_floating_point_v<T>)
    if (withNaN)
      for (size_t i = 3; i < x.size(); i += 41)
        x[i] = NAN;
  int64_t outer = 1, size = shape[axis], inner = 1;
  for (int64_t d = 0; d < int64_t(shape.size()); ++d)
    (d < axis ? outer : d > axis ? inner : size) *= d == axis ? 1 : shape[d];
  std::vector<int64_t> y(outer * inner);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      auto at = [&](int64_t n) { return x[(o * size + n) * inner + i]; };
      int64_t best = 0;
      for (int64_t n = 1; n < size; ++n) {
        T a = at(n), b = at(best);
        bool aNaN = a != a, bNaN = b != b;
        bool beats = bNaN ? last && aNaN
                          : aNaN || (isMax ? a > b : a < b) || (last && a == b);
        best = beats ? n : best;
      }
      y[o * inner + i] = best;
    }
  runEverywhere<T, int64_t>(text, {x}, std::vector<int64_t>(y.size()), y, 0);
}

TEST(ArgReduce, RowsAndColumns) {
  for (bool isMax : {true, false})
    for (bool last : {false, true}) {
      checkArg<float>({5, 300}, 1, isMax, last, false);
      checkArg<float>({5, 301}, 1, isMax, last, true);
      checkArg<float>({40, 9}, 1, isMax, last, false);
      checkArg<float>({3, 50, 37}, 1, isMax, last, true);
      checkArg<int32_t>({3, 200}, 1, isMax, last, false);
      checkArg<int8_t>({30, 20}, 0, isMax, last, false);
      checkArg<double>({30, 20}, 0, isMax, last, true);
    }
}

TEST(ArgReduce, ShortRowsHaveALaneEach) {
  for (bool last : {false, true}) {
    for (int64_t size : {2, 3, 7, 21})
      checkArg<float>({37, size}, 1, !last, last, true);
    checkArg<double>({19, 5}, 1, last, last, true);
    checkArg<int64_t>({19, 3}, 1, true, last, false);
    checkArg<int8_t>({37, 25}, 1, true, last, false);
    checkArg<bool>({37, 5}, 1, false, last, false);
  }
}

/// Row r of f16 numbers has its maximum at column r % size.
TEST(ArgReduce, ShortRowsOfF16) {
  constexpr int64_t rows = 37, size = 7;
  std::vector<_Float16> x(rows * size);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < size; ++i)
      x[r * size + i] = i == r % size ? 0.25f : -float(i);
  for (const std::string &cpu : getTestCPUs()) {
    auto kernel = CompiledKernel::compile(
        "func.func @main(%x: memref<37x7xf16>, %y: memref<37xi64>) attributes "
        "{lir.num_inputs = 1 : i64} {\nlir.arg_reduce ins(%x : "
        "memref<37x7xf16>) outs(%y : memref<37xi64>) {kind = \"max\", axis = "
        "1 : i64, select_last = false}\nreturn\n}\n",
        cpu);
    ASSERT_TRUE(kernel);
    std::vector<int64_t> y(rows);
    kernel->run({x.data()}, {y.data()});
    for (int64_t r = 0; r < rows; ++r)
      EXPECT_EQ(r % size, y[r]) << cpu;
  }
}

template <typename T>
void checkCumSum(std::vector<int64_t> shape, int64_t axis, bool exclusive,
                 bool reverse, std::string kind = "sum") {
  std::string type = memrefType(shape, elementName<T>());
  std::string text =
      "func.func @main(%x: " + type + ", %y: " + type +
      ") attributes {lir.num_inputs = 1 : i64} {\nlir.cumsum ins(%x : " + type +
      ") outs(%y : " + type + ") {axis = " + std::to_string(axis) +
      " : i64, exclusive = " + (exclusive ? "true" : "false") +
      ", reverse = " + (reverse ? "true" : "false") + ", kind = \"" + kind +
      "\"}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::mt19937 random(6);
  std::vector<T> x = randomNumbers<T>(count(shape), random), y(x.size());
  int64_t inner = 1, size = shape[axis];
  for (size_t d = axis + 1; d < shape.size(); ++d)
    inner *= shape[d];
  for (int64_t o = 0; o < int64_t(x.size()) / size / inner; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      T before = kind == "sum" ? 0 : 1;
      for (int64_t n = 0; n < size; ++n) {
        int64_t at = (o * size + (reverse ? size - 1 - n : n)) * inner + i;
        T next = combineOne<T>(kind, before, x[at], false);
        y[at] = exclusive ? before : next;
        before = next;
      }
    }
  runEverywhere<T, T>(text, {x}, std::vector<T>(y.size()), y, 1e-5);
}

TEST(CumSum, AllForms) {
  for (bool exclusive : {false, true})
    for (bool reverse : {false, true}) {
      checkCumSum<float>({3, 40, 21}, 1, exclusive, reverse);
      checkCumSum<double>({3, 40}, 1, exclusive, reverse);
      checkCumSum<int64_t>({40, 16}, 0, exclusive, reverse);
      checkCumSum<float>({3, 12, 21}, 1, exclusive, reverse, "prod");
      checkCumSum<int32_t>({7, 5}, 1, exclusive, reverse, "prod");
      // Several pieces and a last one with a partial vector.
      checkCumSum<float>({5, 1063}, 0, exclusive, reverse);
      checkCumSum<float>({2, 3, 261}, 1, exclusive, reverse);
    }
}

/// Whether `a` comes before `b`: NaN is larger than all numbers.
template <typename T>
bool comesBefore(T a, T b, bool largest, bool isUnsigned) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) || std::isnan(b))
      return largest ? !std::isnan(b) : !std::isnan(a);
  if (isUnsigned)
    return largest ? uint64_t(a) > uint64_t(b) : uint64_t(a) < uint64_t(b);
  return largest ? a > b : a < b;
}

/// Takes the `k` best elements along `axis` from small numbers, so that many
/// are equal.
template <typename T>
void checkTopK(std::vector<int64_t> shape, int64_t axis, int64_t k,
               bool largest, bool isUnsigned = false, bool withNaN = false) {
  std::vector<int64_t> taken = shape;
  taken[axis] = k;
  std::mt19937 random(8);
  std::vector<T> x = randomNumbers<T>(count(shape), random);
  for (size_t i = 0; i < x.size(); ++i)
    if (i % 3)
      x[i] = T(int64_t(random() % 9) - 4);
  if constexpr (std::is_floating_point_v<T>)
    for (size_t i = 0; withNaN && i < x.size(); i += 7)
      x[i] = NAN;
  int64_t inner = 1, size = shape[axis];
  for (size_t d = axis + 1; d < shape.size(); ++d)
    inner *= shape[d];
  std::vector<T> values(count(taken));
  std::vector<int64_t> positions(values.size());
  for (int64_t o = 0; o < int64_t(x.size()) / size / inner; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      auto at = [&](int64_t n) { return x[(o * size + n) * inner + i]; };
      std::vector<int64_t> order(size);
      for (int64_t n = 0; n < size; ++n)
        order[n] = n;
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        if (comesBefore<T>(at(a), at(b), largest, isUnsigned))
          return true;
        return a < b && !comesBefore<T>(at(b), at(a), largest, isUnsigned);
      });
      for (int64_t n = 0; n < k; ++n) {
        values[(o * k + n) * inner + i] = at(order[n]);
        positions[(o * k + n) * inner + i] = order[n];
      }
    }
  auto getText = [&](const std::string &output, const std::string &element) {
    std::string type = memrefType(taken, element);
    return "func.func @main(%x: " + memrefType(shape, elementName<T>()) +
           ", %y: " + type +
           ") attributes {lir.num_inputs = 1 : i64} {\nlir.topk ins(%x : " +
           memrefType(shape, elementName<T>()) + ") " + output +
           "(%y : " + type + ") {axis = " + std::to_string(axis) +
           " : i64, largest = " + (largest ? "true" : "false") +
           ", unsigned_elements = " + (isUnsigned ? "true" : "false") +
           "}\nreturn\n}\n";
  };
  SCOPED_TRACE(getText("values", elementName<T>()));
  runEverywhere<T, T>(getText("values", elementName<T>()), {x},
                      std::vector<T>(values.size()), values, 0);
  runEverywhere<T, int64_t>(getText("positions", "i64"), {x},
                            std::vector<int64_t>(values.size()), positions, 0);
}

TEST(TopK, SizesTypesAndTies) {
  for (bool largest : {false, true}) {
    checkTopK<float>({5, 300}, 1, 1, largest);
    checkTopK<float>({5, 300}, 1, 17, largest, false, true);
    checkTopK<float>({3, 20, 7}, 1, 20, largest, false, true);
    checkTopK<double>({30, 4}, 0, 9, largest);
    checkTopK<int64_t>({1000}, 0, 64, largest);
    checkTopK<int8_t>({4, 90}, 1, 5, largest);
    checkTopK<int8_t>({4, 90}, 1, 5, largest, /*isUnsigned=*/true);
  }
}

} // namespace
