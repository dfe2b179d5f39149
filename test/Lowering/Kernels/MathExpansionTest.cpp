//===- MathExpansionTest.cpp - Accuracy of the elementary functions -------===//
//
// Compiles each expansion through LLVM and compares it with libm in twice the
// precision. Prints the largest error of every function in units in the last
// place; LAMBENT_EXHAUSTIVE=1 tries all 2^32 floats instead of 2^20.
//
//===----------------------------------------------------------------------===//

#include "CompiledMath.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"
#include <chrono>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace lambent;
using namespace lambent::test;

namespace {

/// One function with its reference and limit.
struct Function {
  const char *op;
  double (*f32)(double);
  double limit;
  float low, high; ///< where samples are drawn more densely
};

double exactRsqrt(double x) { return 1 / std::sqrt(x); }
double roundHalfEven(double x) { return std::nearbyint(x); }

const Function functions[] = {{"exp", std::exp, 2, -104, 89},
                              {"exp2", std::exp2, 2, -150, 129},
                              {"expm1", std::expm1, 2, -20, 89},
                              {"log", std::log, 2, 0, 4},
                              {"log2", std::log2, 2, 0, 4},
                              {"log10", std::log10, 2, 0, 4},
                              {"log1p", std::log1p, 2, -1, 4},
                              {"tanh", std::tanh, 2, -10, 10},
                              {"erf", std::erf, 2, -4, 4},
                              {"rsqrt", exactRsqrt, 2, 0, 4},
                              {"sin", std::sin, 1, -100, 100},
                              {"cos", std::cos, 1, -100, 100},
                              {"tan", std::tan, 1, -100, 100},
                              {"asin", std::asin, 1, -1, 1},
                              {"acos", std::acos, 1, -1, 1},
                              {"atan", std::atan, 1, -10, 10},
                              {"sinh", std::sinh, 1, -90, 90},
                              {"cosh", std::cosh, 1, -90, 90},
                              {"asinh", std::asinh, 1, -10, 10},
                              {"acosh", std::acosh, 1, 1, 10},
                              {"atanh", std::atanh, 1, -1, 1},
                              {"floor", std::floor, 0, -10, 10},
                              {"ceil", std::ceil, 0, -10, 10},
                              {"trunc", std::trunc, 0, -10, 10},
                              {"round", std::round, 0, -10, 10},
                              {"roundeven", roundHalfEven, 0, -10, 10}};

class MathExpansion : public testing::TestWithParam<Function> {};

/// The largest error over `count` inputs made by `sample`, with the input where
/// it is.
template <typename T, typename Wide, typename Sample>
std::pair<double, T> largestError(const CompiledMath &code, Wide (*exact)(Wide),
                                  uint64_t count, Sample sample) {
  constexpr size_t block = 4096;
  std::vector<T> x(block), y(block);
  std::pair<double, T> worst{0, 0};
  for (uint64_t done = 0; done < count; done += block) {
    for (size_t i = 0; i < block; ++i)
      x[i] = sample(done + i);
    code(x.data(), x.data(), y.data(), block);
    for (size_t i = 0; i < block; ++i)
      if (double error = ulps<T, Wide>(y[i], exact(x[i])); error > worst.first)
        worst = {error, x[i]};
  }
  return worst;
}

TEST_P(MathExpansion, F32) {
  const Function &function = GetParam();
  bool exhaustive = std::getenv("LAMBENT_EXHAUSTIVE") != nullptr;
  for (const Level &level : getLevels()) {
    // x86-64-v3 and v4 do the same arithmetic.
    if (!canRun(level.cpu) ||
        (exhaustive && StringRef(level.cpu) == "x86-64-v3"))
      continue;
    CompiledMath code(level, "f32", 1,
                      std::string("%r = math.") + function.op + " %a : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    auto sample = [&](uint64_t i) -> float {
      if (exhaustive)
        return fromBits(i);
      if (i < 64) // zeros, subnormals, infinities, NaN
        return fromBits(((i & 1) << 31) |
                        ((i & 2) ? 0x7F800000 - 16 + (i >> 2) * 2 : (i >> 2)));
      if (i % 2)
        return fromBits(random());
      return std::uniform_real_distribution<float>(function.low,
                                                   function.high)(random);
    };
    auto [error, at] = largestError<float, double>(
        code, function.f32, exhaustive ? uint64_t(1) << 32 : 1 << 20, sample);
    std::printf("%-9s f32 x %-2u %-9s %.3f ulp at %a\n", function.op,
                level.lanes, level.cpu, error, at);
    EXPECT_LE(error, function.limit)
        << function.op << " on " << level.cpu << " at " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, MathExpansion, testing::ValuesIn(functions),
                         [](const auto &info) {
                           return std::string(info.param.op);
                         });

/// The same in f64, whose reference is long double.
struct WideFunction {
  const char *op;
  long double (*exact)(long double);
  double limit, low, high;
};

const WideFunction wideFunctions[] = {
    {"exp", std::exp, 2, -746, 710},    {"exp2", std::exp2, 2, -1076, 1025},
    {"expm1", std::expm1, 2, -40, 710}, {"log", std::log, 2, 0, 4},
    {"log2", std::log2, 2, 0, 4},       {"log10", std::log10, 2, 0, 4},
    {"log1p", std::log1p, 2, -1, 4},    {"tanh", std::tanh, 2, -21, 21},
    {"erf", std::erf, 2, -6, 6},        {"sin", std::sin, 1, -1000, 1000},
    {"cos", std::cos, 1, -1000, 1000},  {"tan", std::tan, 3, -1000, 1000},
    {"asin", std::asin, 3, -1, 1},      {"acos", std::acos, 3, -1, 1},
    {"atan", std::atan, 2, -10, 10},    {"sinh", std::sinh, 3, -711, 711},
    {"cosh", std::cosh, 3, -711, 711},  {"asinh", std::asinh, 3, -10, 10},
    {"acosh", std::acosh, 3, 1, 10},    {"atanh", std::atanh, 3, -1, 1}};

class WideMathExpansion : public testing::TestWithParam<WideFunction> {};

TEST_P(WideMathExpansion, F64) {
  const WideFunction &function = GetParam();
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f64", 1,
                      std::string("%r = math.") + function.op + " %a : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937_64 random(1);
    auto sample = [&](uint64_t i) -> double {
      uint64_t bits = random();
      if (i < 64) // zeros, subnormals, infinities, NaN
        bits = ((i & 1) << 63) |
               ((i & 2) ? 0x7FF0000000000000 - 16 + (i >> 2) * 2 : (i >> 2));
      // Every second one near 0 or in the range, where functions turn.
      if (i >= 64 && i % 4 == 0)
        return std::uniform_real_distribution<double>(function.low,
                                                      function.high)(random);
      if (i >= 64 && i % 4 == 2)
        return std::uniform_real_distribution<double>(-2, 2)(random);
      double value;
      std::memcpy(&value, &bits, 8);
      return value;
    };
    auto [error, at] = largestError<double, long double>(code, function.exact,
                                                         1 << 17, sample);
    std::printf("%-9s f64 x %-2u %-9s %.3f ulp at %a\n", function.op,
                level.lanes / 2, level.cpu, error, at);
    EXPECT_LE(error, function.limit)
        << function.op << " on " << level.cpu << " at " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, WideMathExpansion,
                         testing::ValuesIn(wideFunctions),
                         [](const auto &info) {
                           return std::string(info.param.op);
                         });

/// Its relative error may be 2^-23 (1 + |x|); what is too large or too small
/// for a normal number is infinite or 0.
TEST(MathExpansion, ApproximateExp) {
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f32", 1, "%r = math.exp %a fastmath<afn> : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::vector<float> x, y;
    for (float at = -87; at < 88.5; at += 0x1p-9f)
      x.push_back(at);
    x.resize(x.size() / 64 * 64);
    y.resize(x.size());
    code(x.data(), x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      double exact = std::exp(double(x[i]));
      ASSERT_LE(std::abs(y[i] - exact), exact * 0x1p-23 * (1 + std::abs(x[i])))
          << x[i] << " on " << level.cpu;
    }
    const float special[] = {INFINITY, -INFINITY, NAN,   1e30f,  -1e30f, 90,
                             -110,     0,         -0.0f, 1e-40f, 1,      2,
                             3,        4,         5,     6};
    float got[16];
    code(special, special, got, 16);
    EXPECT_EQ(got[0], INFINITY);
    EXPECT_EQ(got[1], 0);
    EXPECT_TRUE(std::isnan(got[2]));
    EXPECT_EQ(got[3], INFINITY);
    EXPECT_EQ(got[4], 0);
    EXPECT_EQ(got[5], INFINITY);
    EXPECT_EQ(got[6], 0);
    for (int i : {7, 8, 9})
      EXPECT_NEAR(got[i], 1, 0x1p-23);
  }
}

/// The f64 nearest to a multiple of pi/2 (Kahan), and others near one.
TEST(MathExpansion, AnglesNearQuarterTurns) {
  const double angles[] = {0x1.6ac5b262ca1ffp849,
                           0x1.921fb54442d18p0,
                           0x1.921fb54442d18p1,
                           0x1.6ac5b262ca1ffp847,
                           0x1.fffffffffffffp1023,
                           0x1p1000,
                           0x1.8p52,
                           1e22};
  for (const Level &level : getLevels())
    for (auto [op, exact] :
         {std::pair("sin", static_cast<long double (*)(long double)>(std::sin)),
          std::pair("cos",
                    static_cast<long double (*)(long double)>(std::cos))}) {
      if (!canRun(level.cpu))
        continue;
      CompiledMath code(level, "f64", 1,
                        std::string("%r = math.") + op + " %a : T");
      ASSERT_TRUE(static_cast<bool>(code));
      double got[8];
      code(angles, angles, got, 8);
      for (int i = 0; i < 8; ++i)
        EXPECT_LE((ulps<double, long double>(got[i], exact(angles[i]))), 1)
            << op << " of " << angles[i] << " on " << level.cpu;
    }
}

/// c + c * f(x), which is one function: as exact as a float near 1 is.
void checkSumWithOne(const std::string &op, double (*exact)(double)) {
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    std::string half = level.lanes ? "dense<0.5>" : "0.5";
    CompiledMath code(level, "f32", 1,
                      "%c = arith.constant " + half + " : T\n%e = math." + op +
                          " %a : T\n%m = arith.mulf %e, %c : T\n"
                          "%r = arith.addf %m, %c : T");
    ASSERT_TRUE(static_cast<bool>(code));
    constexpr size_t count = 1 << 16;
    std::vector<float> x(count), y(count);
    for (size_t i = 0; i < count; ++i)
      x[i] = (float(i) - count / 2) * (32.0f / count);
    x[0] = -1e30f;
    x[1] = -INFINITY;
    x[2] = INFINITY;
    x[3] = NAN;
    code(x.data(), x.data(), y.data(), count);
    EXPECT_EQ(y[0], 0) << level.cpu;
    EXPECT_EQ(y[1], 0) << level.cpu;
    EXPECT_EQ(y[2], 1) << level.cpu;
    EXPECT_TRUE(std::isnan(y[3])) << level.cpu;
    double most = 0;
    for (size_t i = 4; i < count; ++i)
      most = std::max(most, std::abs(y[i] - exact(x[i])));
    std::printf("(1 + %s)/2 %-9s off by %.3g\n", op.c_str(), level.cpu, most);
    EXPECT_LE(most, 0x1p-23) << level.cpu;
  }
}

