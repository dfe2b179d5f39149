//===- ProductTargetsTest.cpp - Products for other CPUs and types ---------===//

#include "KernelRunner.h"
#include "gtest/gtest.h"

using namespace lambent::test;

namespace {

std::string makeMatmul(const std::string &type) {
  std::string lhs = "memref<9x20x" + type + ">",
              rhs = "memref<20x33x" + type + ">",
              out = "memref<9x33x" + type + ">";
  return "func.func @main(%a: " + lhs + ", %b: " + rhs + ", %c: " + out +
         ") {\n  lir.matmul ins(%a, %b : " + lhs + ", " + rhs +
         ") outs(%c : " + out +
         ") domain [9, 33, 20] maps [affine_map<(m, n, k) -> (m, k)>, "
         "affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] "
         "epilogue_maps [] {\n  ^bb0(%x: " +
         type + "):\n    lir.yield %x : " + type + "\n  }\n  return\n}\n";
}

std::string makeConv(const std::string &type, int group) {
  std::string x = "memref<1x8x9x16x" + type + ">",
              w = "memref<16x" + std::to_string(16 / group) + "x3x3x" + type +
                  ">";
  return "func.func @main(%x: " + x + ", %w: " + w + ", %y: " + x +
         ") {\n  lir.conv ins(%x, %w : " + x + ", " + w + ") outs(%y : " + x +
         ") epilogue_maps [] attributes {filter_shape = array<i64: 16, " +
         std::to_string(16 / group) +
         ", 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, "
         "pads = #lir.sizes<[1, 1, 1, 1]>, group = " +
         std::to_string(group) + " : i64} {\n  ^bb0(%a: " + type +
         "):\n    lir.yield %a : " + type + "\n  }\n  return\n}\n";
}

std::string makeAttention(const std::string &type) {
  std::string q = "memref<1x2x20x16x" + type + ">";
  std::string text =
      "func.func @main(%q: " + q + ", %k: " + q + ", %v: " + q + ", %o: " + q +
      ") {\n  lir.attention ins(%q, %k, %v : " + q + ", " + q + ", " + q +
      ") outs(%o : " + q + ") domain [1, 2, 20, 20, 16, 16] maps [";
  for (std::string index : {"s, d", "t, d", "t, e", "s, e"})
    text += std::string(index == "s, d" ? "" : ", ") +
            "affine_map<(b, h, s, t, d, e) -> (b, h, " + index + ")>";
  return text + "] {scale = 0.25 : f32}\n  return\n}\n";
}

TEST(ProductTargets, CompileForArm) {
  for (const std::string &text :
       {makeMatmul("f32"), makeMatmul("i64"), makeConv("f32", 1),
        makeConv("f32", 16), makeAttention("f32")}) {
    std::string error;
    std::string assembly = emitKernelText(text, "aarch64", true, error);
    EXPECT_FALSE(assembly.empty()) << error << text;
  }
}

TEST(ProductTargets, UseWideRegistersWhereThereAreSome) {
  std::string error;
  std::string text = makeConv("f32", 1);
  EXPECT_NE(emitKernelText(text, "x86-64-v4", true, error).find("%zmm"),
            std::string::npos);
  std::string avx2 = emitKernelText(text, "x86-64-v3", true, error);
  EXPECT_EQ(avx2.find("%zmm"), std::string::npos);
  EXPECT_NE(avx2.find("vfmadd"), std::string::npos);
  std::string baseline = emitKernelText(text, "x86-64", true, error);
  EXPECT_EQ(baseline.find("%ymm"), std::string::npos);
  EXPECT_NE(baseline.find("mulps"), std::string::npos);
  EXPECT_EQ(error, "");
}

TEST(ProductTargets, RejectTypesWithoutKernel) {
  auto expectError = [](const std::string &text, const std::string &message) {
    std::string error;
    EXPECT_EQ(KernelRunner::create(text, "native", false, error), nullptr);
    EXPECT_NE(error.find(message), std::string::npos) << error;
  };
  expectError(makeConv("i1", 1),
              "expected an input and a filter of one type of numbers, but "
              "got 'memref<1x8x9x16xi1>' and 'memref<16x16x3x3xi1>'");
  expectError(makeAttention("f16"), "expected operands of f32 or f64, but got "
                                    "'memref<1x2x20x16xf16>'");
  expectError(makeMatmul("i1"), "expected a product of numbers, but got bool");
}

} // namespace
