//===- SelectionTest.cpp - Places, orders and boxes against plain loops ---===//

#include "NumberArrays.h"
#include <algorithm>
#include <numeric>

using namespace lambent::test;

namespace {

/// Runs `text` on each test CPU, chunks forwards and backwards; the outputs are
/// i64 and of these sizes. Calls `check` with them.
void runSelection(
    const std::string &text, const std::vector<const void *> &inputs,
    const std::vector<size_t> &sizes,
    const std::function<void(const std::vector<std::vector<int64_t>> &)>
        &check) {
  for (const std::string &cpu : getTestCPUs())
    for (int order : {0, 1}) {
      SCOPED_TRACE(cpu);
      auto kernel = CompiledKernel::compile(text, cpu);
      ASSERT_TRUE(kernel);
      std::vector<std::vector<int64_t>> outputs;
      for (size_t size : sizes)
        outputs.emplace_back(size, -7);
      std::vector<void *> pointers;
      for (auto &output : outputs)
        pointers.push_back(output.data());
      kernel->run(inputs, pointers, order);
      check(outputs);
    }
}

/// Numbers of which about one in `every` is not 0.
template <typename T>
std::vector<T> makeSparse(int64_t size, int64_t every, std::mt19937 &random) {
  std::vector<T> x(size, T(0));
  for (size_t i = 0; i < x.size(); ++i)
    if (random() % every == 0)
      x[i] = T(1 + random() % 100);
    else if constexpr (std::is_floating_point_v<T>)
      x[i] = random() % 2 ? T(-0.0) : T(0);
  return x;
}

template <typename T>
void checkNonZero(std::vector<int64_t> shape, int64_t block, int64_t every,
                  bool withNaN = false) {
  std::mt19937 random(3);
  std::vector<T> x = makeSparse<T>(count(shape), every, random);
  if constexpr (std::is_floating_point_v<T>)
    if (withNaN)
      x[x.size() / 2] = NAN;
  int64_t blocks = (count(shape) + block - 1) / block;
  std::vector<int64_t> counts(blocks, 0), starts(blocks, 0), found;
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i] != T(0)) {
      ++counts[i / block];
      found.push_back(i);
    }
  for (int64_t i = 1; i < blocks; ++i)
    starts[i] = starts[i - 1] + counts[i - 1];
  std::string type = memrefType(shape, elementName<T>()),
              list = memrefType({blocks}, "i64"),
              attributes = " {block = " + std::to_string(block) + " : i64}";
  auto data = stored<T>(x);
  std::string text = "func.func @main(%x: " + type + ", %y: " + list +
                     ") attributes {lir.num_inputs = 1 : i64} {\n"
                     "lir.count_nonzero ins(%x : " +
                     type + ") outs(%y : " + list + ")" + attributes +
                     "\nreturn\n}\n";
  SCOPED_TRACE(text);
  runSelection(text, {data.data()}, {counts.size()},
               [&](auto &outputs) { EXPECT_EQ(counts, outputs[0]); });

  int64_t rank = shape.size(), size = found.size();
  std::vector<int64_t> places(rank * size);
  for (int64_t i = 0; i < size; ++i)
    for (int64_t dim = rank, left = found[i]; dim-- > 0;
         left /= shape[dim])
      places[dim * size + i] = left % shape[dim];
  std::string output = memrefType({rank, size}, "i64");
  text = "func.func @main(%x: " + type + ", %s: " + list + ", %y: " + output +
         ") attributes {lir.num_inputs = 2 : i64} {\nlir.nonzero ins(%x, %s : " +
         type + ", " + list + ") outs(%y : " + output + ")" + attributes +
         "\nreturn\n}\n";
  runSelection(text, {data.data(), starts.data()}, {places.size()},
               [&](auto &outputs) { EXPECT_EQ(places, outputs[0]); });
}

