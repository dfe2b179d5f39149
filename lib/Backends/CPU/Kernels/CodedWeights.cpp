//===- CodedWeights.cpp - Weights of few bits, as tiles take them ---------===//

#include "CodedWeights.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

CodedWeights::CodedWeights(lir::QuantizedMatmulOp op, KernelBuilder &builder,
                           const MatmulPlan &plan)
    : op(op), builder(builder), plan(plan),
      packed(cast<AffineMapAttr>(op.getMaps()[1]).getValue().getNumResults() ==
             0),
      bits(op.getBits()), step(getStep(bits)), blockSize(op.getBlockSize()),
      depth(plan.depth.getNumber()),
      blocks(llvm::divideCeil(depth, blockSize)) {}

//===-- Parameters --------------------------------------------------------===//

CodedWeights::Values CodedWeights::loadParameters(OpOperand &operand,
                                                  Value panel, PanelWidth width,
                                                  Value block) const {
  auto type = cast<MemRefType>(operand.get().getType());
  Type element = type.getElementType();
  Value base = builder.getBuffer(operand),
        first = builder.mul(panel, plan.tile.columns);
  Values numbers;
  for (int64_t v = 0; v < width.vectors; ++v) {
    int64_t lane = v * plan.lanes;
    Value vector;
    if (packed) {
      Value place = builder.add(builder.mul(panel, blocks), block);
      vector = builder.loadVector(
          element, plan.lanes, base,
          builder.add(builder.mul(place, plan.tile.columns), lane));
    } else {
      Sizes strides = lir::getStrides(type);
      Value at = builder.add(builder.mul(builder.add(first, lane), strides[0]),
                             builder.mul(block, strides[1]));
      vector = builder.loadStrided(
          element, plan.lanes, base, at, strides[0],
          countColumns(builder, width.count, v, plan.lanes));
    }
    if (element.isInteger(8)) {
      auto wide = builder.vectorType(builder.getI32Type(), plan.lanes);
      vector = builder.create<arith::SIToFPOp>(
          builder.vectorType(plan.accumulator, plan.lanes),
          builder.create<arith::ExtSIOp>(wide, vector));
    }
    numbers.push_back(vector);
  }
  return numbers;
}

CodedWeights::Values CodedWeights::loadZeros(Value panel, PanelWidth width,
                                             Value block) const {
  MutableOperandRange zeros = op.getZerosMutable();
  return zeros.empty() ? Values()
                       : loadParameters(zeros[0], panel, width, block);
}

//===-- Codes -------------------------------------------------------------===//

Value CodedWeights::decodeBytes(Value bytes) {
  auto wide = builder.vectorType(builder.getI32Type(), plan.lanes);
  Value number = builder.create<arith::ExtSIOp>(wide, bytes);
  if (bits < 8) {
    Value unused = builder.constant(wide, double(32 - bits));
    number = builder.create<arith::ShRSIOp>(
        builder.create<arith::ShLIOp>(number, unused), unused);
  }
  return builder.create<arith::SIToFPOp>(
      builder.vectorType(plan.accumulator, plan.lanes), number);
}

template <typename ShiftOp>
static Value shift(KernelBuilder &builder, Value value, int64_t count) {
  if (count == 0)
    return value;
  return builder.create<ShiftOp>(
      value, builder.constant(value.getType(), double(count)));
}

Value CodedWeights::decodeShared(Value dwords, int64_t place) {
  // Codes that lie within an f32's mantissa need no shift: with an exponent
  // above them they are the last digits of a number, which less a constant is
  // the code. Shuffles, as of a table, and additions have different ports, so
  // that some of each take less time than either.
  constexpr int64_t mantissa = 23, bias = 127, tabled = 2;
  int64_t within = (mantissa - bits) / bits + 1;
  if (place >= within) {
    dwords = shift<arith::ShRUIOp>(builder, dwords, within * bits);
    place -= within;
  }
  VectorType floats = builder.vectorType(plan.accumulator, plan.lanes);
  // An index into a table is its lowest four bits.
  constexpr int64_t entries = 16;
  if (place < tabled && bits < 8 && builder.getTarget().hasAVX512 &&
      plan.lanes == entries) {
    SmallVector<float> numbers;
    for (int64_t i = 0; i < entries; ++i) {
      int64_t code = i & ((1 << bits) - 1);
      numbers.push_back(
          float(code >= 1 << (bits - 1) ? code - (1 << bits) : code));
    }
    Value table = builder.create<arith::ConstantOp>(
        DenseElementsAttr::get(floats, ArrayRef<float>(numbers)));
    return builder
        .create<LLVM::CallIntrinsicOp>(
            floats, builder.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
            ValueRange{table,
                       shift<arith::ShRUIOp>(builder, dwords, place * bits)})
        .getResult(0);
  }
  // The top bit is flipped, so that codes count from 0.
  int64_t exponent = mantissa - place * bits, middle = 1 << (bits - 1),
          mask = ((1 << bits) - 1) << (place * bits),
          flip = (exponent + bias) << mantissa | middle << (place * bits);
  auto constant = [&](int64_t value) {
    return builder.constant(dwords.getType(), double(value));
  };
  Value digits = builder.create<arith::XOrIOp>(
      builder.create<arith::AndIOp>(dwords, constant(mask)), constant(flip));
  return builder.create<arith::SubFOp>(
      builder.create<vector::BitCastOp>(floats, digits),
      builder.constant(floats, double((int64_t(1) << exponent) + middle)));
}

