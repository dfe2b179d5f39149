//===- WinogradTest.cpp - Winograd's matrices, packing and error ----------===//

#include "lambent/Lowering/Kernels/Winograd.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace lambent::kernels;

namespace {

/// LinearTransform's steps without rounding.
struct ExactArithmetic {
  Fraction multiply(Fraction c, Fraction x) { return c * x; }
  Fraction multiplyAdd(Fraction c, Fraction x, Fraction sum) {
    return c * x + sum;
  }
  Fraction add(Fraction a, Fraction b) { return a + b; }
  Fraction subtract(Fraction a, Fraction b) { return a - b; }
};

std::vector<WinogradForm> getKnownForms() {
  std::vector<WinogradForm> forms;
  for (int64_t outputs = 1; outputs <= 8; ++outputs)
    for (int64_t taps = 1; taps <= 7; ++taps)
      if (WinogradForm form{outputs, taps}; form.isKnown())
        forms.push_back(form);
  return forms;
}

TEST(Fraction, StaysInLowestTerms) {
  EXPECT_EQ(Fraction(6, -4), Fraction(-3, 2));
  EXPECT_EQ(Fraction(1, 6) + Fraction(1, 3), Fraction(1, 2));
  EXPECT_EQ(Fraction(2, 3) * Fraction(3, 4), Fraction(1, 2));
  EXPECT_EQ(Fraction(1, 2) / Fraction(-1, 4), Fraction(-2));
  EXPECT_EQ(Fraction(1, 2) - Fraction(1, 2), Fraction(0));
  EXPECT_EQ(Fraction(-3, 8).toDouble(), -0.375);
}

// Output j is the sum over k of filter k times input j + k: for each of them
// the products of all points must add up to 1, for any other input to 0.
TEST(Winograd, MatricesAreExact) {
  std::vector<WinogradForm> forms = getKnownForms();
  EXPECT_GE(forms.size(), 10u);
  for (WinogradForm form : forms) {
    SCOPED_TRACE(testing::Message() << form.outputs << ", " << form.taps);
    WinogradMatrices m(form);
    for (int64_t j = 0; j < form.outputs; ++j)
      for (int64_t k = 0; k < form.taps; ++k)
        for (int64_t l = 0; l < form.getPoints(); ++l) {
          Fraction sum;
          for (int64_t p = 0; p < form.getPoints(); ++p)
            sum =
                sum + m.output.at(j, p) * m.filter.at(p, k) * m.input.at(p, l);
          EXPECT_EQ(sum, Fraction(l == j + k)) << j << ", " << k << ", " << l;
        }
  }
}

TEST(Winograd, KnowsFormsWithPoints) {
  EXPECT_TRUE((WinogradForm{4, 3}.isKnown()));
  EXPECT_TRUE((WinogradForm{1, 1}.isKnown()));
  EXPECT_TRUE((WinogradForm{2, 5}.isKnown()));
  EXPECT_TRUE((WinogradForm{2, 7}.isKnown()));
  EXPECT_TRUE((WinogradForm{4, 7}.isKnown()));
  EXPECT_TRUE((WinogradForm{8, 3}.isKnown()));
  EXPECT_FALSE((WinogradForm{0, 3}.isKnown()));
  EXPECT_FALSE((WinogradForm{40, 3}.isKnown()));
}

TEST(LinearTransform, IsItsMatrix) {
  std::mt19937 random(1);
  for (WinogradForm form : getKnownForms()) {
    WinogradMatrices m(form);
    for (const FractionMatrix &matrix : {m.input, m.output, m.filter}) {
      llvm::SmallVector<Fraction> values;
      for (int64_t i = 0; i < matrix.getColumns(); ++i)
        values.push_back(int64_t(random() % 19) - 9);
      auto results =
          LinearTransform(matrix).apply<Fraction>(values, ExactArithmetic());
      ASSERT_EQ(int64_t(results.size()), matrix.getRows());
      for (int64_t row = 0; row < matrix.getRows(); ++row) {
        Fraction sum;
        for (int64_t i = 0; i < matrix.getColumns(); ++i)
          sum = sum + matrix.at(row, i) * values[i];
        EXPECT_EQ(results[row], sum);
      }
    }
  }
}

TEST(LinearTransform, SharesWhatIsMirrored) {
  WinogradMatrices m({4, 3});
  EXPECT_EQ(LinearTransform(m.input).getNumSteps(), 12);
  EXPECT_EQ(LinearTransform(m.output).getNumSteps(), 12);
}

//===-- Packing -----------------------------------------------------------===//

std::vector<float> makeFilter(int64_t size) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> filter(size);
  for (float &value : filter)
    value = normal(random);
  return filter;
}

