//===- MathArithmeticTest.cpp - Powers, remainders, fma and conversions ---===//

#include "CompiledMath.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace lambent;
using namespace lambent::test;

namespace {

/// All pairs of these numbers, as two lists.
template <typename T>
std::pair<std::vector<T>, std::vector<T>> pairs(llvm::ArrayRef<T> numbers) {
  std::vector<T> x, y;
  for (T a : numbers)
    for (T b : numbers)
      x.push_back(a), y.push_back(b);
  return {x, y};
}

TEST(MathArithmetic, Power) {
  const float specials[] = {0.0f,     -0.0f,     1,        -1,       2,
                            -2,       3,         -3,       0.5f,     -0.5f,
                            INFINITY, -INFINITY, NAN,      1e38f,    -1e38f,
                            1e-40f,   -1e-40f,   16777215, -16777215};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f32", 2, "%r = math.powf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    auto [x, y] = pairs<float>(specials);
    while (x.size() < (1 << 18) || x.size() % 16) {
      x.push_back(
          std::exp2(std::uniform_real_distribution<float>(-20, 20)(random)));
      y.push_back(std::uniform_real_distribution<float>(-10, 10)(random));
    }
    std::vector<float> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double error =
          ulps<float, double>(got[i], std::pow(double(x[i]), double(y[i])));
      worst = std::max(worst, error);
      ASSERT_LE(error, 1) << x[i] << "^" << y[i] << " gave " << got[i] << " on "
                          << level.cpu;
    }
    std::printf("%-9s f32 x %-2u %-9s %.3f ulp\n", "powf", level.lanes,
                level.cpu, worst);
  }
}

// Without the instruction, too: numbers of few digits make sums that lie in the
// middle of two floats, or next to it.
TEST(MathArithmetic, MultiplyAdd) {
  const float specials[] = {0.0f,      -0.0f, 1,      -1,    INFINITY,
                            -INFINITY, NAN,   0x1p60, 1e38f, 0x1p-126f};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f32", 2, "%r = math.fma %a, %b, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    auto [x, y] = pairs<float>(specials);
    auto draw = [&] {
      float bits = 0;
      for (int i = 0; i < 3; ++i)
        bits += std::ldexp(1.f, -int(random() % 40));
      return random() % 2 ? bits : -bits;
    };
    while (x.size() < (1 << 20) || x.size() % 16)
      x.push_back(draw()), y.push_back(draw());
    std::vector<float> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      float expected = std::fma(x[i], y[i], y[i]);
      ASSERT_TRUE(std::isnan(expected)
                      ? std::isnan(got[i])
                      : std::memcmp(&got[i], &expected, 4) == 0)
          << x[i] << " * " << y[i] << " + it gave " << got[i] << " on "
          << level.cpu;
    }
  }
}

/// A double of random bits.
double randomDouble(std::mt19937_64 &random) {
  uint64_t bits = random();
  double value;
  std::memcpy(&value, &bits, 8);
  return value;
}

TEST(MathArithmetic, WidePower) {
  const double specials[] = {
      0.0,        -0.0,        1,          -1,         2,        -2,
      3,          -3,          0.5,        -0.5,       INFINITY, -INFINITY,
      NAN,        1e308,       -1e308,     5e-324,     -5e-324,  1e-310,
      0x1p53 - 1, 1 - 0x1p-53, 0x1p52 + 1, 1 + 0x1p-52};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f64", 2, "%r = math.powf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937_64 random(1);
    auto [x, y] = pairs<double>(specials);
    while (x.size() < (1 << 18) || x.size() % 16) {
      x.push_back(
          std::exp2(std::uniform_real_distribution<double>(-70, 70)(random)));
      // Half of the results spread over the whole range.
      y.push_back(
          random() % 2
              ? std::uniform_real_distribution<double>(-10, 10)(random)
              : std::uniform_real_distribution<double>(-1070, 1020)(random) /
                    std::log2(x.back()));
    }
    std::vector<double> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double error = ulps<double, long double>(
          got[i], std::pow(static_cast<long double>(x[i]),
                           static_cast<long double>(y[i])));
      worst = std::max(worst, error);
      ASSERT_LE(error, 2) << x[i] << "^" << y[i] << " gave " << got[i] << " on "
                          << level.cpu;
    }
    std::printf("%-9s f64 x %-2u %-9s %.3f ulp\n", "powf", level.lanes / 2,
                level.cpu, worst);
  }
}

/// Special values of a constant exponent that is expanded by itself.
TEST(MathArithmetic, PowerOfMinusOneHalf) {
  const float x[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, -1, 4, 1e-40f,
                     1,    2,     3,        5,         6,   7,  8, 9};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    std::string type =
        level.lanes ? "vector<" + std::to_string(level.lanes) + "xf32>" : "f32";
    CompiledMath code(
        level, "f32", 1,
        level.lanes ? "%e = arith.constant dense<-0.5> : " + type +
                          "\n%r = math.powf %a, %e : T"
                    : "%e = arith.constant -0.5 : f32\n%r = math.powf %a, %e "
                      ": T");
    ASSERT_TRUE(static_cast<bool>(code));
    float got[16];
    code(x, x, got, 16);
    for (int i = 0; i < 16; ++i)
      EXPECT_LE((ulps<float, double>(got[i], std::pow(double(x[i]), -0.5))), 2)
          << x[i] << "^-0.5 gave " << got[i] << " on " << level.cpu;
  }
}

