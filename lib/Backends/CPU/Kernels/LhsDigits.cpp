//===- LhsDigits.cpp - Rows of f32 as digits that bytes multiply ----------===//

#include "LhsDigits.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static constexpr int64_t kLanes = Digits::lanes, kDigits = Digits::count;

int64_t LhsDigits::getBlockSize(lir::QuantizedMatmulOp op) {
  constexpr int64_t most = 32;
  int64_t depth = op.getDomain().back().getNumber();
  return op.getBlockSize() % most == 0 && depth % most == 0 ? most : kLanes;
}

StringRef LhsDigits::explainRejection(lir::QuantizedMatmulOp op,
                                      const MatmulPlan &plan,
                                      const TargetInfo &target) {
  if (!target.hasVNNI)
    return "the target has no VNNI";
  if (op.getBits() > 4)
    return "codes of 8 bits are as fast to decode";
  if (int64_t(op.getBlockSize()) % kLanes || !plan.depth.isNumber() ||
      plan.depth.getNumber() % kLanes)
    return "k or its blocks are no multiples of 16";
  if (!plan.lhs.depth.is(1) || !plan.decodesInTiles())
    return "lhs has many rows, or its k do not lie side by side";
  return "";
}

TileShape LhsDigits::chooseTile(const MatmulPlan &plan) {
  // Three sums for each vector of a row, and its sum of blocks.
  int64_t rows =
              std::min<int64_t>(2, std::max<int64_t>(1, plan.rows.getNumber())),
          vectors = 4 / rows;
  int64_t all = plan.columns.ceilDiv(plan.lanes).getNumber();
  return {rows, std::clamp<int64_t>(all, 1, vectors) * plan.lanes};
}

//===-- Writing digits ----------------------------------------------------===//

Value LhsDigits::writeBlock(Value lhs, Value digits, Value parameters,
                            Value block) {
  // Codes of a dword are taken apart by a mask at each of its shifts, so that
  // what is multiplied together lies `stride` k apart.
  int64_t stride = step / 4;
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < kLanes; ++i)
    order.push_back(i / step * step + i % step / 4 + i % 4 * stride);
  Value first = builder.mul(block, size), largest;
  Values lanes;
  for (int64_t i = 0; i < size / kLanes; ++i) {
    lanes.push_back(builder.loadVector(builder.getF32Type(), kLanes, lhs,
                                       builder.add(first, i * kLanes)));
    Value magnitude = Digits::getMagnitudes(builder, lanes.back());
    largest = largest ? builder.create<arith::MaxUIOp>(largest, magnitude)
                      : magnitude;
  }
  Digits made(builder, builder.create<vector::ReductionOp>(
                           vector::CombiningKind::MAXUI, largest));
  Value sum;
  for (auto [i, numbers] : llvm::enumerate(lanes)) {
    Value multiples = made.getMultiples(numbers);
    sum = sum ? builder.create<arith::AddIOp>(sum, multiples) : multiples;
    builder.storeVector(
        made.arrange(made.split(multiples), order), digits,
        builder.mul(builder.add(first, int64_t(i) * kLanes), 4));
  }
  Value place = builder.mul(block, 2);
  builder.store(made.getScale(), parameters, place);
  builder.store(
      builder.create<vector::ReductionOp>(vector::CombiningKind::ADD, sum),
      parameters, builder.add(place, 1));
  return made.getFlaw();
}

Value LhsDigits::prepare(Value lhs, Value first, Value count) {
  Type i32 = builder.getI32Type();
  Value none = builder.constant(i32, 0);
  Values unusable = builder.forLoop(
      first, builder.add(first, count), 1, none,
      [&](Value row, ValueRange rows) {
        Value source = builder.elementPtr(lhs, plan.element,
                                          builder.mul(row, plan.lhs.row)),
              digits = digitsOf(row), parameters = parametersOf(digits);
        return builder.forLoop(
            builder.i64(0), builder.i64(depth / size), 1, rows,
            [&](Value block, ValueRange blocks) -> Values {
              return {builder.create<arith::OrIOp>(
                  blocks[0], writeBlock(source, digits, parameters, block))};
            });
      });
  return builder.create<arith::CmpIOp>(arith::CmpIPredicate::eq, unusable[0],
                                       none);
}

//===-- Multiplying -------------------------------------------------------===//

