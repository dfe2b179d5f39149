//===- TileEmulation.cpp - AMX in plain code ------------------------------===//
//
// For tests on CPUs without it: tiles in memory, and what Intel's manual says
// of tdpbusd and of tdpbf16ps bit by bit. Of the latter, the even and the odd k
// of a tile are two chains of multiply-adds from zero, and their sum is added
// to the tile. Denormal numbers are zeros, whatever the thread's mode.
//
//===----------------------------------------------------------------------===//

#include "TileUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static constexpr int64_t kTileBytes = DotStep::kRows * DotStep::kRowBytes;

namespace {

class EmulatedTiles : public TileUnit {
public:
  using TileUnit::TileUnit;

  void configure() override {}
  void release() override {}

  void zero(int64_t tile) override {
    Value zeros = builder.constant(getRowType(), 0);
    builder.forLoop(builder.i64(0), builder.i64(getRows(tile)), 1,
                    [&](Value row) { storeRow(zeros, getTile(tile), row); });
  }
  void load(int64_t tile, Value base, int64_t stride, bool) override {
    copy(tile, base, stride, getTile(tile), DotStep::kRowBytes);
  }
  void store(int64_t tile, Value base, int64_t stride) override {
    copy(tile, getTile(tile), DotStep::kRowBytes, base, stride);
  }
  void dot(int64_t i, int64_t j) override {
    if (step.accumulator.isInteger(32))
      dotBytes(i, j);
    else
      dotBF16(i, j);
  }

private:
  void dotBytes(int64_t i, int64_t j);
  void dotBF16(int64_t i, int64_t j);

  VectorType getRowType() {
    return builder.vectorType(builder.getI32Type(), DotStep::kColumns);
  }
  VectorType getSumType() {
    return builder.vectorType(builder.getF32Type(), DotStep::kColumns);
  }
  Value getTile(int64_t tile) {
    return builder.bytePtr(memory, builder.i64(tile * kTileBytes));
  }
  Value loadRow(Value base, Value row) {
    return builder.loadVector(builder.getI32Type(), DotStep::kColumns, base,
                              builder.mul(row, DotStep::kColumns));
  }
  void storeRow(Value value, Value base, Value row) {
    builder.storeVector(value, base, builder.mul(row, DotStep::kColumns));
  }
  void copy(int64_t tile, Value from, int64_t fromStride, Value to,
            int64_t toStride) {
    builder.forLoop(
        builder.i64(0), builder.i64(getRows(tile)), 1, [&](Value row) {
          Value bytes =
              loadRow(builder.bytePtr(from, builder.mul(row, fromStride)),
                      builder.i64(0));
          storeRow(bytes, builder.bytePtr(to, builder.mul(row, toStride)),
                   builder.i64(0));
        });
  }

  Value splat(int64_t bits) { return builder.constant(getRowType(), bits); }
  Value asFloats(Value bits) {
    return builder.create<arith::BitcastOp>(getSumType(), bits);
  }
  /// Numbers, with zeros of their sign where they are denormal.
  Value flush(Value floats) {
    Value bits = builder.create<arith::BitcastOp>(getRowType(), floats);
    Value exponents = builder.create<arith::AndIOp>(bits, splat(0x7f800000));
    Value isTiny = builder.create<arith::CmpIOp>(arith::CmpIPredicate::eq,
                                                 exponents, splat(0));
    Value zeros =
        builder.create<arith::AndIOp>(bits, splat(int32_t(0x80000000)));
    return asFloats(builder.create<arith::SelectOp>(isTiny, zeros, bits));
  }
  /// The lower (0) or upper (1) of the two bf16 in each four bytes.
  Value getHalf(Value pairs, int half) {
    Value bits =
        half ? builder.create<arith::AndIOp>(pairs, splat(int32_t(0xffff0000)))
                   .getResult()
             : builder.create<arith::ShLIOp>(pairs, splat(16)).getResult();
    return flush(asFloats(bits));
  }
};

} // namespace

void EmulatedTiles::dotBytes(int64_t i, int64_t j) {
  Value sums = getTile(sum(i, j)), left = getTile(lhs(i)),
        right = getTile(rhs(j));
  auto add = [&](Value k, Value row, Value sum) {
    Value index = builder.add(builder.mul(row, DotStep::kColumns), k);
    Value group = builder.broadcast(
        builder.load(builder.getI32Type(), left, index), DotStep::kColumns);
    Value groups = loadRow(right, k);
    for (int64_t byte = 3; byte >= 0; --byte) {
      // To the top, and down again with the sign that it has.
      Value up = splat(8 * byte), down = splat(24);
      Value a = builder.create<arith::ShRUIOp>(
          builder.create<arith::ShLIOp>(group, up), down);
      Value b = builder.create<arith::ShRSIOp>(
          builder.create<arith::ShLIOp>(groups, up), down);
      sum = builder.create<arith::AddIOp>(sum,
                                          builder.create<arith::MulIOp>(a, b));
    }
    return sum;
  };
  builder.forLoop(builder.i64(0), builder.i64(rows), 1, [&](Value row) {
    SmallVector<Value> all =
        builder.forLoop(builder.i64(0), builder.i64(DotStep::kColumns), 1,
                        loadRow(sums, row), [&](Value k, ValueRange sofar) {
                          return SmallVector<Value>{add(k, row, sofar.front())};
                        });
    storeRow(all.front(), sums, row);
  });
}

void EmulatedTiles::dotBF16(int64_t i, int64_t j) {
  Value sums = getTile(sum(i, j)), left = getTile(lhs(i)),
        right = getTile(rhs(j));
  builder.forLoop(builder.i64(0), builder.i64(rows), 1, [&](Value row) {
    Value zero = builder.constant(getSumType(), 0);
    SmallVector<Value> chains = builder.forLoop(
        builder.i64(0), builder.i64(DotStep::kColumns), 1, {zero, zero},
        [&](Value k, ValueRange chains) {
          Value index = builder.add(builder.mul(row, DotStep::kColumns), k);
          Value pair =
              builder.broadcast(builder.load(builder.getI32Type(), left, index),
                                DotStep::kColumns);
          Value pairs = loadRow(right, k);
          SmallVector<Value> next;
          for (int half : {0, 1})
            next.push_back(flush(builder.fma(
                getHalf(pair, half), getHalf(pairs, half), chains[half])));
          return next;
        });
    Value both = flush(builder.addf(chains[0], chains[1]));
    Value old = flush(asFloats(loadRow(sums, row)));
    storeRow(flush(builder.addf(old, both)), sums, row);
  });
}

std::unique_ptr<TileUnit> cpu::createEmulatedTiles(KernelBuilder &builder,
                                                   const DotStep &step,
                                                   int64_t rows, Value memory) {
  return std::make_unique<EmulatedTiles>(builder, step, rows, memory);
}
