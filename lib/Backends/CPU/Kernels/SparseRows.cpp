//===- SparseRows.cpp - Multiplies by the weights that are not zero -------===//

#include "SparseRows.h"
#include "ByteStores.h"
#include "TransposeTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using kernels::SparseRows;

//===-- Sums --------------------------------------------------------------===//

Value SparseRowsEmitter::loadOffset(Value from, int64_t bytes) {
  Value offset =
      builder.load(builder.getI32Type(),
                   builder.bytePtr(from, builder.i64(bytes)), builder.i64(0));
  return builder.create<arith::ExtSIOp>(builder.getI64Type(), offset);
}

SmallVector<Value> SparseRowsEmitter::addEntry(Value entry, Value values,
                                               ValueRange sums) {
  Type element = tile.word.sum;
  Value from = builder.bytePtr(values, loadOffset(entry, 0));
  SmallVector<Value> read, next;
  for (int64_t v = 0; v < tile.vectors; ++v)
    read.push_back(builder.loadVector(element, tile.lanes, from,
                                      builder.i64(v * tile.lanes)));
  for (int64_t i = 0; i < tile.block; ++i) {
    Value weight = builder.broadcast(
        builder.load(element, entry, builder.i64(1 + i)), tile.lanes);
    for (Value value : read)
      next.push_back(
          tile.word.multiplyAdd(builder, weight, value, sums[next.size()]));
  }
  return next;
}

SmallVector<Value> SparseRowsEmitter::addEntries(Value begin, Value end,
                                                 Value values,
                                                 ValueRange sums) {
  // Of several entries a trip.
  int64_t bytes = rows.getEntryBytes(), unroll = tile.block == 1 ? 4 : 2;
  SmallVector<Value> carried(sums);
  carried.push_back(begin);
  auto addTrip = [&](Value at, ValueRange carried, int64_t count) {
    SmallVector<Value> next(carried.drop_back());
    for (int64_t i = 0; i < count; ++i)
      next = addEntry(builder.bytePtr(weights, builder.add(at, i * bytes)),
                      values, next);
    next.push_back(builder.add(at, count * bytes));
    return next;
  };
  carried = builder.forLoop(begin, builder.add(end, (1 - unroll) * bytes),
                            unroll * bytes, carried,
                            [&](Value at, ValueRange carried) {
                              return addTrip(at, carried, unroll);
                            });
  carried = builder.forLoop(
      carried.back(), end, bytes, carried,
      [&](Value at, ValueRange carried) { return addTrip(at, carried, 1); });
  carried.pop_back();
  return carried;
}

void SparseRowsEmitter::addSection(Value group, Value section, Value pixel,
                                   Value values, bool isFirst) {
  Value part = builder.add(builder.mul(group, rows.sections), section);
  Value first = loadOffset(
      builder.bytePtr(weights, builder.mul(part, SparseRows::kBeginBytes)), 0);
  Value records = builder.bytePtr(
      weights,
      builder.add(builder.mul(part, rows.rows * SparseRows::kRecordBytes),
                  rows.getRecordsOffset()));
  Value entries = builder.i64(rows.getEntriesOffset());
  Type element = tile.word.sum;
  Value zero = builder.constant(builder.vectorType(element, tile.lanes), 0);
  Value sums = builder.elementPtr(scratch.sums, element, pixel);
  auto addRow = [&](Value row, ValueRange begin) -> SmallVector<Value> {
    Value record =
        builder.bytePtr(records, builder.mul(row, SparseRows::kRecordBytes));
    Value end = builder.add(loadOffset(record, 0), entries),
          place = builder.bytePtr(sums, loadOffset(record, 4));
    auto getIndex = [&](int64_t i) {
      return builder.i64(i / tile.vectors * scratch.sumPixels +
                         i % tile.vectors * tile.lanes);
    };
    SmallVector<Value> added;
    for (int64_t i = 0; i < tile.block * tile.vectors; ++i)
      added.push_back(isFirst ? zero
                              : builder.loadVector(element, tile.lanes, place,
                                                   getIndex(i)));
    added = addEntries(begin.front(), end, values, added);
    for (auto [i, sum] : llvm::enumerate(added))
      builder.storeVector(sum, place, getIndex(i));
    return {end};
  };
  builder.forLoop(builder.i64(0), builder.i64(rows.rows), 1,
                  builder.add(first, entries), addRow);
}

//===-- Sections ----------------------------------------------------------===//

void SparseRowsEmitter::forSections(
    llvm::function_ref<void(Value section, bool isFirst)> add) {
  add(builder.i64(0), /*isFirst=*/true);
  builder.forLoop(builder.i64(1), builder.i64(rows.sections), 1,
                  [&](Value section) { add(section, /*isFirst=*/false); });
}

