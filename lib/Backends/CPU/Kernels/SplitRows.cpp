//===- SplitRows.cpp - rows in memory to tiles and back -------------------===//
//
// f32 become bf16 parts by integer arithmetic, on numbers that are not finite,
// too: what becomes of those is not looked at.
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

/// Elements of K in a tile.
constexpr int64_t kStepDepth = DotStep::kRowBytes / 2;

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
static Value splitStep(BitVectors &vectors, const SplitTarget &target,
                       Value from, Value to, Value step,
                       std::optional<int64_t> columns, Value largest) {
  KernelBuilder &builder = vectors.builder;
  Value first = builder.mul(step, kStepDepth),
        tile = builder.mul(step, target.stepBytes);
  Type half = builder.vectorType(builder.getI16Type(), vectors.lanes);
  for (int64_t k = 0; k < kStepDepth; k += vectors.lanes) {
    Value rest;
    if (columns && k >= *columns)
      rest = builder.constant(vectors.floats, 0);
    else
      rest = builder.loadVector(builder.getF32Type(), vectors.lanes, from,
                                builder.add(first, k),
                                columns ? builder.i64(*columns - k) : Value());
    largest = builder.create<arith::MaxUIOp>(
        largest, vectors.mask(vectors.toBits(rest), 0x7fffffff));
    for (int64_t part = 0; part < target.parts; ++part) {
      Value rounded = roundToUpperHalf(vectors, vectors.toBits(rest));
      Value upper = builder.create<arith::TruncIOp>(
          half, builder.create<arith::ShRUIOp>(rounded, vectors.splat(16)));
      Value place =
          builder.bytePtr(to, builder.add(tile, part * target.partBytes));
      builder.storeVector(upper, place, builder.i64(k));
      if (part + 1 < target.parts)
        rest = builder.create<arith::SubFOp>(rest, vectors.toFloats(rounded));
    }
  }
  return largest;
}

Value cpu::splitRow(KernelBuilder &builder, int64_t depth, Value from, Value to,
                    const SplitTarget &target) {
  BitVectors vectors(builder);
  int64_t whole = depth / kStepDepth, tail = depth % kStepDepth;
  Value largest = vectors.splat(0);
  if (whole)
    largest = builder
                  .forLoop(builder.i64(0), builder.i64(whole), 1, largest,
                           [&](Value step, ValueRange largest) {
                             return SmallVector<Value>{
                                 splitStep(vectors, target, from, to, step,
                                           std::nullopt, largest.front())};
                           })
                  .front();
  if (tail)
    largest =
        splitStep(vectors, target, from, to, builder.i64(whole), tail, largest);
  return builder.create<vector::ReductionOp>(vector::CombiningKind::MAXUI,
                                             largest);
}

Value cpu::splitPair(KernelBuilder &builder, Value even, Value odd, Value to,
                     int64_t partBytes, int64_t parts, Value largest) {
  BitVectors vectors(builder);
  for (Value rest : {even, odd})
    largest = builder.create<arith::MaxUIOp>(
        largest, vectors.mask(vectors.toBits(rest), 0x7fffffff));
  for (int64_t part = 0; part < parts; ++part) {
    Value upper = roundToUpperHalf(vectors, vectors.toBits(odd)),
          lower = roundToUpperHalf(vectors, vectors.toBits(even));
    Value word = builder.create<arith::OrIOp>(
        upper, builder.create<arith::ShRUIOp>(lower, vectors.splat(16)));
    builder.storeVector(word,
                        builder.bytePtr(to, builder.i64(part * partBytes)),
                        builder.i64(0));
    if (part + 1 < parts) {
      even = builder.create<arith::SubFOp>(even, vectors.toFloats(lower));
      odd = builder.create<arith::SubFOp>(odd, vectors.toFloats(upper));
    }
  }
  return largest;
}