Value CodedWeights::loadBytes(Value panel, PanelWidth width, Value k,
                              int64_t vector) {
  Type i8 = builder.getI8Type();
  Value base = builder.getBuffer(op.getRhsMutable());
  int64_t lane = vector * plan.lanes;
  Value column = builder.add(builder.mul(panel, plan.tile.columns), lane);
  return builder.loadStrided(
      i8, plan.lanes, base,
      builder.add(builder.mul(column, plan.rhs.column),
                  builder.mul(k, plan.rhs.depth)),
      plan.rhs.column, countColumns(builder, width.count, vector, plan.lanes));
}

CodedWeights::Values CodedWeights::loadDwords(Value panel, int64_t vectors,
                                              Value k) const {
  int64_t rowBytes = plan.tile.columns * bits / 8,
          panelBytes = llvm::divideCeil(depth, step) * step * rowBytes;
  Value at = builder.add(builder.mul(panel, panelBytes),
                         builder.mul(k, rowBytes)),
        base = builder.bytePtr(builder.getBuffer(op.getRhsMutable()), at);
  Values dwords;
  for (int64_t v = 0; v < vectors; ++v)
    dwords.push_back(builder.loadVector(builder.getI32Type(), plan.lanes, base,
                                        builder.i64(v * plan.lanes)));
  return dwords;
}

void CodedWeights::forEachCode(
    Value panel, PanelWidth width, Value k, int64_t count,
    ArrayRef<Value> zeros, function_ref<void(int64_t, const Values &)> body) {
  Values dwords;
  if (packed)
    dwords = loadDwords(panel, width.vectors, k);
  for (int64_t place = 0; place < count; ++place) {
    Values numbers;
    for (int64_t v = 0; v < width.vectors; ++v) {
      Value number =
          packed
              ? decodeShared(dwords[v], place)
              : decodeBytes(loadBytes(panel, width, builder.add(k, place), v));
      if (!zeros.empty())
        number = builder.create<arith::SubFOp>(number, zeros[v]);
      numbers.push_back(number);
    }
    body(place, numbers);
  }
}

CodedWeights::Values CodedWeights::forEachStep(
    Value first, int64_t count, Values carried,
    function_ref<Values(Value, int64_t, ValueRange)> body) {
  // A block of 32 codes of 4 bits is straight code.
  constexpr int64_t mostUnrolled = 4;
  int64_t whole = count / step, rest = count % step;
  if (whole <= mostUnrolled) {
    for (int64_t i = 0; i < whole; ++i)
      carried = body(builder.add(first, i * step), step, carried);
  } else {
    carried =
        builder.forLoop(builder.i64(0), builder.i64(whole * step), step,
                        carried, [&](Value k, ValueRange values) {
                          return body(builder.add(first, k), step, values);
                        });
  }
  if (rest)
    carried = body(builder.add(first, whole * step), rest, carried);
  return carried;
}

//===-- Panels and tiles --------------------------------------------------===//

void CodedWeights::decode(Value panel, PanelWidth width, Value target) {
  auto decodeBlock = [&](Value block, int64_t size) {
    Values scales = loadParameters(op.getScalesMutable(), panel, width, block),
           zeros = loadZeros(panel, width, block);
    forEachStep(builder.mul(block, blockSize), size, {},
                [&](Value k, int64_t count, ValueRange) {
                  forEachCode(
                      panel, width, k, count, zeros,
                      [&](int64_t place, const Values &numbers) {
                        Value row = builder.mul(builder.add(k, place),
                                                plan.getPanelStep());
                        for (auto [v, number] : llvm::enumerate(numbers))
                          builder.storeVector(
                              builder.mulf(number, scales[v]), target,
                              builder.add(row, int64_t(v) * plan.lanes));
                      });
                  return Values();
                });
  };
  int64_t whole = depth / blockSize, rest = depth % blockSize;
  builder.forLoop(builder.i64(0), builder.i64(whole), 1,
                  [&](Value block) { decodeBlock(block, blockSize); });
  if (rest)
    decodeBlock(builder.i64(whole), rest);
}

void CodedWeights::accumulate(RegisterTile &tile, const TileOperands &operands,
                              Value panel) {
  int64_t rows = tile.getRows(), vectors = tile.getVectors();
  PanelWidth width{vectors, nullptr};
  auto addBlock = [&](Value block, int64_t size) {
    Values zeros = loadZeros(panel, width, block);
    Value zero =
        builder.constant(builder.vectorType(plan.accumulator, plan.lanes), 0);
    Values sums = forEachStep(
        builder.mul(block, blockSize), size, Values(rows * vectors, zero),
        [&](Value k, int64_t count, ValueRange carried) {
          Values next(carried);
          forEachCode(
              panel, width, k, count, zeros,
              [&](int64_t place, const Values &numbers) {
                Value at = builder.mul(builder.add(k, place), operands.lhsStep);
                for (int64_t row = 0; row < rows; ++row) {
                  Value left = builder.broadcast(
                      builder.load(plan.element, operands.lhs,
                                   builder.add(operands.rowOffsets[row], at)),
                      plan.lanes);
                  for (int64_t v = 0; v < vectors; ++v) {
                    Value &sum = next[row * vectors + v];
                    sum = builder.fma(left, numbers[v], sum);
                  }
                }
              });
          return next;
        });
    Values scales = loadParameters(op.getScalesMutable(), panel, width, block);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t v = 0; v < vectors; ++v)
        tile.at(row, v) =
            builder.fma(sums[row * vectors + v], scales[v], tile.at(row, v));
  };
  int64_t whole = depth / blockSize, rest = depth % blockSize;
  if (whole == 1)
    addBlock(builder.i64(0), blockSize);
  else
    tile.forLoop(builder.i64(0), builder.i64(whole),
                 [&](Value block) { addBlock(block, blockSize); });
  if (rest)
    addBlock(builder.i64(whole), rest);
}
