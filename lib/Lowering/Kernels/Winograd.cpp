//===- Winograd.cpp - The algebra of Winograd convolutions ----------------===//
//
// To add F(m, r): if the table lacks points for m + r - 2, try sets of small
// fractions and their negatives, nearest to 1 in size, on measureWinogradError
// and take the best. Points beside 1 (5/8 and 3/2) err half as much as 1 and 2
// or 1 and 1/2, and negatives halve the work of LinearTransform.
//
//===----------------------------------------------------------------------===//

#include "lambent/Lowering/Kernels/Winograd.h"
#include <cassert>
#include <cstring>

using namespace lambent::kernels;

/// The finite points of a form with this many.
static std::optional<llvm::SmallVector<Fraction>> getTable(int64_t count) {
  using Points = llvm::SmallVector<Fraction>;
  switch (count) {
  case 0:
    return Points{};
  case 1:
    return Points{0};
  case 2:
    return Points{0, 1};
  case 3:
    return Points{0, 1, -1};
  case 5:
    return Points{0, {5, 8}, {-5, 8}, {3, 2}, {-3, 2}};
  case 7:
    return Points{0, {1, 2}, {-1, 2}, 1, -1, 2, -2};
  case 9:
    return Points{0, {1, 2}, {-1, 2}, {3, 4}, {-3, 4}, {4, 3}, {-4, 3}, 2, -2};
  default:
    return std::nullopt;
  }
}

bool WinogradForm::isKnown() const {
  return outputs >= 1 && taps >= 1 && getTable(getPoints() - 1).has_value();
}

/// The coefficients of the product of (x - root), lowest first.
static llvm::SmallVector<Fraction>
multiplyRoots(llvm::ArrayRef<Fraction> roots) {
  llvm::SmallVector<Fraction> result{1};
  for (Fraction root : roots) {
    result.insert(result.begin(), 0); // times x
    for (size_t i = 0; i + 1 < result.size(); ++i)
      result[i] = result[i] - root * result[i + 1];
  }
  return result;
}

WinogradMatrices::WinogradMatrices(WinogradForm form)
    : WinogradMatrices(form, *getTable(form.getPoints() - 1)) {}

WinogradMatrices::WinogradMatrices(WinogradForm form,
                                   llvm::ArrayRef<Fraction> points)
    : input(form.getPoints(), form.getPoints()),
      filter(form.getPoints(), form.taps),
      output(form.outputs, form.getPoints()) {
  int64_t last = form.getPoints() - 1;
  assert(int64_t(points.size()) == last && "one point fewer than products");
  for (int64_t i = 0; i <= last; ++i) {
    llvm::SmallVector<Fraction> others(points);
    Fraction scale = 1;
    if (i < last) {
      others.erase(others.begin() + i);
      for (Fraction other : others)
        scale = scale * (points[i] - other);
    }
    for (auto [k, coefficient] : llvm::enumerate(multiplyRoots(others)))
      input.at(i, k) = coefficient;
    auto fillPowers = [&](int64_t count, auto entry, Fraction first) {
      for (int64_t k = 0; k < count; ++k) {
        // At infinity only the highest power counts.
        entry(k) = i < last ? first : Fraction(k + 1 == count ? 1 : 0);
        if (i < last)
          first = first * points[i];
      }
    };
    fillPowers(
        form.taps, [&](int64_t k) -> Fraction & { return filter.at(i, k); },
        Fraction(1) / scale);
    fillPowers(
        form.outputs, [&](int64_t k) -> Fraction & { return output.at(k, i); },
        1);
  }
}

//===-- Packing -----------------------------------------------------------===//

static std::vector<double> toDoubles(const FractionMatrix &matrix) {
  std::vector<double> values;
  for (int64_t row = 0; row < matrix.getRows(); ++row)
    for (int64_t column = 0; column < matrix.getColumns(); ++column)
      values.push_back(matrix.at(row, column).toDouble());
  return values;
}

WinogradPacking::WinogradPacking(const WinogradForms &forms)
    : forms(forms), filterY(toDoubles(WinogradMatrices(forms[0]).filter)),
      filterX(toDoubles(WinogradMatrices(forms[1]).filter)) {}

