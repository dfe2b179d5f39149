//===- SplitProduct.cpp - Products of parts on tiles ----------------------===//

#include "SplitProduct.h"
#include "TileUnit.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

ArrayRef<PartProduct> cpu::getPartProducts(int64_t parts) {
  static constexpr PartProduct one[] = {{0, 0}};
  static constexpr PartProduct three[] = {{1, 0}, {0, 0}, {0, 1}};
  static constexpr PartProduct six[] = {{2, 0}, {1, 0}, {0, 0},
                                        {0, 2}, {0, 1}, {1, 1}};
  switch (parts) {
  case 1:
    return one;
  case 2:
    return three;
  default:
    return six;
  }
}

SplitProduct::SplitProduct(const DotStep &step, const TargetInfo &target,
                           int64_t parts)
    : step(step), parts(parts), lanes(target.getLanes(step.accumulator)),
      unitBytes(TileUnit::getMemoryBytes(target)) {}

void SplitProduct::setColumns(int64_t count) {
  columns = count;
  panels = divideCeil(count, kPanelColumns);
}

void SplitProduct::chooseBlockSteps(const TargetInfo &target, int64_t pairs) {
  // The rest of L1 is for sums and for what passes by.
  int64_t most = std::max<int64_t>(1, target.description.l1Bytes / 3 * 2 /
                                          (parts * kPanelStepBytes));
  blockSteps = pairs < 2 ? steps : divideCeil(steps, divideCeil(steps, most));
}

SplitProduct::Scratch SplitProduct::getScratch(int64_t lhsBytes) const {
  constexpr int64_t sumBytes = 4;
  Scratch scratch;
  scratch.stage = unitBytes;
  scratch.sums = scratch.stage + 3 * kSumsBytes;
  scratch.lhs = scratch.sums + (getBlocks() > 1 ? chunkPairs * kSumsBytes : 0);
  scratch.panel = scratch.lhs + llvm::alignTo(lhsBytes, DotStep::kRowBytes);
  // One part is never added up.
  scratch.bytes = scratch.panel;
  if (parts > 1)
    scratch.bytes += steps * step.getDepth() * kPanelColumns * sumBytes;
  return scratch;
}

std::string SplitProduct::describeTiles() const {
  std::string shape =
      std::to_string(2 * rows) + "x" + std::to_string(kPanelColumns);
  if (parts == 1)
    return shape + (step.rhs.isBF16() ? " of bf16" : " of bytes");
  return shape + " of " + std::to_string(getPartProducts(parts).size()) +
         " bf16 products";
}

SplitCosts::SplitCosts(const SplitProduct &product, const TargetInfo &target)
    : arePartsRead(product.parts > 1) {
  const TileSpeed &speed = target.description.tiles;
  // Storing sums and the epilogue, which nothing overlaps.
  constexpr double ends = 200;
  // Splitting 16 elements into two parts takes some 17 instructions on two
  // ports, and three more for each further part on both.
  // Copying a row of a tile takes two.
  constexpr double split = 0.5, splitMore = 0.25;
  double copy = 2.0 / product.step.getDepth();
  double dot = std::max(speed.least, speed.base + speed.row * product.rows);
  block = product.steps * getPartProducts(product.parts).size() * 4 * dot /
              speed.share +
          ends;
  perElement =
      product.parts == 1 ? copy : split + splitMore * (product.parts - 2);
  int64_t bytes = product.getPanelBytes() * product.parts;
  panel = bytes / (bytes * product.panels >= kFarBytes ? speed.l3 : speed.l2);
}
