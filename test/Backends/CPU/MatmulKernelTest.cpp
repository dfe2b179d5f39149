//===- MatmulKernelTest.cpp - Matrix products against a plain reference ---===//

#include "KernelRunner.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent::test;

namespace {

/// What a case multiplies and how its operands lie.
struct Case {
  int64_t batch, m, n, k;
  bool transposeLhs = false, transposeRhs = false, transposeOutput = false;
  bool constantRhs = false;
  bool sharedRhs = false; ///< one rhs for the whole batch
  std::string epilogue = "none";
};

std::string shapeText(std::vector<int64_t> sizes, const std::string &type) {
  std::string text;
  for (int64_t size : sizes)
    text += std::to_string(size) + "x";
  return text + type;
}

/// The module's text; the operands are lhs, rhs, (bias, residual,) output.
std::string makeText(const Case &c, const std::string &type) {
  std::string lhs =
      shapeText(c.transposeLhs ? std::vector<int64_t>{c.batch, c.k, c.m}
                               : std::vector<int64_t>{c.batch, c.m, c.k},
                type);
  int64_t rhsBatch = c.sharedRhs ? 1 : c.batch;
  std::string rhs =
      shapeText(c.transposeRhs ? std::vector<int64_t>{rhsBatch, c.n, c.k}
                               : std::vector<int64_t>{rhsBatch, c.k, c.n},
                type);
  std::string out =
      shapeText(c.transposeOutput ? std::vector<int64_t>{c.batch, c.n, c.m}
                                  : std::vector<int64_t>{c.batch, c.m, c.n},
                type);
  bool rich = c.epilogue != "none";
  std::string bias = std::to_string(c.n) + "x" + type;
  std::string args = "%lhs: memref<" + lhs + ">, ";
  if (!c.constantRhs)
    args += "%rhs: memref<" + rhs + ">, ";
  if (rich)
    args += "%bias: memref<" + bias + ">, %res: memref<" + out + ">, ";
  args += "%out: memref<" + out + ">";
  std::string text = "func.func @main(" + args + ") {\n";
  std::string zero = type[0] == 'f' ? "0.0" : "0",
              one = type[0] == 'f' ? "1.0" : "1";
  if (c.constantRhs)
    text += "  %rhs = lir.weight dense<" + one + "> : tensor<" + rhs +
            "> : memref<" + rhs + ">\n";
  std::string domain = std::to_string(c.batch) + ", " + std::to_string(c.m) +
                       ", " + std::to_string(c.n) + ", " + std::to_string(c.k);
  std::string b = c.sharedRhs ? "0" : "b";
  text +=
      "  lir.matmul ins(%lhs, %rhs : memref<" + lhs + ">, memref<" + rhs + ">)";
  if (rich)
    text += " with(%bias, %res : memref<" + bias + ">, memref<" + out + ">)";
  text += " outs(%out : memref<" + out + ">) domain [" + domain + "] maps [" +
          "affine_map<(b, m, n, k) -> " +
          (c.transposeLhs ? "(b, k, m)" : "(b, m, k)") +
          ">, affine_map<(b, m, n, k) -> " +
          (c.transposeRhs ? "(" + b + ", n, k)" : "(" + b + ", k, n)") +
          ">, affine_map<(b, m, n, k) -> " +
          (c.transposeOutput ? "(b, n, m)" : "(b, m, n)") +
          ">] epilogue_maps [";
  if (rich)
    text += std::string("affine_map<(b, i, j) -> ") +
            (c.transposeOutput ? "(i)" : "(j)") +
            ">, affine_map<(b, i, j) -> (b, i, j)>";
  text += "] {\n  ^bb0(%acc: " + type;
  if (rich)
    text += ", %t: " + type + ", %r: " + type;
  text += "):\n";
  std::string result = "%acc";
  if (rich) {
    std::string add = type[0] == 'f' ? "arith.addf" : "arith.addi";
    std::string max = type[0] == 'f' ? "arith.maximumf" : "arith.maxsi";
    text += "    %z = arith.constant " + zero + " : " + type + "\n";
    text += "    %0 = " + add + " %acc, %t : " + type + "\n";
    text += "    %1 = " + add + " %0, %r : " + type + "\n";
    text += "    %2 = " + max + " %1, %z : " + type + "\n";
    result = "%2";
    if (c.epilogue == "heavy") {
      text += "    %3 = math.exp %2 : " + type + "\n";
      result = "%3";
    }
  }
  return text + "    lir.yield " + result + " : " + type + "\n  }\n" +
         "  return\n}\n";
}

template <typename T> std::vector<T> randomValues(int64_t count, int seed) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> distribution(-8, 8);
  std::vector<T> values(count);
  for (T &value : values)
    value = T(distribution(engine)) / T(std::is_floating_point_v<T> ? 8 : 1);
  return values;
}

template <typename T>
const void *place(GuardedBytes &to, const std::vector<T> &from) {
  if (!from.empty())
    std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
  return to.data();
}

