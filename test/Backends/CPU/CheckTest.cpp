//===- CheckTest.cpp - Demands on values against plain loops --------------===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

/// Checks `values` for a rule; the first wrong one is at `wrong`, or nowhere.
template <typename T>
void check(std::vector<T> values, int64_t low, int64_t high, bool excluded,
           std::optional<size_t> wrong) {
  std::string type = memrefType({int64_t(values.size())}, elementName<T>());
  std::string rule = "low = " + std::to_string(low) +
                     " : i64, high = " + std::to_string(high) +
                     " : i64, excluded = " + (excluded ? "true" : "false");
  // The second check comes after another layer, and looks at other values.
  std::string text =
      "func.func @main(%x: " + type + ", %y: " + type + ", %z: " + type +
      ") attributes {lir.num_inputs = 2 : i64} {\n"
      "%f = lir.fault : memref<2xi64>\n%g = lir.fault : memref<2xi64>\n"
      "lir.check ins(%x : " + type + ") outs(%f : memref<2xi64>) {" + rule +
      ", expected = \"first\"}\n"
      "lir.elementwise ins(%x : " + type + ") outs(%z : " + type + ")"
      " domain [" + std::to_string(values.size()) + "] maps [affine_map<(d0) -> "
      "(d0)>, affine_map<(d0) -> (d0)>] {\n^bb0(%a: " + elementName<T>() +
      "):\nlir.yield %a : " + elementName<T>() + "\n}\n"
      "lir.check ins(%y : " + type + ") outs(%g : memref<2xi64>) {" + rule +
      ", expected = \"second\"}\nreturn\n}\n";
  SCOPED_TRACE(text);
  std::vector<T> good(values.size(), static_cast<T>(excluded ? high + 1 : low));
  for (const std::string &cpu : getTestCPUs()) {
    SCOPED_TRACE(cpu);
    auto kernel = CompiledKernel::compile(text, cpu);
    ASSERT_TRUE(kernel);
    const LambentModel &model = kernel->getModel();
    ASSERT_EQ(model.num_checks, 2u);
    EXPECT_EQ(model.checks[0].layer, 0u);
    EXPECT_STREQ(model.checks[0].expected, "first");
    EXPECT_EQ(model.checks[1].layer, 2u);
    EXPECT_STREQ(model.checks[1].expected, "second");
    for (bool inFirst : {true, false}) {
      std::vector<T> copy(values.size());
      kernel->run({inFirst ? values.data() : good.data(),
                   inFirst ? good.data() : values.data()},
                  {copy.data()});
      const LambentFault &fault = kernel->getFaults()[inFirst ? 0 : 1];
      EXPECT_EQ(fault.failed, wrong.has_value());
      if (wrong)
        EXPECT_EQ(fault.value, int64_t(values[*wrong]));
      EXPECT_EQ(kernel->getFaults()[inFirst ? 1 : 0].failed, 0);
    }
  }
}

/// Of tuples of three, only the second components are meant.
TEST(Check, Components) {
  std::string text =
      "func.func @main(%x: memref<2x3xi64>, %y: memref<1xi64>) attributes "
      "{lir.num_inputs = 1 : i64} {\n%f = lir.fault : memref<2xi64>\n"
      "lir.check ins(%x : memref<2x3xi64>) outs(%f : memref<2xi64>) {low = 0 : "
      "i64, high = 3 : i64, excluded = false, expected = \"few\", first = 1 : "
      "i64, step = 3 : i64}\nreturn\n}\n";
  auto kernel = CompiledKernel::compile(text, "native");
  ASSERT_TRUE(kernel);
  std::vector<int64_t> good{9, 3, 9, 9, 0, 9}, bad{9, 3, 9, 9, 7, 9}, out(1);
  kernel->run({good.data()}, {out.data()});
  EXPECT_EQ(kernel->getFaults()[0].failed, 0);
  kernel->run({bad.data()}, {out.data()});
  EXPECT_EQ(kernel->getFaults()[0].failed, 1);
  EXPECT_EQ(kernel->getFaults()[0].value, 7);
}

TEST(Check, Indices) {
  check<int64_t>({0, 3, -4, -1}, -4, 3, false, std::nullopt);
  check<int64_t>({0, 3, 4, -1}, -4, 3, false, 2);
  check<int64_t>({-5}, -4, 3, false, 0);
  check<int32_t>({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, -4, 3,
                 false, 16);
  check<int64_t>({INT64_MIN, INT64_MAX}, -4, 3, false, 0);
  check<int32_t>({INT32_MIN}, -(int64_t(1) << 40), int64_t(1) << 40, false,
                 std::nullopt);
}

TEST(Check, TheFirstOfMany) {
  std::vector<int32_t> values(1000, 1);
  values[300] = 7;
  values[999] = -100;
  check<int32_t>(values, -4, 3, false, 300);
}

TEST(Check, Divisors) {
  check<int64_t>({1, -1, INT64_MIN, INT64_MAX}, 0, 0, true, std::nullopt);
  check<int8_t>({1, -1, 0, -128}, 0, 0, true, 2);
  check<int32_t>({0}, 0, 0, true, 0);
}

} // namespace
