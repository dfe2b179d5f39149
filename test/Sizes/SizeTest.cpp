//===- SizeTest.cpp - Arithmetic on sizes ---------------------------------===//

#include "lambent/Sizes/Size.h"
#include "lambent/Sizes/SizeScale.h"
#include "mlir/IR/MLIRContext.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace lambent;

namespace {

class SizeTest : public testing::Test {
protected:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  Size a = Size::symbol(0, &context), b = Size::symbol(1, &context);
};

TEST_F(SizeTest, EqualSumsAndProductsAreEqual) {
  EXPECT_EQ(a + b, b + a);
  EXPECT_EQ(a * b * 3, Size(3) * b * a);
  EXPECT_EQ((a + 1) * (b + 2), a * b + b + a * 2 + 2);
  EXPECT_EQ(a + b - a, b);
  EXPECT_EQ(a - a, Size(0));
  EXPECT_NE(a, b);
}

TEST_F(SizeTest, UnknownSizesEqualNothing) {
  EXPECT_NE(Size::unknown(), Size::unknown());
  EXPECT_FALSE((a + Size::unknown()).isKnown());
  EXPECT_EQ(Size::unknown() * 0, Size(0));
}

TEST_F(SizeTest, DivisionTakesOutWhatIsWhole) {
  EXPECT_EQ((a * 12).floorDiv(12), a);
  EXPECT_EQ((a * 12 + 5).floorDiv(4), a * 3 + 1);
  EXPECT_EQ((a - 1).floorDiv(2).floorDiv(3), (a - 1).floorDiv(6));
  EXPECT_EQ(a.ceilDiv(2), (a + 1).floorDiv(2));
  EXPECT_EQ(Size(-3).floorDiv(2), Size(-2));
}

TEST_F(SizeTest, DividesEvenly) {
  EXPECT_EQ(divideEvenly({a, b, 12, 64}, {a, 768}), b);
  EXPECT_EQ(divideEvenly({a, b + 1, 4}, {(b + 1), 2}), a * 2);
  EXPECT_EQ(divideEvenly({a, 6}, {4}), (a * 6).floorDiv(4));
  EXPECT_FALSE(divideEvenly({a}, {b}).isKnown());
  EXPECT_FALSE(divideEvenly({6}, {4}).isKnown());
  EXPECT_FALSE(divideEvenly({a}, {0}).isKnown());
}

TEST_F(SizeTest, NumbersStayInBounds) {
  Size huge = int64_t(1) << 40;
  EXPECT_EQ(huge * huge, Size((int64_t(1) << 60) + 1));
  EXPECT_FALSE((a * huge * huge).isKnown());
  EXPECT_EQ(Size(5) - 7 + 4, Size(2));
}

TEST_F(SizeTest, KnowsWhatIsNotNegative) {
  EXPECT_TRUE((a * b + 3).isNotNegative());
  EXPECT_FALSE((a - 1).isNotNegative());
  EXPECT_FALSE(Size::unknown().isNotNegative());
}

TEST_F(SizeTest, DividesWhole) {
  EXPECT_EQ(divideWhole(a * b * 6, b * 2), a * 3);
  EXPECT_FALSE(divideWhole(a * 3, 2).isKnown());
  EXPECT_FALSE(divideWhole(a + 1, a).isKnown());
  EXPECT_TRUE((a * 8 + 16).isMultipleOf(8));
  EXPECT_FALSE((a * 8 + 4).isMultipleOf(8));
  EXPECT_EQ((a * 8).floorDiv(a), Size(8));
}

TEST_F(SizeTest, DividesByLongDivision) {
  EXPECT_EQ((a * b + a - b * 3 - 3).floorDiv(b + 1), a - 3);
  EXPECT_EQ(divideEvenly({(a + 1) * (b - 2)}, {a + 1}), b - 2);
  EXPECT_FALSE(divideEvenly({a * a + b}, {a + b}).isKnown());
}

/// What a size is where s0 and s1 are these numbers.
static int64_t evaluate(const Size &size, int64_t s0, int64_t s1) {
  if (size.isNumber())
    return size.getNumber();
  mlir::MLIRContext *context = size.getExpression().getContext();
  mlir::AffineExpr numbers[] = {mlir::getAffineConstantExpr(s0, context),
                                mlir::getAffineConstantExpr(s1, context)};
  return llvm::cast<mlir::AffineConstantExpr>(
             size.getExpression().replaceSymbols(numbers))
      .getValue();
}

TEST_F(SizeTest, TellsTheSmallerAndTheLarger) {
  Sizes sizes = {a,         b,         a - 5,        Size(3),
                 a * 2 - b, min(a, 4), a.ceilDiv(2), a * b,
                 b + 2,     Size(0),   a - b,        max(a, b) - 1};
  for (const Size &x : sizes)
    for (const Size &y : sizes)
      for (int64_t s0 : {0, 1, 2, 5, 6, 40})
        for (int64_t s1 : {0, 1, 3, 9}) {
          int64_t first = evaluate(x, s0, s1), second = evaluate(y, s0, s1);
          EXPECT_EQ(evaluate(min(x, y), s0, s1), std::min(first, second))
              << "min(" << x.toString() << ", " << y.toString() << ") at " << s0
              << ", " << s1;
          EXPECT_EQ(evaluate(max(x, y), s0, s1), std::max(first, second));
          EXPECT_EQ(evaluate(indicatePositive(x - y), s0, s1), first > second);
        }
}

TEST_F(SizeTest, SmallerAndLargerHaveOneForm) {
  EXPECT_EQ(min(a, b), min(b, a));
  EXPECT_EQ(min(a, b) + max(a, b), a + b);
  EXPECT_EQ(min(min(a, 8), 8), min(a, 8));
  EXPECT_EQ(min(a, 8) + max(a - 8, 0), a);
  EXPECT_EQ(min(a, a + 3), a);
  EXPECT_EQ(max(a.floorDiv(2), a), a);
  EXPECT_EQ(indicatePositive(indicatePositive(a - 3)), indicatePositive(a - 3));
  EXPECT_EQ(min(a, Size::unknown()).isKnown(), false);
}

TEST_F(SizeTest, ScalesAsSinglePrecisionDoes) {
  unsigned expressions = 0;
  auto check = [&](float factor, int64_t step) {
    Size scaled = scaleDown(a, factor);
    if (!scaled.isKnown())
      return;
    ++expressions;
    int64_t most = std::min<int64_t>(getMostScaled(factor), 1 << 24);
    EXPECT_GE(most, 1 << 14);
    auto checkSize = [&](int64_t size) {
      int64_t wanted = std::floor(float(size) * factor);
      EXPECT_EQ(scaleDown(size, factor), Size(wanted)) << size;
      EXPECT_EQ(evaluate(scaled, size, 0), wanted)
          << size << " * " << factor << " by " << scaled.toString();
    };
    for (int64_t size = 0; size <= 4096; size += step)
      checkSize(size);
    if (factor == std::floor(factor))
      return;
    for (int64_t size = most - 300; size <= most; size += step)
      checkSize(size);
  };
  for (float factor :
       {0.1f, 1 / 3.0f, 2.5f, 1.9999f, 0.7f, 0.375f, 1.0f, 300.0f})
    check(factor, 1);
  for (int up = 1; up < 40; ++up)
    for (int down = 1; down < 40; ++down)
      check(float(up) / float(down), 401);
  EXPECT_GT(expressions, 1200u);
  EXPECT_EQ(scaleDown(10, 0.7f), Size(7));
  EXPECT_EQ(scaleDown(a, 0.7f), (a * 7).floorDiv(10));
  EXPECT_EQ(scaleDown(a, 2), a * 2);
  EXPECT_FALSE(scaleDown(a, 1.9999f).isKnown());
  EXPECT_FALSE(scaleDown(a, 1e-30f).isKnown());
  EXPECT_FALSE(scaleDown(Size::unknown(), 0.5f).isKnown());
  EXPECT_FALSE(scaleDown(5, INFINITY).is(0));
}

TEST_F(SizeTest, BroadcastsSizesOfWhichOneIsOne) {
  for (int64_t size : {0, 1, 2, 3, 64, 1000000})
    for (auto [s0, s1] :
         {std::pair<int64_t, int64_t>{size, 1}, {1, size}, {size, size}}) {
      EXPECT_EQ(evaluate(broadcast(a, b), s0, s1),
                size == 1 || s0 == 1 ? s1 : s0)
          << s0 << ", " << s1;
      EXPECT_EQ(evaluate(broadcast(broadcast(a, b), a), s0, s1),
                evaluate(broadcast(a, b), s0, s1));
    }
  EXPECT_EQ(broadcast(a, 1), a);
  EXPECT_EQ(broadcast(1, a), a);
  EXPECT_EQ(broadcast(a, a), a);
  EXPECT_TRUE(broadcast(a, b).isNotNegative());
  EXPECT_EQ(broadcast(a, b) * 3, broadcast(a, b) + broadcast(a, b) * 2);
  EXPECT_FALSE(broadcast(a, Size::unknown()).isKnown());
}

TEST_F(SizeTest, KnowsBoundsOfTheSmaller) {
  EXPECT_TRUE((a - min(a, 8)).isNotNegative());
  EXPECT_TRUE((Size(8) - min(a, 8)).isNotNegative());
  EXPECT_TRUE(min(a, 8).isNotNegative());
  EXPECT_TRUE(max(a - 8, 0).isNotNegative());
  EXPECT_TRUE((min(a, 8) - min(a, 3)).isNotNegative());
  EXPECT_TRUE((a - a.floorDiv(2)).isNotNegative());
  EXPECT_FALSE((min(a, 8) - 1).isNotNegative());
  EXPECT_EQ(min(a, 8).estimate(), 8);
  EXPECT_EQ(min(a, 512).estimate(), 64);
}

/// As a transposed convolution crops: by half of a clamp, clamped again.
TEST_F(SizeTest, ClampsOfHalvesOfClamps) {
  Size begin = max(b - 2, 0).floorDiv(2);
  EXPECT_FALSE((begin - 1).isNotNegative());
  Size full = a * 2 + b - 2, kept = min(full - begin, a * 2),
       added = max(a * 2 + begin - full, 0);
  for (int64_t s0 : {1, 2, 3, 8, 50})
    for (int64_t s1 : {1, 2, 3, 4, 7}) {
      int64_t all = s0 * 2 + s1 - 2, front = std::max<int64_t>(s1 - 2, 0) / 2;
      EXPECT_EQ(evaluate(begin, s0, s1), front);
      EXPECT_EQ(evaluate(kept, s0, s1), std::min(all - front, s0 * 2));
      EXPECT_EQ(evaluate(kept + added, s0, s1), s0 * 2) << s0 << ", " << s1;
    }
}

TEST_F(SizeTest, ExpressionsEndSomewhere) {
  Size size = a;
  for (int64_t step = 0; step < 40 && size.isKnown(); ++step)
    size = max(min(size, 1000 - step) - b, step);
  EXPECT_FALSE(size.isKnown());
}

TEST_F(SizeTest, ProductsWithoutEndAreUnknown) {
  Size power = a, sums = a + b + 1;
  for (int i = 0; i < 1000; ++i) {
    power *= a;
    sums *= a + b * (i + 2) + 3;
  }
  EXPECT_FALSE(power.isKnown());
  EXPECT_FALSE(sums.isKnown());
}

TEST_F(SizeTest, EstimatesWhatIsOpen) {
  EXPECT_EQ(Size(7).estimate(), 7);
  EXPECT_EQ((a * 3 + 1).estimate(), 193);
  EXPECT_EQ(Size(100).floorDiv(a + 1).estimate(), 1);
}

} // namespace
