//===- SplitTilesCase.cpp - Products on emulated bf16 tiles ---------------===//

#include "SplitTilesCase.h"
#include "KernelText.h"
#include "lambent/Lowering/Kernels/SplitPacking.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;

/// Rows of `columns` elements, `gap` elements apart.
static std::string makeRows(const SplitTilesCase &c, int64_t columns,
                            int64_t gap, const std::string &element) {
  std::string width = std::to_string(columns),
              row = std::to_string(columns + gap);
  if (c.isOpen)
    return "memref<?x?x" + width + "x" + element + ", #lir.layout<[" +
           std::to_string(c.batch) + ", s0, " + width + "]" +
           (gap ? ", strides: [s0 * " + row + ", " + row + ", 1], offset: 0"
                : "") +
           ">>";
  std::string layout;
  if (gap)
    layout = ", strided<[" + std::to_string(c.m * (columns + gap)) + ", " +
             row + ", 1]>";
  return "memref<" + join({c.batch, c.m, columns}, "x") + "x" + element +
         layout + ">";
}

std::string test::makeText(const SplitTilesCase &c, bool algorithm) {
  std::string element = c.getElement(), lhs = makeRows(c, c.k, c.gap, element),
              out = makeRows(c, c.n, 0, "f32");
  // Sizes of 1 are no open ones.
  if (c.isOpen && c.batch > 0)
    for (std::string *text : {&lhs, &out})
      text->replace(text->find("?x?"), 3, std::to_string(c.batch) + "x?");
  int64_t rhsBatch = c.batchedRhs ? c.batch : 1;
  std::string plain = join({rhsBatch, c.k, c.n}, "x") + "x" + element;
  auto number = [](int64_t value) { return std::to_string(value); };
  std::string rhs = algorithm ? "" : c.batchedRhs ? "b, k, n" : "0, k, n";
  KernelText text{
      .op = "lir.matmul",
      .input = lhs,
      .output = out,
      .channels = c.n,
      .weight = "dense<0.5> : tensor<" + plain + ">",
      .packed = "memref<" + plain + ">",
      .domain = writeDomain({number(c.batch), c.isOpen ? "s0" : number(c.m),
                             number(c.n), number(c.k)},
                            rhs),
      .dims = "b, m, n",
      .epilogue = {c.epilogue, "tanh"}};
  if (!algorithm)
    return text.write();
  int64_t panels = (c.n + 31) / 32, pairs = (c.k + 31) / 32 * 16;
  text.packed = "memref<" +
                join({rhsBatch, c.parts, panels, pairs, 32, 2}, "x") + "xbf16>";
  if (c.parts == 1) {
    text.weight += " {packing = #lir.packing<(b, part, p, k, j, i) -> "
                   "(b, k * 2 + i, p * 32 + j)>}";
    text.attributes = "algorithm = #cpu.narrow_tiles";
  } else {
    text.weight += " {packing = #lir.split_packing<(b, p, k, j) -> "
                   "(b, k, p * 32 + j)>}";
    text.attributes =
        "algorithm = #cpu.split_tiles<parts = " + number(c.parts) +
        ", leastExponent = " + number(c.leastExponent) +
        ", mostExponent = " + number(c.mostExponent) + ">";
  }
  return text.write();
}

SplitTilesData::SplitTilesData(const SplitTilesCase &c, int seed)
    : lhs(c.batch * c.m * (c.k + c.gap)), rhs(c.getRhsSize()), bias(c.n),
      residual(c.batch * c.m * c.n) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> noise;
  for (std::vector<float> *values : {&lhs, &rhs, &bias, &residual})
    for (float &value : *values)
      value = noise(engine);
  if (c.parts == 1)
    for (std::vector<float> *values : {&lhs, &rhs})
      roundToBF16(*values);
}

void test::roundToBF16(std::vector<float> &values) {
  for (float &value : values) {
    uint16_t bits;
    kernels::splitFloat(value, &bits, 1);
    value = llvm::bit_cast<float>(uint32_t(bits) << 16);
  }
}