void cpu::copyRow(KernelBuilder &builder, int64_t bytes, Value from, Value to,
                  int64_t stepBytes) {
  Type byte = builder.getI8Type();
  int64_t lanes = builder.getTarget().getLanes(byte);
  constexpr int64_t stepRow = DotStep::kRowBytes;
  int64_t whole = bytes / stepRow, tail = bytes % stepRow;
  auto copyStep = [&](Value step, std::optional<int64_t> count) {
    Value first = builder.mul(step, stepRow),
          place = builder.bytePtr(to, builder.mul(step, stepBytes));
    for (int64_t k = 0; k < stepRow; k += lanes) {
      Value loaded;
      if (count && k >= *count)
        loaded = builder.constant(builder.vectorType(byte, lanes), int64_t(0));
      else
        loaded = builder.loadVector(byte, lanes, from, builder.add(first, k),
                                    count ? builder.i64(*count - k) : Value());
      builder.storeVector(loaded, place, builder.i64(k));
    }
  };
  if (whole)
    builder.forLoop(builder.i64(0), builder.i64(whole), 1,
                    [&](Value step) { copyStep(step, std::nullopt); });
  if (tail)
    copyStep(builder.i64(whole), tail);
}

void cpu::clearRow(KernelBuilder &builder, int64_t steps, Value to,
                   const SplitTarget &target) {
  int64_t lanes = builder.getTarget().getLanes(builder.getI32Type());
  Value zeros = builder.constant(
      builder.vectorType(builder.getI32Type(), lanes), int64_t(0));
  builder.forLoop(builder.i64(0), builder.i64(steps), 1, [&](Value step) {
    Value tile = builder.mul(step, target.stepBytes);
    for (int64_t part = 0; part < target.parts; ++part) {
      Value place =
          builder.bytePtr(to, builder.add(tile, part * target.partBytes));
      for (int64_t i = 0; i < DotStep::kColumns; i += lanes)
        builder.storeVector(zeros, place, builder.i64(i));
    }
  });
}

//===-- The range in which tiles are right --------------------------------===//

Value cpu::beginInRange(KernelBuilder &builder) {
  return builder.constant(builder.getI32Type(), 1);
}

/// Whether magnitudes, a number or a vector of them, are in range or 0.
static Value isGood(KernelBuilder &builder, Value largest,
                    const SplitRange &range) {
  auto bitsOf = [&](int64_t exponent) {
    constexpr int64_t bias = 127, mantissa = 23;
    return builder.constant(largest.getType(), (exponent + bias) << mantissa);
  };
  // Bits of magnitudes compare as the numbers do.
  auto compare = [&](arith::CmpIPredicate predicate, Value bound) -> Value {
    return builder.create<arith::CmpIOp>(predicate, largest, bound);
  };
  Value inside = builder.create<arith::AndIOp>(
      compare(arith::CmpIPredicate::uge, bitsOf(range.least)),
      compare(arith::CmpIPredicate::ult, bitsOf(range.most)));
  Value zero =
      compare(arith::CmpIPredicate::eq, builder.constant(largest.getType(), 0));
  return builder.create<arith::OrIOp>(inside, zero);
}

Value cpu::andInRange(KernelBuilder &builder, Value sofar, Value largest,
                      const SplitRange &range) {
  Value good = builder.create<arith::ExtUIOp>(builder.getI32Type(),
                                              isGood(builder, largest, range));
  return builder.create<arith::AndIOp>(sofar, good);
}

Value cpu::andAllInRange(KernelBuilder &builder, Value sofar, Value largest,
                         const SplitRange &range) {
  Value good = builder.create<arith::ExtUIOp>(largest.getType(),
                                              isGood(builder, largest, range));
  return builder.create<arith::AndIOp>(
      sofar,
      builder.create<vector::ReductionOp>(vector::CombiningKind::MINUI, good));
}

Value cpu::isInRange(KernelBuilder &builder, Value all) {
  return builder.create<arith::TruncIOp>(builder.getI1Type(), all);
}

void cpu::joinPanel(KernelBuilder &builder, const SplitProduct &product,
                    Value from, int64_t partBytes, int64_t vectorCount,
                    Value to) {
  BitVectors vectors(builder);
  constexpr int64_t columns = SplitProduct::kPanelColumns;
  int64_t pairs = product.steps * product.step.getDepth() / product.step.group;
  builder.forLoop(builder.i64(0), builder.i64(pairs), 1, [&](Value pair) {
    for (int64_t v = 0; v < vectorCount; ++v) {
      Value even, odd;
      // From the smallest on, so that each sum is exact.
      for (int64_t part = product.parts - 1; part >= 0; --part) {
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
