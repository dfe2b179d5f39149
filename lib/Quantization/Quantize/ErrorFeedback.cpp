//===- ErrorFeedback.cpp - How roundings make up for one another ----------===//
//
// H = R R^T with an upper triangular R splits the cost of errors e into
//
//   e^T H e = sum_k R[k, k]^2 (e[k] + sum_{j < k} e[j] R[j, k] / R[k, k])^2
//
// so that index k, after those before it, is best rounded from
// w[k] + sum_{j < k} e[j] R[j, k] / R[k, k]. These are the numbers of GPTQ
// (E. Frantar et al., arXiv 2210.17323), which takes them from the inverse of
// H, in the form of LDLQ (J. Chee et al., arXiv 2307.13304, theorem 6).
//
// Where a product reads y and was to read x, its weights are best w + H^-1 G w
// with G = sum y (x - y)^T, which makes up for roundings before it (Y. Li et
// al., arXiv 2504.02692, as a change of the weights).
//
//===----------------------------------------------------------------------===//

#include "../WideCode.h"
#include "WeightRounding.h"
#include <cmath>
#include <memory>

using namespace llvm;

namespace lambent::quantization {

/// Of the mean of the diagonal: what keeps directions that samples did not
/// reach from taking any error.
static constexpr double leastDamping = 0.01;
/// Rows that are subtracted from the others at once.
static constexpr int64_t panel = 16;

/// Subtracts rows[0..3][0..count) times their factors.
LAMBENT_WIDE_CODE
static void subtractRows(double *target, const double *const *rows, int64_t row,
                         int64_t count) {
  const double *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
  double fa = a[row], fb = b[row], fc = c[row], fd = d[row];
  for (int64_t j = 0; j < count; ++j)
    target[j] -= fa * a[j] + fb * b[j] + fc * c[j] + fd * d[j];
}

/// Turns row k of the lower triangle into R[0..k, k], from the last one up.
/// Returns whether all squares of the diagonal were positive.
static bool factorize(std::vector<double> &matrix, int64_t size) {
  std::vector<double> zeros(size_t(size), 0.0);
  for (int64_t end = size; end > 0; end -= panel) {
    int64_t begin = std::max<int64_t>(0, end - panel);
    const double *rows[panel];
    for (int64_t k = end; k-- > begin;) {
      double *row = &matrix[size_t(k * size)];
      if (!(row[k] > 0) || !std::isfinite(row[k]))
        return false;
      double root = std::sqrt(row[k]);
      for (int64_t j = 0; j <= k; ++j)
        row[j] /= root;
      for (int64_t i = begin; i < k; ++i)
        for (int64_t j = 0; j <= i; ++j)
          matrix[size_t(i * size + j)] -= row[i] * row[j];
      rows[k - begin] = row;
    }
    for (int64_t i = end - begin; i < panel; ++i)
      rows[i] = zeros.data();
    for (int64_t i = 0; i < begin; ++i)
      for (int64_t four = 0; four < panel; four += 4)
        subtractRows(&matrix[size_t(i * size)], rows + four, i, i + 1);
  }
  return true;
}

Expected<ErrorFeedback> ErrorFeedback::create(const MomentMatrix &given) {
  ErrorFeedback result;
  int64_t size = result.size = given.size;
  double mean = 0;
  for (int64_t k = 0; k < size; ++k)
    mean += double(given.get(k, k)) / double(size);
  std::vector<double> matrix(size_t(size * size));
  result.moments.resize(matrix.size());
  auto factorizeDamped = [&](double added) {
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        double value = double(given.get(i, j)) + (i == j ? added : 0);
        matrix[size_t(i * size + j)] = value;
        result.moments[size_t(i * size + j)] = float(value);
      }
    return factorize(matrix, size);
  };
  // Sums of f32 are off: where what varies is small beside a mean, by more than
  // the least damping. No eigenvalue is larger than the whole diagonal, and an
  // input that is 0 on all samples says nothing: as to the nearest.
  double damping = leastDamping;
  while (!factorizeDamped(mean > 0 ? damping * mean : 1)) {
    damping *= 10;
    if (!(mean > 0) || damping > 10 * double(size))
      return createStringError(
          "has second moments on the samples that are no finite numbers, which "
          "weights cannot follow; leave the node as it is (--keep)");
  }
  result.factors.resize(matrix.size());
  for (int64_t k = 0; k < size; ++k) {
    double root = matrix[size_t(k * size + k)];
    result.importance.push_back(float(root * root));
    for (int64_t j = 0; j < k; ++j)
      result.factors[size_t(k * size + j)] =
          float(matrix[size_t(k * size + j)] / root);
  }
  if (!given.gaps.empty())
    for (int64_t k = 0; k < size; ++k)
      append_range(result.gaps, given.getGaps(k));
  return result;
}

/// rows[j] -= factors[j] * row
LAMBENT_WIDE_CODE
static void spreadRow(ColumnRow *rows, ArrayRef<float> factors,
                      const ColumnRow &row) {
  for (size_t j = 0; j < factors.size(); ++j)
    for (int64_t n = 0; n < roundedColumns; ++n)
      rows[j][n] -= factors[j] * row[n];
}

void ErrorFeedback::closeGaps(ColumnRow *columns) const {
  if (gaps.empty())
    return;
  std::unique_ptr<ColumnRow[]> change(new ColumnRow[size_t(size)]());
  for (int64_t k = 0; k < size; ++k)
    addRows(change[k], ArrayRef(gaps).slice(size_t(k * size), size_t(size)),
            columns);
  // H = U D U^T: U is solved for from the last row up, U^T from the first down.
  for (int64_t k = size; k-- > 0;)
    spreadRow(change.get(), getFactors(k), change[k]);
  for (int64_t k = 0; k < size; ++k) {
    ColumnRow sum = {};
    addRows(sum, getFactors(k), change.get());
    for (int64_t n = 0; n < roundedColumns; ++n) {
      change[k][n] = change[k][n] / importance[size_t(k)] - sum[n];
      columns[k][n] += change[k][n];
    }
  }
}

} // namespace lambent::quantization
