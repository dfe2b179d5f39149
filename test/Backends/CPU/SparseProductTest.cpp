//===- SparseProductTest.cpp - Products on sparse panels ------------------===//
//
// Whatever steps are zero, sums are those of a plain loop, and bits do not
// depend on which worker takes which chunk.
//
//===----------------------------------------------------------------------===//

#include "SparseCase.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"
#include <random>

using namespace lambent::test;

namespace {

struct Product {
  int64_t rows, columns, depth, tileRows, tileColumns;
  double zeros; ///< of vectors of `tileColumns` weights
  std::string epilogue = "none";
  bool transposedLhs = false, isOpen = false;
  int64_t batch = 1;
};

class SparseProduct : public testing::TestWithParam<std::string> {
protected:
  /// A rhs [batch, depth, columns] whose vectors are drawn, and the most that
  /// a panel keeps.
  static Numbers drawWeights(const Product &p, int64_t &most) {
    Numbers weights = draw(p.batch * p.depth * p.columns, 2);
    std::mt19937 engine(3);
    std::uniform_real_distribution<double> uniform;
    most = 1;
    for (int64_t b = 0; b < p.batch; ++b)
      for (int64_t first = 0; first < p.columns; first += p.tileColumns) {
        int64_t end = std::min(p.columns, first + p.tileColumns), kept = 0;
        for (int64_t k = 0; k < p.depth; ++k) {
          bool isZero = uniform(engine) < p.zeros;
          kept += !isZero;
          for (int64_t n = first; isZero && n < end; ++n)
            weights[(b * p.depth + k) * p.columns + n] = 0;
        }
        most = std::max(most, kept);
      }
    return weights;
  }

  /// With packed weights, or for selection to choose.
  static std::string makeText(const Product &p, int64_t most,
                              const Numbers &weights, bool selects) {
    std::string m = std::to_string(p.rows), n = std::to_string(p.columns),
                k = std::to_string(p.depth), b = std::to_string(p.batch),
                domainRows = p.isOpen ? "s0" : m;
    auto rowsOf = [&](const std::string &columns) {
      return p.isOpen
                 ? "memref<" + b + "x?x" + columns + "xf32, #lir.layout<[" + b +
                       ", s0, " + columns + "]>>"
                 : "memref<" + b + "x" + m + "x" + columns + "xf32>";
    };
    int64_t panels = (p.columns + p.tileColumns - 1) / p.tileColumns;
    std::vector<int64_t> panel{p.depth, p.tileColumns},
        shape{p.batch, p.depth, p.columns};
    KernelText text{
        .op = "lir.matmul",
        .input =
            p.transposedLhs ? memref({p.batch, p.depth, p.rows}) : rowsOf(k),
        .output = rowsOf(n),
        .channels = p.columns,
        .weight = "dense<0.0> : " + memref(shape, "tensor") + " " +
                  writePacking("(b, p, k, j) -> (b, k, p * " +
                                   std::to_string(p.tileColumns) + " + j)",
                               panel, {1}, most),
        .packed = memref({p.batch, panels, countWords(panel, most)}),
        .domain = writeDomain({b, domainRows, n, k}, selects ? "b, k, n" : "",
                              p.transposedLhs ? "b, k, m" : "b, m, k"),
        .dims = "b, m, n",
        .attributes =
            writeAlgorithm("sparse_panels", p.tileRows, p.tileColumns, most),
        .epilogue = {p.epilogue}};
    if (selects) {
      text.weight = "dense<\"0x" +
                    llvm::toHex(llvm::ArrayRef<uint8_t>(
                        reinterpret_cast<const uint8_t *>(weights.data()),
                        weights.size() * sizeof(float))) +
                    "\"> : " + memref(shape, "tensor");
      text.packed = memref(shape);
      text.attributes = "";
    }
    return text.write();
  }

  void check(const Product &p, bool selects = false) {
    int64_t most = 0;
    Numbers weights = drawWeights(p, most);
    std::string error, text = makeText(p, most, weights, selects);
    SCOPED_TRACE(makeText(p, most, weights, false));
    auto runner = KernelRunner::create(text, GetParam(), selects, error);
    ASSERT_TRUE(runner) << error;
    EXPECT_NE(runner->describe().find("sparse"), std::string::npos);
    Numbers lhs = draw(p.batch * p.rows * p.depth, 1),
            bias = draw(p.columns, 4),
            residual = draw(p.batch * p.rows * p.columns, 5), expected;
    for (int64_t b = 0; b < p.batch; ++b)
      for (int64_t m = 0; m < p.rows; ++m)
        for (int64_t n = 0; n < p.columns; ++n) {
          double sum = 0;
          for (int64_t k = 0; k < p.depth; ++k) {
            int64_t place = p.transposedLhs ? k * p.rows + m : m * p.depth + k;
            sum += double(lhs[b * p.rows * p.depth + place]) *
                   weights[(b * p.depth + k) * p.columns + n];
          }
          expected.push_back(Epilogue{p.epilogue}.apply(
              sum, bias[n], residual[expected.size()]));
        }
    std::vector<const Numbers *> inputs{&lhs, &weights};
    if (p.epilogue != "none")
      inputs.insert(inputs.end(), {&bias, &residual});
    std::vector<int64_t> symbols;
    if (p.isOpen)
      symbols.push_back(p.rows);
    runBothWays(*runner, inputs, expected, symbols);
  }
};

TEST_P(SparseProduct, LeavesOutWhatIsZero) {
  for (double zeros : {0.0, 0.5, 0.9, 1.0})
    check({19, 64, 48, 4, 16, zeros});
}

TEST_P(SparseProduct, TakesTails) {
  for (int64_t rows : {1, 2, 7, 13})
    for (int64_t columns : {1, 15, 33, 47})
      check({rows, columns, 37, 5, 16, 0.6});
  check({9, 70, 1, 6, 32, 0.5});
}

TEST_P(SparseProduct, AppliesEpilogues) {
  check({17, 40, 50, 6, 16, 0.7, "light"});
  check({17, 40, 50, 6, 16, 0.7, "heavy"});
}

TEST_P(SparseProduct, MultipliesABatch) {
  check({17, 40, 50, 6, 16, 0.7, "none", false, false, 3});
}

TEST_P(SparseProduct, TakesAnyNumberOfRows) {
  for (int64_t rows : {1, 5, 12, 100})
    check({rows, 40, 50, 6, 16, 0.7, "light", false, true});
}

TEST_P(SparseProduct, IsSelected) {
  check({96, 64, 128, 6, 16, 0.8}, /*selects=*/true);
  check({96, 64, 128, 6, 16, 1, "light"}, /*selects=*/true);
  check({96, 64, 128, 6, 16, 0.8, "light", /*transposedLhs=*/true},
        /*selects=*/true);
}

TEST_P(SparseProduct, SpansManyChunks) {
  check({300, 256, 128, 6, 16, 0.8, "light"});
}

INSTANTIATE_TEST_SUITE_P(Levels, SparseProduct,
                         testing::Values("native", "x86-64-v3", "x86-64"),
                         [](const auto &info) { return nameCPU(info.param); });

} // namespace
