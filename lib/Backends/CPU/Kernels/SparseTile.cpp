//===- SparseTile.cpp - Registers of a product of few weights -------------===//

#include "SparseTile.h"
#include "llvm/Support/MathExtras.h"

using namespace lambent;
using namespace lambent::cpu;

/// Whether what multiplies adds to its sum, too.
static bool addsProducts(const SparseWord &word, const TargetInfo &target) {
  return word.areBytes() ? target.hasVNNI : target.hasFMA;
}

int64_t SparseTile::getMaxVectors(const TargetInfo &target,
                                  const SparseWord &word, int64_t block) {
  // A block's weights take turns in one register. What each of them is
  // multiplied by stays in others; of one weight it is read by the
  // multiply-adds.
  int64_t registers = target.vectorRegisters;
  bool adds = addsProducts(word, target);
  // A product by itself takes a register.
  if (word.areBytes() && !adds)
    --registers;
  if (block == 1 && (adds || word.areBytes()))
    return registers - 2;
  return (registers - 1) / (block + 1);
}

SparseCosts::SparseCosts(const SparseTile &tile, const TargetInfo &target) {
  const CPUDescription &cpu = target.description;
  double sums = tile.block * tile.vectors;
  // The offset, the weights, and what they are multiplied by.
  double loads = (1.0 + tile.block + tile.vectors) / cpu.loadsPerCycle,
         multiplies = sums / (addsProducts(tile.word, target) ? 2 : 1);
  // A chain of sums waits for its last one.
  double latency = cpu.multiplyLatency;
  // What adds to sums takes turns of what multiplies. Measured on a Zen 3: 4x2
  // vectors take 6.5 cycles, 4x3 9.6, and 1x8 8.5, 1x12 12.3, which read as
  // many.
  if (tile.word.areBytes() && !addsProducts(tile.word, target))
    multiplies = (tile.block == 1 ? 1.05 : 0.8) * sums;
  entry = std::max({loads, multiplies, latency});
  // Sums are read and written, one store a cycle, and the end of the row's
  // entries is found out late.
  constexpr double rowBase = 10;
  row = rowBase + sums + sums / cpu.loadsPerCycle;
  // A vector is read and written, and takes part in log2(lanes) shuffles.
  double perVector =
      1.0 + 1.0 / cpu.loadsPerCycle + llvm::Log2_64(tile.lanes) / 2.0;
  transpose = perVector / tile.lanes;
}

std::string cpu::explainWrongRows(mlir::Value weights,
                                  const kernels::SparseRows &rows,
                                  int64_t entries) {
  auto type = mlir::cast<mlir::MemRefType>(weights.getType());
  int64_t bytes = rows.getBytes(entries);
  if (type.getElementType().isInteger(8) && type.getRank() == 1 &&
      type.getDimSize(0) == bytes)
    return "";
  return "expected weights packed as sparse rows in " + std::to_string(bytes) +
         " bytes";
}

int64_t cpu::getSectionElements(const TargetInfo &target) {
  // The rest is for sums and for what passes by.
  return target.description.l1Bytes / 2 / SparseTile::kElementBytes;
}
