//===- SizeTest.cpp - Arithmetic on sizes ---------------------------------===//

#include "lambent/Sizes/Size.h"
#include "mlir/IR/MLIRContext.h"
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

TEST_F(SizeTest, EstimatesWhatIsOpen) {
  EXPECT_EQ(Size(7).estimate(), 7);
  EXPECT_EQ((a * 3 + 1).estimate(), 193);
  EXPECT_EQ(Size(100).floorDiv(a + 1).estimate(), 1);
}

} // namespace