void LhsDigits::addBlock(RegisterTile &tile, Value firstRow, Value panel,
                         Value block) {
  int64_t rows = tile.getRows(), vectors = tile.getVectors();
  Type i8 = builder.getI8Type(), u8 = builder.getIntegerType(8, false),
       i32 = builder.getI32Type();
  VectorType integers = builder.vectorType(i32, plan.lanes),
             floats = builder.vectorType(plan.accumulator, plan.lanes);
  TileProduct product({i8, u8, i32, /*group=*/4}, builder.getTarget());
  Value k = builder.mul(block, size);
  Values digits, parameters;
  for (int64_t row = 0; row < rows; ++row) {
    digits.push_back(digitsOf(builder.add(firstRow, row)));
    parameters.push_back(parametersOf(digits.back()));
    digits.back() = builder.bytePtr(digits.back(), builder.mul(k, 4));
  }
  Value place = builder.mul(block, 2);
  // Codes are multiplied as they are counted from 0.
  int64_t middle = 1 << (bits - 1);
  Values sums(rows * vectors * kDigits, builder.constant(integers, 0)), totals;
  for (int64_t row = 0; row < rows; ++row) {
    Value total = builder.load(i32, parameters[row], builder.add(place, 1));
    totals.push_back(total);
    Value offset = builder.create<arith::MulIOp>(
        total, builder.constant(i32, double(-middle)));
    for (int64_t v = 0; v < vectors; ++v)
      sums[(row * vectors + v) * kDigits] =
          builder.broadcast(offset, plan.lanes);
  }
  auto spread = [&](int64_t byte) {
    return builder.constant(integers, double(int32_t(byte * 0x01010101)));
  };
  for (int64_t at = 0; at < size; at += step) {
    Values dwords = weights.loadDwords(panel, vectors, builder.add(k, at));
    for (int64_t part = 0; part < step / 4; ++part) {
      SmallVector<TileProduct::Parts> codes;
      for (int64_t v = 0; v < vectors; ++v) {
        Value shifted =
            part ? builder
                       .create<arith::ShRUIOp>(
                           dwords[v],
                           builder.constant(integers, double(part * bits)))
                       .getResult()
                 : dwords[v];
        codes.push_back(product.splitLhs(
            builder,
            builder.create<arith::XOrIOp>(
                builder.create<arith::AndIOp>(shifted, spread((1 << bits) - 1)),
                spread(middle))));
      }
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t digit = 0; digit < kDigits; ++digit) {
          int64_t offset = (at / 4 + part) * 16 + digit * 4;
          TileProduct::Parts left = product.loadLhs(
              builder, digits[row], builder.i64(offset), plan.lanes);
          for (int64_t v = 0; v < vectors; ++v) {
            Value &sum = sums[(row * vectors + v) * kDigits + digit];
            sum = product.multiplyAdd(builder, left, codes[v], sum);
          }
        }
    }
  }
  Value weightBlock = builder.divUnsigned(block, op.getBlockSize() / size);
  PanelWidth width{vectors, nullptr};
  Values scales = weights.loadParameters(op.getScalesMutable(), panel, width,
                                         weightBlock),
         zeros = weights.loadZeros(panel, width, weightBlock);
  Value byte = builder.constant(integers, 8);
  for (int64_t row = 0; row < rows; ++row) {
    Value scale = builder.broadcast(
        builder.load(plan.accumulator, parameters[row], place), plan.lanes);
    Value total;
    if (!zeros.empty())
      total = builder.create<arith::SIToFPOp>(
          floats, builder.create<arith::SubIOp>(
                      builder.constant(integers, 0),
                      builder.broadcast(totals[row], plan.lanes)));
    for (int64_t v = 0; v < vectors; ++v) {
      Value *parts = &sums[(row * vectors + v) * kDigits], sum;
      for (int64_t digit = kDigits - 1; digit >= 0; --digit)
        sum = sum ? builder.create<arith::AddIOp>(
                        builder.create<arith::ShLIOp>(sum, byte), parts[digit])
                  : parts[digit];
      Value number = builder.create<arith::SIToFPOp>(floats, sum);
      if (!zeros.empty())
        number = builder.fma(total, zeros[v], number);
      tile.at(row, v) =
          builder.fma(number, builder.mulf(scales[v], scale), tile.at(row, v));
    }
  }
}

void LhsDigits::accumulate(RegisterTile &tile, Value firstRow, Value panel) {
  tile.forLoop(builder.i64(0), builder.i64(depth / size),
               [&](Value block) { addBlock(tile, firstRow, panel, block); });
}
