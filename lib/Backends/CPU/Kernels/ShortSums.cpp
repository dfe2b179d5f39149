//===- ShortSums.cpp - Sums of products of bytes in 16 bits ---------------===//

#include "ShortSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Value ShortExtra::load(int64_t offset, Value index) {
  Type i32 = builder.getIntegerType(32);
  Value list = builder.bytePtr(panel, builder.i64(offset));
  return arith::ExtSIOp::create(builder, builder.getI64Type(),
                                builder.load(i32, list, index));
}

void ShortExtra::accumulate(RegisterTile &registers,
                            const TileOperands &operands, int64_t rowBegin,
                            int64_t rowEnd, Value first, int64_t sections) {
  Value begin = load(layout.getListOffset(), first),
        end = load(layout.getListOffset(), builder.add(first, sections));
  Value firstStep = builder.mul(first, layout.steps);
  registers.forLoop(begin, end, [&](Value extra) {
    TileOperands step = operands;
    step.prefetch = {};
    step.depth = builder.i64(1);
    Value place = builder.sub(load(layout.getStepsOffset(), extra), firstStep);
    step.lhs =
        builder.bytePtr(operands.lhs, builder.mul(place, operands.lhsStep));
    step.rhs = builder.bytePtr(
        panel, builder.add(builder.mul(extra, layout.getStepBytes()),
                           layout.getExtraOffset()));
    registers.accumulate(step, rowBegin, rowEnd);
  });
}
