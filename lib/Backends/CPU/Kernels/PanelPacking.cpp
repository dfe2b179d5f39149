//===- PanelPacking.cpp - Packs operands into scratch memory at run time --===//

#include "PanelPacking.h"
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

/// Transposes `depth` rows (at most a vector's lanes) of one block of `columns`
/// columns.
static void transposeBlock(KernelBuilder &builder, const StridedMatrix &source,
                           Value row, int64_t depth, int64_t firstColumn,
                           int64_t columns, int64_t lanes, Value packed,
                           int64_t packedStride) {
  Value zero = builder.constant(builder.vectorType(source.element, lanes), 0);
  SmallVector<Value> vectors(lanes, zero);
  for (int64_t j = 0; j < std::min(columns, lanes); ++j)
    vectors[j] = builder.loadVector(
        source.element, lanes, source.base,
        builder.add(row, (firstColumn + j) * source.columnStride),
        builder.i64(depth));
  vectors = transpose(builder, std::move(vectors));
  for (int64_t i = 0; i < depth; ++i)
    builder.storeVector(
        vectors[i], packed,
        builder.add(builder.mul(builder.add(row, i), packedStride),
                    firstColumn));
}

void cpu::packMatrix(KernelBuilder &builder, const StridedMatrix &source,
                     int64_t rows, int64_t columns, int64_t paddedColumns,
                     int64_t lanes, Value packed, int64_t packedStride) {
  if (source.rowStride == 1 && source.columnStride != 1 && lanes > 1) {
    auto blocks = [&](Value row, int64_t depth) {
      for (int64_t j = 0; j < paddedColumns; j += lanes)
        transposeBlock(builder, source, row, depth, j, columns - j, lanes,
                       packed, packedStride);
    };
    int64_t whole = rows / lanes * lanes;
    builder.forLoop(builder.i64(0), builder.i64(whole), lanes,
                    [&](Value row) { blocks(row, lanes); });
    if (whole < rows)
      blocks(builder.i64(whole), rows - whole);
    return;
  }
  // Rows of few vectors are copied in straight lines, longer ones by a loop.
  auto copyVector = [&](Value from, Value to, Value column, int64_t left) {
    Value position =
        builder.add(from, builder.mul(column, source.columnStride));
    Value count =
        left < lanes ? builder.i64(std::max<int64_t>(left, 0)) : Value();
    Value vector = builder.loadStrided(source.element, lanes, source.base,
                                       position, source.columnStride, count);
    if (source.columnStride != 1 && left < lanes) {
      SmallVector<int64_t> keep;
      for (int64_t i = 0; i < lanes; ++i)
        keep.push_back(i < left ? i : lanes);
      Value zero = builder.constant(vector.getType(), 0);
      vector = builder.create<vector::ShuffleOp>(vector, zero, keep);
    }
    builder.storeVector(vector, packed, builder.add(to, column));
  };
  builder.forLoop(builder.i64(0), builder.i64(rows), 1, [&](Value row) {
    Value from = builder.mul(row, source.rowStride),
          to = builder.mul(row, packedStride);
    int64_t whole = columns / lanes * lanes, first = 0;
    if (whole > 8 * lanes) {
      builder.forLoop(
          builder.i64(0), builder.i64(whole), lanes,
          [&](Value column) { copyVector(from, to, column, lanes); });
      first = whole;
    }
    for (int64_t j = first; j < paddedColumns; j += lanes)
      if (j < columns)
        copyVector(from, to, builder.i64(j), columns - j);
      else
        builder.storeVector(
            builder.constant(builder.vectorType(source.element, lanes), 0),
            packed, builder.add(to, j));
  });
}
