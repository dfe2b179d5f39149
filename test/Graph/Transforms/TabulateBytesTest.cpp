//===- TabulateBytesTest.cpp - Tables of a scripted evaluator -------------===//

#include "EvaluatedPassTest.h"

using namespace lambent::graph;
using namespace mlir;

namespace {

/// Answers with bytes that count up.
class CountingEvaluator : public lambent::test::ScriptedEvaluator {
public:
  ElementsAttr answer(RankedTensorType type) override {
    SmallVector<char> bytes;
    for (int i = 0; i < 256; ++i)
      bytes.push_back(char(i + 1));
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  }
};

class TabulateBytesTest : public lambent::test::EvaluatedPassTest {
protected:
  std::optional<std::string> tabulate(const std::string &source) {
    return run(source, createGraphTabulateBytes(evaluator));
  }

  CountingEvaluator evaluator;
};

/// %y = f(%x) of `type`, where f is `body` of %a, and of %b where that is
/// another input.
std::string op(const std::string &y, const std::string &inputs,
               const std::string &types, const std::string &arguments,
               const std::string &type, const std::string &body,
               const std::string &scalar) {
  return y + " = graph.elementwise(" + inputs + ") : (" + types + ") -> " +
         type + " {\n^bb0(" + arguments + "):\n" + body +
         "graph.yield %r : " + scalar + "\n}\n";
}

const std::string bytes = "tensor<4x8xui8>", floats = "tensor<4x8xf32>";

std::string widen(const std::string &y, const std::string &x) {
  return op(y, x, bytes, "%a: i8", floats,
            "%i = arith.extui %a : i8 to i32\n"
            "%r = arith.sitofp %i : i32 to f32\n",
            "f32");
}
std::string narrow(const std::string &y, const std::string &x) {
  return op(y, x, floats, "%a: f32", bytes,
            "%i = math.roundeven %a : f32\n"
            "%r = arith.fptoui %i : f32 to i8\n",
            "i8");
}
std::string unary(const std::string &y, const std::string &x,
                  const std::string &name) {
  return op(y, x, floats, "%a: f32", floats, "%r = " + name + " %a : f32\n",
            "f32");
}
std::string multiply(const std::string &y, const std::string &a,
                     const std::string &b, const std::string &type) {
  return op(y, a + ", " + b, floats + ", " + type, "%a: f32, %b: f32", floats,
            "%r = arith.mulf %a, %b : f32\n", "f32");
}
std::string function(const std::string &arguments, const std::string &body,
                     const std::string &result, const std::string &type) {
  return "func.func @main(" + arguments + ") -> " + type + " {\n" + body +
         "return " + result + " : " + type + "\n}\n";
}

TEST_F(TabulateBytesTest, TakesElementaryFunctions) {
  // x * sigmoid(x), whose parts are quantized, is a function of one byte.
  std::string body =
      "%c = graph.constant dense<2.0> : tensor<f32>\n" + widen("%0", "%x") +
      unary("%1", "%0", "math.exp") + narrow("%2", "%1") + widen("%3", "%2") +
      multiply("%4", "%0", "%3", floats) +
      multiply("%5", "%4", "%c", "tensor<f32>") + narrow("%6", "%5");
  auto text = tabulate(function("%x: " + bytes, body, "%6", bytes));
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(count(evaluator.text, "math.exp"), 2u) << evaluator.text;
  EXPECT_EQ(count(evaluator.text, "tensor<4x8"), 0u) << evaluator.text;
  EXPECT_EQ(count(*text, "graph.elementwise(%arg0)"), 1u) << *text;
  EXPECT_EQ(count(*text, "graph.elementwise"), 1u) << *text;
  EXPECT_EQ(count(*text, "tensor.extract"), 1u) << *text;
  EXPECT_EQ(count(*text, "0x01020304"), 1u) << *text;
}

TEST_F(TabulateBytesTest, TakesSeveralRoundings) {
  std::string body = widen("%0", "%x") + narrow("%1", "%0") +
                     widen("%2", "%1") + narrow("%3", "%2");
  auto text = tabulate(function("%x: " + bytes, body, "%3", bytes));
  ASSERT_TRUE(text) << messages;
  EXPECT_EQ(count(*text, "tensor.extract"), 1u) << *text;
}

TEST_F(TabulateBytesTest, LeavesOtherFunctions) {
  // One rounding costs no more than a table; two bytes have none; nor have
  // floats, or bytes of constants.
  std::string once = widen("%0", "%x") + narrow("%1", "%0");
  std::string two = widen("%0", "%x") + widen("%1", "%y") +
                    multiply("%2", "%0", "%1", floats) +
                    unary("%3", "%2", "math.exp") + narrow("%4", "%3");
  std::string numbers = unary("%0", "%x", "math.exp") + narrow("%1", "%0");
  std::string constants = "%c = graph.constant dense<3> : " + bytes + "\n" +
                          widen("%0", "%c") + unary("%1", "%0", "math.exp") +
                          narrow("%2", "%1");
  for (const std::string &source :
       {function("%x: " + bytes, once, "%1", bytes),
        function("%x: " + bytes + ", %y: " + bytes, two, "%4", bytes),
        function("%x: " + floats, numbers, "%1", bytes),
        function("", constants, "%2", bytes)}) {
    auto text = tabulate(source);
    ASSERT_TRUE(text) << messages;
    EXPECT_EQ(evaluator.text, "");
    EXPECT_EQ(count(*text, "tensor.extract"), 0u) << *text;
  }
}

TEST_F(TabulateBytesTest, FailsWithTheEvaluator) {
  evaluator.fails = true;
  std::string body =
      widen("%0", "%x") + unary("%1", "%0", "math.exp") + narrow("%2", "%1");
  EXPECT_FALSE(tabulate(function("%x: " + bytes, body, "%2", bytes)));
  EXPECT_NE(messages.find("told to fail"), std::string::npos) << messages;
}

} // namespace
