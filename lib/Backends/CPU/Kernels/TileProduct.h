//===- TileProduct.h - How a register tile multiplies -----------*- C++ -*-===//
//
// A step of a tile takes one k of numbers. Of 8-bit integers it takes a group
// of four, which fill 32 bits as an accumulator does: one operand is unsigned,
// the other signed, and sums are i32. Where an instruction adds up a group
// (VNNI), it does; else the group is widened to 16 bits in two halves, whose
// products of pairs are exact. Rhs lies as [K / 4][column][4] on every CPU. Of
// weights that are known to be small enough, products of pairs are added up in
// 16 bits over a chain of steps (vpmaddubsw), and widened once.
//
// Of bf16 a step takes a pair of k where an instruction adds up pairs
// (AVX512-BF16), with rhs as [K / 2][column][2]; elsewhere it takes one,
// widened to f32. The instruction counts denormal numbers as zeros.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEPRODUCT_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_TILEPRODUCT_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

/// What is multiplied, and what is added up.
struct ProductTypes {
  mlir::Type lhs, rhs;
  mlir::Type accumulator;
  int64_t group = 1; ///< neighbouring k of a step
  /// Steps whose sums of pairs fit 16 bits (ShortPacking); 0: unknown.
  int64_t chain = 0;

  /// Of an op on buffers of `element` whose epilogue begins with `accumulator`:
  /// 8-bit integers with sums of i32 are unsigned in lhs, signed in rhs.
  static ProductTypes find(mlir::Type element, mlir::Type accumulator,
                           const TargetInfo &target);
  /// The same where `channels` neighbouring k are summed over, then others: no
  /// step crosses them. Bytes come in fours.
  static ProductTypes find(mlir::Type element, mlir::Type accumulator,
                           int64_t channels, const TargetInfo &target);
  bool areBytes() const { return lhs != rhs; }
};

/// How elements are loaded and multiplied. Narrow floats are widened as they
/// are loaded.
class TileProduct {
public:
  TileProduct(const ProductTypes &types, const TargetInfo &target)
      : types(types), lanes(target.getLanes(types.accumulator)),
        group(types.group) {}
  /// Steps that are multiplied together.
  int64_t getChain() const { return std::max<int64_t>(1, types.chain); }
  /// Of one type; sums are of type `accumulator`.
  TileProduct(mlir::Type element, mlir::Type accumulator,
              const TargetInfo &target)
      : TileProduct(ProductTypes{element, element, accumulator}, target) {}

  mlir::Type getAccumulator() const { return types.accumulator; }
  /// Columns of one vector.
  int64_t getLanes() const { return lanes; }
  int64_t getGroup() const { return group; }
  /// &base[index] for elements of either operand.
  mlir::Value elementPtr(KernelBuilder &builder, mlir::Value base,
                         mlir::Value index) const {
    return types.areBytes() ? builder.bytePtr(base, index)
                            : builder.elementPtr(base, types.lhs, index);
  }

  /// What products are made of: vectors that are multiplied one by one.
  using Parts = llvm::SmallVector<mlir::Value, 2>;
  /// One step of a row of lhs in every lane of `lanes`.
  Parts loadLhs(KernelBuilder &builder, mlir::Value base, mlir::Value offset,
                int64_t lanes) const;
  /// One step of `lanes` columns of rhs; with `count` those beyond it read as
  /// 0.
  Parts loadRhs(KernelBuilder &builder, mlir::Value base, int64_t offset,
                mlir::Value count, int64_t lanes) const;
  /// The same of a step that is in registers: 32 bits a lane.
  Parts splitLhs(KernelBuilder &builder, mlir::Value dwords) const;
  /// Of a step, or of up to a chain of them.
  mlir::Value multiplyAdd(KernelBuilder &builder, llvm::ArrayRef<Parts> lhs,
                          llvm::ArrayRef<Parts> rhs, mlir::Value sum) const;
  mlir::Value zero(KernelBuilder &builder, int64_t lanes) const;

private:
  mlir::Value widen(KernelBuilder &builder, mlir::Value value) const;

  ProductTypes types;
  int64_t lanes, group;
};

/// sum + the products of what each 32 bits of both hold: two integers of 16
/// bits, or four bytes (VNNI), unsigned in lhs and signed in rhs.
mlir::Value addDwordProducts(KernelBuilder &builder, int64_t group,
                             mlir::Value lhs, mlir::Value rhs, mlir::Value sum);

/// What a product takes beside its accumulators.
struct StepCosts {
  int64_t rhsRegisters = 1, lhsRegisters = 1; ///< of a vector, of a row
  /// Of a row times a vector; where what multiplies has half the units that
  /// add, each of those counts twice.
  double instructions = 1;
  /// What makes operands of what is loaded, of a row and of a vector.
  double lhsInstructions = 0, rhsInstructions = 0;
  int64_t slowness = 1; ///< of each, in multiply-adds of f32
  static StepCosts find(const ProductTypes &types, const TargetInfo &target);
};

} // namespace lambent::cpu

#endif
