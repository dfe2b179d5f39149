//===- RowTile.cpp - Short rows, one a lane -------------------------------===//
//
// A group of columns is read in pieces of 128 bits, one a row; each of the
// group's vectors holds every group-th row's, so that a transpose of squares
// within 128-bit parts, an unpack each time, puts rows in order. A last group
// overlaps the one before it instead of ending in partial pieces. Rows shorter
// than a piece (or a few, where a shuffle crosses the parts at no cost) are
// read as they lie and picked apart.
//
//===----------------------------------------------------------------------===//

#include "RowTile.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent::cpu;

RowTile::RowTile(KernelBuilder &builder, int64_t lanes, unsigned bits,
                 int64_t size, int64_t rows)
    : builder(builder), lanes(lanes), size(size), rows(rows),
      group(std::min<int64_t>(lanes, 128 / bits)) {
  // Picking takes size - 1 shuffles a column, and their constants.
  constexpr int64_t mostPicked = 5;
  bool crosses = builder.getTarget().hasAVX512 && bits > 8;
  flat = size < group || (crosses && size <= mostPicked);
  part = crosses ? lanes : group;
}

int64_t RowTile::getLanes(const TargetInfo &target, unsigned bits) {
  int64_t lanes = target.vectorBits / bits;
  return lanes < 2 || bits > 64 ? 0 : lanes;
}

Value RowTile::shuffle(Value a, Value b,
                       function_ref<int64_t(int64_t)> source) {
  SmallVector<int64_t> mask;
  for (int64_t i = 0; i < lanes; ++i)
    mask.push_back(source(i));
  return vector::ShuffleOp::create(builder, a, b, mask);
}

Value RowTile::concatenate(Values pieces) {
  while (pieces.size() > 1) {
    Values joined;
    for (size_t i = 0; i < pieces.size(); i += 2) {
      int64_t width =
          2 * cast<VectorType>(pieces[i].getType()).getNumElements();
      joined.push_back(vector::ShuffleOp::create(
          builder, pieces[i], pieces[i + 1],
          llvm::to_vector(llvm::seq<int64_t>(0, width))));
    }
    pieces = joined;
  }
  return pieces[0];
}

RowTile::Values RowTile::transpose(Values vectors) {
  int64_t half = group / 2;
  for (int64_t stage = 1; stage < group; stage *= 2) {
    Values next;
    for (int64_t i = 0; i < half; ++i)
      for (int64_t high : {0, 1})
        next.push_back(
            shuffle(vectors[i], vectors[i + half], [&](int64_t lane) {
              int64_t first = lane / group * group, at = lane % group;
              return (at % 2 ? lanes : 0) + first + high * half + at / 2;
            }));
    vectors = next;
  }
  return vectors;
}

Value RowTile::pick(ArrayRef<Value> sources,
                    function_ref<int64_t(int64_t)> from) {
  SmallVector<int64_t> used;
  for (int64_t i = 0; i < part; ++i)
    used.push_back(from(i) / part);
  llvm::sort(used);
  used.erase(llvm::unique(used), used.end());
  // The first shuffle takes from two sources, each later one from one more.
  Value picked = sources[used[0]];
  for (size_t next = std::min<size_t>(1, used.size() - 1); next < used.size();
       ++next)
    picked = shuffle(picked, sources[used[next]], [&](int64_t lane) -> int64_t {
      int64_t first = lane / part * part, wanted = from(lane % part);
      const int64_t *found = llvm::find(used, wanted / part);
      size_t source = found - used.begin();
      if (source == next && next > 0)
        return lanes + first + wanted % part;
      if (source > next)
        return vector::ShuffleOp::kPoisonIndex;
      return next <= 1 ? first + wanted % part : lane;
    });
  return picked;
}

RowTile::Values RowTile::loadGroup(Type elementType, Value base, Value position,
                                   Convert convert) {
  Values vectors;
  for (int64_t i = 0; i < group; ++i) {
    Values pieces;
    for (int64_t row = i; row < lanes; row += group)
      pieces.push_back(convert(
          row < rows
              ? builder.loadVector(elementType, group, base,
                                   builder.add(position, row * size))
              : builder.constant(builder.vectorType(elementType, group), 0)));
    vectors.push_back(concatenate(pieces));
  }
  return transpose(vectors);
}

RowTile::Values RowTile::load(Type elementType, Value base, Value position,
                              Convert convert) {
  Values columns;
  if (!flat) {
    columns.resize(size);
    for (int64_t at = 0; at < size; at += group) {
      int64_t first = std::min(at, size - group);
      for (auto [i, column] : llvm::enumerate(loadGroup(
               elementType, base, builder.add(position, first), convert)))
        columns[first + i] = column;
    }
    return columns;
  }
  Values vectors;
  for (int64_t v = 0; v < size; ++v) {
    Values pieces;
    for (int64_t lane = 0; lane < lanes; lane += part) {
      int64_t at = lane * size + v * part,
              valid = std::clamp<int64_t>(rows * size - at, 0, part);
      pieces.push_back(
          valid > 0
              ? builder.loadVector(elementType, part, base,
                                   builder.add(position, at),
                                   builder.i64(valid))
              : builder.constant(builder.vectorType(elementType, part), 0));
    }
    vectors.push_back(convert(concatenate(pieces)));
  }
  for (int64_t column = 0; column < size; ++column)
    columns.push_back(
        pick(vectors, [&](int64_t row) { return row * size + column; }));
  return columns;
}

void RowTile::store(ArrayRef<Value> columns, Value base, Value position,
                    Convert convert) {
  auto storePiece = [&](Value vector, int64_t lane, int64_t width, int64_t at,
                        int64_t valid) {
    if (valid <= 0)
      return;
    if (width < lanes)
      vector = vector::ExtractStridedSliceOp::create(
          builder, vector, ArrayRef(lane), ArrayRef(width),
          ArrayRef<int64_t>(1));
    builder.storeVector(convert(vector), base, builder.add(position, at),
                        builder.i64(std::min(valid, width)));
  };
  if (!flat) {
    for (int64_t at = 0; at < size; at += group) {
      int64_t first = std::min(at, size - group);
      for (auto [i, vector] :
           llvm::enumerate(transpose(Values(columns.slice(first, group)))))
        for (int64_t row = i; row < rows; row += group)
          storePiece(vector, row - i, group, row * size + first, group);
    }
    return;
  }
  for (int64_t v = 0; v < size; ++v) {
    // Element i of this vector's part lies in row / column of the tile.
    Value vector = pick(columns, [&](int64_t i) {
      int64_t at = v * part + i;
      return at % size * part + at / size;
    });
    for (int64_t lane = 0; lane < lanes; lane += part) {
      int64_t at = lane * size + v * part;
      storePiece(vector, lane, part, at, rows * size - at);
    }
  }
}
