//===- SparseRowsCase.cpp - Products of weights with zeros ----------------===//

#include "SparseRowsCase.h"
#include "KernelText.h"
#include "lambent/Lowering/Kernels/SparseRowPacking.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cstring>
#include <random>

using namespace lambent;
using namespace lambent::test;

/// Rows of `columns` elements, `gap` elements apart.
static std::string makeRows(const SparseRowsCase &c, int64_t columns,
                            int64_t gap) {
  std::string width = std::to_string(columns),
              row = std::to_string(columns + gap),
              batch = std::to_string(c.batch);
  if (c.isOpen)
    return "memref<" + batch + "x?x" + width + "xf32, #lir.layout<[" + batch +
           ", s0, " + width + "]" +
           (gap ? ", strides: [s0 * " + row + ", " + row + ", 1], offset: 0"
                : "") +
           ">>";
  std::string layout;
  if (gap)
    layout = ", strided<[" + std::to_string(c.m * (columns + gap)) + ", " +
             row + ", 1]>";
  return "memref<" + batch + "x" + std::to_string(c.m) + "x" + width + "xf32" +
         layout + ">";
}

std::string test::makeText(const SparseRowsCase &c, int64_t lanes,
                           int64_t entries) {
  int64_t rowBytes = c.vectors * lanes * 4;
  kernels::SparseRowPacking::Form form;
  form.outputs = c.n;
  form.depths = c.k;
  form.section = c.section;
  form.block = c.block;
  form.groups = c.groups;
  kernels::SparseRows rows = form.getRows();
  auto number = [](int64_t value) { return std::to_string(value); };
  KernelText text{
      .op = "lir.matmul",
      .input = makeRows(c, c.k, c.gap),
      .output = makeRows(c, c.n, 0),
      .channels = c.n,
      .weight = "dense<0.5> : " + memref({c.n, c.k}, "tensor") +
                " {packing = #lir.sparse_row_packing<(n, k) -> (n, k), "
                "outputs = " +
                number(c.n) + ", depths = [" + number(c.k) +
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
      .epilogue = {c.epilogue, "tanh"}};
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
  std::uniform_int_distribution<int64_t> percent(0, 99);
  for (int64_t n = 0; n < c.n; n += c.block)
    for (int64_t k = 0; k < c.k; ++k)
      // Some rows have nothing at all.
      if (percent(engine) < c.percent || n / c.block % 5 == 3)
        for (int64_t i = n; i < std::min(n + c.block, c.n); ++i)
          rhs[i * c.k + k] = 0;
}

static GuardedBytes place(const std::vector<float> &values, size_t count) {
  GuardedBytes bytes(count * sizeof(float));
  if (count)
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

static int64_t countEntries(const SparseRowsCase &c,
                            const SparseRowsData &data) {
  int64_t count = 0;
  for (int64_t n = 0; n < c.n; n += c.block)
    for (int64_t k = 0; k < c.k; ++k) {
      bool any = false;
      for (int64_t i = n; i < std::min(n + c.block, c.n); ++i)
        any |= data.rhs[i * c.k + k] != 0;
      count += any;
    }
  return count;
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
  std::string error, text = makeText(c, lanes, countEntries(c, data));
  auto runner = KernelRunner::create(text, cpu, /*select=*/false, error);
  EXPECT_TRUE(runner) << error << text;
  if (!runner)
    return out;
  EXPECT_NE(runner->describe().find("sparse"), std::string::npos)
      << runner->describe();
  // What lies behind the last row's elements is not there.
  GuardedBytes lhs = place(data.lhs, data.lhs.size() - (c.m ? c.gap : 0)),
               rhs = place(data.rhs, data.rhs.size()),
               bias = place(data.bias, data.bias.size()),
               residual = place(data.residual, data.residual.size()),
               result(out.size() * sizeof(float));
  std::memset(result.data(), 0x7b, result.size());
  std::vector<const void *> buffers{lhs.data(), rhs.data()};
  if (c.epilogue != "none")
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
  if (out.size())
    std::memcpy(out.data(), result.data(), result.size());
  return out;
}
