//===- RegisterTile.cpp - The register tile that every product is made of -===//

#include "RegisterTile.h"
#include "ByteStores.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

//===-- Products ----------------------------------------------------------===//

RegisterTile::RegisterTile(KernelBuilder &builder, const TileProduct &product,
                           int64_t rows, int64_t vectors, Value existingRows,
                           int64_t lastLanes)
    : builder(builder), product(product), rows(rows), vectors(vectors),
      existingRows(existingRows),
      lastLanes(lastLanes ? lastLanes : product.getLanes()) {
  clear();
}

Value RegisterTile::getExistence(int64_t row) const {
  return existingRows && row > 0
             ? builder.likely(builder.lessThan(builder.i64(row), existingRows))
             : Value();
}

void RegisterTile::clear() {
  accumulators.assign(rows * vectors,
                      product.zero(builder, product.getLanes()));
  if (lastLanes == product.getLanes())
    return;
  Value narrow = product.zero(builder, lastLanes);
  for (int64_t row = 0; row < rows; ++row)
    at(row, vectors - 1) = narrow;
}

void RegisterTile::accumulate(const TileOperands &operands, int64_t rowBegin,
                              int64_t rowEnd) {
  if (rowBegin >= rowEnd)
    return;
  if (existingRows)
    accumulators = accumulateExisting(operands, 1, rows);
  else
    accumulateRows(operands, rowBegin, rowEnd, accumulators);
}

SmallVector<Value>
RegisterTile::accumulateExisting(const TileOperands &operands, int64_t least,
                                 int64_t most) {
  if (least == most) {
    SmallVector<Value> sums(accumulators);
    accumulateRows(operands, 0, most, sums);
    return sums;
  }
  int64_t middle = (least + most) / 2;
  return builder.select(
      builder.lessThan(builder.i64(middle), existingRows),
      [&] { return accumulateExisting(operands, middle + 1, most); },
      [&] { return accumulateExisting(operands, least, middle); });
}

void RegisterTile::accumulateRows(const TileOperands &operands,
                                  int64_t rowBegin, int64_t rowEnd,
                                  MutableArrayRef<Value> sums) {
  int64_t lanes = product.getLanes();
  sums = sums.slice(rowBegin * vectors, (rowEnd - rowBegin) * vectors);
  using Parts = TileProduct::Parts;
  // Of `count` steps, as many as may be multiplied together.
  auto add = [&](Value k, int64_t count, ValueRange sums) {
    SmallVector<Value> lhs;
    SmallVector<SmallVector<Parts, 4>> columns(vectors);
    for (int64_t i = 0; i < count; ++i) {
      Value at = builder.add(k, i);
      Value rhs = product.elementPtr(builder, operands.rhs,
                                     builder.mul(at, operands.rhsStep));
      lhs.push_back(product.elementPtr(builder, operands.lhs,
                                       operands.getLhsPosition(builder, at)));
      for (int64_t v = 0; v < vectors; ++v) {
        Value readable =
            countColumns(builder, operands.readableColumns, v, lanes);
        int64_t offset = operands.vectorOffsets.empty()
                             ? v * lanes * product.getGroup()
                             : operands.vectorOffsets[v];
        columns[v].push_back(
            product.loadRhs(builder, rhs, offset, readable, getLanes(v)));
      }
    }
    SmallVector<Value> next;
    for (int64_t row = rowBegin; row < rowEnd; ++row) {
      SmallVector<Parts, 4> elements;
      for (Value steps : lhs)
        elements.push_back(product.loadLhs(
            builder, steps, operands.rowOffsets[row], getLanes(0)));
      for (auto [v, column] : llvm::enumerate(columns)) {
        // Part of the registers that the elements fill already.
        if (getLanes(v) < getLanes(0))
          for (Parts &element : elements)
            for (Value &part : element) {
              int64_t size = cast<VectorType>(column.front().front().getType())
                                 .getNumElements();
              part = vector::ExtractStridedSliceOp::create(
                  builder, part, ArrayRef<int64_t>(0), ArrayRef(size),
                  ArrayRef<int64_t>(1));
            }
        next.push_back(
            product.multiplyAdd(builder, elements, column, sums[next.size()]));
      }
    }
    return next;
  };
  SmallVector<Value> last(sums);
  Value first = builder.i64(0);
  std::optional<int64_t> depth = getConstantIntValue(operands.depth);
  int64_t chain = product.getChain();
  int64_t unroll = builder.getTarget().description.depthUnroll;
  auto addTrips = [&](int64_t trip, bool fetches) {
    if (!depth || trip == 1 || *depth < trip)
      return;
    Value whole = builder.i64(*depth / trip * trip);
    if (getConstantIntValue(first) == getConstantIntValue(whole))
      return;
    last = builder.forLoop(first, whole, trip, last,
                           [&](Value k, ValueRange sums) {
                             SmallVector<Value> next(sums);
                             for (int64_t i = 0; i < trip; i += chain) {
                               if (fetches)
                                 operands.prefetch.fetch(
                                     builder, k, trip, i / chain, trip / chain);
                               next = add(builder.add(k, i), chain, next);
                             }
                             return next;
                           });
    first = whole;
  };
  if (unroll % chain == 0)
    addTrips(unroll, /*fetches=*/true);
  addTrips(chain, /*fetches=*/false);
  if (first != operands.depth &&
      !(depth && getConstantIntValue(first) == depth))
    last = builder.forLoop(
        first, operands.depth, 1, last,
        [&](Value k, ValueRange sums) { return add(k, 1, sums); });
  llvm::copy(last, sums.begin());
}

