//===- SparseRowsCase.cpp - Products of weights with zeros ----------------===//

#include "SparseRowsCase.h"
#include "KernelText.h"
#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;

/// Rows of `columns` elements, `gap` elements apart.
static std::string makeRows(const SparseRowsCase &c, int64_t columns,
                            int64_t gap, const std::string &element) {
  std::string width = std::to_string(columns),
              row = std::to_string(columns + gap),
              batch = std::to_string(c.batch);
  if (c.isOpen)
    return "memref<" + batch + "x?x" + width + "x" + element +
           ", #lir.layout<[" + batch + ", s0, " + width + "]" +
           (gap ? ", strides: [s0 * " + row + ", " + row + ", 1], offset: 0"
                : "") +
           ">>";
  std::string layout;
  if (gap)
    layout = ", strided<[" + std::to_string(c.m * (columns + gap)) + ", " +
             row + ", 1]>";
  return "memref<" + batch + "x" + std::to_string(c.m) + "x" + width + "x" +
         element + layout + ">";
}

static std::string getOutputType(const SparseRowsCase &c) {
  return c.epilogue == "bytes" ? "i8" : c.areBytes ? "i32" : "f32";
}

static kernels::SparseRows getRows(const SparseRowsCase &c, int64_t words) {
  kernels::SparseRowPacking::Form form;
  form.outputs = c.n;
  form.depths = words;
  form.section = c.section;
  form.block = c.block;
  form.groups = c.groups;
  return form.getRows();
}

std::string test::makeText(const SparseRowsCase &c, int64_t lanes,
                           int64_t entries, int64_t wordChannels) {
  int64_t rowBytes = c.vectors * lanes * 4;
  std::string element = c.areBytes ? "i8" : "f32", map = "<(n, k) -> (n, k)",
              depths = std::to_string(c.k);
  int64_t words = c.k;
  if (c.areBytes) {
    words = llvm::divideCeil(c.k, wordChannels);
    std::string channels = std::to_string(wordChannels);
    map = "<(n, k, i) -> (n, k * " + channels + " + i)";
    depths = std::to_string(words) + ", " + channels;
  }
  kernels::SparseRows rows = getRows(c, words);
  auto number = [](int64_t value) { return std::to_string(value); };
  KernelText text{
      .op = "lir.matmul",
      .input = makeRows(c, c.k, c.gap, element),
      .output = makeRows(c, c.n, 0, getOutputType(c)),
      .channels = c.n,
      .weight = std::string(c.areBytes ? "dense<3> : " : "dense<0.5> : ") +
                memref({c.n, c.k}, "tensor", element) +
                " {packing = #lir.sparse_row_packing" + map +
                ", outputs = " + number(c.n) + ", depths = [" + depths +
                "], channel_bytes = " + number(rowBytes) +
                ", tap_bytes = [0], section = " + number(c.section) +
                ", block = " + number(c.block) + ", groups = " +
                number(c.groups) + ", sum_bytes = " + number(rowBytes) + ">}",
      .packed = "memref<" + number(rows.getBytes(entries)) + "xi8>",
      .domain = writeDomain({number(c.batch), c.isOpen ? "s0" : number(c.m),
                             number(c.n), number(c.k)},
                            ""),
      .dims = "b, m, n",
      .attributes = "algorithm = #cpu.sparse_rows<block = " + number(c.block) +
                    ", vectors = " + number(c.vectors) + ", section = " +
                    number(c.section) + ", groups = " + number(c.groups) +
                    ", entries = " + number(entries) + ">",
      .epilogue = {c.epilogue, "tanh", c.areBytes ? "i32" : "f32"}};
  return text.write();
}

SparseRowsData::SparseRowsData(const SparseRowsCase &c, int seed)
    : lhs(c.batch * c.m * (c.k + c.gap)), rhs(c.n * c.k), bias(c.n),
      residual(c.batch * c.m * c.n) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> noise;
  for (std::vector<float> *values : {&lhs, &rhs, &bias, &residual})
    for (float &value : *values)
      value = noise(engine);
  if (c.areBytes) {
    // The largest ones are among them.
    for (float &value : lhs)
      value = std::clamp(std::round(128 + 100 * value), 0.0f, 255.0f);
    for (float &value : rhs)
      value = std::clamp(std::round(90 * value), -128.0f, 127.0f);
  }
  std::uniform_int_distribution<int64_t> percent(0, 99);
  for (int64_t n = 0; n < c.n; n += c.block)
    for (int64_t k = 0; k < c.k; ++k)
      // Some rows have nothing at all.
      if (percent(engine) < c.percent || n / c.block % 5 == 3)
        for (int64_t i = n; i < std::min(n + c.block, c.n); ++i)
          rhs[i * c.k + k] = 0;
}

