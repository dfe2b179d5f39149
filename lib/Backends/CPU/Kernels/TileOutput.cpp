//===- TileOutput.cpp - What becomes of a tile's sums ---------------------===//

#include "TileOutput.h"
#include "ByteStores.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

bool cpu::isHeavyEpilogue(Operation *op, const TargetInfo &target) {
  // A math op becomes some twenty instructions, but for those that are one.
  int64_t weight = 0;
  bool quantizes = false;
  for (Operation &inner :
       cast<lir::EpilogueOpInterface>(op).getEpilogueRegion().front()) {
    bool isMath = isa_and_nonnull<math::MathDialect>(inner.getDialect()) &&
                  !isa<math::FmaOp, math::RoundEvenOp>(inner);
    // A byte by itself is loaded.
    bool isLookup = isa<tensor::ExtractOp>(inner) && !target.hasVBMI;
    weight += isMath || isLookup ? 16 : 1;
    quantizes |= isa<math::RoundEvenOp>(inner);
  }
  // Half of what rounds, moves and clamps to bytes are constants, and registers
  // are packed together.
  return weight > (quantizes ? 32 : 12);
}

MemRefType TileOutput::getType() const {
  unsigned index = cast<lir::KernelOpInterface>(op).getNumReads();
  return cast<MemRefType>(op->getOperand(index).getType());
}

Value cpu::countColumns(KernelBuilder &builder, Value columns, int64_t v,
                        int64_t lanes) {
  return columns ? builder.sub(columns, builder.i64(v * lanes)) : Value();
}

LogicalResult cpu::storeTileRow(KernelBuilder &builder,
                                const TileOutput &output, Value row,
                                ArrayRef<Value> values, ByteStores *stores) {
  int64_t lanes = cast<VectorType>(values.front().getType()).getNumElements();
  SmallVector<Value> indices = output.indexOfRow(row);
  Value position = builder.getPosition(indices, output.getType());
  Value column = indices.empty() ? Value() : indices.back();
  ByteStores own(builder, output.output);
  ByteStores &target = stores ? *stores : own;
  for (auto [v, value] : llvm::enumerate(values)) {
    Value count = countColumns(builder, output.columns, v, lanes);
    if (column)
      indices.back() = builder.add(column, int64_t(v) * lanes);
    FailureOr<Value> result = builder.applyEpilogue(
        output.op, value, indices,
        cast<VectorType>(value.getType()).getNumElements(), count);
    if (failed(result))
      return failure();
    target.store(*result, position, int64_t(v) * lanes, count);
  }
  own.flush();
  return success();
}

LogicalResult cpu::storeStagedRows(KernelBuilder &builder,
                                   const TileOutput &output, Value count,
                                   ArrayRef<VectorType> vectors,
                                   int64_t rowElements,
                                   function_ref<Value(Value)> exists) {
  LogicalResult status = success();
  int64_t lanes = vectors.front().getNumElements();
  auto storeRow = [&](Value row) {
    Value first = builder.mul(row, rowElements);
    SmallVector<Value> values;
    for (auto [v, vector] : llvm::enumerate(vectors))
      values.push_back(builder.loadVector(
          vector.getElementType(), vector.getNumElements(), output.stage,
          builder.add(first, int64_t(v) * lanes)));
    if (failed(storeTileRow(builder, output, row, values)))
      status = failure();
  };
  builder.forLoop(builder.i64(0), count, 1, [&](Value row) {
    if (exists)
      builder.ifThen(exists(row), [&] { storeRow(row); });
    else
      storeRow(row);
  });
  return status;
}
