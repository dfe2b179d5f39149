//===- Scatter.cpp - Updates by index -------------------------------------===//

#include "Lists.h"
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
  unsigned kinds = operands.kind == "none" ? MovedKind : NumberKind | BoolKind;
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
  Size batch, places, most, count; ///< most: rows of the cache
  Sizes row;                       ///< the dims of one
};

/// The row of the cache, all dims before the axis and the axis as one, that
/// each row of the update goes to.
Value findCacheRows(Node &node, const CacheRows &rows, Value first,
                    bool circular) {
  Value runs = countUp(node, node.sizeScalar(rows.batch * rows.places));
  Value inputs[] = {
      node.reshapeTo(runs, {rows.batch, rows.places, 1}),
      countUp(node, node.sizeScalar(rows.count)),
      first ? node.reshapeTo(node.cast(first, node.getBuilder().getI64Type()),
                             {rows.batch, 1, 1})
            : node.indices(0, {1, 1, 1}),
      node.sizeScalar(rows.most)};
  return mapInts(node, inputs, [&](Scalar &s, ArrayRef<Value> args) {
    Value row = s.add(args[1], args[2]), most = args[3];
    if (circular)
      row = s.rem(s.add(s.rem(row, most), most), most);
    return s.add(row, s.mul(args[0], most));
  });
}

/// Leaves it to a run that `a` is `b`, or at least that, where that is not
/// known. Whether it is not known to be wrong.
bool checkSizes(Node &node, const Size &a, const Size &b, bool isLeast) {
  if (a == b)
    return true;
  if (a.isNumber() && b.isNumber())
    return isLeast && a.getNumber() > b.getNumber();
  Value difference = mapInts(
      node, {node.sizeScalar(a), node.sizeScalar(b)},
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  (void)demand(node, {difference, 0, isLeast ? INT64_MAX : 0,
                      /*isExcluded=*/false,
                      isLeast ? "an update no longer than past_cache"
                              : "equal dims of past_cache, update and "
                                "write_indices (a difference of 0)"});
  return true;
}

/// The dims of past_cache and update around the axis; none where they disagree.
std::optional<CacheRows> readCacheRows(Node &node, Value cache, Value update,
                                       int64_t axis) {
  Sizes dims = getSizes(getType(cache)), others = getSizes(getType(update));
  bool fits = dims.size() == others.size();
  for (size_t dim = 0; fits && dim < dims.size(); ++dim)
    fits = checkSizes(node, dims[dim], others[dim],
                      /*isLeast=*/int64_t(dim) == axis);
  if (!fits)
    (void)node.error("expected an update like past_cache, but shorter along "
                     "axis " +
                     Twine(axis));
  if (node.hasFailed())
    return std::nullopt;
  CacheRows rows{dims[0], 1, dims[axis], others[axis], {}};
  for (int64_t dim = 1; dim < axis; ++dim)
    rows.places = rows.places * dims[dim];
  append_range(rows.row, ArrayRef(dims).drop_front(axis + 1));
  return rows;
}

/// That the update, written from `first` on, ends within the cache.
LogicalResult requireRoom(Node &node, const CacheRows &rows, Value first) {
  if (!rows.most.isNumber() || !rows.count.isNumber()) {
    Value inputs[] = {node.cast(first, node.getBuilder().getI64Type()),
                      node.sizeScalar(rows.most), node.sizeScalar(rows.count)};
    Value rest = mapInts(node, inputs, [](Scalar &s, ArrayRef<Value> args) {
      return s.sub(s.sub(args[1], args[2]), args[0]);
    });
    return success(
        succeeded(node.require({first, 0, INT64_MAX, /*isExcluded=*/false,
                                "write_indices of at least 0"})) &&
        succeeded(node.require({rest, 0, INT64_MAX, /*isExcluded=*/false,
                                "room for the update behind write_indices"})));
  }
  int64_t last = rows.most.getNumber() - rows.count.getNumber();
  return node.require({first, 0, last, /*isExcluded=*/false,
                       "write_indices from 0 to " + std::to_string(last)});
}

LogicalResult importTensorScatter(Node &node) {
  int64_t axis = node.getInt("axis", -2);
  bool circular =
      node.getChoice("mode", "linear", {"linear", "circular"}) == "circular";
  Value cache = node.input(0, "past_cache", MovedKind),
        update = node.input(1, "update", MovedKind),
        first = node.optionalInput(2, "write_indices", SignedKind);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(cache), updateType = getType(update);
  axis = node.normalizeAxis(axis, type.getRank());
  if (node.hasFailed())
    return failure();
  if (axis == 0)
    return node.error("expected an axis behind the batch, but got 0");
  if (!hasKnownSizes(cache) || !hasKnownSizes(update))
    return node.undetermined("the shape of past_cache and update");
  std::optional<CacheRows> rows = readCacheRows(node, cache, update, axis);
  if (!rows)
    return failure();
  if (first && getType(first).getRank() != 1)
    return node.error("expected write_indices of rank 1, but got rank " +
                      Twine(getType(first).getRank()));
  if (first && !checkSizes(node, getSizes(getType(first))[0], rows->batch,
                           /*isLeast=*/false))
    return node.error("expected write_indices for a batch of " +
                      Twine(rows->batch.getNumber()));
  if (is_contained(updateType.getShape(), 0))
    return node.result(cache);
  if (first && !circular && failed(requireRoom(node, *rows, first)))
    return failure();
  auto flatten = [&](Value value, const Size &count) {
    Sizes sizes{rows->batch * rows->places * count};
    append_range(sizes, rows->row);
    return node.reshapeTo(value, sizes);
  };
  Value places =
      node.reshape(findCacheRows(node, *rows, first, circular), {-1, 1});
  Value written =
      node.create<ScatterNDOp>(flatten(cache, rows->most), places,
                               flatten(update, rows->count), StringRef("none"));
  return node.result(node.reshapeTo(written, getSizes(type)));
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
