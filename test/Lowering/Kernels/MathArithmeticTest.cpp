//===- MathArithmeticTest.cpp - Powers, remainders and conversions --------===//

#include "CompiledMath.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <gtest/gtest.h>
#include <random>

using namespace lambent;
using namespace lambent::test;

namespace {

/// All pairs of these numbers, as two lists.
std::pair<std::vector<float>, std::vector<float>>
pairs(llvm::ArrayRef<float> numbers) {
  std::vector<float> x, y;
  for (float a : numbers)
    for (float b : numbers)
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
    auto [x, y] = pairs(specials);
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
    auto [x, y] = pairs(specials);
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

} // namespace
