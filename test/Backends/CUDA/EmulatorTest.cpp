//===- EmulatorTest.cpp - GPU kernels against plain loops, without a GPU --===//

#include "lambent/Backends/CUDA/Emulator.h"
#include "KernelTexts.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace lambent;
using namespace lambent::test;

static void run(const std::string &text, std::vector<void *> arguments) {
  SCOPED_TRACE(text);
  auto context = makeContext();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  ASSERT_TRUE(module);
  auto model = cuda::EmulatedModel::compile(*module);
  ASSERT_TRUE(succeeded(model));
  llvm::Error error = (*model)->run(arguments);
  bool failed = bool(error);
  EXPECT_FALSE(failed) << llvm::toString(std::move(error));
}

static std::vector<float> randomFloats(size_t count, float range = 2) {
  std::mt19937 random(7);
  std::vector<float> values(count);
  for (float &value : values)
    value = std::uniform_real_distribution<float>(-range, range)(random);
  return values;
}

static void expectNear(const std::vector<float> &got,
                       const std::vector<float> &expected, float tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  int reported = 0;
  for (size_t i = 0; i < got.size() && reported < 5; ++i)
    if (!(std::abs(got[i] - expected[i]) <=
          tolerance * std::max(1.0f, std::abs(expected[i])))) {
      ADD_FAILURE() << "element " << i << ": expected " << expected[i]
                    << ", but got " << got[i];
      ++reported;
    }
}

TEST(CUDAElementwise, BroadcastsAndExpands) {
  auto x = randomFloats(30 * 37), b = randomFloats(37);
  std::vector<float> y(x.size(), 0.0f), expected(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    expected[i] = std::tanh(x[i] + b[i % 37]) * std::exp(x[i]) + float(i / 37);
  // Through a buffer of the model, and transposed back from it.
  run(R"(func.func @main(%x: memref<30x37xf32>, %b: memref<37xf32>, %y: memref<30x37xf32>) {
    %t = lir.alloc : memref<37x30xf32>
    lir.elementwise ins(%x, %b : memref<30x37xf32>, memref<37xf32>) outs(%t : memref<37x30xf32>) domain [30, 37]
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j, i)>] {
    ^bb0(%s: f32, %c: f32):
      %0 = arith.addf %s, %c : f32
      %1 = math.tanh %0 : f32
      %2 = math.exp %s : f32
      %3 = arith.mulf %1, %2 : f32
      %4 = lir.index 0
      %5 = arith.sitofp %4 : i64 to f32
      %6 = arith.addf %3, %5 : f32
      lir.yield %6 : f32
    }
    lir.elementwise ins(%t : memref<37x30xf32>) outs(%y : memref<30x37xf32>) domain [30, 37]
      maps [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>] {
    ^bb0(%s: f32):
      lir.yield %s : f32
    }
    return
  })",
      {x.data(), b.data(), y.data()});
  expectNear(y, expected, 1e-5f);
}

/// y[i] = x[2 i + 1] + w, w a weight.
template <typename T>
static void checkInteger(const std::string &type, const std::string &weight,
                         T w) {
  std::vector<T> x(601), y(300, 0), expected(300);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = T(i * 7919);
  for (size_t i = 0; i < y.size(); ++i)
    expected[i] =
        type == "i1" ? T((x[2 * i + 1] != 0) != (w != 0)) : T(x[2 * i + 1] + w);
  if (type == "i1")
    for (T &value : x)
      value = value != 0;
  std::string add = type == "i1" ? "arith.xori" : "arith.addi";
  run("func.func @main(%x: " + buffer({601}, type) +
          ", %y: " + buffer({300}, type) + ") {\n%w = lir.weight dense<" +
          weight + "> : tensor<1x" + type + "> : " + buffer({1}, type) +
          "\nlir.elementwise ins(%x, %w : " + buffer({601}, type) + ", " +
          buffer({1}, type) + ") outs(%y : " + buffer({300}, type) +
          ") domain [300] maps [affine_map<(i) -> (i * 2 + 1)>, affine_map<(i) "
          "-> (0)>, affine_map<(i) -> (i)>] {\n"
          "^bb0(%s: " +
          type + ", %t: " + type + "):\n%r = " + add + " %s, %t : " + type +
          "\nlir.yield %r : " + type + "\n}\nreturn\n}",
      {x.data(), y.data()});
  EXPECT_EQ(y, expected);
}

