//===- Scatter.cpp - Updates by index -------------------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// What both scatters have, and how updates are combined: graph's word for the
/// attribute `reduction`.
struct ScatterOperands {
  Value data, indices, updates;
  StringRef kind = "none";
};

bool readScatter(Node &node, ArrayRef<StringRef> reductions,
                 ScatterOperands &operands) {
  if (reductions.size() > 1)
    operands.kind = llvm::StringSwitch<StringRef>(
                        node.getChoice("reduction", "none", reductions))
                        .Case("add", "sum")
                        .Case("mul", "prod")
                        .Case("max", "max")
                        .Case("min", "min")
                        .Default("none");
  unsigned kinds = operands.kind == "none" ? AnyKind : NumberKind | BoolKind;
  operands.data = node.input(0, "data", kinds);
  operands.indices = node.input(1, "indices", SignedKind);
  operands.updates = node.input(2, "updates", kinds);
  return !node.hasFailed();
}

constexpr StringRef reductionsOf18[] = {"none", "add", "mul", "max", "min"};

/// A handler for as many reductions as the opset has.
template <unsigned count> LogicalResult importScatterElements(Node &node) {
  int64_t axis = node.getInt("axis", 0);
  ScatterOperands operands;
  if (!readScatter(node, ArrayRef(reductionsOf18).take_front(count), operands))
    return failure();
  axis = node.normalizeAxis(axis, getType(operands.data).getRank());
  return node.result(node.create<ScatterElementsOp>(
      operands.data, operands.indices, operands.updates, axis, operands.kind));
}

template <unsigned count> LogicalResult importScatterND(Node &node) {
  ScatterOperands operands;
  if (!readScatter(node, ArrayRef(reductionsOf18).take_front(count), operands))
    return failure();
  return node.result(node.create<ScatterNDOp>(operands.data, operands.indices,
                                              operands.updates, operands.kind));
}

/// What a TensorScatter writes: a run of rows for each batch and each place in
/// the dims before the axis.
struct CacheRows {
  int64_t batch, places, most, count; ///< most: rows of the cache
  SmallVector<int64_t> row;           ///< the shape of one
};

/// The row of the cache, all dims before the axis and the axis as one, that
/// each row of the update goes to.
Value findCacheRows(Node &node, const CacheRows &rows, Value first,
                    bool circular) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  SmallVector<int64_t> runs;
  for (int64_t run = 0; run < rows.batch * rows.places; ++run)
    runs.push_back(run * rows.most);
  Value begins = node.indices(runs, {rows.batch, rows.places, 1}),
        steps = node.indices(listAxes(0, rows.count));
  if (first)
    first = node.reshape(node.cast(first, i64), {rows.batch, 1, 1});
  else
    first = node.indices(0, {1, 1, 1});
  return node.map({begins, steps, first}, i64,
                  [&](Scalar &s, ArrayRef<Value> args) {
                    Value row = s.add(args[1], args[2]);
                    if (circular) {
                      Value most = s.integer(i64, rows.most);
                      row = s.rem(s.add(s.rem(row, most), most), most);
                    }
                    return s.add(row, args[0]);
                  });
}

/// The dims of past_cache and update around the axis; null where they disagree.
std::optional<CacheRows> readCacheRows(Node &node, RankedTensorType cache,
                                       RankedTensorType update, int64_t axis) {
  SmallVector<int64_t> expected(cache.getShape());
  expected[axis] =
      update.getRank() == cache.getRank() ? update.getDimSize(axis) : 0;
  if (update.getShape() != ArrayRef(expected) ||
      expected[axis] > cache.getDimSize(axis)) {
    (void)node.error("expected an update like past_cache, but shorter along "
                     "axis " +
                     Twine(axis));
    return std::nullopt;
  }
  ArrayRef<int64_t> shape = cache.getShape();
  CacheRows rows{shape[0], 1, shape[axis], expected[axis], {}};
  for (int64_t size : shape.slice(1, axis - 1))
    rows.places *= size;
  rows.row.assign(shape.drop_front(axis + 1).begin(), shape.end());
  return rows;
}

LogicalResult importTensorScatter(Node &node) {
  int64_t axis = node.getInt("axis", -2);
  bool circular =
      node.getChoice("mode", "linear", {"linear", "circular"}) == "circular";
  Value cache = node.input(0, "past_cache"), update = node.input(1, "update"),
        first = node.optionalInput(2, "write_indices", SignedKind);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(cache), updateType = getType(update);
  axis = node.normalizeAxis(axis, type.getRank());
  if (node.hasFailed())
    return failure();
  if (axis == 0)
    return node.error("expected an axis behind the batch, but got 0");
  if (!type.hasStaticShape() || !updateType.hasStaticShape())
    return node.undetermined("the shape of past_cache and update");
  std::optional<CacheRows> rows = readCacheRows(node, type, updateType, axis);
  if (!rows)
    return failure();
  if (first && getType(first).getShape() != ArrayRef(rows->batch))
    return node.error("expected write_indices for a batch of " +
                      Twine(rows->batch));
  if (updateType.getNumElements() == 0)
    return node.result(cache);
  int64_t last = rows->most - rows->count;
  if (first && !circular &&
      failed(node.require({first, 0, last, /*isExcluded=*/false,
                           "write_indices from 0 to " + std::to_string(last)})))
    return failure();
  auto flatten = [&](Value value, int64_t count) {
    SmallVector<int64_t> shape{rows->batch * rows->places * count};
    append_range(shape, rows->row);
    return node.reshape(value, shape);
  };
  Value places =
      node.reshape(findCacheRows(node, *rows, first, circular), {-1, 1});
  Value written =
      node.create<ScatterNDOp>(flatten(cache, rows->most), places,
                               flatten(update, rows->count), StringRef("none"));
  return node.result(node.reshape(written, type.getShape()));
}

} // namespace

void addScatterRows(OpTable &table) {
  table.add("Scatter", 9, importScatterElements<1>);
  table.add("ScatterElements", 11, importScatterElements<1>);
  table.add("ScatterElements", 16, importScatterElements<3>);
  table.add("ScatterElements", 18, importScatterElements<5>);
  table.add("ScatterND", 11, importScatterND<1>);
  table.add("ScatterND", 16, importScatterND<3>);
  table.add("ScatterND", 18, importScatterND<5>);
  table.add("TensorScatter", 24, importTensorScatter);
}

} // namespace lambent::graph
