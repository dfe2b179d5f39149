//===- PanelPacking.cpp - Packs operands into scratch memory at run time --===//

#include "PanelPacking.h"
#include "Lanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Transposes n vectors of n lanes. Merging vector i with i + n/2 lane by lane,
/// log2(n) times, moves every element from (i, j) to (j, i).
static SmallVector<Value> transpose(KernelBuilder &builder,
                                    SmallVector<Value> vectors) {
  int64_t n = vectors.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < n / 2; ++i) {
    low.append({i, n + i});
    high.append({n / 2 + i, n + n / 2 + i});
  }
  for (int64_t stage = 1; stage < n; stage *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < n / 2; ++i) {
      next.push_back(builder.create<vector::ShuffleOp>(
          vectors[i], vectors[i + n / 2], low));
      next.push_back(builder.create<vector::ShuffleOp>(
          vectors[i], vectors[i + n / 2], high));
    }
    vectors = std::move(next);
  }
  return vectors;
}

/// What is packed of a vector.
static Value scaleVector(KernelBuilder &builder, const StridedMatrix &source,
                         Value vector) {
  if (source.factor == 1)
    return vector;
  return builder.mulf(vector,
                      builder.constant(vector.getType(), source.factor));
}

/// Transposes `depth` rows (at most a vector's lanes) of one block of `columns`
/// columns. In place of columns that are not there it takes the last one, whose
/// memory can be read: a load of no lanes from an address that no page has is
/// two hundred times slower.
static void transposeBlock(KernelBuilder &builder, const StridedMatrix &source,
                           Value row, Value depth, int64_t depthLimit,
                           int64_t firstColumn, Value columns, int64_t lanes,
                           Value packed, int64_t packedStride) {
  Value zero = builder.constant(builder.vectorType(source.element, lanes), 0);
  SmallVector<Value> vectors(lanes, zero);
  std::optional<int64_t> known = kernels::asConstant(columns);
  for (int64_t j = 0; j < lanes; ++j) {
    int64_t column = firstColumn + j;
    if (known && column >= *known)
      break;
    Value offset = known ? builder.value(source.columnStride * column)
                         : builder.mul(builder.min(builder.i64(column),
                                                   builder.add(columns, -1)),
                                       source.columnStride);
    vectors[j] =
        scaleVector(builder, source,
                    builder.loadVector(source.element, lanes, source.base,
                                       builder.add(row, offset), depth));
  }
  vectors = transpose(builder, std::move(vectors));
  for (int64_t i = 0; i < depthLimit; ++i)
    builder.storeVector(
        vectors[i], packed,
        builder.add(builder.mul(builder.add(row, i), packedStride),
                    firstColumn));
}

/// The transposing way: blocks of `lanes` rows, the last one shorter. Of an open
/// number of rows it is written row by row.
static void packTransposed(KernelBuilder &builder, const StridedMatrix &source,
                           const Size &rows, Value columns,
                           int64_t paddedColumns, int64_t lanes, Value packed,
                           int64_t packedStride) {
  auto blocks = [&](Value row, int64_t depth) {
    for (int64_t j = 0; j < paddedColumns; j += lanes) {
      auto block = [&] {
        transposeBlock(builder, source, row, builder.i64(depth), depth, j,
                       columns, lanes, packed, packedStride);
      };
      if (j == 0 || kernels::asConstant(columns))
        block();
      else
        builder.ifThen(builder.lessThan(builder.i64(j), columns), block);
    }
  };
  Size whole = rows.floorDiv(lanes) * lanes, rest = rows - whole;
  builder.forLoop(builder.i64(0), builder.value(whole), lanes,
                  [&](Value row) { blocks(row, lanes); });
  if (rest.isNumber()) {
    if (!rest.is(0))
      blocks(builder.value(whole), rest.getNumber());
    return;
  }
  builder.forLoop(builder.value(whole), builder.value(rows), 1,
                  [&](Value row) { blocks(row, 1); });
}

