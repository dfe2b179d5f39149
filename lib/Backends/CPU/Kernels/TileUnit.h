//===- TileUnit.h - Instructions on tiles of matrices -----------*- C++ -*-===//
//
// Eight registers of up to 16 rows of 64 bytes. Whoever uses them configures
// them once, for one number of rows, before any loop: it takes hundreds of
// cycles and clears all.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEUNIT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEUNIT_H

#include "DotStep.h"
#include "lambent/Backends/CPU/KernelBuilder.h"
#include <memory>

namespace lambent::cpu {

/// A block of 2 x 2 tiles of sums, with two tiles of lhs and two of rhs.
class TileUnit {
public:
  static constexpr int64_t kSide = 2;
  static int64_t sum(int64_t i, int64_t j) { return i * kSide + j; }
  static int64_t lhs(int64_t i) { return kSide * kSide + i; }
  static int64_t rhs(int64_t j) { return kSide * kSide + kSide + j; }
  static constexpr int64_t kTiles = kSide * kSide + 2 * kSide;

  TileUnit(KernelBuilder &builder, const DotStep &step, int64_t rows,
           mlir::Value memory)
      : builder(builder), step(step), rows(rows), memory(memory) {}
  virtual ~TileUnit() = default;

  /// The target's. Tiles of sums and lhs have `rows` rows. `memory` is room of
  /// getMemoryBytes, 64-byte aligned.
  static std::unique_ptr<TileUnit> create(KernelBuilder &builder,
                                          const DotStep &step, int64_t rows,
                                          mlir::Value memory);
  static int64_t getMemoryBytes(const TargetInfo &target);

  virtual void configure() = 0;
  virtual void release() = 0;
  virtual void zero(int64_t tile) = 0;
  /// Row r lies at base + r * stride bytes. What `streams` is read once, and
  /// should not drive other data out of L1.
  virtual void load(int64_t tile, mlir::Value base, int64_t stride,
                    bool streams) = 0;
  virtual void store(int64_t tile, mlir::Value base, int64_t stride) = 0;
  /// sum(i, j) += lhs(i) * rhs(j).
  virtual void dot(int64_t i, int64_t j) = 0;

protected:
  int64_t getRows(int64_t tile) const {
    return tile < rhs(0) ? rows : DotStep::kRows;
  }

  KernelBuilder &builder;
  DotStep step;
  int64_t rows;
  mlir::Value memory;
};

/// Plain code in place of the instructions, with the same results.
std::unique_ptr<TileUnit> createEmulatedTiles(KernelBuilder &builder,
                                              const DotStep &step, int64_t rows,
                                              mlir::Value memory);

} // namespace lambent::cpu

#endif
