//===- BitPacking.cpp - Constants of few bits, several in a byte ----------===//

#include "lambent/Lowering/Kernels/BitPacking.h"
#include "lambent/ElementTypes/ElementType.h"

using namespace lambent::kernels;

llvm::Expected<BitPacking>
BitPacking::create(mlir::AffineMap map, llvm::ArrayRef<int64_t> packedShape,
                   llvm::ArrayRef<int64_t> sourceShape, int64_t bits) {
  if ((bits != 2 && bits != 4) || packedShape.empty())
    return llvm::createStringError("packing: expected a list of elements of 2 "
                                   "or 4 bits, but got %zu dims of %lld bits",
                                   packedShape.size(), (long long)bits);
  llvm::SmallVector<int64_t> shape(packedShape);
  shape.back() *= 8 / bits;
  auto elements = Packing::create(map, shape, sourceShape, /*elementBytes=*/1);
  if (!elements)
    return elements.takeError();
  BitPacking packing(std::move(*elements));
  packing.bits = bits;
  packing.rowElements = shape.back();
  return packing;
}

bool BitPacking::pack(const char *source, char *packed, int64_t begin,
                      int64_t end, bool splat) const {
  // So many rows at a time that a step is worth it and stays in L1.
  constexpr int64_t kStepBytes = 8192;
  int64_t step = std::max<int64_t>(1, kStepBytes / rowElements);
  std::vector<char> bytes(step * rowElements);
  for (int64_t row = begin; row < end; row += step) {
    int64_t next = std::min(end, row + step);
    elements.packInto(source, bytes.data(), row, next, splat);
    packElements(bytes.data(), packed + row * rowElements * bits / 8,
                 uint64_t((next - row) * rowElements), uint8_t(bits));
  }
  return true;
}
