//===- RangeTest.cpp - Ranges beside those that NumPy computes ------------===//
//
// The expected numbers are what ranges.py prints.
//
//===----------------------------------------------------------------------===//

#include "lambent/Quantization/Range.h"
#include "Quantization/Calibrate/RangeSearch.h"
#include "Quantization/Calibrate/TensorStatistics.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;

namespace {

/// The elements of ranges.py.
std::vector<float> makeElements(llvm::StringRef kind) {
  uint64_t state = 7;
  auto draw = [&] {
    state = state * 6364136223846793005 + 1442695040888963407;
    return double(state >> 40) / (1 << 24);
  };
  std::vector<float> elements;
  for (int i = 0; i < 20000; ++i) {
    double bell = draw();
    for (int j = 0; j < 3; ++j)
      bell += draw();
    bell -= 2;
    elements.push_back(float(kind == "relu" ? std::max(bell, 0.0)
                             : kind == "tails"
                                 ? bell * bell * bell * bell * bell
                                 : bell));
  }
  return elements;
}

TensorProfile describe(llvm::StringRef kind) {
  std::vector<float> elements = makeElements(kind);
  return describeTensor({int64_t(elements.size())}, elements, 0);
}

/// The error of elements that were quantized.
double quantize(llvm::ArrayRef<float> elements, Range range, Schema schema) {
  QuantizedForm form = chooseForm(range, schema, /*isSigned=*/true);
  double sum = 0;
  for (float element : elements) {
    double q = std::nearbyint(element / form.scale) + double(form.zeroPoint);
    q = std::clamp(q, double(form.least), double(form.most));
    sum += std::pow(element - form.scale * (q - double(form.zeroPoint)), 2);
  }
  return sum / double(elements.size());
}

struct Expected {
  llvm::StringRef kind;
  double least, most;
  double percentile99, low, high; ///< of magnitudes, and at both ends
  double entropy;                 ///< of magnitudes
  double symmetricError, error;
};

class RangeOf : public testing::TestWithParam<Expected> {};

INSTANTIATE_TEST_SUITE_P(
    Seeded, RangeOf,
    testing::Values(
        Expected{"bell", -1.8378016948699951, 1.804255723953247, 1.4219418,
                 -1.408458406329155, 1.425714182257657, 1.8046875,
                 1.6716107816581676e-05, 1.6549319746891924e-05},
        Expected{"tails", -20.96491813659668, 19.12010955810547, 5.813117,
                 -5.5426862215995785, 5.8906411409379, 11.75,
                 0.0010138823914282924, 0.0009653099826847275},
        Expected{"relu", 0, 1.804255723953247, 1.3046728, 0, 1.425714182257657,
                 1.78515625, 8.162378426869342e-06, 2.1000599680460117e-06}),
    [](const auto &info) { return info.param.kind.str(); });

TEST_P(RangeOf, MinMaxIsWhatWasSeen) {
  const Expected &expected = GetParam();
  TensorProfile tensor = describe(expected.kind);
  EXPECT_EQ(chooseRange(tensor, {}), (Range{expected.least, expected.most}));
  double magnitude = std::max(-expected.least, expected.most);
  EXPECT_EQ(chooseRange(tensor, {RangeMethod::MinMax, Schema::Symmetric}),
            (Range{-magnitude, magnitude}));
}

TEST_P(RangeOf, PercentileLeavesOutTheFarthest) {
  const Expected &expected = GetParam();
  TensorProfile tensor = describe(expected.kind);
  RangeOptions options{RangeMethod::Percentile, Schema::Asymmetric, 8, 99};
  double width = tensor.histogram.width;
  Range range = chooseRange(tensor, options);
  EXPECT_NEAR(range.least, expected.low, width);
  EXPECT_NEAR(range.most, expected.high, width);
  options.schema = Schema::Symmetric;
  range = chooseRange(tensor, options);
  EXPECT_NEAR(range.most, expected.percentile99, 2 * width);
  EXPECT_EQ(range.least, -range.most);
  options.percentile = 100;
  EXPECT_EQ(chooseRange(tensor, options).most,
            std::max(-tensor.least, tensor.most));
}

TEST_P(RangeOf, EntropyIsThatOfThePublishedSearch) {
  const Expected &expected = GetParam();
  TensorProfile tensor = describe(expected.kind);
  Range range = chooseRange(tensor, {RangeMethod::Entropy, Schema::Symmetric});
  EXPECT_EQ(range.least, -range.most);
  EXPECT_EQ(range.most,
            std::min(expected.entropy, std::max(-tensor.least, tensor.most)));
  // The histogram has no more to say than that.
  EXPECT_EQ(chooseRange(tensor, {RangeMethod::Entropy, Schema::Asymmetric, 16}),
            (Range{expected.least, expected.most}));
}

TEST_P(RangeOf, SquaredErrorIsNearTheLeast) {
  const Expected &expected = GetParam();
  std::vector<float> elements = makeElements(expected.kind);
  TensorProfile tensor = describe(expected.kind);
  for (Schema schema : {Schema::Asymmetric, Schema::Symmetric}) {
    Range range = chooseRange(tensor, {RangeMethod::MeanSquaredError, schema});
    double error = quantize(elements, range, schema);
    EXPECT_LT(error,
              1.03 * (schema == Schema::Symmetric ? expected.symmetricError
                                                  : expected.error));
    // And it is about what the histogram says, in which elements of an interval
    // are spread evenly.
    EXPECT_NEAR(
        estimateSquaredError(tensor.histogram, chooseForm(range, schema, true)),
        error, 0.25 * error);
  }
}

TEST(Range, EntropyOfOneSideHasAllLevels) {
  TensorProfile tensor = describe("relu");
  EXPECT_EQ(chooseRange(tensor, {RangeMethod::Entropy, Schema::Asymmetric}),
            (Range{0, 1.78515625}));
  EXPECT_EQ(
      chooseRange(tensor, {RangeMethod::Entropy, Schema::SymmetricWithUInt8}),
      (Range{0, 1.78515625}));
}

/// A value that is a third of all, as where a function ends: without it the
/// range is the same, but for what is noise in few counts.
TEST(Range, EntropySeesBesideAFrequentValue) {
  for (double frequent : {-0.17, 0.6}) {
    TensorProfile tensor = describe("bell");
    Range range = chooseRange(tensor, {RangeMethod::Entropy});
    Histogram &histogram = tensor.histogram;
    histogram.counts[size_t((frequent - histogram.lowest) / histogram.width)] +=
        10000;
    tensor.elements += 10000;
    Range other = chooseRange(tensor, {RangeMethod::Entropy});
    EXPECT_NEAR(other.least, range.least, 0.2 * range.most);
    EXPECT_NEAR(other.most, range.most, 0.2 * range.most);
  }
}

/// What many values are clamped to is no value to cut off.
TEST(Range, EntropyKeepsAFrequentEnd) {
  TensorProfile tensor = describe("relu");
  tensor.histogram.counts.back() += 10000;
  tensor.elements += 10000;
  EXPECT_EQ(chooseRange(tensor, {RangeMethod::Entropy}),
            (Range{0, tensor.most}));
}

TEST(Range, EntropyCutsOffBothEnds) {
  TensorProfile tensor = describe("tails");
  Range range = chooseRange(tensor, {RangeMethod::Entropy});
  EXPECT_GT(range.least, 0.75 * tensor.least);
  EXPECT_LT(range.most, 0.75 * tensor.most);
  EXPECT_LT(range.least, -3);
  EXPECT_EQ(range.most, -range.least);
  // An end that is near stays where it is.
  tensor.least = -1;
  tensor.histogram.counts.erase(
      tensor.histogram.counts.begin(),
      tensor.histogram.counts.begin() +
          int64_t((-1 - tensor.histogram.lowest) / tensor.histogram.width));
  tensor.histogram.lowest = -1;
  range = chooseRange(tensor, {RangeMethod::Entropy});
  EXPECT_EQ(range.least, -1);
  EXPECT_GT(range.most, 3);
}

//===-- Schemas -----------------------------------------------------------===//

TEST(Schema, AlwaysHasZero) {
  EXPECT_EQ(widenToSchema({2, 5}, Schema::Asymmetric), (Range{0, 5}));
  EXPECT_EQ(widenToSchema({-5, -2}, Schema::Asymmetric), (Range{-5, 0}));
  EXPECT_EQ(widenToSchema({-5, 2}, Schema::Symmetric), (Range{-5, 5}));
  EXPECT_EQ(widenToSchema({1, 2}, Schema::SymmetricWithUInt8), (Range{0, 2}));
  EXPECT_EQ(widenToSchema({-1, 2}, Schema::SymmetricWithUInt8), (Range{-2, 2}));
}

TEST(Schema, PowerOfTwoStays) {
  EXPECT_EQ(widenToSchema({-127, 3}, Schema::SymmetricWithPower2Scale),
            (Range{-127, 127}));
  EXPECT_EQ(widenToSchema({-127.5, 3}, Schema::SymmetricWithPower2Scale),
            (Range{-254, 254}));
  EXPECT_EQ(widenToSchema({0, 31.75}, Schema::SymmetricWithPower2Scale),
            (Range{-31.75, 31.75}));
  EXPECT_EQ(chooseForm({0, 30}, Schema::SymmetricWithPower2Scale, true).scale,
            0.25);
  EXPECT_EQ(widenToSchema({0, 0}, Schema::SymmetricWithPower2Scale),
            (Range{0, 0}));
}

void expectForm(QuantizedForm form, double scale, int64_t zeroPoint,
                int64_t least, int64_t most) {
  EXPECT_FLOAT_EQ(float(form.scale), float(scale));
  EXPECT_EQ(form.zeroPoint, zeroPoint);
  EXPECT_EQ(form.least, least);
  EXPECT_EQ(form.most, most);
}

TEST(Form, OfEachSchema) {
  Schema asymmetric = Schema::Asymmetric, symmetric = Schema::Symmetric;
  expectForm(chooseForm({-1, 3}, asymmetric, false), 4 / 255.0, 64, 0, 255);
  expectForm(chooseForm({-1, 3}, asymmetric, true), 4 / 255.0, -64, -128, 127);
  expectForm(chooseForm({-1, 3}, symmetric, false), 3 / 127.0, 0, -127, 127);
  expectForm(chooseForm({0, 3}, Schema::SymmetricWithUInt8, true), 3 / 255.0, 0,
             0, 255);
  expectForm(chooseForm({-1, 3}, Schema::SymmetricWithUInt8, true), 3 / 127.0,
             0, -127, 127);
  expectForm(chooseForm({-1, 3}, symmetric, true, 16), 3 / 32767.0, 0, -32767,
             32767);
  expectForm(chooseForm({-1, 3}, asymmetric, true, 16), 4 / 65535.0, -16384,
             -32768, 32767);
}

TEST(Form, OfZeroAndOfExtremes) {
  expectForm(chooseForm({0, 0}, Schema::Asymmetric, false), 1, 0, 0, 255);
  expectForm(chooseForm({0, 0}, Schema::Asymmetric, true), 1, 0, -128, 127);
  expectForm(chooseForm({0, 0}, Schema::Symmetric, true), 1, 0, -127, 127);
  double most = 3.4028234663852886e38;
  expectForm(chooseForm({-most, most}, Schema::Asymmetric, false),
             2 * (most / 255), 128, 0, 255);
  // A scale that is no normal f32 would be 0 where denormals are.
  EXPECT_EQ(chooseForm({0, 1e-40}, Schema::Asymmetric, false).scale,
            1.1754943508222875e-38);
  EXPECT_EQ(
      chooseForm({0, 1e-40}, Schema::SymmetricWithPower2Scale, true).scale,
      1.1754943508222875e-38);
  EXPECT_TRUE(std::isfinite(float(
      chooseForm({0, most}, Schema::SymmetricWithPower2Scale, true).scale)));
}

TEST(Range, OfOneValue) {
  for (float value : {0.f, 1.f, -2.5f, 1e-45f, -3e38f})
    for (RangeMethod method :
         {RangeMethod::MinMax, RangeMethod::Percentile, RangeMethod::Entropy,
          RangeMethod::MeanSquaredError})
      for (Schema schema :
           {Schema::Asymmetric, Schema::Symmetric, Schema::SymmetricWithUInt8,
            Schema::SymmetricWithPower2Scale}) {
        std::vector<float> elements(10, value);
        TensorProfile tensor = describeTensor({10}, elements, 0);
        Range range = chooseRange(tensor, {method, schema});
        EXPECT_LE(range.least, 0);
        EXPECT_GE(range.most, 0);
        // Within one step of a percent of what it is.
        if (method == RangeMethod::MinMax) {
          EXPECT_LE(range.least, value);
          EXPECT_GE(range.most, value);
        }
        QuantizedForm form = chooseForm(range, schema, true);
        EXPECT_GT(form.scale, 0);
        EXPECT_LE(std::sqrt(quantize(elements, range, schema)),
                  std::fabs(value) * 0.01 + 1.2e-38)
            << value << " by method " << int(method);
      }
}

} // namespace
