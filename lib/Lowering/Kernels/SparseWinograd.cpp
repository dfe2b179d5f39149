//===- SparseWinograd.cpp - Winograd filters without zero vectors ---------===//

#include "lambent/Lowering/Kernels/SparseWinograd.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <numeric>

using namespace lambent::kernels;

/// What products at each point of a form weigh: the norms of a row of B^T and
/// of a column of A^T.
static std::vector<double> getFactors(WinogradForm form) {
  WinogradMatrices matrices(form);
  std::vector<double> factors;
  for (int64_t point = 0; point < form.getPoints(); ++point) {
    double input = 0, output = 0;
    for (int64_t i = 0; i < form.getPoints(); ++i)
      input += std::pow(matrices.input.at(point, i).toDouble(), 2);
    for (int64_t i = 0; i < form.outputs; ++i)
      output += std::pow(matrices.output.at(i, point).toDouble(), 2);
    factors.push_back(std::sqrt(input * output));
  }
  return factors;
}

llvm::Expected<SparseWinogradPacking>
SparseWinogradPacking::create(const Form &form,
                              llvm::ArrayRef<int64_t> packedShape,
                              llvm::ArrayRef<int64_t> sourceShape) {
  if (packedShape.size() != 2 || sourceShape.size() != 4 || form.columns < 1 ||
      form.keptSteps < 0 || !(form.threshold >= 0))
    return llvm::createStringError(
        "packing: expected [panel, words] of a filter of two spatial dims, but "
        "got %zu dims of %zu",
        packedShape.size(), sourceShape.size());
  int64_t panels = packedShape[0], channels = sourceShape[1];
  auto dense = WinogradPacking::create(
      form.forms, {panels, getNumPoints(form.forms), channels, form.columns},
      sourceShape);
  if (!dense)
    return dense.takeError();
  SparseWinogradPacking packing(form, std::move(*dense));
  packing.panel = form.getPanel(channels);
  packing.panels = panels;
  if (packedShape[1] != packing.panel.getWords())
    return llvm::createStringError(
        "packing: expected %lld words a panel, but got %lld",
        (long long)packing.panel.getWords(), (long long)packedShape[1]);
  std::vector<double> y = getFactors(form.forms[0]),
                      x = getFactors(form.forms[1]);
  for (double factorY : y)
    for (double factorX : x)
      packing.factors.push_back(factorY * factorX);
  return packing;
}

std::vector<float> SparseWinogradPacking::read(const char *source, int64_t row,
                                               bool splat) const {
  std::vector<float> values(panel.countSteps() * panel.columns);
  dense.packPanel(source, values.data(), row, splat);
  return values;
}

std::vector<double>
SparseWinogradPacking::rank(llvm::ArrayRef<float> values) const {
  std::vector<double> importance;
  for (int64_t step = 0; step < panel.countSteps(); ++step) {
    double squares = 0;
    for (float value : values.slice(step * panel.columns, panel.columns))
      squares += double(value) * value;
    importance.push_back(std::sqrt(squares) * factors[step / panel.steps]);
  }
  return importance;
}

std::vector<double> SparseWinogradPacking::rank(const char *source,
                                                bool splat) const {
  std::vector<double> all;
  for (int64_t row = 0; row < panels; ++row)
    llvm::append_range(all, rank(read(source, row, splat)));
  return all;
}

bool SparseWinogradPacking::pack(const char *source, char *packed,
                                 int64_t begin, int64_t end, bool splat) const {
  std::vector<uint32_t> offsets;
  for (int64_t step = 0; step < panel.countSteps(); ++step)
    offsets.push_back(uint32_t(step % panel.steps));
  for (int64_t row = begin; row < end; ++row) {
    std::vector<float> values = read(source, row, splat);
    std::vector<double> importance = rank(values);
    if (!panel.write(
            values, offsets,
            [&](int64_t step) { return !(importance[step] <= form.threshold); },
            packed + row * panel.getWords() * SparsePanel::kWordBytes))
      return false;
  }
  return true;
}

double lambent::kernels::findThreshold(std::vector<double> importance,
                                       double share) {
  int64_t count = int64_t(share * importance.size());
  if (count <= 0)
    return 0;
  auto last = importance.begin() + (count - 1);
  std::nth_element(importance.begin(), last, importance.end());
  return *last;
}

KeptSteps lambent::kernels::countAbove(llvm::ArrayRef<double> importance,
                                       int64_t vectors, double threshold) {
  KeptSteps kept;
  for (size_t first = 0; first < importance.size(); first += vectors)
    kept.add(llvm::count_if(importance.slice(first, vectors),
                            [&](double each) { return !(each <= threshold); }));
  return kept;
}