llvm::Expected<WinogradPacking>
WinogradPacking::create(const WinogradForms &forms,
                        llvm::ArrayRef<int64_t> packedShape,
                        llvm::ArrayRef<int64_t> sourceShape) {
  if (!forms[0].isKnown() || !forms[1].isKnown())
    return llvm::createStringError("packing: no points for this Winograd form");
  bool isFilter = sourceShape.size() == 4 && sourceShape[2] == forms[0].taps &&
                  sourceShape[3] == forms[1].taps;
  if (!isFilter)
    return llvm::createStringError(
        "packing: expected a filter of %lld x %lld taps",
        static_cast<long long>(forms[0].taps),
        static_cast<long long>(forms[1].taps));
  WinogradPacking packing(forms);
  packing.outputChannels = sourceShape[0];
  packing.inputChannels = sourceShape[1];
  bool isPacked = packedShape.size() == 4 &&
                  packedShape[1] == getNumPoints(forms) &&
                  packedShape[2] == packing.inputChannels &&
                  packedShape[0] * packedShape[3] >= packing.outputChannels;
  if (!isPacked)
    return llvm::createStringError(
        "packing: expected panels of %lld points and %lld channels",
        static_cast<long long>(getNumPoints(forms)),
        static_cast<long long>(packing.inputChannels));
  packing.panels = packedShape[0];
  packing.columns = packedShape[3];
  return packing;
}

/// to[i, column] = sum over k of matrix[i, k] * from[k, column], where both
/// are rows of `columns` numbers, `fromStep` and `toStep` rows apart.
static void multiplyRows(const std::vector<double> &matrix, int64_t rows,
                         const double *from, int64_t fromStep, double *to,
                         int64_t toStep, int64_t columns) {
  int64_t depth = matrix.size() / rows;
  for (int64_t i = 0; i < rows; ++i) {
    double *sums = to + i * toStep * columns;
    std::fill_n(sums, columns, 0.0);
    for (int64_t k = 0; k < depth; ++k) {
      double factor = matrix[i * depth + k];
      const double *values = from + k * fromStep * columns;
      if (factor != 0)
        for (int64_t j = 0; j < columns; ++j)
          sums[j] += factor * values[j];
    }
  }
}

void WinogradPacking::packChannel(const char *source, float *target,
                                  int64_t panel, int64_t channel,
                                  bool splat) const {
  int64_t ty = forms[0].taps, tx = forms[1].taps, ay = forms[0].getPoints(),
          ax = forms[1].getPoints(), taps = ty * tx;
  // Taps of all columns, then G along y, then along x.
  std::vector<double> filter(taps * columns), half(ay * tx * columns),
      whole(ay * ax * columns);
  int64_t count =
      std::clamp<int64_t>(outputChannels - panel * columns, 0, columns);
  for (int64_t j = 0; j < count; ++j)
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t position =
          ((panel * columns + j) * inputChannels + channel) * taps + tap;
      float value;
      std::memcpy(&value, source + (splat ? 0 : position * 4), 4);
      filter[tap * columns + j] = value;
    }
  for (int64_t x = 0; x < tx; ++x)
    multiplyRows(filterY, ay, &filter[x * columns], tx, &half[x * columns], tx,
                 columns);
  for (int64_t y = 0; y < ay; ++y)
    multiplyRows(filterX, ax, &half[y * tx * columns], 1,
                 &whole[y * ax * columns], 1, columns);
  for (int64_t point = 0; point < ay * ax; ++point) {
    float *to = target + (point * inputChannels + channel) * columns;
    for (int64_t j = 0; j < columns; ++j)
      to[j] = float(whole[point * columns + j]);
  }
}

bool WinogradPacking::pack(const char *source, char *packed, int64_t begin,
                           int64_t end, bool splat) const {
  for (int64_t row = begin; row < end; ++row) {
    int64_t panel = row / inputChannels;
    float *target = reinterpret_cast<float *>(packed) +
                    panel * getNumPoints(forms) * inputChannels * columns;
    packChannel(source, target, panel, row % inputChannels, splat);
  }
  return true;
}

void WinogradPacking::packPanel(const char *source, float *target,
                                int64_t panel, bool splat) const {
  for (int64_t channel = 0; channel < inputChannels; ++channel)
    packChannel(source, target, panel, channel, splat);
}
