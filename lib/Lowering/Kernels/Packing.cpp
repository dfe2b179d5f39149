//===- Packing.cpp - Carries out the packing of a constant ----------------===//
//
// An affine map makes the source's offset linear in the packed index, so that a
// packed row is a strided run of the source. The bounds of every source dim cut
// the row to an interval; outside it are zeros.
//
//===----------------------------------------------------------------------===//

#include "lambent/Lowering/Kernels/Packing.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace lambent::kernels;
using mlir::AffineExpr;

/// Adds `scale * expr` to a constant and one coefficient per dim; false when
/// `expr` is not linear.
static bool addLinear(AffineExpr expr, int64_t scale, int64_t &constant,
                      std::vector<int64_t> &coefficients) {
  if (auto value = mlir::dyn_cast<mlir::AffineConstantExpr>(expr)) {
    constant += scale * value.getValue();
    return true;
  }
  if (auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(expr)) {
    coefficients[dim.getPosition()] += scale;
    return true;
  }
  auto binary = mlir::dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == mlir::AffineExprKind::Add)
    return addLinear(binary.getLHS(), scale, constant, coefficients) &&
           addLinear(binary.getRHS(), scale, constant, coefficients);
  auto factor = mlir::dyn_cast<mlir::AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == mlir::AffineExprKind::Mul && factor &&
         addLinear(binary.getLHS(), scale * factor.getValue(), constant,
                   coefficients);
}

llvm::Expected<Packing> Packing::create(mlir::AffineMap map,
                                        llvm::ArrayRef<int64_t> packedShape,
                                        llvm::ArrayRef<int64_t> sourceShape,
                                        unsigned elementBytes) {
  if (map.getNumDims() != packedShape.size() || map.getNumSymbols() != 0)
    return llvm::createStringError(
        "packing: expected a map of %zu dims, but got %u", packedShape.size(),
        map.getNumDims());
  if (map.getNumResults() != sourceShape.size())
    return llvm::createStringError(
        "packing: expected a map with %zu results, but got %u",
        sourceShape.size(), map.getNumResults());
  if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4 &&
      elementBytes != 8)
    return llvm::createStringError(
        "packing: expected elements of 1, 2, 4 or 8 bytes, but got %u",
        elementBytes);

  Packing packing;
  packing.elementBytes = elementBytes;
  packing.offsetSteps.assign(packedShape.size(), 0);
  int64_t sourceStep = 1;
  for (size_t d = sourceShape.size(); d-- > 0; sourceStep *= sourceShape[d]) {
    SourceDim dim;
    dim.size = sourceShape[d];
    dim.coefficients.assign(packedShape.size(), 0);
    if (!addLinear(map.getResult(d), 1, dim.constant, dim.coefficients))
      return llvm::createStringError(
          "packing: expected result %zu of the map to be linear", d);
    packing.offset += dim.constant * sourceStep;
    for (size_t p = 0; p < packedShape.size(); ++p)
      packing.offsetSteps[p] += dim.coefficients[p] * sourceStep;
    packing.dims.push_back(std::move(dim));
  }
  if (!packedShape.empty()) {
    packing.columns = packedShape.back();
    packing.outerSizes.assign(packedShape.begin(), packedShape.end() - 1);
  }
  for (int64_t size : packing.outerSizes)
    packing.rows *= size;
  return packing;
}

/// Where one packed row comes from: elements [begin, end) at `offset` + column
/// * step, zeros beside them.
struct Packing::Row {
  int64_t begin = 0, end = 0, offset = 0;

  Row(const Packing &packing, const std::vector<int64_t> &outer)
      : end(packing.columns), offset(packing.offset) {
    size_t last = outer.size();
    bool hasColumns = packing.offsetSteps.size() > last;
    for (size_t d = 0; d < last; ++d)
      offset += outer[d] * packing.offsetSteps[d];
    for (const SourceDim &dim : packing.dims) {
      int64_t index = dim.constant;
      for (size_t d = 0; d < last; ++d)
        index += outer[d] * dim.coefficients[d];
      int64_t step = hasColumns ? dim.coefficients[last] : 0;
      // Columns with 0 <= index + step * column < size.
      if (step == 0) {
        if (index < 0 || index >= dim.size)
          end = begin;
        continue;
      }
      int64_t atZero = step > 0 ? llvm::divideCeilSigned(-index, step)
                                : llvm::divideFloorSigned(-index, step) + 1;
      int64_t atSize =
          step > 0 ? llvm::divideCeilSigned(dim.size - index, step)
                   : llvm::divideFloorSigned(dim.size - index, step) + 1;
      begin = std::max(begin, step > 0 ? atZero : atSize);
      end = std::min(end, step > 0 ? atSize : atZero);
    }
    begin = std::min(begin, packing.columns);
    end = std::max(begin, end);
  }
};

template <typename T>
void Packing::packRows(const char *source, char *target, int64_t begin,
                       int64_t end, bool splat) const {
  std::vector<int64_t> outer(outerSizes.size());
  int64_t linear = begin;
  for (size_t d = outer.size(); d-- > 0; linear /= outerSizes[d])
    outer[d] = linear % outerSizes[d];
  int64_t step = offsetSteps.size() > outer.size() ? offsetSteps.back() : 0;
  if (splat)
    step = 0;

  for (int64_t r = begin; r < end; ++r) {
    Row row(*this, outer);
    char *to = target + (r - begin) * columns * int64_t(sizeof(T));
    std::memset(to, 0, row.begin * sizeof(T));
    std::memset(to + row.end * sizeof(T), 0, (columns - row.end) * sizeof(T));
    const char *from =
        splat ? source
              : source + (row.offset + row.begin * step) * int64_t(sizeof(T));
    to += row.begin * sizeof(T);
    int64_t count = row.end - row.begin;
    if (step == 1) {
      std::memcpy(to, from, count * sizeof(T));
    } else {
      for (int64_t i = 0; i < count; ++i)
        std::memcpy(to + i * sizeof(T), from + i * step * int64_t(sizeof(T)),
                    sizeof(T));
    }
    for (size_t d = outer.size(); d-- > 0;) {
      if (++outer[d] < outerSizes[d])
        break;
      outer[d] = 0;
    }
  }
}

bool Packing::pack(const char *source, char *packed, int64_t begin, int64_t end,
                   bool splat) const {
  packInto(source, packed + begin * columns * elementBytes, begin, end, splat);
  return true;
}

void Packing::packInto(const char *source, char *target, int64_t begin,
                       int64_t end, bool splat) const {
  if (begin >= end || columns == 0)
    return;
  switch (elementBytes) {
  case 1:
    return packRows<uint8_t>(source, target, begin, end, splat);
  case 2:
    return packRows<uint16_t>(source, target, begin, end, splat);
  case 4:
    return packRows<uint32_t>(source, target, begin, end, splat);
  default:
    return packRows<uint64_t>(source, target, begin, end, splat);
  }
}