static GuardedBytes place(const std::vector<float> &values, size_t count,
                          bool areBytes = false) {
  GuardedBytes bytes(areBytes ? count : count * sizeof(float));
  if (areBytes)
    for (size_t i = 0; i < count; ++i)
      bytes.data()[i] = char(int(values[i]));
  else if (count)
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

static int64_t countEntries(const SparseRowsCase &c, const SparseRowsData &data,
                            int64_t wordChannels) {
  int64_t count = 0;
  for (int64_t n = 0; n < c.n; n += c.block)
    for (int64_t k = 0; k < c.k; k += wordChannels) {
      bool any = false;
      for (int64_t i = n; i < std::min(n + c.block, c.n); ++i)
        for (int64_t j = k; j < std::min(k + wordChannels, c.k); ++j)
          any |= data.rhs[i * c.k + j] != 0;
      count += any;
    }
  return count;
}

/// Numbers of an output, whatever they are.
static std::vector<float> read(const SparseRowsCase &c,
                               const GuardedBytes &bytes, size_t count) {
  std::vector<float> values(count);
  std::string type = getOutputType(c);
  for (size_t i = 0; i < count; ++i)
    if (type == "i8") {
      values[i] = uint8_t(bytes.data()[i]);
    } else if (type == "i32") {
      int32_t sum;
      std::memcpy(&sum, bytes.data() + i * sizeof(sum), sizeof(sum));
      values[i] = float(sum);
    } else {
      std::memcpy(&values[i], bytes.data() + i * sizeof(float), sizeof(float));
    }
  return values;
}

std::vector<float> test::runSparseRows(const SparseRowsCase &c,
                                       const SparseRowsData &data,
                                       const std::string &cpu, bool cut) {
  std::vector<float> out(data.residual.size());
  auto target = cpu::TargetInfo::create(cpu);
  if (!target) {
    ADD_FAILURE() << llvm::toString(target.takeError());
    return out;
  }
  mlir::MLIRContext context;
  int64_t lanes = target->getLanes(mlir::Float32Type::get(&context));
  int64_t wordChannels = !c.areBytes ? 1 : target->hasVNNI ? 4 : 2;
  std::string error,
      text =
          makeText(c, lanes, countEntries(c, data, wordChannels), wordChannels);
  auto runner = KernelRunner::create(text, cpu, /*select=*/false, error);
  EXPECT_TRUE(runner) << error << text;
  if (!runner)
    return out;
  EXPECT_NE(runner->describe().find("sparse"), std::string::npos)
      << runner->describe();
  // What lies behind the last row's elements is not there.
  GuardedBytes lhs = place(data.lhs, data.lhs.size() - (c.m ? c.gap : 0),
                           c.areBytes),
               rhs = place(data.rhs, data.rhs.size(), c.areBytes),
               bias = place(data.bias, data.bias.size()),
               residual = place(data.residual, data.residual.size()),
               result(out.size() *
                      (getOutputType(c) == "i8" ? 1 : sizeof(float)));
  std::memset(result.data(), 0x7b, result.size());
  std::vector<const void *> buffers{lhs.data(), rhs.data()};
  if (Epilogue{c.epilogue}.isRich())
    buffers.insert(buffers.end(), {bias.data(), residual.data()});
  buffers.push_back(result.data());
  std::vector<int64_t> symbols;
  if (c.isOpen)
    symbols.push_back(c.m);
  if (cut) {
    std::vector<void *> packed = runner->pack(buffers);
    int64_t chunks = runner->getNumChunks(symbols);
    for (int64_t chunk = chunks - 1; chunk >= 0; --chunk)
      runner->runChunks(packed.data(), chunk, chunk + 1);
  } else {
    runner->run(buffers, symbols);
  }
  return read(c, result, out.size());
}