template <typename T>
void check(const Case &c, const std::string &type, const std::string &cpu) {
  std::string error;
  auto runner = KernelRunner::create(makeText(c, type), cpu, true, error);
  ASSERT_TRUE(runner) << error << makeText(c, type);
  SCOPED_TRACE(runner->describe() + " " + makeText(c, type));
  int64_t rhsBatch = c.sharedRhs ? 1 : c.batch;
  auto lhs = randomValues<T>(c.batch * c.m * c.k, 1);
  auto rhs = randomValues<T>(rhsBatch * c.k * c.n, 2);
  auto bias = randomValues<T>(c.n, 3);
  auto res = randomValues<T>(c.batch * c.m * c.n, 4);
  GuardedBytes lhsBytes(lhs.size() * sizeof(T)),
      rhsBytes(rhs.size() * sizeof(T)), biasBytes(bias.size() * sizeof(T)),
      resBytes(res.size() * sizeof(T)), outBytes(res.size() * sizeof(T));
  std::memset(outBytes.data(), 0x7b, outBytes.size());
  std::vector<const void *> buffers{place(lhsBytes, lhs), place(rhsBytes, rhs)};
  if (c.epilogue != "none") {
    buffers.push_back(place(biasBytes, bias));
    buffers.push_back(place(resBytes, res));
  }
  buffers.push_back(outBytes.data());
  runner->run(buffers);

  const T *out = reinterpret_cast<const T *>(outBytes.data());
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t m = 0; m < c.m; ++m)
      for (int64_t n = 0; n < c.n; ++n) {
        T sum = 0;
        for (int64_t k = 0; k < c.k; ++k) {
          T l = c.transposeLhs ? lhs[(b * c.k + k) * c.m + m]
                               : lhs[(b * c.m + m) * c.k + k];
          int64_t rb = c.sharedRhs ? 0 : b;
          T r = c.transposeRhs ? rhs[(rb * c.n + n) * c.k + k]
                               : rhs[(rb * c.k + k) * c.n + n];
          sum += l * r;
        }
        int64_t at = c.transposeOutput ? (b * c.n + n) * c.m + m
                                       : (b * c.m + m) * c.n + n;
        double want = sum;
        if (c.epilogue != "none")
          want = std::max<double>(0, want + bias[n] + res[at]);
        if (c.epilogue == "heavy")
          want = std::exp(want);
        ASSERT_NEAR(double(out[at]), want, 1e-4 * std::max(1.0, std::abs(want)))
            << "at " << b << ", " << m << ", " << n;
      }
}

class MatmulKernel : public testing::TestWithParam<std::string> {};

TEST_P(MatmulKernel, MultipliesConstantPanels) {
  for (int64_t m : {1, 2, 5, 13, 14, 31})
    for (int64_t n : {1, 15, 16, 33, 64, 100})
      for (int64_t k : {1, 17})
        check<float>({1, m, n, k, false, false, false, true}, "f32",
                     GetParam());
}

TEST_P(MatmulKernel, FollowsAnyStrides) {
  for (int mask = 0; mask < 8; ++mask)
    for (auto [m, n, k] : {std::tuple<int64_t, int64_t, int64_t>{1, 40, 9},
                           {37, 3, 33},
                           {50, 70, 20}})
      check<float>({2, m, n, k, bool(mask & 1), bool(mask & 2), bool(mask & 4)},
                   "f32", GetParam());
}

TEST_P(MatmulKernel, SharesAConstantAmongTheBatch) {
  check<float>({3, 20, 50, 30, false, true, false, true, true}, "f32",
               GetParam());
  check<float>({3, 20, 50, 30, false, true, false, true, false}, "f32",
               GetParam());
}

TEST_P(MatmulKernel, AppliesEpilogues) {
  for (std::string epilogue : {"light", "heavy"})
    for (bool constant : {false, true})
      for (bool transposeOutput : {false, true})
        check<float>({2, 17, 37, 5, false, false, transposeOutput, constant,
                      false, epilogue},
                     "f32", GetParam());
}

TEST_P(MatmulKernel, SpansManyChunks) {
  check<float>({1, 300, 200, 100, false, false, false, true}, "f32",
               GetParam());
  check<float>({2, 200, 300, 100, true, true, false, false}, "f32", GetParam());
  check<float>({1, 1, 3000, 500, false, false, false, true}, "f32", GetParam());
}

TEST_P(MatmulKernel, FetchesPanelsFromAfar) {
  // Depths that are and are not a multiple of a trip; few rows and many.
  for (int64_t depth : {256, 259})
    for (int64_t rows : {3, 20, 150})
      check<float>({1, rows, 330, depth, false, false, false, true}, "f32",
                   GetParam());
}

TEST_P(MatmulKernel, HandlesOtherTypes) {
  for (bool constant : {false, true})
    for (bool transpose : {false, true}) {
      Case c{2,         19,    21,       11,    transpose,
             transpose, false, constant, false, "light"};
      check<double>(c, "f64", GetParam());
      check<int32_t>(c, "i32", GetParam());
      check<int64_t>(c, "i64", GetParam());
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, MatmulKernel,
                         testing::Values("native", "x86-64-v3", "x86-64",
                                         "x86-64-v3:sapphirerapids"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
