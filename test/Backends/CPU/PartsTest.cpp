//===- PartsTest.cpp - Kernels that read and write parts of buffers -------===//
//
// Each kernel runs on dense buffers, and on parts of larger ones that hold the
// same numbers. The results agree, and nothing is written beside the part.
//
//===----------------------------------------------------------------------===//

#include "NumberArrays.h"

using namespace lambent::test;

namespace {

constexpr int64_t kBefore = 3,
                  kAfter = 6; ///< elements of a row beside the part

/// The row-major buffer around a part of `shape`, and the part's type.
std::vector<int64_t> getWhole(std::vector<int64_t> shape) {
  shape.back() += kBefore + kAfter;
  return shape;
}

std::string getPartType(const std::vector<int64_t> &shape) {
  std::string strides;
  int64_t stride = 1;
  std::vector<int64_t> whole = getWhole(shape);
  for (size_t d = shape.size(); d-- > 0; stride *= whole[d])
    strides = std::to_string(stride) + (strides.empty() ? "" : ", ") + strides;
  std::string dense = memrefType(shape, "f32");
  return dense.substr(0, dense.size() - 1) + ", strided<[" + strides +
         "], offset: " + std::to_string(kBefore) + ">>";
}

/// Puts `values`, rows of `width`, into rows of a larger buffer.
std::vector<float> surround(const std::vector<float> &values, int64_t width,
                            float filler) {
  std::vector<float> whole;
  for (size_t row = 0; row < values.size() / width; ++row) {
    whole.insert(whole.end(), kBefore, filler);
    whole.insert(whole.end(), values.begin() + row * width,
                 values.begin() + (row + 1) * width);
    whole.insert(whole.end(), kAfter, filler);
  }
  return whole;
}

std::string replaceAll(std::string text, const std::string &from,
                       const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// `kernel` reads %x of type $X and writes %y of type $Y.
void check(const std::vector<int64_t> &in, const std::vector<int64_t> &out,
           const std::string &kernel) {
  auto write = [&](const std::string &arguments, const std::string &views,
                   const std::string &x, const std::string &y) {
    return "func.func @main(" + arguments +
           ") attributes {lir.num_inputs = 1 : i64} {\n" + views +
           replaceAll(replaceAll(kernel, "$X", x), "$Y", y) + "\nreturn\n}\n";
  };
  std::string x = memrefType(in, "f32"), y = memrefType(out, "f32"),
              wholeX = memrefType(getWhole(in), "f32"),
              wholeY = memrefType(getWhole(out), "f32");
  std::string dense = write("%x: " + x + ", %y: " + y, "", x, y);
  std::string parts = write(
      "%wx: " + wholeX + ", %wy: " + wholeY,
      "%x = lir.view %wx : " + wholeX + " -> " + getPartType(in) +
          "\n%y = lir.view %wy : " + wholeY + " -> " + getPartType(out) + "\n",
      getPartType(in), getPartType(out));
  SCOPED_TRACE(parts);
  std::mt19937 random(7);
  std::vector<float> input = randomNumbers<float>(count(in), random),
                     expected(count(out));
  auto reference = CompiledKernel::compile(dense, getTestCPUs().front());
  ASSERT_TRUE(reference);
  reference->run({input.data()}, {expected.data()});
  // NaN beside the input shows in every result that it gets into.
  runEverywhere<float, float>(parts, {surround(input, in.back(), NAN)},
                              std::vector<float>(count(getWhole(out)), 5.0f),
                              surround(expected, out.back(), 5.0f), 1e-5);
}

const char *const kConv = R"(
  %w = lir.weight dense<0.5> : tensor<$Wxf32> : memref<$Wxf32>
  lir.conv ins(%x, %w : $X, memref<$Wxf32>) outs(%y : $Y) epilogue_maps []
    attributes {filter_shape = array<i64: $F>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>,
                pads = #lir.sizes<[$P, $P, $P, $P]>, group = $G : i64} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  })";

std::string conv(const std::string &shape, const std::string &filter,
                 const std::string &pad, const std::string &group) {
  std::string text = replaceAll(kConv, "$W", shape);
  text = replaceAll(text, "$F", filter);
  return replaceAll(replaceAll(text, "$P", pad), "$G", group);
}

} // namespace

TEST(Parts, Conv) {
  check({2, 7, 9, 20}, {2, 7, 9, 40},
        conv("40x20x3x3", "40, 20, 3, 3", "1", "1"));
}

TEST(Parts, ConvOfGroups) {
  check({1, 7, 9, 20}, {1, 7, 9, 36},
        conv("36x5x3x3", "36, 5, 3, 3", "1", "4"));
}

TEST(Parts, DepthwiseConv) {
  check({1, 7, 9, 20}, {1, 7, 9, 20},
        conv("20x1x3x3", "20, 1, 3, 3", "1", "20"));
}

TEST(Parts, PointwiseConv) {
  check({1, 7, 9, 20}, {1, 7, 9, 40},
        conv("40x20x1x1", "40, 20, 1, 1", "0", "1"));
}

TEST(Parts, Matmul) {
  check({9, 20}, {9, 40}, R"(
  %w = lir.weight dense<0.5> : tensor<20x40xf32> : memref<20x40xf32>
  lir.matmul ins(%x, %w : $X, memref<20x40xf32>) outs(%y : $Y) domain [9, 40, 20]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  })");
}

TEST(Parts, MatmulByRows) {
  // The part is the right-hand side, and the residual of the epilogue.
  check({20, 20}, {20, 20}, R"(
  %w = lir.weight dense<0.5> : tensor<20x20xf32> : memref<20x20xf32>
  lir.matmul ins(%w, %x : memref<20x20xf32>, $X) with(%x : $X) outs(%y : $Y) domain [20, 20, 20]
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
    epilogue_maps [affine_map<(m, n) -> (m, n)>] {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    lir.yield %0 : f32
  })");
}

TEST(Parts, MatmulOfScalars) {
  check({3, 4, 5}, {4, 3, 5}, R"(
  lir.matmul ins(%x, %x : $X, $X) outs(%y : $Y) domain [5, 4, 3, 1]
    maps [affine_map<(b, m, n, k) -> (n, m, b)>, affine_map<(b, m, n, k) -> (n, m, b)>, affine_map<(b, m, n, k) -> (m, n, b)>]
    epilogue_maps [] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  })");
}

