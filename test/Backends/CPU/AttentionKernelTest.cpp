//===- AttentionKernelTest.cpp - Attention against a plain reference ------===//

#include "KernelHarness.h"
#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace lambent::test;

namespace {

struct Case {
  int64_t batch, heads, queries, keys, depth, width;
  bool splitHeads = false; ///< buffers are [B, S, H, D]
  std::string mask = "";   ///< its index, such as "b, 0, 0, t"
  /// What a mask that is causal has where a key is out of sight, and query 5
  /// for all keys; 0: some other mask.
  double hidden = 0;
};

/// Index of (b, h, row, column) in an operand of `rows` x `columns` per head.
int64_t place(const Case &c, int64_t b, int64_t h, int64_t row, int64_t column,
              int64_t rows, int64_t columns) {
  return c.splitHeads ? ((b * rows + row) * c.heads + h) * columns + column
                      : ((b * c.heads + h) * rows + row) * columns + column;
}

std::string makeText(const Case &c, const std::string &type) {
  auto memref = [&](int64_t rows, int64_t columns) {
    std::string text = "memref<" + std::to_string(c.batch) + "x";
    int64_t first = c.splitHeads ? rows : c.heads,
            second = c.splitHeads ? c.heads : rows;
    return text + std::to_string(first) + "x" + std::to_string(second) + "x" +
           std::to_string(columns) + "x" + type + ">";
  };
  auto map = [&](const std::string &row, const std::string &column) {
    return "affine_map<(b, h, s, t, d, e) -> (b, " +
           (c.splitHeads ? row + ", h, " : "h, " + row + ", ") + column + ")>";
  };
  std::string q = memref(c.queries, c.depth), k = memref(c.keys, c.depth),
              v = memref(c.keys, c.width), o = memref(c.queries, c.width);
  std::string mask;
  if (!c.mask.empty()) {
    auto size = [&](const std::string &name, int64_t n) {
      return c.mask.find(name) == std::string::npos ? std::string("1")
                                                    : std::to_string(n);
    };
    mask = "memref<" + size("b", c.batch) + "x" + size("h", c.heads) + "x" +
           size("s", c.queries) + "x" + size("t", c.keys) + "x" + type + ">";
  }
  std::string text = "func.func @main(%q: " + q + ", %k: " + k + ", %v: " + v;
  if (!mask.empty())
    text += ", %m: " + mask;
  text += ", %o: " + o +
          ") attributes {lir.num_inputs = " + (mask.empty() ? "3" : "4") +
          " : i64} {\n  lir.attention ins(%q, %k, %v : " + q + ", " + k + ", " +
          v + ")";
  if (!mask.empty())
    text += " mask(%m : " + mask + ")";
  std::string domain;
  for (int64_t size : {c.batch, c.heads, c.queries, c.keys, c.depth, c.width})
    domain += (domain.empty() ? "" : ", ") + std::to_string(size);
  text += " outs(%o : " + o + ") domain [" + domain + "] maps [" +
          map("s", "d") + ", " + map("t", "d") + ", " + map("t", "e") + ", " +
          map("s", "e");
  if (!mask.empty())
    text += ", affine_map<(b, h, s, t, d, e) -> (" + c.mask + ")>";
  return text + "] {scale = 0.25 : f32}\n  return\n}\n";
}

/// Runs a kernel of one stage.
void runKernel(const std::string &text, const std::string &cpu,
               const std::vector<const void *> &inputs, GuardedBytes &output) {
  std::string error;
  auto runner = KernelRunner::create(text, cpu, true, error);
  ASSERT_TRUE(runner) << error << text;
  std::vector<const void *> buffers = inputs;
  buffers.push_back(output.data());
  runner->run(buffers);
}

/// Runs it on emulated tiles, operands split into `parts`.
template <int parts>
void runTiles(const std::string &text, const std::string &cpu,
              const std::vector<const void *> &inputs, GuardedBytes &output) {
  std::string error,
      algorithm = "#cpu.split_attention<parts = " + std::to_string(parts) + ">",
      scale = "{scale = 0.25 : f32", tiled = text;
  tiled.insert(tiled.find(scale) + scale.size(), ", algorithm = " + algorithm);
  auto runner = KernelRunner::create(tiled, cpu, false, error,
                                     /*emulatesTiles=*/true);
  ASSERT_TRUE(runner) << error << tiled;
  EXPECT_NE(runner->describe().find("attention tiles"), std::string::npos);
  std::vector<const void *> buffers = inputs;
  buffers.push_back(output.data());
  runner->run(buffers);
}

/// Runs the kernel's stages, the chunks of each in either order.
void runStages(const std::string &text, const std::string &cpu,
               const std::vector<const void *> &inputs, GuardedBytes &output) {
  auto kernel = CompiledKernel::compile(text, cpu);
  ASSERT_TRUE(kernel) << text;
  kernel->run(inputs, {output.data()}, 1);
  std::vector<char> backwards(output.data(), output.data() + output.size());
  kernel->run(inputs, {output.data()});
  EXPECT_EQ(std::memcmp(backwards.data(), output.data(), output.size()), 0);
}

/// Returns by how much results miss what they should be, at most. Values are
/// `scale` times larger than others.
template <typename T>
double check(const Case &c, const std::string &type, const std::string &cpu,
             decltype(runKernel) &run = runKernel, double tolerance = 2e-6,
             double scale = 1) {
  std::string text = makeText(c, type);
  SCOPED_TRACE(text);
  int64_t groups = c.batch * c.heads;
  GuardedBytes q(groups * c.queries * c.depth * sizeof(T)),
      k(groups * c.keys * c.depth * sizeof(T)),
      v(groups * c.keys * c.width * sizeof(T)),
      o(groups * c.queries * c.width * sizeof(T));
  auto has = [&](char name) { return c.mask.find(name) != std::string::npos; };
  int64_t maskSizes[] = {has('b') ? c.batch : 1, has('h') ? c.heads : 1,
                         has('s') ? c.queries : 1, has('t') ? c.keys : 1};
  GuardedBytes m(maskSizes[0] * maskSizes[1] * maskSizes[2] * maskSizes[3] *
                 sizeof(T));
  std::mt19937 engine(7);
  std::uniform_real_distribution<double> distribution(-1, 1);
  for (GuardedBytes *bytes : {&q, &k, &v, &m})
    for (size_t i = 0; i < bytes->size() / sizeof(T); ++i)
      reinterpret_cast<T *>(bytes->data())[i] =
          T(distribution(engine) * (bytes == &v ? scale : 1));
  if (c.hidden)
    for (int64_t i = 0; i < int64_t(m.size() / sizeof(T)); ++i) {
      int64_t key = i % c.keys, query = i / c.keys % c.queries;
      bool isSeen = key <= query + 2 && query != 5;
      reinterpret_cast<T *>(m.data())[i] = T(isSeen ? 0.5 : c.hidden);
    }
  else if (!c.mask.empty()) // some keys are out of sight, of many a whole part
    for (size_t i = 0; i < m.size() / sizeof(T); ++i) {
      auto &element = reinterpret_cast<T *>(m.data())[i];
      if (int64_t key = int64_t(i) % c.keys; key >= 500 && key < 900)
        element = T(-INFINITY);
      else if (i % 5 == 0)
        element = T(-1e30);
    }
  std::memset(o.data(), 0x7b, o.size());
  std::vector<const void *> buffers{q.data(), k.data(), v.data()};
  if (!c.mask.empty())
    buffers.push_back(m.data());
  run(text, cpu, buffers, o);

  auto at = [](const GuardedBytes &bytes, int64_t i) {
    return double(reinterpret_cast<const T *>(bytes.data())[i]);
  };
  std::vector<double> scores(c.keys);
  double farthest = 0;
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t h = 0; h < c.heads; ++h)
      for (int64_t s = 0; s < c.queries; ++s) {
        double largest = -INFINITY, sum = 0;
        for (int64_t t = 0; t < c.keys; ++t) {
          double score = 0;
          for (int64_t d = 0; d < c.depth; ++d)
            score += at(q, place(c, b, h, s, d, c.queries, c.depth)) *
                     at(k, place(c, b, h, t, d, c.keys, c.depth));
          score *= 0.25;
          if (!c.mask.empty())
            score += at(
                m, (((has('b') ? b : 0) * maskSizes[1] + (has('h') ? h : 0)) *
                        maskSizes[2] +
                    (has('s') ? s : 0)) *
                           maskSizes[3] +
                       (has('t') ? t : 0));
          scores[t] = score;
          largest = std::max(largest, score);
        }
        for (double &score : scores)
          sum += score = std::exp(score - largest);
        for (int64_t e = 0; e < c.width; ++e) {
          double want = 0;
          for (int64_t t = 0; t < c.keys; ++t)
            want +=
                scores[t] / sum * at(v, place(c, b, h, t, e, c.keys, c.width));
          double got = at(o, place(c, b, h, s, e, c.queries, c.width));
          farthest = std::max(farthest, std::abs(got - want) / scale);
          EXPECT_NEAR(got, want, tolerance * scale)
              << "at " << b << ", " << h << ", " << s << ", " << e;
          if (testing::Test::HasFailure())
            return farthest;
        }
      }
  return farthest;
}