GuardedBytes test::place(const std::vector<float> &values, bool asBF16) {
  GuardedBytes bytes(values.size() * (asBF16 ? 2 : sizeof(float)));
  for (size_t i = 0; i < values.size(); ++i)
    if (asBF16)
      kernels::splitFloat(values[i],
                          reinterpret_cast<uint16_t *>(bytes.data()) + i, 1);
    else
      std::memcpy(bytes.data() + i * sizeof(float), &values[i], sizeof(float));
  return bytes;
}

float test::getLhs(const SplitTilesCase &c, const SplitTilesData &data,
                   int64_t b, int64_t i, int64_t k) {
  return data.lhs[(b * c.m + i) * (c.k + c.gap) + k];
}

float test::getRhs(const SplitTilesCase &c, const SplitTilesData &data,
                   int64_t b, int64_t k, int64_t j) {
  return data.rhs[((c.batchedRhs ? b : 0) * c.k + k) * c.n + j];
}

std::vector<float> test::runSplitTiles(const SplitTilesCase &c,
                                       const SplitTilesData &data,
                                       const std::string &cpu) {
  std::string error, text = makeText(c);
  auto runner = KernelRunner::create(text, cpu, false, error, true);
  EXPECT_TRUE(runner) << error << text;
  std::vector<float> out(data.residual.size());
  if (!runner)
    return out;
  EXPECT_NE(runner->describe().find("bf16"), std::string::npos)
      << runner->describe();
  // What lies behind the last row's elements is not there.
  std::vector<float> rows(data.lhs.begin(), data.lhs.end() - c.gap);
  GuardedBytes lhs = place(rows, c.parts == 1),
               rhs = place(data.rhs, c.parts == 1), bias = place(data.bias),
               residual = place(data.residual), output(residual.size());
  std::memset(output.data(), 0x7b, output.size());
  std::vector<const void *> buffers{lhs.data(), rhs.data()};
  if (c.epilogue != "none")
    buffers.insert(buffers.end(), {bias.data(), residual.data()});
  buffers.push_back(output.data());
  runner->run(buffers, {c.m});
  std::memcpy(out.data(), output.data(), output.size());
  return out;
}

//===-- The instruction, by scalars ---------------------------------------===//

static float flush(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value)
                                                : value;
}

static float widen(uint16_t bits) {
  return flush(llvm::bit_cast<float>(uint32_t(bits) << 16));
}

namespace {
struct Parts {
  uint16_t of[3] = {};
};
} // namespace

/// Adds the products of 32 steps of k, as tdpbf16ps does.
static float addTile(const Parts *lhs, int64_t lhsPart, const Parts *rhs,
                     int64_t rhsPart, float sum) {
  float chains[2] = {0, 0};
  for (int64_t k = 0; k < 32; ++k)
    chains[k % 2] = flush(std::fma(widen(lhs[k].of[lhsPart]),
                                   widen(rhs[k].of[rhsPart]), chains[k % 2]));
  return flush(flush(sum) + flush(chains[0] + chains[1]));
}

float test::addStep(const float *lhs, const float *rhs, int64_t count,
                    int64_t parts, float sum) {
  static const std::vector<std::pair<int64_t, int64_t>> products[] = {
      {{0, 0}},
      {{1, 0}, {0, 0}, {0, 1}},
      {{2, 0}, {1, 0}, {0, 0}, {0, 2}, {0, 1}, {1, 1}}};
  std::vector<Parts> left(32), right(32);
  for (int64_t k = 0; k < count; ++k) {
    kernels::splitFloat(lhs[k], left[k].of, parts);
    kernels::splitFloat(rhs[k], right[k].of, parts);
  }
  for (auto [l, r] : products[parts - 1])
    sum = addTile(left.data(), l, right.data(), r, sum);
  return sum;
}

float test::sumTiles(const SplitTilesCase &c, const SplitTilesData &data,
                     int64_t b, int64_t i, int64_t j) {
  float sum = 0;
  for (int64_t first = 0; first < c.k; first += 32) {
    float lhs[32], rhs[32];
    int64_t count = std::min<int64_t>(32, c.k - first);
    for (int64_t k = 0; k < count; ++k) {
      lhs[k] = getLhs(c, data, b, i, first + k);
      rhs[k] = getRhs(c, data, b, first + k, j);
    }
    sum = addStep(lhs, rhs, count, c.parts, sum);
  }
  return sum;
}
