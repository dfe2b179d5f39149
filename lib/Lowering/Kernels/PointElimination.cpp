//===- PointElimination.cpp - Which points of a filter matter -------------===//

#include "lambent/Lowering/Kernels/PointElimination.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace lambent::kernels;

/// Of max(0, x) with x normal: mean^2 over variance.
constexpr double kMeanSquare = 0.46694;

namespace {

/// What points of one dim have in common: of two, each [point][point].
struct DimOverlaps {
  explicit DimOverlaps(WinogradForm form);
  std::vector<double> outputs; ///< a_p . a_q
  std::vector<double> noise;   ///< b_p . b_q
  std::vector<double> mean;    ///< the products of their sums
};

} // namespace

DimOverlaps::DimOverlaps(WinogradForm form) {
  WinogradMatrices matrices(form);
  int64_t points = form.getPoints();
  for (int64_t p = 0; p < points; ++p)
    for (int64_t q = 0; q < points; ++q) {
      double output = 0, both = 0, sumP = 0, sumQ = 0;
      for (int64_t i = 0; i < form.outputs; ++i)
        output += matrices.output.at(i, p).toDouble() *
                  matrices.output.at(i, q).toDouble();
      for (int64_t i = 0; i < points; ++i) {
        double ofP = matrices.input.at(p, i).toDouble(),
               ofQ = matrices.input.at(q, i).toDouble();
        both += ofP * ofQ;
        sumP += ofP;
        sumQ += ofQ;
      }
      outputs.push_back(output);
      noise.push_back(both);
      mean.push_back(sumP * sumQ);
    }
}

/// The inverse of a symmetric positive definite matrix, by Gauss and Jordan.
static std::vector<double> invert(std::vector<double> matrix, int64_t size) {
  for (int64_t k = 0; k < size; ++k) {
    double pivot = matrix[k * size + k];
    matrix[k * size + k] = 1;
    for (int64_t j = 0; j < size; ++j)
      matrix[k * size + j] /= pivot;
    for (int64_t i = 0; i < size; ++i) {
      if (i == k)
        continue;
      double factor = matrix[i * size + k];
      matrix[i * size + k] = 0;
      for (int64_t j = 0; j < size; ++j)
        matrix[i * size + j] -= factor * matrix[k * size + j];
    }
  }
  return matrix;
}

PointElimination::PointElimination(const WinogradForms &forms)
    : points(getNumPoints(forms)) {
  DimOverlaps y(forms[0]), x(forms[1]);
  int64_t height = forms[0].getPoints(), width = forms[1].getPoints();
  std::vector<double> overlaps;
  for (int64_t p = 0; p < points; ++p)
    for (int64_t q = 0; q < points; ++q) {
      int64_t i = p / width * height + q / width,
              j = p % width * width + q % width;
      overlaps.push_back(
          y.outputs[i] * x.outputs[j] *
          (y.noise[i] * x.noise[j] + kMeanSquare * y.mean[i] * x.mean[j]));
    }
  inverse = invert(std::move(overlaps), points);
}

PointElimination::Ranking
PointElimination::run(llvm::MutableArrayRef<double> vectors,
                      double most) const {
  int64_t columns = vectors.size() / points;
  Ranking ranking;
  ranking.importance.assign(points, std::numeric_limits<double>::infinity());
  ranking.losses.assign(points, 0);
  std::vector<double> left = inverse; // of the points that are left
  llvm::SmallVector<int64_t> kept;
  for (int64_t p = 0; p < points; ++p)
    kept.push_back(p);
  double level = 0;
  while (!kept.empty()) {
    auto getLoss = [&](int64_t p) {
      double squares = 0;
      for (double value : vectors.slice(p * columns, columns))
        squares += value * value;
      return squares / left[p * points + p];
    };
    auto next = kept.begin();
    double loss = getLoss(*next);
    for (auto it = next + 1; it != kept.end(); ++it)
      if (double other = getLoss(*it); other < loss) {
        next = it;
        loss = other;
      }
    level = std::max(level, std::sqrt(loss));
    if (level > most)
      break;
    int64_t p = *next;
    kept.erase(next);
    ranking.importance[p] = level;
    ranking.losses[p] = loss;
    const double *row = left.data() + p * points;
    for (int64_t q : kept) {
      double factor = left[q * points + p] / row[p];
      for (int64_t i = 0; i < columns; ++i)
        vectors[q * columns + i] -= factor * vectors[p * columns + i];
      for (int64_t r : kept)
        left[q * points + r] -= factor * row[r];
    }
  }
  return ranking;
}
