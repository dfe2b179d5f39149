//===- SplitRows.cpp - f32 in memory to bf16 parts and back ---------------===//
//
// By integer arithmetic, on numbers that are not finite, too: what becomes of
// those is not looked at.
//
//===----------------------------------------------------------------------===//

#include "SplitRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Vectors of the target's width, as numbers and as bits.
class BitVectors {
public:
  explicit BitVectors(KernelBuilder &builder)
      : builder(builder),
        lanes(builder.getTarget().getLanes(builder.getF32Type())),
        bits(builder.vectorType(builder.getI32Type(), lanes)),
        floats(builder.vectorType(builder.getF32Type(), lanes)) {}

  Value splat(int64_t value) { return builder.constant(bits, value); }
  Value toBits(Value value) {
    return builder.create<arith::BitcastOp>(bits, value);
  }
  Value toFloats(Value value) {
    return builder.create<arith::BitcastOp>(floats, value);
  }
  Value mask(Value value, int64_t mask) {
    return builder.create<arith::AndIOp>(value, splat(mask));
  }

  KernelBuilder &builder;
  int64_t lanes;
  VectorType bits, floats;
};

/// The upper halves of f32s, the lower ones 0.
constexpr int64_t kUpperHalf = int32_t(0xffff0000);

} // namespace

/// Bits rounded to bf16, to nearest, ties to even.
static Value roundToUpperHalf(BitVectors &vectors, Value bits) {
  KernelBuilder &builder = vectors.builder;
  Value last =
      vectors.mask(builder.create<arith::ShRUIOp>(bits, vectors.splat(16)), 1);
  Value half = builder.create<arith::AddIOp>(last, vectors.splat(0x7fff));
  return vectors.mask(builder.create<arith::AddIOp>(bits, half), kUpperHalf);
}

/// Splits one step along K; with `columns` only so many elements are there.
/// Returns the largest magnitudes.
static Value splitStep(BitVectors &vectors, const SplitTilesPlan &plan,
                       Value from, Value to, Value step,
                       std::optional<int64_t> columns, Value largest) {
  KernelBuilder &builder = vectors.builder;
  int64_t depth = plan.step.getDepth();
  Value first = builder.mul(step, depth),
        tile = builder.mul(step, plan.parts * plan.getLhsTileBytes());
  Type half = builder.vectorType(builder.getI16Type(), vectors.lanes);
  for (int64_t k = 0; k < depth; k += vectors.lanes) {
    Value rest;
    if (columns && k >= *columns)
      rest = builder.constant(vectors.floats, 0);
    else
      rest = builder.loadVector(builder.getF32Type(), vectors.lanes, from,
                                builder.add(first, k),
                                columns ? builder.i64(*columns - k) : Value());
    largest = builder.create<arith::MaxUIOp>(
        largest, vectors.mask(vectors.toBits(rest), 0x7fffffff));
    for (int64_t part = 0; part < plan.parts; ++part) {
      Value rounded = roundToUpperHalf(vectors, vectors.toBits(rest));
      Value upper = builder.create<arith::TruncIOp>(
          half, builder.create<arith::ShRUIOp>(rounded, vectors.splat(16)));
      Value place =
          builder.bytePtr(to, builder.add(tile, part * plan.getLhsTileBytes()));
      builder.storeVector(upper, place, builder.i64(k));
      if (part + 1 < plan.parts)
        rest = builder.create<arith::SubFOp>(rest, vectors.toFloats(rounded));
    }
  }
  return largest;
}

Value cpu::splitRow(KernelBuilder &builder, const SplitTilesPlan &plan,
                    Value from, Value to) {
  BitVectors vectors(builder);
  int64_t depth = plan.product.depth.getNumber(),
          whole = depth / plan.step.getDepth(),
          tail = depth % plan.step.getDepth();
  Value largest = vectors.splat(0);
  if (whole)
    largest = builder
                  .forLoop(builder.i64(0), builder.i64(whole), 1, largest,
                           [&](Value step, ValueRange largest) {
                             return SmallVector<Value>{
                                 splitStep(vectors, plan, from, to, step,
                                           std::nullopt, largest.front())};
                           })
                  .front();
  if (tail)
    largest =
        splitStep(vectors, plan, from, to, builder.i64(whole), tail, largest);
  return builder.create<vector::ReductionOp>(vector::CombiningKind::MAXUI,
                                             largest);
}

void cpu::joinPanel(KernelBuilder &builder, const SplitTilesPlan &plan,
                    Value from, int64_t partBytes, int64_t vectorCount,
                    Value to) {
  BitVectors vectors(builder);
  constexpr int64_t columns = SplitTilesPlan::kPanelColumns;
  int64_t pairs = plan.steps * plan.step.getDepth() / plan.step.group;
  builder.forLoop(builder.i64(0), builder.i64(pairs), 1, [&](Value pair) {
    for (int64_t v = 0; v < vectorCount; ++v) {
      Value even, odd;
      // From the smallest on, so that each sum is exact.
      for (int64_t part = plan.parts - 1; part >= 0; --part) {
        Value bits = builder.loadVector(
            builder.getI32Type(), vectors.lanes,
            builder.bytePtr(from, builder.i64(part * partBytes)),
            builder.add(builder.mul(pair, columns), v * vectors.lanes));
        Value lower = vectors.toFloats(
                  builder.create<arith::ShLIOp>(bits, vectors.splat(16))),
              upper = vectors.toFloats(vectors.mask(bits, kUpperHalf));
        even = even ? builder.addf(lower, even) : lower;
        odd = odd ? builder.addf(upper, odd) : upper;
      }
      Value row =
          builder.add(builder.mul(pair, 2 * columns), v * vectors.lanes);
      builder.storeVector(even, to, row);
      builder.storeVector(odd, to, builder.add(row, columns));
    }
  });
}
