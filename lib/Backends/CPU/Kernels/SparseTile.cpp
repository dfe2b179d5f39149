//===- SparseTile.cpp - Registers of a product of few weights -------------===//

#include "SparseTile.h"
#include "llvm/Support/MathExtras.h"

using namespace lambent;
using namespace lambent::cpu;

int64_t SparseTile::getMaxVectors(const TargetInfo &target, int64_t block) {
  // A block's weights take turns in one register. What each of them is
  // multiplied by stays in others; of one weight it is read by the
  // multiply-adds.
  int64_t registers = target.vectorRegisters;
  if (block == 1 && target.hasFMA)
    return registers - 2;
  return (registers - 1) / (block + 1);
}

SparseCosts::SparseCosts(const SparseTile &tile, const TargetInfo &target) {
  const CPUDescription &cpu = target.description;
  double sums = tile.block * tile.vectors;
  // The offset, the weights, and what they are multiplied by.
  double loads = (1.0 + tile.block + tile.vectors) / cpu.loadsPerCycle,
         multiplies = sums / (target.hasFMA ? 2 : 1);
  // A chain of sums waits for its last one.
  double latency = cpu.multiplyLatency;
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
