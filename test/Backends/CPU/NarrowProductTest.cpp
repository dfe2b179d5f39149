//===- NarrowProductTest.cpp - Matrix products of f16 and bf16 ------------===//

#include "KernelRunner.h"
#include "llvm/ADT/APFloat.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace lambent::test;

namespace {

constexpr int64_t kRows = 19, kColumns = 37, kDepth = 21;

std::string makeText(const std::string &type) {
  std::string lhs = "memref<19x21x" + type + ">",
              rhs = "memref<21x37x" + type + ">",
              out = "memref<19x37x" + type + ">";
  return "func.func @main(%a: " + lhs + ", %b: " + rhs + ", %c: " + out +
         ") {\n  lir.matmul ins(%a, %b : " + lhs + ", " + rhs +
         ") outs(%c : " + out +
         ") domain [19, 37, 21] maps [affine_map<(m, n, k) -> (m, k)>, "
         "affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] "
         "epilogue_maps [] {\n  ^bb0(%x: f32):\n    %0 = arith.truncf %x : "
         "f32 to " +
         type + "\n    lir.yield %0 : " + type + "\n  }\n  return\n}\n";
}

class NarrowProduct : public testing::TestWithParam<std::string> {};

void check(const llvm::fltSemantics &semantics, const std::string &type,
           const std::string &cpu) {
  auto encode = [&](int value) {
    llvm::APFloat number(semantics);
    number.convertFromAPInt(llvm::APInt(32, value, true), true,
                            llvm::APFloat::rmNearestTiesToEven);
    return uint16_t(number.bitcastToAPInt().getZExtValue());
  };
  auto put = [&](GuardedBytes &bytes, int64_t i, int value) {
    uint16_t bits = encode(value);
    std::memcpy(bytes.data() + 2 * i, &bits, 2);
  };
  std::string error;
  auto runner = KernelRunner::create(makeText(type), cpu, true, error);
  ASSERT_TRUE(runner) << error;
  GuardedBytes lhs(kRows * kDepth * 2), rhs(kDepth * kColumns * 2),
      out(kRows * kColumns * 2);
  auto lhsAt = [](int64_t m, int64_t k) { return int((m + k) % 3) - 1; };
  auto rhsAt = [](int64_t k, int64_t n) { return int((k * n) % 5) - 2; };
  for (int64_t m = 0; m < kRows; ++m)
    for (int64_t k = 0; k < kDepth; ++k)
      put(lhs, m * kDepth + k, lhsAt(m, k));
  for (int64_t k = 0; k < kDepth; ++k)
    for (int64_t n = 0; n < kColumns; ++n)
      put(rhs, k * kColumns + n, rhsAt(k, n));
  runner->run({lhs.data(), rhs.data(), out.data()});
  for (int64_t m = 0; m < kRows; ++m)
    for (int64_t n = 0; n < kColumns; ++n) {
      int sum = 0;
      for (int64_t k = 0; k < kDepth; ++k)
        sum += lhsAt(m, k) * rhsAt(k, n);
      uint16_t bits;
      std::memcpy(&bits, out.data() + 2 * (m * kColumns + n), 2);
      // A small whole number is exact; zero may have either sign.
      if (sum == 0)
        bits &= 0x7fff;
      ASSERT_EQ(bits, encode(sum)) << type << " at " << m << ", " << n;
    }
}

TEST_P(NarrowProduct, MultipliesHalfs) {
  check(llvm::APFloat::IEEEhalf(), "f16", GetParam());
}

TEST_P(NarrowProduct, MultipliesBrainFloats) {
  check(llvm::APFloat::BFloat(), "bf16", GetParam());
}

INSTANTIATE_TEST_SUITE_P(Levels, NarrowProduct,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