class AttentionKernel : public testing::TestWithParam<std::string> {};

TEST_P(AttentionKernel, CoversAllSizes) {
  for (int64_t queries : {1, 14, 33})
    for (int64_t keys : {1, 16, 33, 70})
      for (auto [depth, width] :
           {std::pair<int64_t, int64_t>{8, 8}, {32, 48}, {17, 33}})
        check<float>({1, 2, queries, keys, depth, width}, "f32", GetParam());
}

TEST_P(AttentionKernel, ReadsSplitHeads) {
  check<float>({2, 3, 20, 37, 16, 24, true}, "f32", GetParam());
  check<float>({1, 12, 130, 130, 64, 64, true}, "f32", GetParam());
}

TEST_P(AttentionKernel, AddsMasks) {
  for (std::string mask :
       {"b, 0, 0, t", "b, h, s, t", "0, 0, s, t", "b, h, s, 0"})
    for (bool splitHeads : {false, true})
      check<float>({2, 3, 20, 37, 16, 24, splitHeads, mask}, "f32", GetParam());
}

TEST_P(AttentionKernel, LeavesOutKeysThatNoQuerySees) {
  // Query 5 sees none: of equal numbers the softmax is even.
  double lowest = std::numeric_limits<float>::lowest();
  for (auto [queries, keys] :
       {std::pair<int64_t, int64_t>{20, 37}, {70, 70}, {33, 130}})
    for (double hidden : {lowest, -2e36, -1e30})
      check<float>({1, 2, queries, keys, 16, 24, true, "0, 0, s, t", hidden},
                   "f32", GetParam());
  check<double>({1, 2, 40, 40, 16, 24, false, "b, h, s, t", lowest}, "f64",
                GetParam());
}

