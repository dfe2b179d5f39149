//===- SizesTest.cpp - Arithmetic on sizes --------------------------------===//

#include "lambent/Graph/IR/Graph.h"
#include <gtest/gtest.h>

using namespace lambent::graph;

namespace {

class SizesTest : public testing::Test {
protected:
  SizesTest() { context.loadDialect<GraphDialect>(); }
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  Size a = Size::symbol(0, &context), b = Size::symbol(1, &context);
};

TEST_F(SizesTest, EqualSumsAndProductsAreEqual) {
  EXPECT_EQ(a + b, b + a);
  EXPECT_EQ(a * b * 3, Size(3) * b * a);
  EXPECT_EQ((a + 1) * (b + 2), a * b + b + a * 2 + 2);
  EXPECT_EQ(a + b - a, b);
  EXPECT_EQ(a - a, Size(0));
  EXPECT_NE(a, b);
}

TEST_F(SizesTest, UnknownSizesEqualNothing) {
  EXPECT_NE(Size::unknown(), Size::unknown());
  EXPECT_FALSE((a + Size::unknown()).isKnown());
  EXPECT_EQ(Size::unknown() * 0, Size(0));
}

TEST_F(SizesTest, DivisionTakesOutWhatIsWhole) {
  EXPECT_EQ((a * 12).floorDiv(12), a);
  EXPECT_EQ((a * 12 + 5).floorDiv(4), a * 3 + 1);
  EXPECT_EQ((a - 1).floorDiv(2).floorDiv(3), (a - 1).floorDiv(6));
  EXPECT_EQ(a.ceilDiv(2), (a + 1).floorDiv(2));
  EXPECT_EQ(Size(-3).floorDiv(2), Size(-2));
}

TEST_F(SizesTest, DividesEvenly) {
  EXPECT_EQ(divideEvenly({a, b, 12, 64}, {a, 768}), b);
  EXPECT_EQ(divideEvenly({a, b + 1, 4}, {(b + 1), 2}), a * 2);
  EXPECT_EQ(divideEvenly({a, 6}, {4}), (a * 6).floorDiv(4));
  EXPECT_FALSE(divideEvenly({a}, {b}).isKnown());
  EXPECT_FALSE(divideEvenly({6}, {4}).isKnown());
  EXPECT_FALSE(divideEvenly({a}, {0}).isKnown());
}

TEST_F(SizesTest, NumbersStayInBounds) {
  Size huge = int64_t(1) << 40;
  EXPECT_EQ(huge * huge, Size((int64_t(1) << 40) + 1));
  EXPECT_FALSE((a * huge * huge).isKnown());
  EXPECT_EQ(Size(5) - 7 + 4, Size(2));
}

TEST_F(SizesTest, KnowsWhatIsNotNegative) {
  EXPECT_TRUE((a * b + 3).isNotNegative());
  EXPECT_FALSE((a - 1).isNotNegative());
  EXPECT_FALSE(Size::unknown().isNotNegative());
}

TEST_F(SizesTest, TypesCarrySizes) {
  auto f32 = mlir::Float32Type::get(&context);
  auto type = makeTensorType({a, 3, Size::unknown()}, f32);
  Sizes sizes = getSizes(type);
  EXPECT_EQ(sizes[0], a);
  EXPECT_EQ(sizes[1], Size(3));
  EXPECT_FALSE(sizes[2].isKnown());
  EXPECT_FALSE(makeTensorType({2, Size::unknown()}, f32).getEncoding());
}

} // namespace