TEST(CUDAElementwise, IntegersAndBool) {
  checkInteger<int8_t>("i8", "5", 5);
  checkInteger<int16_t>("i16", "300", 300);
  checkInteger<int32_t>("i32", "-7", -7);
  checkInteger<int64_t>("i64", "123456789012", 123456789012);
  checkInteger<uint8_t>("i1", "true", 1);
}

TEST(CUDAElementwise, Scalar) {
  float x = 3, y = 0;
  run(R"(func.func @main(%x: memref<f32>, %y: memref<f32>) {
    lir.elementwise ins(%x : memref<f32>) outs(%y : memref<f32>) domain [] maps [affine_map<() -> ()>, affine_map<() -> ()>] {
    ^bb0(%s: f32):
      %0 = arith.mulf %s, %s : f32
      lir.yield %0 : f32
    }
    return
  })",
      {&x, &y});
  EXPECT_EQ(y, 9);
}

TEST(CUDAMatmul, OddSizesWithEpilogue) {
  struct Sizes {
    size_t batch, m, n, k;
  };
  for (Sizes s : {Sizes{1, 16, 16, 16},
                  {2, 1, 1, 1},
                  {3, 33, 19, 37},
                  {1, 5, 70, 16},
                  {2, 47, 3, 15}}) {
    auto a = randomFloats(s.batch * s.m * s.k),
         b = randomFloats(s.batch * s.n * s.k, 1), c = randomFloats(s.n);
    std::vector<float> d(s.batch * s.m * s.n, -1.0f), expected(d.size());
    for (size_t i = 0; i < d.size(); ++i) {
      size_t column = i % s.n, row = i / s.n, batch = row / s.m;
      double sum = c[column];
      for (size_t k = 0; k < s.k; ++k)
        sum += double(a[row * s.k + k]) * b[(batch * s.n + column) * s.k + k];
      expected[i] = std::max(float(sum), 0.0f);
    }
    run(matmulText(s.batch, s.m, s.n, s.k),
        {a.data(), b.data(), c.data(), d.data()});
    expectNear(d, expected, 1e-5f);
  }
}

TEST(CUDASoftmax, AlongEveryDim) {
  constexpr size_t shape[] = {3, 5, 300};
  auto x = randomFloats(shape[0] * shape[1] * shape[2], 20);
  for (bool log : {false, true})
    for (int axis = 0; axis < 3; ++axis) {
      size_t size = shape[axis], inner = axis == 0   ? shape[1] * shape[2]
                                         : axis == 1 ? shape[2]
                                                     : 1;
      std::vector<float> y(x.size(), 0.0f), expected(x.size());
      for (size_t row = 0; row < x.size() / size; ++row) {
        size_t start = row / inner * size * inner + row % inner;
        double max = -INFINITY, sum = 0;
        for (size_t i = 0; i < size; ++i)
          max = std::max<double>(max, x[start + i * inner]);
        for (size_t i = 0; i < size; ++i)
          sum += std::exp(x[start + i * inner] - max);
        for (size_t i = 0; i < size; ++i) {
          double shifted = x[start + i * inner] - max;
          expected[start + i * inner] =
              float(log ? shifted - std::log(sum) : std::exp(shifted) / sum);
        }
      }
      run(softmaxText(3, 5, 300, axis, log), {x.data(), y.data()});
      expectNear(y, expected, 1e-5f);
    }
}

TEST(CUDAEmulator, SaysWhatIsWrong) {
  auto compile = [](const std::string &weight) {
    auto context = makeContext();
    std::string messages;
    mlir::ScopedDiagnosticHandler handler(context.get(),
                                          [&](mlir::Diagnostic &diagnostic) {
                                            messages += diagnostic.str();
                                            return mlir::success();
                                          });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(
        "func.func @main() {\n" + weight + "\nreturn\n}", context.get());
    if (module) {
      EXPECT_TRUE(failed(cuda::EmulatedModel::compile(*module)));
    }
    return messages;
  };
  EXPECT_EQ(compile("%w = lir.weight dense<1.0> : tensor<4xf32> {packing = "
                    "#lir.packing<(d0) -> (d0)>} : memref<4xf32>"),
            "'lir.weight' op is packed, which is not supported by the CUDA "
            "backend");
  EXPECT_EQ(compile("%w = lir.weight dense_resource<lost> : tensor<4xf32> : "
                    "memref<4xf32>"),
            "'lir.weight' op has lost its data");
  EXPECT_EQ(compile("%w = lir.weight sparse<[[0]], [1.0]> : tensor<4xf32> : "
                    "memref<4xf32>"),
            "'lir.weight' op expected dense data");
}
