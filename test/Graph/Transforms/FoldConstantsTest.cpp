//===- FoldConstantsTest.cpp - Folding with a scripted evaluator ----------===//

#include "EvaluatedPassTest.h"

using namespace lambent::graph;
using namespace mlir;

namespace {

/// Answers every result with a splat of one number.
class SplatEvaluator : public lambent::test::ScriptedEvaluator {
public:
  ElementsAttr answer(RankedTensorType type) override {
    if (wrongType)
      type = RankedTensorType::get({1, 1, 1}, type.getElementType());
    return DenseElementsAttr::get(type,
                                  FloatAttr::get(type.getElementType(), 7.0));
  }
  bool wrongType = false;
};

class FoldConstantsTest : public lambent::test::EvaluatedPassTest {
protected:
  std::optional<std::string> fold(StringRef source) {
    return run(source, createGraphFoldConstants(evaluator));
  }

  SplatEvaluator evaluator;
};

constexpr StringRef scaledFilter = R"mlir(
func.func @main(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<2x1x1x1xf32>) {
  %w = graph.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %s = graph.constant dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>
  %t = graph.elementwise(%s) : (tensor<2x1x1x1xf32>) -> tensor<2x1x1x1xf32> {
  ^bb0(%a: f32):
    %0 = math.sqrt %a : f32
    graph.yield %0 : f32
  }
  %f = graph.elementwise(%w, %t) : (tensor<2x2x1x1xf32>, tensor<2x1x1x1xf32>) -> tensor<2x2x1x1xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    graph.yield %0 : f32
  }
  %r = graph.conv(%x, %f) {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %r, %t : tensor<1x2x4x4xf32>, tensor<2x1x1x1xf32>
}
)mlir";

TEST_F(FoldConstantsTest, ComputesTheConstantPartAtOnce) {
  auto text = fold(scaledFilter);
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(evaluator.calls, 1u);
  EXPECT_EQ(count(evaluator.text, "graph.elementwise"), 2u) << evaluator.text;
  EXPECT_EQ(count(evaluator.text, "graph.conv"), 0u);
  // The convolution and the function's result use constants; what made them is
  // gone.
  EXPECT_EQ(count(*text, "graph.elementwise"), 0u) << *text;
  EXPECT_EQ(count(*text, "graph.constant dense<7.0"), 2u) << *text;
  EXPECT_EQ(count(*text, "graph.constant"), 2u) << *text;
}

TEST_F(FoldConstantsTest, LeavesWhatGrowsLarge) {
  auto text = fold(R"mlir(
func.func @main(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %c = graph.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %n = graph.constant dense<[512, 256]> : tensor<2xi64>
  %q = graph.elementwise(%c) : (tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%a: f32):
    %0 = math.sqrt %a : f32
    graph.yield %0 : f32
  }
  %t = graph.tile(%q, %n) : (tensor<1x2xf32>, tensor<2xi64>) -> tensor<512x512xf32>
  %r = graph.matmul(%x, %t) : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  return %r : tensor<512x512xf32>
}
)mlir");
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(count(evaluator.text, "graph.tile"), 0u) << evaluator.text;
  EXPECT_EQ(count(*text, "graph.tile"), 1u) << *text;
  EXPECT_EQ(count(*text, "dense<7.0"), 1u) << *text;
}

TEST_F(FoldConstantsTest, LeavesLargeIntermediateResults) {
  auto text = fold(R"mlir(
func.func @main() -> tensor<1x2xf32> {
  %c = graph.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %n = graph.constant dense<[1048576, 512]> : tensor<2xi64>
  %t = graph.tile(%c, %n) : (tensor<1x2xf32>, tensor<2xi64>) -> tensor<1048576x1024xf32>
  %r = graph.reduce(%t) {kind = "sum", axes = array<i64: 0, 1>} : (tensor<1048576x1024xf32>) -> tensor<1x1xf32>
  %e = graph.elementwise(%c, %r) : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x2xf32> {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    graph.yield %0 : f32
  }
  return %e : tensor<1x2xf32>
}
)mlir");
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(evaluator.calls, 0u);
  EXPECT_EQ(count(*text, "graph.tile"), 1u) << *text;
  EXPECT_EQ(count(*text, "graph.reduce"), 1u) << *text;
}

TEST_F(FoldConstantsTest, LeavesLongProducts) {
  auto text = fold(R"mlir(
func.func @main() -> (tensor<8192x8192xf32>, tensor<2x2xf32>) {
  %c = graph.constant dense<1.0> : tensor<8192x8192xf32>
  %s = graph.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %r = graph.matmul(%c, %c) : (tensor<8192x8192xf32>, tensor<8192x8192xf32>) -> tensor<8192x8192xf32>
  %q = graph.matmul(%s, %s) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r, %q : tensor<8192x8192xf32>, tensor<2x2xf32>
}
)mlir");
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(evaluator.calls, 1u);
  EXPECT_EQ(count(evaluator.text, "graph.matmul"), 1u) << evaluator.text;
  EXPECT_EQ(count(*text, "graph.matmul"), 1u) << *text;
}

/// `count` square roots of 256 MiB: each of the one before, or all of one.
std::string makeRoots(int count, bool isChain) {
  std::string body = "%v0 = graph.constant dense<1.0> : tensor<67108864xf32>\n",
              values, types;
  for (int i = 1; i <= count; ++i) {
    std::string result = "%v" + std::to_string(i);
    body += result + " = graph.elementwise(%v" +
            std::to_string(isChain ? i - 1 : 0) +
            ") : (tensor<67108864xf32>) -> tensor<67108864xf32> {\n"
            "^bb0(%a: f32):\n%0 = math.sqrt %a : f32\n"
            "graph.yield %0 : f32\n}\n";
    if (isChain && i < count)
      continue;
    values += (values.empty() ? "" : ", ") + result;
    types += (types.empty() ? "" : ", ") + std::string("tensor<67108864xf32>");
  }
  return "func.func @main() -> (" + types + ") {\n" + body + "return " +
         values + " : " + types + "\n}";
}

TEST_F(FoldConstantsTest, LeavesTheRestOfLongChains) {
  auto text = fold(makeRoots(20, /*isChain=*/true));
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(count(evaluator.text, "graph.elementwise"), 16u);
  EXPECT_EQ(count(*text, "graph.elementwise"), 4u) << *text;
}

TEST_F(FoldConstantsTest, KeepsNoMoreThanFourLargeResults) {
  auto text = fold(makeRoots(10, /*isChain=*/false));
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(count(*text, "dense<7.0"), 4u) << *text;
  EXPECT_EQ(count(*text, "graph.elementwise"), 6u) << *text;
}

TEST_F(FoldConstantsTest, AsksNothingWithoutConstants) {
  auto text = fold(R"mlir(
func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %c = graph.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = graph.softmax(%x) {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return %r, %c : tensor<2xf32>, tensor<2xf32>
}
)mlir");
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(evaluator.calls, 0u);
}

TEST_F(FoldConstantsTest, FailsWithTheEvaluator) {
  evaluator.fails = true;
  EXPECT_FALSE(fold(scaledFilter));
  EXPECT_NE(messages.find("told to fail"), std::string::npos) << messages;
}

TEST_F(FoldConstantsTest, ChecksTypes) {
  evaluator.wrongType = true;
  EXPECT_FALSE(fold(scaledFilter));
  EXPECT_NE(messages.find("expected a constant of type"), std::string::npos)
      << messages;
}

} // namespace
