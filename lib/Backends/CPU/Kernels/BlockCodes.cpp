//===- BlockCodes.cpp - Operands of products of blocks --------------------===//

#include "BlockCodes.h"
#include "BlockRounding.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {
constexpr int64_t fraction = 23, one = 1 << fraction, bias = 127,
                  quietNaN = 0x7fc00000, middle = 128;
} // namespace

//===-- Rows --------------------------------------------------------------===//

void BlockRows::round(Value row, Value place) {
  Value start = builder.mul(row, plan.lhsRow);
  builder.forLoop(
      builder.i64(0), builder.i64(plan.blocks), 1, [&](Value block) {
        Value k = builder.mul(block, plan.format.size);
        roundBlock(builder.add(start, builder.mul(k, plan.lhsDepth)), place,
                   block);
      });
}

void BlockRows::roundBlock(Value start, Value place, Value block) {
  int64_t lanes = std::min<int64_t>(plan.lanes, plan.format.size);
  BlockRounding rounding(builder, plan.format, isUp, lanes);
  VectorType bits = builder.vectorType(builder.getI32Type(), lanes),
             floats = builder.vectorType(builder.getF32Type(), lanes);
  auto number = [&](int64_t value) {
    return builder.constant(bits, double(value));
  };
  auto maxOfNeighbours = [&](Value vector, int64_t distance) {
    SmallVector<int64_t> neighbours;
    for (int64_t lane = 0; lane < lanes; ++lane)
      neighbours.push_back(lane ^ distance);
    return rounding.max(
        vector, vector::ShuffleOp::create(builder, vector, vector, neighbours));
  };
  SmallVector<Value> elements, magnitudes;
  Value largest;
  for (int64_t k = 0; k < plan.format.size; k += lanes) {
    Value at =
        builder.add(start, builder.mul(plan.lhsDepth == Size(1)
                                           ? builder.i64(1)
                                           : builder.value(plan.lhsDepth),
                                       k));
    elements.push_back(builder.loadStrided(
        builder.getF32Type(), lanes, builder.getBuffer(op.getLhsMutable()), at,
        plan.lhsDepth));
    magnitudes.push_back(rounding.getMagnitude(elements.back()));
    largest =
        largest ? rounding.max(largest, magnitudes.back()) : magnitudes.back();
  }
  for (int64_t distance = 1; distance < lanes; distance *= 2)
    largest = maxOfNeighbours(largest, distance);
  BlockScale scale = rounding.getScale(largest);
  // The step that codes count: a normal number, for threads may read others as
  // 0, and so codes of blocks that are smaller still lose digits.
  Value step = builder.create<arith::MaxSIOp>(
      builder.create<arith::AddIOp>(
          scale.exponent, number((bias - plan.format.stepsBelow()) * one)),
      number(one));
  Value inverse = builder.create<arith::BitcastOp>(
      floats, builder.create<arith::SubIOp>(number(2 * bias * one), step));
  Value sum,
      codeRow =
          builder.bytePtr(builder.getScratch(),
                          builder.add(builder.mul(place, plan.depth),
                                      builder.mul(block, plan.format.size)));
  for (auto [v, element] : llvm::enumerate(elements)) {
    Value pair =
        plan.format.hasPairs ? maxOfNeighbours(magnitudes[v], 1) : Value();
    Value rounded = rounding.round(element, scale, pair);
    rounded = builder.create<arith::SelectOp>(
        scale.isInvalid, builder.constant(floats, 0), rounded);
    Value code = builder.create<arith::FPToSIOp>(
        bits, builder.create<arith::MulFOp>(rounded, inverse));
    sum = sum ? builder.create<arith::AddIOp>(sum, code) : code;
    builder.storeVector(
        builder.create<arith::TruncIOp>(
            builder.vectorType(builder.getI8Type(), lanes), code),
        codeRow, builder.i64(int64_t(v) * lanes));
  }
  Value parameter = getParameter(place, block);
  Value stepOrNaN =
      builder.create<arith::SelectOp>(scale.isInvalid, number(quietNaN), step);
  builder.store(builder.create<vector::ExtractOp>(stepOrNaN, 0), parameter,
                builder.i64(0));
  Value total =
      builder.create<vector::ReductionOp>(vector::CombiningKind::ADD, sum);
  builder.store(builder.create<arith::MulIOp>(
                    total, builder.constant(builder.getI32Type(), -middle)),
                parameter, builder.i64(1));
}

Value BlockRows::getParameter(Value place, Value block) {
  constexpr int64_t bytes = 8;
  Value index = builder.add(builder.mul(place, plan.blocks), block);
  return builder.bytePtr(
      builder.getScratch(),
      builder.add(builder.mul(index, bytes), plan.getCodeBytes()));
}

Value BlockRows::loadCodes(Value place, Value k) {
  Value at = builder.add(builder.mul(place, plan.depth), k);
  return builder.load(builder.getI32Type(),
                      builder.bytePtr(builder.getScratch(), at),
                      builder.i64(0));
}

Value BlockRows::loadScale(Value place, Value block) {
  return builder.load(builder.getF32Type(), getParameter(place, block),
                      builder.i64(0));
}