TEST(NonZero, RanksTypesAndBlocks) {
  checkNonZero<float>({1000}, 4096, 2, /*withNaN=*/true);
  checkNonZero<float>({1000}, 64, 2);
  checkNonZero<float>({70, 130}, 4096, 5);
  checkNonZero<float>({5, 7, 2, 300}, 1000, 20);
  checkNonZero<double>({300, 3}, 128, 1, /*withNaN=*/true);
  checkNonZero<bool>({90, 100}, 4096, 3);
  checkNonZero<int8_t>({9000}, 4096, 2);
  checkNonZero<int64_t>({9, 1, 33}, 100, 4);
}

/// Sorts rows of few values, small and large ones, so that many are equal.
template <typename T>
void checkSortRows(int64_t rows, int64_t columns, bool isUnsigned = false,
                   bool withNaN = false) {
  std::mt19937 random(4);
  std::vector<T> x(rows * columns);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] =
        T((int64_t(random() % 5) - 2) * (sizeof(T) > 2 && i % 3 ? 70001 : 1));
  if constexpr (std::is_floating_point_v<T>)
    for (size_t i = 0; withNaN && i < x.size(); i += 7)
      x[i] = i % 2 ? T(NAN) : std::copysign(T(i % 3 ? NAN : 0), T(-1));
  auto isLess = [&](T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(a) || std::isnan(b))
        return !std::isnan(a) && std::isnan(b);
    return isUnsigned ? uint64_t(a) < uint64_t(b) : a < b;
  };
  std::vector<int64_t> order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    for (int64_t i = 0; i < columns; ++i) {
      T left = x[a * columns + i], right = x[b * columns + i];
      if (isLess(left, right) || isLess(right, left))
        return isLess(left, right);
    }
    return a < b;
  });
  std::string type = memrefType({rows, columns}, elementName<T>()),
              list = memrefType({rows}, "i64");
  std::string text = "func.func @main(%x: " + type + ", %y: " + list +
                     ") attributes {lir.num_inputs = 1 : i64} {\n"
                     "lir.sort_rows ins(%x : " +
                     type + ") outs(%y : " + list + ") {unsigned_elements = " +
                     (isUnsigned ? "true" : "false") + "}\nreturn\n}\n";
  SCOPED_TRACE(text);
  auto data = stored<T>(x);
  runSelection(text, {data.data()}, {order.size()},
               [&](auto &outputs) { EXPECT_EQ(order, outputs[0]); });
}

TEST(SortRows, SizesTypesAndTies) {
  for (int64_t rows : {1, 2, 3, 64, 65, 1000})
    checkSortRows<float>(rows, 1, false, /*withNaN=*/true);
  checkSortRows<float>(300, 4, false, /*withNaN=*/true);
  checkSortRows<double>(100, 3, false, /*withNaN=*/true);
  checkSortRows<int64_t>(77, 2);
  checkSortRows<int8_t>(77, 3);
  checkSortRows<int64_t>(1000, 1);
  checkSortRows<int64_t>(1000, 1, /*isUnsigned=*/true);
  checkSortRows<double>(500, 1, false, /*withNaN=*/true);
  checkSortRows<int32_t>(500, 1);
  checkSortRows<int8_t>(300, 1);
  checkSortRows<int8_t>(77, 1, /*isUnsigned=*/true);
  checkSortRows<bool>(50, 1);
  checkSortRows<bool>(50, 5);
}

struct Problem {
  int64_t batches, classes, boxes, most, limit;
  float iou, threshold;
  bool hasThreshold, isCenter;
};

struct Corners {
  float low[2], high[2];
  Corners(const float *box, bool isCenter) {
    for (int dim : {0, 1}) {
      float a = box[dim], b = box[dim + 2];
      low[dim] = isCenter ? a - b / 2 : std::min(a, b);
      high[dim] = isCenter ? a + b / 2 : std::max(a, b);
    }
  }
  float area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};