TEST(Parts, Attention) {
  check({1, 2, 6, 20}, {1, 2, 6, 20}, R"(
  lir.attention ins(%x, %x, %x : $X, $X, $X) outs(%y : $Y) domain [1, 2, 6, 6, 20, 20]
    maps [affine_map<(b, h, s, t, d, e) -> (b, h, s, d)>, affine_map<(b, h, s, t, d, e) -> (b, h, t, d)>,
          affine_map<(b, h, s, t, d, e) -> (b, h, t, e)>, affine_map<(b, h, s, t, d, e) -> (b, h, s, e)>] {scale = 0.5 : f32})");
}

TEST(Parts, Pool) {
  for (const char *kind : {"max", "average"})
    check({2, 6, 8, 20}, {2, 3, 4, 20},
          replaceAll(R"(
  lir.pool ins(%x : $X) outs(%y : $Y) epilogue_maps [] attributes {kind = "$K", kernel = array<i64: 3, 3>,
    strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[1, 1, 1, 1]>} {
  ^bb0(%a: f32):
    lir.yield %a : f32
  })",
                     "$K", kind));
}

TEST(Parts, Gather) {
  // Behind the axis one row, and several.
  check({4, 3, 20}, {4, 6, 20}, R"(
  %i = lir.weight dense<[0, 2, 2, 1, 1, 0]> : tensor<6xi64> : memref<6xi64>
  lir.gather ins(%x, %i : $X, memref<6xi64>) outs(%y : $Y) {axis = 1 : i64})");
  check({2, 3, 4, 20}, {2, 6, 4, 20}, R"(
  %i = lir.weight dense<[0, 2, 2, 1, 1, 0]> : tensor<6xi64> : memref<6xi64>
  lir.gather ins(%x, %i : $X, memref<6xi64>) outs(%y : $Y) {axis = 1 : i64})");
}

TEST(Parts, Elementwise) {
  check({3, 5, 20}, {3, 5, 20}, R"(
  lir.elementwise ins(%x : $X) outs(%y : $Y) domain [3, 5, 20]
    maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%a: f32):
    %0 = arith.addf %a, %a : f32
    lir.yield %0 : f32
  })");
  check({3, 20, 5}, {3, 5, 20}, R"(
  lir.elementwise ins(%x : $X) outs(%y : $Y) domain [3, 5, 20]
    maps [affine_map<(i, j, k) -> (i, k, j)>, affine_map<(i, j, k) -> (i, j, k)>] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  })");
}

TEST(Parts, SharedRoot) {
  // Reads one part of a buffer and writes another.
  check({6, 20}, {6, 20}, R"(
  %t = lir.alloc : memref<6x40xf32>
  %l = lir.view %t : memref<6x40xf32> -> memref<6x20xf32, strided<[40, 1]>>
  %r = lir.view %t : memref<6x40xf32> -> memref<6x20xf32, strided<[40, 1], offset: 20>>
  lir.elementwise ins(%x : $X) outs(%l : memref<6x20xf32, strided<[40, 1]>>) domain [6, 20]
    maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.elementwise ins(%l : memref<6x20xf32, strided<[40, 1]>>) outs(%r : memref<6x20xf32, strided<[40, 1], offset: 20>>)
    domain [6, 20] maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%a: f32):
    lir.yield %a : f32
  }
  lir.elementwise ins(%l, %r : memref<6x20xf32, strided<[40, 1]>>, memref<6x20xf32, strided<[40, 1], offset: 20>>) outs(%y : $Y)
    domain [6, 20] maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>] {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    lir.yield %0 : f32
  })");
}