Value BlockRows::loadStart(Value place, Value block) {
  return builder.load(builder.getI32Type(), getParameter(place, block),
                      builder.i64(1));
}

//===-- Columns -----------------------------------------------------------===//

Value BlockColumns::lookUp(Value dwords) {
  constexpr int64_t entries = 16;
  VectorType bytes = builder.vectorType(builder.getI8Type(), 4 * plan.lanes);
  Value places = builder.create<arith::AndIOp>(
      builder.create<vector::BitCastOp>(bytes, dwords),
      builder.constant(bytes, entries - 1));
  SmallVector<int8_t> table;
  for (int64_t i = 0; i < 4 * plan.lanes; ++i)
    table.push_back(int8_t(op.getTable()[i % entries] + middle));
  const TargetInfo &target = builder.getTarget();
  StringRef shuffle =
      plan.lanes == 16 && target.hasAVX512 ? "llvm.x86.avx512.pshuf.b.512"
      : plan.lanes == 8 && target.hasAVX2  ? "llvm.x86.avx2.pshuf.b"
                                           : "";
  Value numbers;
  if (!shuffle.empty()) {
    Value entry = builder.create<arith::ConstantOp>(
        DenseElementsAttr::get(bytes, ArrayRef<int8_t>(table)));
    numbers = builder
                  .create<LLVM::CallIntrinsicOp>(bytes,
                                                 builder.getStringAttr(shuffle),
                                                 ValueRange{entry, places})
                  .getResult(0);
  } else {
    numbers = builder.constant(bytes, table[0]);
    for (int64_t i = 1; i < entries; ++i)
      numbers = builder.create<arith::SelectOp>(
          builder.create<arith::CmpIOp>(arith::CmpIPredicate::eq, places,
                                        builder.constant(bytes, double(i))),
          builder.constant(bytes, table[i]), numbers);
  }
  return builder.create<vector::BitCastOp>(dwords.getType(), numbers);
}

SmallVector<BlockColumns::Values>
BlockColumns::load(Value panel, PanelWidth width, Value k) {
  SmallVector<Values> steps(getSteps());
  Type i32 = builder.getI32Type();
  OpOperand &rhs = op.getRhsMutable();
  Value base = builder.getBuffer(rhs);
  Sizes strides =
      plan.packed ? Sizes()
                  : lir::getStrides(cast<MemRefType>(op.getRhs().getType()));
  for (int64_t v = 0; v < width.vectors; ++v) {
    int64_t lane = v * plan.lanes;
    if (!plan.packed) {
      // Four neighbours along k of each column.
      Value column = builder.add(builder.mul(panel, plan.tile.columns), lane),
            at = builder.add(builder.mul(column, strides[0]), k);
      Value dwords = builder.loadStrided(
          i32, plan.lanes, builder.bytePtr(base, at), builder.i64(0),
          strides[0].floorDiv(4),
          countColumns(builder, width.count, v, plan.lanes));
      steps[0].push_back(plan.hasTable ? lookUp(dwords) : dwords);
      continue;
    }
    int64_t rowBytes = plan.tile.columns * 4;
    int64_t panelRows = plan.depth / (4 * getSteps());
    Value row = builder.add(builder.mul(panel, panelRows),
                            builder.divUnsigned(k, 4 * getSteps()));
    Value dwords = builder.loadVector(
        i32, plan.lanes, builder.bytePtr(base, builder.mul(row, rowBytes)),
        builder.i64(lane));
    if (!plan.hasTable) {
      steps[0].push_back(dwords);
      continue;
    }
    steps[0].push_back(lookUp(dwords));
    steps[1].push_back(lookUp(builder.create<arith::ShRUIOp>(
        dwords, builder.constant(dwords.getType(), 4))));
  }
  return steps;
}

BlockColumns::Values BlockColumns::loadScales(Value panel, PanelWidth width,
                                              Value block) {
  Values scales;
  auto type = cast<MemRefType>(op.getExponents().getType());
  Type element = type.getElementType();
  Value base = builder.getBuffer(op.getExponentsMutable());
  VectorType bits = builder.vectorType(builder.getI32Type(), plan.lanes),
             floats = builder.vectorType(builder.getF32Type(), plan.lanes);
  for (int64_t v = 0; v < width.vectors; ++v) {
    int64_t lane = v * plan.lanes;
    Value exponents;
    if (plan.packed) {
      Value row = builder.add(builder.mul(panel, plan.blocks), block);
      exponents = builder.loadVector(
          element, plan.lanes, base,
          builder.add(builder.mul(row, plan.tile.columns), lane));
    } else {
      Sizes strides = lir::getStrides(type);
      Value column = builder.add(builder.mul(panel, plan.tile.columns), lane),
            at = builder.add(builder.mul(column, strides[0]),
                             builder.mul(block, strides[1]));
      exponents = builder.loadStrided(
          element, plan.lanes, base, at, strides[0],
          countColumns(builder, width.count, v, plan.lanes));
    }
    Value wide = builder.create<arith::ShLIOp>(
        builder.create<arith::ExtUIOp>(bits, exponents),
        builder.constant(bits, double(fraction)));
    scales.push_back(builder.create<vector::BitCastOp>(floats, wide));
  }
  return scales;
}
