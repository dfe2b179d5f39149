//===- Relaxation.cpp - Weights between the integers beside them ----------===//
//
// AdaRound (M. Nagel et al., arXiv 2004.10568): a weight becomes
//
//   lower + h(V) step,   h(V) = clip(1.2 sigmoid(V) - 0.1, 0, 1)
//
// and Adam moves V where e^T H e + sum 1 - |2 h(V) - 1|^beta is small. As beta
// falls, h(V) goes to 0 or 1. The paper estimates e^T H e by samples; here H is
// known, so that each gradient is exact and some hundred steps do.
//
// Each derivative is divided by what an error of one step costs, step^2 H[k,
// k], so that one rate and one weight of the regularizer fit all layers.
//
//===----------------------------------------------------------------------===//

#include "Relaxation.h"
#include "../WideCode.h"
#include "GridNumbers.h"
#include <cstring>

using namespace llvm;

namespace lambent::quantization {

static constexpr float stretched = 1.2f, below = 0.1f; ///< h's 1.2 and 0.1
static constexpr int iterations = 200;
/// For so many weights go where they cost least, whether integers or not.
static constexpr int warmUp = iterations / 5;
static constexpr int mostBeta = 20, leastBeta = 2;
static constexpr float regularizer = 3;
/// Adam's (D. P. Kingma, J. Ba, arXiv 1412.6980).
static constexpr float rate = 0.1f, keptMean = 0.9f, keptSquare = 0.99f,
                       leastRoot = 1e-8f;

namespace {

/// V of an index, what Adam knows of it, and h's derivative by it.
struct VariableRow {
  ColumnRow value, mean, square, slope;
};

/// What a step takes for all variables.
struct AdamStep {
  float meanFactor, squareFactor; ///< for how few steps there were
  float pull;                     ///< the regularizer's weight, times 2 beta
  int power;                      ///< beta - 1
};

/// exp(x) for magnitudes up to 80, to a few units in the last place: 2^n times
/// a polynomial, without a call for each number.
inline float computeExp(float x) {
  constexpr float perUnit = 1.44269504f, high = 0.693359375f,
                  low = -2.12194440e-4f;
  float n = roundSmall(x * perUnit), f = x - n * high - n * low;
  float sum = 1.0f / 720;
  for (float factor : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    sum = sum * f + factor;
  int32_t bits = (int32_t(n) + 127) * (1 << 23);
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return sum * power;
}

} // namespace

/// h and its derivative at V.
LAMBENT_WIDE_CODE
static void findShares(VariableRow &row, ColumnRow &share) {
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float sigmoid = 1 / (1 + computeExp(-clamp(row.value[n], -40, 40)));
    float h = clamp(stretched * sigmoid - below, 0, 1);
    bool isBetween = h > 0 && h < 1;
    row.slope[n] = isBetween ? stretched * sigmoid * (1 - sigmoid) : 0.0f;
    share[n] = h;
  }
}

/// A step of Adam for an index with H[k, k], whose error the others' ask for.
LAMBENT_WIDE_CODE
static void takeStep(const AdamStep &step, const ColumnRow &asked,
                     const ColumnRow &size, float moment,
                     const ColumnRow &share, VariableRow &row) {
  ColumnRow pull, base;
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float distance = 2 * share[n] - 1;
    base[n] = distance < 0 ? -distance : distance;
    pull[n] = distance < 0 ? -step.pull : step.pull;
  }
  for (int power = step.power; power; power /= 2)
    for (int64_t n = 0; n < roundedColumns; ++n) {
      pull[n] = power % 2 ? pull[n] * base[n] : pull[n];
      base[n] *= base[n];
    }
  for (int64_t n = 0; n < roundedColumns; ++n) {
    float gradient = -2 * asked[n] / (size[n] * moment) - pull[n];
    gradient *= row.slope[n];
    row.mean[n] = keptMean * row.mean[n] + (1 - keptMean) * gradient;
    row.square[n] =
        keptSquare * row.square[n] + (1 - keptSquare) * gradient * gradient;
    row.value[n] -= rate * (row.mean[n] * step.meanFactor) /
                    (std::sqrt(row.square[n] * step.squareFactor) + leastRoot);
  }
}

static AdamStep makeStep(int iteration) {
  AdamStep step = {};
  step.meanFactor = 1 / (1 - std::pow(keptMean, float(iteration + 1)));
  step.squareFactor = 1 / (1 - std::pow(keptSquare, float(iteration + 1)));
  if (iteration < warmUp)
    return step;
  // In whole numbers, whose powers are products.
  int beta = mostBeta - (mostBeta - leastBeta) * (iteration - warmUp) /
                            (iterations - warmUp - 1);
  step.pull = regularizer * 2 * float(beta);
  step.power = beta - 1;
  return step;
}

static void findErrors(RoundedStrip &strip, const RelaxedStrip &relaxed,
                       int64_t k) {
  for (int64_t n = 0; n < roundedColumns; ++n)
    strip.errors[k][n] =
        strip.weights[k][n] -
        (relaxed.lower[k][n] + relaxed.shares[k][n] * relaxed.steps[k][n]);
}

void relax(RoundedStrip &strip, const ErrorFeedback &feedback,
           RelaxedStrip &relaxed) {
  std::vector<VariableRow> rows(size_t(strip.sums));
  std::unique_ptr<ColumnRow[]> asked(new ColumnRow[size_t(strip.sums)]);
  for (int64_t k = 0; k < strip.sums; ++k) {
    for (int64_t n = 0; n < roundedColumns; ++n) {
      float sigmoid = (relaxed.shares[k][n] + below) / stretched;
      rows[size_t(k)].value[n] = std::log(sigmoid / (1 - sigmoid));
    }
    findShares(rows[size_t(k)], relaxed.shares[k]);
    findErrors(strip, relaxed, k);
  }
  for (int iteration = 0; iteration < iterations; ++iteration) {
    AdamStep step = makeStep(iteration);
    findGradients(strip, feedback, 0, strip.sums, asked.get());
    for (int64_t k = 0; k < strip.sums; ++k) {
      VariableRow &row = rows[size_t(k)];
      takeStep(step, asked[k], relaxed.steps[k],
               feedback.getMoments(k)[size_t(k)], relaxed.shares[k], row);
      findShares(row, relaxed.shares[k]);
      findErrors(strip, relaxed, k);
    }
  }
  for (int64_t k = 0; k < strip.sums; ++k)
    for (float &share : relaxed.shares[k])
      share = share < 0.5f ? 0 : 1;
}

} // namespace lambent::quantization