Value TileOperands::getLhsPosition(KernelBuilder &builder, Value k) const {
  if (!lhsOffsets)
    return builder.mul(k, lhsStep);
  Value offset =
      arith::ExtUIOp::create(builder, builder.getI64Type(),
                             builder.load(builder.getI32Type(), lhsOffsets, k));
  return lhsOrigin ? builder.add(lhsOrigin, offset) : offset;
}

void PanelPrefetch::fetch(KernelBuilder &builder, Value k, int64_t tripSteps,
                          int64_t piece, int64_t pieces) const {
  if (!base)
    return;
  constexpr int64_t lineBytes = 64;
  Value trip = builder.mul(k, lines / streams * lineBytes / tripSteps);
  for (int64_t i = 0; i < lines; ++i) {
    if (i * pieces / lines != piece)
      continue;
    int64_t place = i % streams * streamBytes + i / streams * lineBytes;
    Value address = builder.bytePtr(base, builder.add(trip, place));
    // To be read, kept in L2 (locality 2), data and not code.
    builder.create<LLVM::Prefetch>(address, /*rw=*/0u, /*hint=*/2u,
                                   /*cache=*/1u);
  }
}

void RegisterTile::forLoop(Value lower, Value upper,
                           function_ref<void(Value)> body) {
  accumulators =
      builder.forLoop(lower, upper, 1, SmallVector<Value>(accumulators),
                      [&](Value iv, ValueRange sums) {
                        accumulators.assign(sums.begin(), sums.end());
                        body(iv);
                        return SmallVector<Value>(accumulators);
                      });
}

//===-- Results -----------------------------------------------------------===//

void RegisterTile::fetchRow(Value base, MemRefType type, ValueRange indices,
                            bool isWritten) {
  int64_t bytes =
      vectors * product.getLanes() * type.getElementTypeBitWidth() / 8;
  Value row = builder.elementPtr(base, type.getElementType(),
                                 builder.getPosition(indices, type));
  builder.fetchLines(row, bytes, isWritten);
}

void RegisterTile::fetch(const TileOutput &output) {
  // Of rows that a run counts there are few.
  if (existingRows)
    return;
  auto epilogue = cast<lir::EpilogueOpInterface>(output.op);
  MutableOperandRange inputs = epilogue.getEpilogueInputsMutableRange();
  auto outputType = output.getType();
  for (int64_t r = 0; r < rows; ++r) {
    SmallVector<Value> indices = output.indexOfRow(builder.i64(r));
    fetchRow(output.output, outputType, indices, /*isWritten=*/true);
    for (auto [i, map] : llvm::enumerate(
             epilogue.getEpilogueMapList().getAsValueRange<AffineMapAttr>()))
      if (map.isIdentity())
        fetchRow(builder.getBuffer(inputs[i]),
                 cast<MemRefType>(inputs[i].get().getType()), indices,
                 /*isWritten=*/false);
  }
}

void RegisterTile::forEachRow(function_ref<void(int64_t)> body) {
  for (int64_t row = 0; row < rows; ++row)
    if (Value exists = getExistence(row))
      builder.ifThen(exists, [&] { body(row); });
    else
      body(row);
}

LogicalResult RegisterTile::store(const TileOutput &output) {
  LogicalResult status = success();
  if (rows == 1 || !isHeavyEpilogue(output.op, builder.getTarget())) {
    ByteStores stores(builder, output.output);
    forEachRow([&](int64_t r) {
      if (failed(
              storeTileRow(builder, output, builder.i64(r),
                           ArrayRef(accumulators).slice(r * vectors, vectors),
                           existingRows ? nullptr : &stores)))
        status = failure();
    });
    stores.flush();
    return status;
  }
  int64_t lanes = product.getLanes();
  SmallVector<VectorType> types;
  for (int64_t v = 0; v < vectors; ++v)
    types.push_back(builder.vectorType(product.getAccumulator(), getLanes(v)));
  forEachRow([&](int64_t r) {
    for (int64_t v = 0; v < vectors; ++v)
      builder.storeVector(at(r, v), output.stage,
                          builder.i64((r * vectors + v) * lanes));
  });
  Value count = existingRows ? existingRows : builder.i64(rows);
  return storeStagedRows(builder, output, count, types, vectors * lanes);
}

void cpu::forEachPanel(KernelBuilder &builder, Value begin, Value end,
                       const Size &total, int64_t vectors, int64_t lanes,
                       function_ref<void(Value, PanelWidth)> body) {
  int64_t panelColumns = vectors * lanes;
  Size whole = total.floorDiv(panelColumns), tail = total - whole * panelColumns;
  if (!whole.is(0))
    builder.forLoop(begin, builder.min(end, builder.value(whole)), 1,
                    [&](Value panel) {
                      body(panel, {vectors, nullptr});
                    });
  if (tail.is(0))
    return;
  PanelWidth width{tail.isNumber() ? tail.ceilDiv(lanes).getNumber() : vectors,
                   builder.value(tail)};
  if (tail.isNumber() && tail.isMultipleOf(lanes))
    width.count = nullptr;
  builder.ifThen(builder.lessThan(builder.value(whole), end),
                 [&] { body(builder.value(whole), width); });
}

void cpu::forEachPanel(KernelBuilder &builder, Value begin, Value end,
                       int64_t total, int64_t panelColumns,
                       function_ref<void(Value, int64_t)> body) {
  forEachPanel(builder, begin, end, total, panelColumns, 1,
               [&](Value panel, PanelWidth width) {
                 body(panel, width.vectors);
               });
}