bool overlaps(const Corners &a, const Corners &b, float threshold) {
  float size[2];
  for (int dim : {0, 1}) {
    size[dim] =
        std::min(a.high[dim], b.high[dim]) - std::max(a.low[dim], b.low[dim]);
    if (!(size[dim] > 0))
      return false;
  }
  float shared = size[0] * size[1], both = a.area() + b.area() - shared;
  return shared > 0 && a.area() > 0 && b.area() > 0 && both > 0 &&
         shared / both > threshold;
}

/// The boxes that are selected of a class.
std::vector<int64_t> selectPlainly(const Problem &problem, const float *boxes,
                                   const float *scores) {
  std::vector<int64_t> order, selected;
  for (int64_t i = 0; i < problem.boxes; ++i)
    if (!problem.hasThreshold || scores[i] > problem.threshold)
      order.push_back(i);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  });
  for (int64_t next : order) {
    if (int64_t(selected.size()) == problem.limit)
      break;
    Corners box(boxes + next * 4, problem.isCenter);
    if (std::none_of(selected.begin(), selected.end(), [&](int64_t other) {
          return overlaps(box, Corners(boxes + other * 4, problem.isCenter),
                          problem.iou);
        }))
      selected.push_back(next);
  }
  return selected;
}

void checkBoxes(const Problem &problem) {
  auto [batches, classes, boxes, most, limit, iou, threshold, hasThreshold,
        isCenter] = problem;
  std::mt19937 random(9);
  // Few scores, so that many are equal; corners in any order.
  std::vector<float> corners(batches * boxes * 4),
      scores(batches * classes * boxes);
  for (float &x : corners)
    x = (random() % 1000) / 1000.0f;
  for (float &x : scores)
    x = (random() % 20) / 20.0f;
  std::string boxType = memrefType({batches, boxes, 4}, "f32"),
              scoreType = memrefType({batches, classes, boxes}, "f32"),
              listType = memrefType({batches, classes, most}, "i64"),
              countType = memrefType({batches, classes}, "i64");
  std::string text =
      "func.func @main(%b: " + boxType + ", %s: " + scoreType +
      ", %l: memref<1xi64>, %i: memref<1xf32>, %t: memref<1xf32>, %y: " +
      listType + ", %n: " + countType +
      ") attributes {lir.num_inputs = 5 : i64} {\n"
      "lir.non_max_suppression ins(%b, %s, %l, %i : " +
      boxType + ", " + scoreType + ", memref<1xi64>, memref<1xf32>)" +
      (hasThreshold ? " score_threshold(%t : memref<1xf32>)" : "") +
      " outs(%y, %n : " + listType + ", " + countType +
      ") {center_point_box = " + (isCenter ? "true" : "false") +
      "}\nreturn\n}\n";
  SCOPED_TRACE(text);
  runSelection(
      text, {corners.data(), scores.data(), &limit, &iou, &threshold},
      {size_t(batches * classes * most), size_t(batches * classes)},
      [&](auto &outputs) {
        for (int64_t item = 0; item < batches * classes; ++item) {
          std::vector<int64_t> expected = selectPlainly(
              problem, corners.data() + item / classes * boxes * 4,
              scores.data() + item * boxes);
          ASSERT_EQ(int64_t(expected.size()), outputs[1][item]);
          auto first = outputs[0].begin() + item * most;
          EXPECT_EQ(expected, std::vector<int64_t>(
                                  first, first + expected.size()));
        }
      });
}

TEST(NonMaxSuppression, LimitsThresholdsAndForms) {
  checkBoxes({2, 3, 200, 200, 1000, 0.1f, 0.3f, true, false});
  checkBoxes({1, 2, 200, 200, 7, 0.3f, 0, false, true});
  checkBoxes({1, 1, 50, 5, 5, 0.5f, 0.9f, true, true});
  checkBoxes({1, 5, 33, 33, 0, 0.5f, 0.1f, true, false});
  checkBoxes({3, 1, 1, 1, 1, 0, 0, false, false});
  checkBoxes({1, 1, 64, 64, 64, 1, 2, true, false});
}

} // namespace
