//===- SparsePanels.cpp - Panels without the steps that are zero ----------===//

#include "lambent/Lowering/Kernels/SparsePanels.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace lambent::kernels;

int64_t SparsePanel::getWords() const {
  constexpr int64_t lineWords = 16;
  return llvm::alignTo(getStepsOffset() + keptSteps, lineWords);
}

bool SparsePanel::write(llvm::ArrayRef<float> dense,
                        llvm::ArrayRef<uint32_t> offsets,
                        llvm::function_ref<bool(int64_t)> keeps,
                        char *packed) const {
  std::vector<uint32_t> begins{0}, kept;
  std::memset(packed, 0, getWords() * kWordBytes);
  for (int64_t step = 0; step < countSteps(); ++step) {
    if (keeps(step)) {
      if (int64_t(kept.size()) == keptSteps)
        return false;
      std::memcpy(packed + kept.size() * columns * kWordBytes,
                  &dense[step * columns], columns * kWordBytes);
      kept.push_back(offsets[step]);
    }
    if ((step + 1) % steps == 0)
      begins.push_back(kept.size());
  }
  std::memcpy(packed + getSectionsOffset() * kWordBytes, begins.data(),
              begins.size() * kWordBytes);
  if (!kept.empty())
    std::memcpy(packed + getStepsOffset() * kWordBytes, kept.data(),
                kept.size() * kWordBytes);
  return true;
}

SparsePanel SparsePacking::Form::getPanel() const {
  SparsePanel panel;
  for (int64_t size : inner.drop_back(2))
    panel.sections *= size;
  panel.steps = inner[inner.size() - 2];
  panel.columns = inner.back();
  panel.keptSteps = keptSteps;
  return panel;
}

/// The offset of each step: its indices times strides.
static std::vector<uint32_t> listOffsets(llvm::ArrayRef<int64_t> sizes,
                                         llvm::ArrayRef<int64_t> strides) {
  std::vector<uint32_t> offsets{0};
  for (auto [size, stride] : llvm::zip_equal(sizes, strides)) {
    std::vector<uint32_t> next;
    for (uint32_t offset : offsets)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(uint32_t(offset + i * stride));
    offsets = std::move(next);
  }
  return offsets;
}

llvm::Expected<SparsePacking>
SparsePacking::create(const Form &form, llvm::ArrayRef<int64_t> packedShape,
                      llvm::ArrayRef<int64_t> sourceShape) {
  if (packedShape.empty() || form.inner.size() < 2 ||
      form.strides.size() + 1 != form.inner.size())
    return llvm::createStringError(
        "packing: expected panels [tap..., k, column] with a stride for each "
        "dim but the last one, but got %zu dims and %zu strides",
        form.inner.size(), form.strides.size());
  auto isBad = [](int64_t value) { return value < 0; };
  if (form.keptSteps < 0 || llvm::any_of(form.inner, isBad) ||
      llvm::any_of(form.strides, isBad))
    return llvm::createStringError(
        "packing: expected sizes, strides and kept steps of at least 0");
  int64_t last = 0;
  for (auto [size, stride] :
       llvm::zip_equal(form.inner.drop_back(), form.strides))
    last += std::max<int64_t>(0, size - 1) * stride;
  if (!llvm::isUInt<32>(last))
    return llvm::createStringError(
        "packing: expected offsets of 32 bits, but got %lld", (long long)last);
  SparsePanel panel = form.getPanel();
  if (packedShape.back() != panel.getWords())
    return llvm::createStringError(
        "packing: expected %lld words a panel, but got %lld",
        (long long)panel.getWords(), (long long)packedShape.back());
  llvm::ArrayRef<int64_t> outer = packedShape.drop_back();
  llvm::SmallVector<int64_t> shape(outer);
  llvm::append_range(shape, form.inner);
  auto dense = Packing::create(form.map, shape, sourceShape, SparsePanel::kWordBytes);
  if (!dense)
    return dense.takeError();
  SparsePacking packing(std::move(*dense));
  packing.panel = panel;
  packing.offsets = listOffsets(form.inner.drop_back(), form.strides);
  for (int64_t size : outer)
    packing.panels *= size;
  return packing;
}

std::vector<float> SparsePacking::read(const char *source, int64_t row,
                                       bool splat) const {
  int64_t rows = panel.countSteps();
  std::vector<float> values(rows * panel.columns);
  dense.packInto(source, reinterpret_cast<char *>(values.data()), row * rows,
                 (row + 1) * rows, splat);
  return values;
}

/// Whether step `step` of a dense panel has a weight.
static bool isKept(llvm::ArrayRef<float> dense, int64_t step, int64_t columns) {
  return llvm::any_of(dense.slice(step * columns, columns),
                      [](float value) { return value != 0; });
}

bool SparsePacking::pack(const char *source, char *packed, int64_t begin,
                         int64_t end, bool splat) const {
  for (int64_t row = begin; row < end; ++row) {
    std::vector<float> values = read(source, row, splat);
    if (!panel.write(
            values, offsets,
            [&](int64_t step) { return isKept(values, step, panel.columns); },
            packed + row * panel.getWords() * SparsePanel::kWordBytes))
      return false;
  }
  return true;
}

KeptSteps SparsePacking::count(const char *source, bool splat) const {
  KeptSteps kept;
  for (int64_t row = 0; row < panels; ++row) {
    std::vector<float> values = read(source, row, splat);
    int64_t count = 0;
    for (int64_t step = 0; step < panel.countSteps(); ++step)
      count += isKept(values, step, panel.columns);
    kept.add(count);
  }
  return kept;
}