void checkPacking(WinogradForms forms, int64_t oc, int64_t ic, int64_t columns,
                  bool splat) {
  int64_t panels = (oc + columns - 1) / columns, points = getNumPoints(forms),
          ty = forms[0].taps, tx = forms[1].taps;
  std::vector<float> filter = makeFilter(splat ? 1 : oc * ic * ty * tx);
  auto packing = WinogradPacking::create(forms, {panels, points, ic, columns},
                                         {oc, ic, ty, tx});
  ASSERT_TRUE(bool(packing)) << llvm::toString(packing.takeError());
  std::vector<float> packed(packing->getPackedBytes() / 4, NAN);
  auto source = reinterpret_cast<const char *>(filter.data());
  auto target = reinterpret_cast<char *>(packed.data());
  int64_t middle = packing->getNumRows() / 3;
  packing->pack(source, target, middle, packing->getNumRows(), splat);
  packing->pack(source, target, 0, middle, splat);
  FractionMatrix y = WinogradMatrices(forms[0]).filter,
                 x = WinogradMatrices(forms[1]).filter;
  int64_t position = 0;
  for (int64_t panel = 0; panel < panels; ++panel)
    for (int64_t point = 0; point < points; ++point)
      for (int64_t i = 0; i < ic; ++i)
        for (int64_t column = 0; column < columns; ++column, ++position) {
          int64_t o = panel * columns + column;
          double sum = 0;
          for (int64_t tap = 0; o < oc && tap < ty * tx; ++tap)
            sum += y.at(point / forms[1].getPoints(), tap / tx).toDouble() *
                   x.at(point % forms[1].getPoints(), tap % tx).toDouble() *
                   filter[splat ? 0 : (o * ic + i) * ty * tx + tap];
          ASSERT_NEAR(packed[position], sum, 1e-6 * std::abs(sum) + 1e-9);
        }
}

TEST(WinogradPacking, TransformsAndPads) {
  for (bool splat : {false, true}) {
    checkPacking({{{4, 3}, {4, 3}}}, 37, 5, 16, splat);
    checkPacking({{{2, 3}, {2, 3}}}, 8, 3, 8, splat);
    checkPacking({{{1, 1}, {2, 5}}}, 20, 4, 8, splat);
  }
}

TEST(WinogradPacking, RefusesOtherShapes) {
  auto check = [](WinogradForms forms, std::vector<int64_t> packed,
                  std::vector<int64_t> source, std::string message) {
    auto packing = WinogradPacking::create(forms, packed, source);
    ASSERT_FALSE(bool(packing));
    EXPECT_EQ(llvm::toString(packing.takeError()), message);
  };
  WinogradForms form{{{4, 3}, {4, 3}}};
  check({{{40, 3}, {4, 3}}}, {1, 36, 2, 8}, {8, 2, 3, 3},
        "packing: no points for this Winograd form");
  check(form, {1, 36, 2, 8}, {8, 2, 5, 3},
        "packing: expected a filter of 3 x 3 taps");
  check(form, {1, 16, 2, 8}, {8, 2, 3, 3},
        "packing: expected panels of 36 points and 2 channels");
  check(form, {1, 36, 2, 8}, {9, 2, 3, 3},
        "packing: expected panels of 36 points and 2 channels");
}

//===-- Error -------------------------------------------------------------===//

TEST(WinogradError, GrowsWithTheForm) {
  auto measure = [](int64_t outputs, llvm::ArrayRef<float> filter) {
    return measureWinogradError({{{outputs, 3}, {outputs, 3}}}, filter, 8, 64);
  };
  std::vector<float> filter = makeFilter(8 * 64 * 9);
  double two = measure(2, filter), four = measure(4, filter),
         six = measure(6, filter);
  EXPECT_GT(two, 1e-7);
  EXPECT_LT(two, four);
  EXPECT_LT(four, six);
  EXPECT_LT(six, 1e-5);
  EXPECT_EQ(four, measure(4, filter));
  // An output without deviation tells nothing.
  std::fill(filter.begin(), filter.end(), 0.0f);
  EXPECT_TRUE(std::isnan(measure(4, filter)));
}

} // namespace