TEST(MathExpansion, SumsOfOneAndErf) {
  checkSumWithOne("erf", [](double x) { return 0.5 * std::erfc(-x); });
}

TEST(MathExpansion, SumsOfOneAndTanh) {
  checkSumWithOne("tanh", [](double x) { return 1 / (1 + std::exp(-2 * x)); });
}

TEST(MathExpansion, UnsupportedTypeIsAnError) {
  MLIRContext context;
  context.loadDialect<math::MathDialect, func::FuncDialect>();
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>("func.func @f(%x: f128) -> f128 {\n%r = "
                                  "math.sin %x : f128\nreturn %r : f128\n}",
                                  &context);
  ASSERT_TRUE(module);
  std::string message;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  EXPECT_TRUE(failed(expandMath(*module)));
  EXPECT_EQ(message,
            "the function sin is not supported on elements of type 'f128'");
}

/// Nanoseconds per element in L2; printed, not checked.
TEST(MathExpansion, Speed) {
  for (const char *op : {"exp", "erf", "tanh", "log", "log1p", "sin"})
    for (const Level &level : getLevels()) {
      if (!canRun(level.cpu) || !level.lanes)
        continue;
      CompiledMath code(level, "f32", 1,
                        std::string("%r = math.") + op + " %a : T");
      ASSERT_TRUE(static_cast<bool>(code));
      std::vector<float> x(1 << 14), y(x.size());
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = float(i % 1000) * 0.008f - 4;
      double best = 1e9;
      for (int repeat = 0; repeat < 50; ++repeat) {
        auto start = std::chrono::steady_clock::now();
        code(x.data(), x.data(), y.data(), x.size());
        std::chrono::duration<double, std::nano> time =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, time.count() / x.size());
      }
      std::printf("%-9s f32 x %-2u %-9s %.3f ns per element\n", op, level.lanes,
                  level.cpu, best);
    }
}

} // namespace