void cpu::packMatrix(KernelBuilder &builder, const StridedMatrix &source,
                     const Size &rows, Value columns, int64_t paddedColumns,
                     int64_t lanes, Value packed, int64_t packedStride) {
  if (source.rowStride.is(1) && !source.columnStride.is(1) && lanes > 1)
    return packTransposed(builder, source, rows, columns, paddedColumns, lanes,
                          packed, packedStride);
  std::optional<int64_t> known = kernels::asConstant(columns);
  // Rows of few vectors are copied in straight lines, longer ones by a loop.
  auto copyVector = [&](Value from, Value to, Value column, Value left) {
    Value position =
        builder.add(from, builder.mul(column, source.columnStride));
    std::optional<int64_t> knownLeft = kernels::asConstant(left);
    Value count = knownLeft && *knownLeft >= lanes ? Value() : left;
    Value vector = builder.loadStrided(source.element, lanes, source.base,
                                       position, source.columnStride, count);
    if (!source.columnStride.is(1))
      vector = keepLanes(builder, vector, count,
                         builder.constant(source.element, 0));
    builder.storeVector(scaleVector(builder, source, vector), packed,
                        builder.add(to, column));
  };
  builder.forLoop(builder.i64(0), builder.value(rows), 1, [&](Value row) {
    Value from = builder.mul(row, source.rowStride),
          to = builder.mul(row, packedStride);
    int64_t whole = known ? *known / lanes * lanes : 0, first = 0;
    if (whole > 8 * lanes) {
      builder.forLoop(builder.i64(0), builder.i64(whole), lanes,
                      [&](Value column) {
                        copyVector(from, to, column, builder.i64(lanes));
                      });
      first = whole;
    }
    for (int64_t j = first; j < paddedColumns; j += lanes)
      if (!known || j < *known)
        copyVector(from, to, builder.i64(j),
                   builder.sub(columns, builder.i64(j)));
      else
        builder.storeVector(
            builder.constant(builder.vectorType(source.element, lanes), 0),
            packed, builder.add(to, j));
  });
}

//===-- Groups that fill 32 bits ------------------------------------------===//

/// Elements of a group.
static int64_t getGroupSize(Type element) {
  return 32 / element.getIntOrFloatBitWidth();
}

Value cpu::interleaveGroup(KernelBuilder &builder, ArrayRef<Value> rows) {
  auto zip = [&](Value a, Value b) -> Value {
    auto type = cast<VectorType>(a.getType());
    int64_t count = type.getNumElements();
    SmallVector<int64_t> places;
    for (int64_t i = 0; i < count; ++i)
      places.append({i, count + i});
    Value zipped = builder.create<vector::ShuffleOp>(a, b, places);
    Type twice = builder.getIntegerType(2 * type.getElementTypeBitWidth());
    return builder.create<vector::BitCastOp>(builder.vectorType(twice, count),
                                             zipped);
  };
  SmallVector<Value> level(rows);
  while (level.size() > 1) {
    for (size_t i = 0; i < level.size() / 2; ++i)
      level[i] = zip(level[2 * i], level[2 * i + 1]);
    level.truncate(level.size() / 2);
  }
  return level.front();
}

/// Columns side by side: the rows of a group at a time.
static void packRowGroups(KernelBuilder &builder, const StridedMatrix &source,
                          const Size &rows, Value columns,
                          int64_t paddedColumns, int64_t lanes, Value packed,
                          int64_t packedStride) {
  std::optional<int64_t> known = kernels::asConstant(columns);
  VectorType type = builder.vectorType(source.element, lanes);
  int64_t groupSize = getGroupSize(source.element);
  // Rows from `count` on are not there.
  auto pacgroupSize = [&](Value group, Value count) {
    Value first = builder.mul(builder.mul(group, groupSize), source.rowStride);
    for (int64_t j = 0; j < paddedColumns; j += lanes) {
      if (known && j >= *known)
        continue;
      Value left = builder.sub(columns, builder.i64(j));
      if (known && *known - j >= lanes)
        left = nullptr;
      SmallVector<Value> vectors;
      for (int64_t row = 0; row < groupSize; ++row) {
        Value at = builder.add(first, builder.value(source.rowStride * row +
                                                    source.columnStride * j));
        auto load = [&]() -> SmallVector<Value> {
          Value vector = builder.loadStrided(source.element, lanes, source.base,
                                             at, source.columnStride, left);
          return {vector};
        };
        vectors.push_back(
            count ? builder
                        .select(builder.lessThan(builder.i64(row), count), load,
                                [&]() -> SmallVector<Value> {
                                  return {builder.constant(type, 0)};
                                })
                        .front()
                  : load().front());
      }
      Value place =
          builder.add(builder.mul(group, packedStride), j * groupSize);
      builder.storeVector(interleaveGroup(builder, vectors),
                          builder.elementPtr(packed, source.element, place),
                          builder.i64(0));
    }
  };
  Size whole = rows.floorDiv(groupSize), rest = rows - whole * groupSize;
  builder.forLoop(builder.i64(0), builder.value(whole), 1,
                  [&](Value group) { pacgroupSize(group, nullptr); });
  if (!rest.is(0))
    builder.ifThen(builder.lessThan(builder.i64(0), builder.value(rest)), [&] {
      pacgroupSize(builder.value(whole), builder.value(rest));
    });
}