TEST(MathArithmetic, WideRemainder) {
  const double specials[] = {0.0,
                             -0.0,
                             1,
                             -1,
                             3,
                             -3,
                             0.1,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             1e308,
                             -1e308,
                             0x1.fffffffffffffp1023,
                             5e-324,
                             7e-320,
                             0x1p1000};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f64", 2, "%r = arith.remf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937_64 random(1);
    auto [x, y] = pairs<double>(specials);
    while (x.size() < (1 << 14) || x.size() % 16) {
      x.push_back(randomDouble(random));
      y.push_back(random() % 2 ? randomDouble(random)
                               : x.back() / double(random() % 50));
    }
    std::vector<double> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ((ulps<double, long double>(got[i], std::fmod(x[i], y[i]))), 0)
          << "fmod(" << x[i] << ", " << y[i] << ") gave " << got[i] << " on "
          << level.cpu;
  }
}

TEST(MathArithmetic, Remainder) {
  const float specials[] = {0.0f,  -0.0f,  1,        -1,        3,
                            -3,    0.1f,   INFINITY, -INFINITY, NAN,
                            3e38f, -3e38f, 1e-45f,   7e-40f};
  for (const Level &level : getLevels()) {
    if (!canRun(level.cpu))
      continue;
    CompiledMath code(level, "f32", 2, "%r = arith.remf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    auto [x, y] = pairs<float>(specials);
    while (x.size() < (1 << 16) || x.size() % 16) {
      x.push_back(fromBits(random()));
      y.push_back(random() % 2 ? fromBits(random())
                               : x.back() / float(random() % 50));
    }
    std::vector<float> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ((ulps<float, double>(got[i], std::fmod(x[i], y[i]))), 0)
          << "fmod(" << x[i] << ", " << y[i] << ") gave " << got[i] << " on "
          << level.cpu;
  }
}

TEST(MathArithmetic, NarrowFloats) {
  for (llvm::StringRef type : {"f16", "bf16"})
    for (Level level : getLevels()) {
      if (!canRun(level.cpu))
        continue;
      level.target.hasF16Conversions = false;
      std::string narrow =
          level.lanes
              ? "vector<" + std::to_string(level.lanes) + "x" + type.str() + ">"
              : type.str();
      CompiledMath code(level, "f32", 1,
                        "%h = arith.truncf %a : T to " + narrow +
                            "\n%r = arith.extf %h : " + narrow + " to T");
      ASSERT_TRUE(static_cast<bool>(code));
      std::mt19937 random(1);
      std::vector<float> x(1 << 18), got(x.size());
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = i < 64    ? fromBits(((i & 1) << 31) |
                                    ((i & 2) ? 0x7F800000 - 16 + (i >> 2) * 2
                                             : (i >> 2)))
               : (i % 2) ? fromBits(random())
                         : std::ldexp(1 + float(random() % 4096) / 4096,
                                      int(random() % 45) - 26);
      code(x.data(), x.data(), got.data(), x.size());
      const llvm::fltSemantics &semantics =
          type == "f16" ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
      for (size_t i = 0; i < x.size(); ++i) {
        llvm::APFloat number(x[i]);
        bool inexact;
        number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &inexact);
        number.convert(llvm::APFloat::IEEEsingle(),
                       llvm::APFloat::rmNearestTiesToEven, &inexact);
        ASSERT_EQ((ulps<float, double>(got[i], number.convertToFloat())), 0)
            << x[i] << " by " << type.str() << " gave " << got[i] << " on "
            << level.cpu;
      }
    }
}

/// Arithmetic between the conversions rounds to the narrow type each time, and
/// calls no library either.
TEST(MathArithmetic, NarrowArithmetic) {
  for (llvm::StringRef type : {"f16", "bf16"})
    for (const Level &level : getLevels()) {
      if (!canRun(level.cpu))
        continue;
      std::string narrow =
          level.lanes
              ? "vector<" + std::to_string(level.lanes) + "x" + type.str() + ">"
              : type.str();
      auto unary = [&](llvm::StringRef to, llvm::StringRef op,
                       llvm::StringRef from) {
        return ("%" + to + " = " + op + " %" + from + " : " + narrow + "\n")
            .str();
      };
      CompiledMath code(
          level, "f32", 2,
          "%x = arith.truncf %a : T to " + narrow +
              "\n%y = arith.truncf %b : " + "T to " + narrow + "\n" +
              unary("product", "arith.mulf %x,", "y") +
              unary("sum", "arith.addf %product,", "x") +
              unary("size", "math.absf", "sum") +
              unary("root", "math.sqrt", "size") +
              unary("quotient", "arith.divf %root,", "y") +
              "%r = arith.extf %quotient : " + narrow + " to T");
      ASSERT_TRUE(static_cast<bool>(code));
      const llvm::fltSemantics &semantics =
          type == "f16" ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
      auto rounded = [&](double number) {
        llvm::APFloat value(number);
        bool inexact;
        value.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &inexact);
        value.convert(llvm::APFloat::IEEEdouble(),
                      llvm::APFloat::rmNearestTiesToEven, &inexact);
        return value.convertToDouble();
      };
      std::mt19937 random(1);
      std::uniform_real_distribution<float> uniform(-4, 4);
      std::vector<float> a(1 << 12), b(a.size()), got(a.size());
      for (size_t i = 0; i < a.size(); ++i)
        a[i] = uniform(random), b[i] = uniform(random);
      code(a.data(), b.data(), got.data(), a.size());
      for (size_t i = 0; i < a.size(); ++i) {
        double x = rounded(a[i]), y = rounded(b[i]);
        double sum = rounded(rounded(x * y) + x);
        double wanted = rounded(rounded(std::sqrt(std::abs(sum))) / y);
        ASSERT_EQ(got[i], wanted) << type.str() << " on " << level.cpu;
      }
    }
}

} // namespace