SparseRowsEmitter::Section
SparseRowsEmitter::getSection(Value section, int64_t size, int64_t channels) {
  Value begin = builder.mul(section, size);
  Value words = builder.i64(tile.word.countWords(channels));
  return {begin, builder.min(builder.add(begin, size), words), channels};
}

void SparseRowsEmitter::forVectors(
    const Section &section,
    llvm::function_ref<void(Value word, Value count)> read) {
  int64_t step = tile.lanes * tile.word.channels,
          tail = section.channels % step;
  Value whole = builder.min(
      section.end, builder.i64((section.channels - tail) / tile.word.channels));
  builder.forLoop(section.begin, whole, tile.lanes,
                  [&](Value word) { read(word, nullptr); });
  if (tail)
    builder.ifThen(builder.lessThan(whole, section.end),
                   [&] { read(whole, builder.i64(tail)); });
}

//===-- Transposition -----------------------------------------------------===//

void SparseRowsEmitter::transpose(ValueRange pixels, Value count, Value to,
                                  int64_t wordBytes, Value existing) {
  SmallVector<Value> values;
  for (Value pixel : pixels)
    values.push_back(tile.word.load(builder, tile.lanes, pixel, count));
  values.resize(
      tile.lanes,
      builder.constant(builder.vectorType(tile.word.sum, tile.lanes), 0));
  for (auto [word, vector] : llvm::enumerate(transposeTile(builder, values)))
    builder.storeVector(vector,
                        builder.bytePtr(to, builder.i64(word * wordBytes)),
                        builder.i64(0), existing);
}

LogicalResult SparseRowsEmitter::storeColumns(Value output, Value column,
                                              Value first, Value columns,
                                              const Pixels &pixels) {
  Type element = tile.word.sum;
  Value from = builder.elementPtr(
      scratch.sums, element,
      builder.add(builder.mul(column, scratch.sumPixels), pixels.first));
  SmallVector<Value> values;
  for (int64_t i = 0; i < tile.lanes; ++i)
    values.push_back(builder.loadVector(element, tile.lanes, from,
                                        builder.i64(i * scratch.sumPixels)));
  values = transposeTile(builder, values);
  Value at = builder.add(first, column);
  auto indexOfRow = [&](Value pixel) { return pixels.getIndex(pixel, at); };
  TileOutput target{op, output, columns, indexOfRow, scratch.stage};
  LogicalResult status = success();
  auto storeStaged = [&](Value count) {
    for (auto [i, value] : llvm::enumerate(values))
      builder.storeVector(value, scratch.stage, builder.i64(i * tile.lanes));
    if (failed(storeStagedRows(builder, target, count,
                               builder.vectorType(element, tile.lanes),
                               tile.lanes)))
      status = failure();
  };
  auto storeFirst = [&](int64_t count) {
    ByteStores stores(builder, output);
    for (int64_t i = 0; i < count; ++i)
      if (failed(storeTileRow(builder, target, builder.i64(i), values[i],
                              &stores)))
        status = failure();
    stores.flush();
  };
  Value all = builder.i64(tile.lanes),
        count = pixels.count ? builder.min(pixels.count, all) : all;
  std::optional<int64_t> known = kernels::asConstant(count);
  if (isHeavyEpilogue(op, builder.getTarget()))
    storeStaged(count);
  else if (known)
    storeFirst(*known);
  else
    builder.ifThen(
        builder.likely(
            builder.lessThan(builder.i64(tile.lanes - 1), pixels.count)),
        [&] { storeFirst(tile.lanes); }, [&] { storeStaged(count); });
  return status;
}

LogicalResult SparseRowsEmitter::store(Value output, Value group,
                                       int64_t outputs, const Pixels &pixels) {
  LogicalResult status = success();
  int64_t groupOutputs = rows.getGroupOutputs(), tail = outputs % tile.lanes;
  Value first = builder.mul(group, groupOutputs);
  // A last group may have none.
  Value count = builder.min(
      builder.max(builder.sub(builder.i64(outputs), first), builder.i64(0)),
      builder.i64(groupOutputs));
  auto storeAt = [&](Value column, Value columns) {
    if (failed(storeColumns(output, column, first, columns, pixels)))
      status = failure();
  };
  Value whole =
      tail ? builder.mul(builder.divUnsigned(count, tile.lanes), tile.lanes)
           : count;
  builder.forLoop(builder.i64(0), whole, tile.lanes,
                  [&](Value column) { storeAt(column, nullptr); });
  if (tail)
    builder.ifThen(builder.lessThan(whole, count),
                   [&] { storeAt(whole, builder.sub(count, whole)); });
  return status;
}