/// Rows side by side: a group of a column is 32 bits of it, and blocks of these
/// are transposed.
static void packColumnGroups(KernelBuilder &builder,
                             const StridedMatrix &source, const Size &rows,
                             Value columns, int64_t paddedColumns,
                             int64_t lanes, Value packed,
                             int64_t packedStride) {
  std::optional<int64_t> known = kernels::asConstant(columns);
  int64_t groupSize = getGroupSize(source.element),
          blockRows = lanes * groupSize;
  Type i32 = builder.getI32Type();
  // `count` rows of the block that begins at `row`; null where it is full.
  auto packBlock = [&](Value row, Value count, int64_t first) {
    SmallVector<Value> vectors(
        lanes, builder.constant(builder.vectorType(i32, lanes), 0));
    for (int64_t j = 0; j < lanes; ++j) {
      int64_t column = first + j;
      if (known && column >= *known)
        break;
      // In place of columns that are not there, the last one.
      Value index =
          known ? builder.i64(column)
                : builder.min(builder.i64(column), builder.add(columns, -1));
      Value at = builder.add(row, builder.mul(index, source.columnStride));
      Value loaded =
          builder.loadVector(source.element, blockRows, source.base, at, count);
      vectors[j] = builder.create<vector::BitCastOp>(
          builder.vectorType(i32, lanes), loaded);
    }
    vectors = transpose(builder, std::move(vectors));
    for (int64_t i = 0; i < lanes; ++i) {
      auto store = [&] {
        Value group = builder.add(builder.divUnsigned(row, groupSize), i);
        Value place =
            builder.add(builder.mul(group, packedStride), first * groupSize);
        builder.storeVector(vectors[i],
                            builder.elementPtr(packed, source.element, place),
                            builder.i64(0));
      };
      if (count)
        builder.ifThen(builder.lessThan(builder.i64(i * groupSize), count),
                       store);
      else
        store();
    }
  };
  auto packBlocks = [&](Value row, Value count) {
    for (int64_t j = 0; j < paddedColumns; j += lanes) {
      if (known && j >= *known)
        continue;
      if (j == 0 || known)
        packBlock(row, count, j);
      else
        builder.ifThen(builder.lessThan(builder.i64(j), columns),
                       [&] { packBlock(row, count, j); });
    }
  };
  Size whole = rows.floorDiv(blockRows) * blockRows, rest = rows - whole;
  builder.forLoop(builder.i64(0), builder.value(whole), blockRows,
                  [&](Value row) { packBlocks(row, nullptr); });
  if (!rest.is(0))
    builder.ifThen(builder.lessThan(builder.i64(0), builder.value(rest)), [&] {
      packBlocks(builder.value(whole), builder.value(rest));
    });
}

void cpu::packGroups(KernelBuilder &builder, const StridedMatrix &source,
                     const Size &rows, Value columns, int64_t paddedColumns,
                     int64_t lanes, Value packed, int64_t packedStride) {
  auto pack = source.rowStride.is(1) && !source.columnStride.is(1)
                  ? packColumnGroups
                  : packRowGroups;
  pack(builder, source, rows, columns, paddedColumns, lanes, packed,
       packedStride);
}