TEST_P(AttentionKernel, ReadsKeysOfFewQueriesInPlace) {
  for (int64_t queries : {1, 8})
    for (int64_t keys : {70, 127})
      for (auto [depth, width] :
           {std::pair<int64_t, int64_t>{64, 64}, {17, 33}, {200, 80}})
        check<float>({2, 2, queries, keys, depth, width, queries == 8}, "f32",
                     GetParam());
}

TEST_P(AttentionKernel, CombinesPartsOfTheKeys) {
  for (int64_t queries : {1, 8})
    for (int64_t keys : {128, 129, 1000})
      check<float>({2, 3, queries, keys, 64, 64}, "f32", GetParam(), runStages);
  check<float>({1, 3, 3, 2000, 17, 33, true}, "f32", GetParam(), runStages);
  check<double>({1, 2, 3, 300, 24, 40}, "f64", GetParam(), runStages);
  for (std::string mask : {"b, 0, 0, t", "b, h, s, t"})
    check<float>({1, 2, 3, 1500, 16, 24, false, mask}, "f32", GetParam(),
                 runStages);
}

TEST_P(AttentionKernel, SplitsAHeadIntoParts) {
  check<float>({1, 1, 600, 50, 16, 16}, "f32", GetParam());
}

TEST_P(AttentionKernel, ComputesInDouble) {
  check<double>({2, 3, 20, 37, 16, 24, true, "b, 0, 0, t"}, "f64", GetParam());
}

/// What two parts err by, and three.
constexpr double twoParts = 4e-5, threeParts = 2e-6;

TEST_P(AttentionKernel, MultipliesPartsOnTiles) {
  for (const Case &c :
       {Case{1, 2, 9, 1, 17, 33}, Case{2, 3, 14, 37, 8, 8, true},
        Case{1, 2, 33, 16, 32, 48}})
    check<float>(c, "f32", GetParam(), runTiles<2>, twoParts);
  // Vectors err by less than two parts do.
  Case large{1, 2, 130, 197, 64, 64};
  EXPECT_GT(check<float>(large, "f32", GetParam(), runTiles<2>, twoParts),
            check<float>(large, "f32", GetParam()));
  check<float>(large, "f32", GetParam(), runTiles<3>, threeParts);
  // Several chunks of a head.
  check<float>({1, 1, 600, 50, 16, 16}, "f32", GetParam(), runTiles<2>,
               twoParts);
}

TEST_P(AttentionKernel, AddsMasksToScoresOfTiles) {
  for (std::string mask : {"b, 0, 0, t", "b, h, s, t", "0, 0, s, t"})
    check<float>({2, 3, 20, 37, 16, 24, true, mask}, "f32", GetParam(),
                 runTiles<2>, twoParts);
  double lowest = std::numeric_limits<float>::lowest();
  for (double hidden : {lowest, -1e30})
    check<float>({1, 2, 70, 70, 16, 24, true, "0, 0, s, t", hidden}, "f32",
                 GetParam(), runTiles<2>, twoParts);
}

/// Numbers that have no such parts: by vectors.
TEST_P(AttentionKernel, LeavesWhatTilesGetWrongToVectors) {
  for (double scale : {0x1p-60, 0x1p60})
    check<float>({1, 2, 33, 70, 17, 33}, "f32", GetParam(), runTiles<2>, 2e-6,
                 scale);
}

INSTANTIATE_TEST_SUITE_P(Levels, AttentionKernel,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
