//===- SparseWinograd.cpp - Winograd filters without zero vectors ---------===//

#include "lambent/Lowering/Kernels/SparseWinograd.h"
#include "llvm/ADT/STLExtras.h"

using namespace lambent::kernels;

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
  return packing;
}

std::vector<float> SparseWinogradPacking::read(const char *source, int64_t row,
                                               bool splat) const {
  std::vector<float> values(panel.countSteps() * panel.columns);
  dense.packPanel(source, values.data(), row, splat);
  return values;
}

PointElimination::Ranking
SparseWinogradPacking::prune(llvm::MutableArrayRef<float> values,
                             double most) const {
  PointElimination::Ranking all;
  all.importance.resize(panel.countSteps());
  all.losses.resize(panel.countSteps());
  std::vector<double> vectors(panel.sections * panel.columns);
  for (int64_t channel = 0; channel < panel.steps; ++channel) {
    auto forEachValue = [&](auto function) {
      for (int64_t point = 0; point < panel.sections; ++point)
        for (int64_t i = 0; i < panel.columns; ++i)
          function(values[(point * panel.steps + channel) * panel.columns + i],
                   vectors[point * panel.columns + i]);
    };
    forEachValue([](float from, double &to) { to = from; });
    PointElimination::Ranking own = elimination.run(vectors, most);
    forEachValue([](float &to, double from) { to = float(from); });
    for (int64_t point = 0; point < panel.sections; ++point) {
      all.importance[point * panel.steps + channel] = own.importance[point];
      all.losses[point * panel.steps + channel] = own.losses[point];
    }
  }
  return all;
}

PointElimination::Ranking SparseWinogradPacking::rank(const char *source,
                                                      bool splat,
                                                      double most) const {
  PointElimination::Ranking all;
  for (int64_t row = 0; row < panels; ++row) {
    std::vector<float> values = read(source, row, splat);
    PointElimination::Ranking own = prune(values, most);
    llvm::append_range(all.importance, own.importance);
    llvm::append_range(all.losses, own.losses);
  }
  return all;
}

bool SparseWinogradPacking::pack(const char *source, char *packed,
                                 int64_t begin, int64_t end, bool splat) const {
  std::vector<uint32_t> offsets;
  for (int64_t step = 0; step < panel.countSteps(); ++step)
    offsets.push_back(uint32_t(step % panel.steps));
  for (int64_t row = begin; row < end; ++row) {
    std::vector<float> values = read(source, row, splat);
    std::vector<double> importance = prune(values, form.threshold).importance;
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
